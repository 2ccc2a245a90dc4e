/** The dialog that the address asks for: a new rule of the tab, or the one that is changed. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { may, useMe } from "@/session/me";
import { serverNow } from "@/time/clock";
import { inputOf } from "@/time/local-input";
import { absolute, localZone } from "@/time/words";
import { Dialog } from "@/ui/dialog";

import { GroupingFields, InhibitionFields, RouteFields, SilenceFields, WindowFields } from "./fields";
import { GROUPING_FORM, INHIBITION_FORM, NEW_GROUPING, NEW_INHIBITION, NEW_ROUTE, NEW_WINDOW, ROUTE_FORM, SILENCE_FORM, WINDOW_FORM } from "./forms";
import { GROUPING, INHIBITION, ROUTES, silences, WINDOWS } from "./kinds";
import { parseMatchers, type Matcher } from "./matcher";
import { rulesQuery } from "./queries";
import type { RuleTab } from "./routes";
import { RuleDialog } from "./rule-dialog";

interface DialogsProps {
  tab: RuleTab;
  edit: string | undefined;
  /** What the conditions begin with, as text. */
  matchers: string | undefined;
  onDone: (isSaved: boolean) => void;
}

const ONE_EMPTY: Matcher[] = [{ name: "", op: "=", value: "" }];
const HOUR = 3_600_000;

export function Dialogs({ tab, edit, matchers: text, onDone }: DialogsProps) {
  const me = useMe();
  const [now] = useState(serverNow);
  const routes = useQuery(rulesQuery(ROUTES)).data?.items ?? [];
  const grouping = useQuery(rulesQuery(GROUPING)).data?.items ?? [];
  const parsed = text ? parseMatchers(text) : null;
  const matchers = parsed?.matchers?.length ? parsed.matchers : ONE_EMPTY;
  const lastOf = (rules: ReadonlyArray<{ position: number }>) => Math.max(0, ...rules.map((rule) => rule.position)) + 1;
  if (!may(me, tab === "silences" ? "engineer" : "manager"))
    return (
      <Dialog isOpen onClose={() => onDone(false)} title="Not for your role">
        <p className="text-muted">{tab === "silences" ? "Engineers silence alerts." : "Managers make and change these rules."} Ask an admin of your tenant.</p>
      </Dialog>
    );
  const saved = (rule: { name: string }) => `“${rule.name}” is saved.`;
  switch (tab) {
    case "routes":
      return <RuleDialog kind={ROUTES} form={ROUTE_FORM} edit={edit} start={{ ...NEW_ROUTE, matchers }} last={lastOf(routes)} fields={<RouteFields />} savedWords={saved} onDone={onDone} />;
    case "grouping":
      return <RuleDialog kind={GROUPING} form={GROUPING_FORM} edit={edit} start={{ ...NEW_GROUPING, matchers: text ? matchers : [] }} last={lastOf(grouping)} fields={<GroupingFields />} savedWords={saved} onDone={onDone} />;
    case "windows":
      return <RuleDialog kind={WINDOWS} form={WINDOW_FORM} edit={edit} start={{ ...NEW_WINDOW, matchers, timezone: localZone, starts_at: inputOf(now + HOUR) }} fields={<WindowFields />} savedWords={saved} onDone={onDone} />;
    case "inhibition":
      return <RuleDialog kind={INHIBITION} form={INHIBITION_FORM} edit={edit} start={{ ...NEW_INHIBITION, source_matchers: matchers, target_matchers: ONE_EMPTY }} fields={<InhibitionFields />} savedWords={saved} onDone={onDone} />;
    case "silences":
      return (
        <RuleDialog
          kind={silences(false)}
          form={SILENCE_FORM}
          edit={edit}
          start={{ matchers, starts_at: "", ends_at: inputOf(now + HOUR), comment: "" }}
          fields={
            <>
              {parsed?.error && (
                <p role="alert" className="rounded-md border border-warning px-3 py-2 text-warning wrap-anywhere">
                  The conditions of the link cannot be read. {parsed.error}
                </p>
              )}
              <SilenceFields />
            </>
          }
          savedWords={(silence) => `Silent until ${absolute(silence.ends_at)}${silence.matching == null ? "" : `; it ${silence.matching === 1 ? "fits 1 open alert" : `fits ${silence.matching} open alerts`}`}.`}
          onDone={onDone}
        />
      );
  }
}
