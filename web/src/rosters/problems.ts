/** Refusals, told where they belong. Pure. */
import { Problem } from "@/api/client";

/** What the server says about one field: `reasonOf(error, "name")`. */
export function reasonOf(error: unknown, field: string): string | undefined {
  if (!(error instanceof Problem)) return undefined;
  return error.fields.find((each) => each.field === `$.${field}`)?.reason;
}

/** The refusal, unless all that it says is told at one of these fields. */
export function restOf(error: Error | null, fields: readonly string[]): Error | null {
  if (!(error instanceof Problem) || error.fields.length === 0) return error;
  const rest = error.fields.filter((each) => !fields.some((field) => each.field === `$.${field}`));
  if (rest.length === 0) return null;
  return new Problem({ ...error, title: error.message, detail: rest.map((each) => `${each.field.replace(/^\$\.?/u, "")}: ${each.reason}`).join("; ") });
}

export function isOutdated(error: unknown): boolean {
  return error instanceof Problem && error.status === 412;
}
