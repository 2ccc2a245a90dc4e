/** A runbook as a form has it. Pure. */
import type { Schema } from "@/api/client";

type Content = Schema["RunbookContent"];

export interface RunbookValues {
  title: string;
  markdown: string;
  category: string;
  tags: string;
  is_template: boolean;
}

export function valuesOf({ title, markdown, category, tags, is_template }: Content): RunbookValues {
  return { title, markdown: markdown ?? "", category: category ?? "", tags: (tags ?? []).join(", "), is_template: is_template ?? false };
}

export function contentFrom({ title, markdown, category, tags, is_template }: RunbookValues): Content {
  const distinct = [...new Set(tags.split(/[,\n]/u).map((tag) => tag.trim()).filter(Boolean))];
  return { title: title.trim(), markdown, category: category.trim() || null, tags: distinct, is_template };
}

export const NOTHING: RunbookValues = { title: "", markdown: "", category: "", tags: "", is_template: false };
