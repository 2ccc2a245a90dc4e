/** Lists as CSV files: the API gives them, page by page, to whoever asks for that type. */
import { Problem } from "./client";

const MOST_PAGES = 50;

/**
 * Saves a list as a file of at most 10,000 rows; whether it was cut there.
 *
 * @throws Problem one of its pages was refused; nothing is saved then.
 */
export async function saveCsv(name: string, path: string, query: URLSearchParams): Promise<{ isCut: boolean }> {
  query.set("limit", "200");
  let next: string | null = `${path}?${query}`;
  let text = "";
  for (let page = 0; next && page < MOST_PAGES; page += 1) {
    const answer: Response = await fetch(next, { headers: { Accept: "text/csv" } });
    if (!answer.ok) throw new Problem({ title: `NightOwl answered ${answer.status}`, status: answer.status, code: "csv", requestId: answer.headers.get("X-Request-ID") });
    const rows = await answer.text();
    // Each page has the heading; the file needs it once. It holds no line break.
    text += page === 0 ? rows : rows.slice(rows.indexOf("\n") + 1);
    next = /<([^>]+)>;\s*rel="next"/u.exec(answer.headers.get("Link") ?? "")?.[1] ?? null;
  }
  saveFile(name, text);
  return { isCut: next !== null };
}

function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}
