/** A sentence whose names are links, and whose instants are shown by the reader's clock. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import type { RuleTab } from "@/rules/routes";
import { WithTimes } from "@/time/time";

import { around, type Mention, type Place } from "./mentions";

const TAB_OF: Partial<Record<Place, RuleTab>> = { route: "routes", silence: "silences", maintenance_window: "windows", grouping_rule: "grouping", inhibition_rule: "inhibition" };

export function Mentioned({ text, mentions }: { text: string; mentions: readonly Mention[] }) {
  return around(text, mentions).map((piece, place) => (typeof piece === "string" ? <WithTimes key={place} text={piece} /> : <To key={place} mention={piece}>{piece.text}</To>));
}

/** Where a mention leads to. */
export function To({ mention: { place, id }, children }: { mention: Pick<Mention, "place" | "id">; children: ReactNode }) {
  const tab = TAB_OF[place];
  if (tab) return <Link to="/rules" search={{ tab, edit: id }} className="link">{children}</Link>;
  switch (place) {
    case "policy":
      return <Link to="/policies/$policyId" params={{ policyId: id }} className="link">{children}</Link>;
    case "incident":
      return <Link to="/incidents/$incidentId" params={{ incidentId: id }} className="link">{children}</Link>;
    case "roster":
      return <Link to="/rosters/$rosterId" params={{ rosterId: id }} className="link">{children}</Link>;
    case "override":
      return <Link to="/rosters/$rosterId" params={{ rosterId: id }} search={{ tab: "overrides" }} className="link">{children}</Link>;
    case "group":
      return <Link to="/groups/$groupId" params={{ groupId: id }} className="link">{children}</Link>;
    default:
      return children;
  }
}
