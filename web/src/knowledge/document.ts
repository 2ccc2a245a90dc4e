import type { Schema } from "@/api/client";

/**
 * A file as the API takes it in; its fields are checked there.
 *
 * @throws Error that says in words why it is no export.
 */
export function readDocument(text: string): Schema["KnowledgeImport"] {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new Error("This file is not JSON.");
  }
  if (typeof found !== "object" || found === null || Array.isArray(found)) throw new Error("This file is not an export: it should hold an object.");
  const { incidents = [], runbooks = [], version } = found as Record<string, unknown>;
  if (!Array.isArray(incidents) || !Array.isArray(runbooks) || incidents.length + runbooks.length === 0) throw new Error("This file is not an export: it has neither entries nor runbooks.");
  return { version: (version ?? 1) as 1, incidents, runbooks };
}
