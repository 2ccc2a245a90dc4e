/** A policy while it is edited: the form's values, the content that is sent, and where the server's refusals belong. Pure. */
import * as z from "zod/mini";

import type { Problem, Schema } from "@/api/client";

import type { Channel } from "./channels";

type Content = Schema["PolicyContent"];

const rung = z.object({
  timeout_minutes: z.number("Minutes, as a whole number.").check(z.int("Minutes, as a whole number."), z.minimum(1, "At least 1 minute."), z.maximum(1440, "At most 1440 minutes, which is a day.")),
  notify_via: z.array(z.custom<Channel>()).check(z.minLength(1, "Choose at least one way to tell them.")),
  targets: z.array(z.string()).check(z.minLength(1, "Choose at least one person, roster or channel.")),
});

export const draftSchema = z
  .object({
    name: z.string().check(z.trim(), z.minLength(1, "A policy needs a name."), z.maxLength(200, "At most 200 characters.")),
    description: z.string().check(z.maxLength(10_000, "At most 10,000 characters.")),
    roster_id: z.string(),
    lead_id: z.string(),
    repeat_count: z.number("A whole number.").check(z.int("A whole number."), z.minimum(0, "0 means once through."), z.maximum(100, "At most 100 times.")),
    tiers: z.array(rung).check(z.minLength(1, "A policy needs a rung."), z.maxLength(20, "At most 20 rungs.")),
  })
  .check(
    z.superRefine((draft, context) => {
      const named = draft.tiers.flatMap((tier) => tier.targets);
      if (!draft.roster_id && named.some((target) => target.startsWith("oncall_"))) context.addIssue({ code: "custom", path: ["roster_id"], message: "A rung asks who is on call: choose the roster." });
      if (!draft.lead_id && named.includes("team_lead")) context.addIssue({ code: "custom", path: ["lead_id"], message: "A rung asks the team lead: choose who that is." });
    }),
  );

export type Draft = z.infer<typeof draftSchema>;

export const NEW_RUNG: Draft["tiers"][number] = { timeout_minutes: 10, notify_via: ["slack_dm"], targets: [] };

export function newDraft(rosterId: string): Draft {
  return { name: "", description: "", roster_id: rosterId, lead_id: "", repeat_count: 1, tiers: [{ timeout_minutes: 5, notify_via: ["slack_dm", "sms"], targets: ["oncall_primary"] }, { ...NEW_RUNG, targets: ["oncall_backup"] }] };
}

type Stored = Pick<Schema["PolicyDetail"], "name" | "description" | "roster_id" | "lead_id" | "repeat_count" | "tiers">;

export function draftOf(policy: Stored): Draft {
  return {
    name: policy.name,
    description: policy.description,
    roster_id: policy.roster_id ?? "",
    lead_id: policy.lead_id ?? "",
    repeat_count: policy.repeat_count,
    tiers: policy.tiers.map((tier) => ({ timeout_minutes: tier.timeout_minutes, notify_via: tier.notify_via as Channel[], targets: [...tier.targets] })),
  };
}

export function contentOf(draft: Draft): Content {
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    roster_id: draft.roster_id || null,
    lead_id: draft.lead_id || null,
    repeat_count: draft.repeat_count,
    tiers: draft.tiers.map(({ timeout_minutes, notify_via, targets }) => ({ timeout_minutes, notify_via, targets })),
  };
}

export function isSame(a: Draft, b: Draft): boolean {
  return JSON.stringify(contentOf(a)) === JSON.stringify(contentOf(b));
}

/** A draft that the server can run: names may be missing while one tries, rungs may not be. */
export function isRunnable(draft: Draft): boolean {
  return draftSchema.safeParse({ ...draft, name: draft.name.trim() || "Draft" }).success;
}

export interface Refusal {
  /** The form's field: `tiers.0.targets`; `root` when no field is meant. */
  path: string;
  reason: string;
}

/** `$.tiers[0].targets[1]: no such person` → the second target of the first rung, named, at that rung's targets. */
export function refusalsOf(problem: Pick<Problem, "fields">, draft: Draft, wordsOf: (target: string) => string): Refusal[] {
  return problem.fields.map(({ field, reason }) => {
    const parts = field.replace(/^\$\.?(policy\.)?/u, "").replaceAll(/\[(\d+)\]/gu, ".$1").split(".").filter(Boolean);
    const [first, index, what, which] = parts;
    if (first === "tiers" && index !== undefined && what !== undefined) {
      const target = what === "targets" && which !== undefined ? draft.tiers[Number(index)]?.targets[Number(which)] : undefined;
      return { path: `tiers.${index}.${what}`, reason: target ? `${wordsOf(target)}: ${reason}` : reason };
    }
    return { path: first ?? "root", reason };
  });
}
