// `node pack.mjs FOLDER`: puts a brotli and a gzip copy beside each file that they make smaller, for query to send.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

const WORTH_IT = /\.(html|js|css|svg|json|webmanifest|txt|map)$/;
const CODINGS = { ".br": brotliCompressSync, ".gz": (content) => gzipSync(content, { level: 9 }) };

const [folder] = process.argv.slice(2);
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !WORTH_IT.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const content = readFileSync(path);
  for (const [end, pack] of Object.entries(CODINGS)) {
    const packed = pack(content);
    if (packed.length < content.length) writeFileSync(path + end, packed);
  }
}
