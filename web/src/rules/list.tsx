/** What the five lists have in common: a sentence, a way to make one, an example when there is none, and asking before one goes. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { may, useMe, type Role } from "@/session/me";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { FormError } from "@/ui/field";
import { Empty, Loaded } from "@/ui/panel";
import { toast } from "@/ui/toast";

import type { Kind, Tagged } from "./kinds";
import { refreshRules, rulesQuery } from "./queries";
import { undo } from "./undo";

interface RuleListProps<R, C> {
  kind: Kind<R, C>;
  /** What these rules do, in one sentence. */
  lead: string;
  /** The lowest role that may write them. */
  needs: Role;
  onNew: () => void;
  /** Beside the button. */
  more?: ReactNode;
  /** What one of them would look like. */
  example: ReactNode;
  exampleWords: string;
  children: (rules: R[], mayWrite: boolean) => ReactNode;
}

export function RuleList<R, C>({ kind, lead, needs, onNew, more, example, exampleWords, children }: RuleListProps<R, C>) {
  const me = useMe();
  const rules = useQuery(rulesQuery(kind));
  const mayWrite = may(me, needs);
  const create = mayWrite ? (
    <Button look="ack" onClick={onNew}>
      New {kind.word}
    </Button>
  ) : (
    <p className="text-muted">{needs === "engineer" ? "Engineers" : "Managers"} make and change them.</p>
  );
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <p className="max-w-prose text-muted">{lead}</p>
        <div className="flex flex-wrap items-center gap-3">
          {more}
          {create}
        </div>
      </div>
      <Loaded
        query={rules}
        what={`The ${kind.word}s`}
        isEmpty={(page) => page.items.length === 0}
        empty={
          <Empty title={`There is no ${kind.word}`} drawing={<div className="mx-auto w-full max-w-2xl text-left">{example}</div>}>
            {exampleWords}
          </Empty>
        }
      >
        {(page) => (
          <>
            {children(page.items, mayWrite)}
            {page.total > page.items.length && (
              <p className="text-muted">
                The first {page.items.length} of {page.total} are shown.
              </p>
            )}
          </>
        )}
      </Loaded>
    </div>
  );
}

interface Removable {
  id: string;
  revision: number;
  name: string;
}

/** The ETag of a rule that a list has told. */
export function etagOf(rule: { revision: number }): string {
  return `"${rule.revision}"`;
}

interface RowActionsProps<R extends Removable & { is_enabled: boolean }, C> {
  kind: Kind<R, C>;
  rule: R;
  contentOf: (rule: R) => C;
  mayWrite: boolean;
  onEdit: (id: string) => void;
}

/** Change, turn on or off, delete: each takes back what it did for ten seconds. */
export function RowActions<R extends Removable & { is_enabled: boolean }, C>({ kind, rule, contentOf, mayWrite, onEdit }: RowActionsProps<R, C>) {
  const [isAsking, setAsking] = useState(false);
  const content = contentOf(rule);
  const turn = useMutation({
    mutationFn: () => kind.change(rule.id, etagOf(rule), { ...content, is_enabled: !rule.is_enabled }),
    onSuccess: (saved: Tagged<R>) => toast.done(`“${rule.name}” is turned ${rule.is_enabled ? "off" : "on"}.`, () => void undo(() => kind.change(rule.id, saved.etag, content))),
    onError: (error) => toast.failed(`“${rule.name}” stays as it is: ${error.message}`),
    onSettled: refreshRules,
  });
  const remove = useMutation({
    mutationFn: () => kind.remove(rule.id, etagOf(rule)),
    onSuccess: () => {
      setAsking(false);
      toast.done(`“${rule.name}” is deleted.`, () => void undo(() => kind.make(content)));
    },
    onSettled: refreshRules,
  });
  if (!mayWrite) return null;
  return (
    <>
      <Button look="quiet" onClick={() => onEdit(rule.id)} aria-label={`Change ${rule.name}`}>
        Change
      </Button>
      <Button look="quiet" onClick={() => turn.mutate()} isBusy={turn.isPending} aria-label={`Turn ${rule.is_enabled ? "off" : "on"} ${rule.name}`}>
        Turn {rule.is_enabled ? "off" : "on"}
      </Button>
      <Button look="quiet" className="text-danger!" onClick={() => setAsking(true)} aria-label={`Delete ${rule.name}`}>
        Delete
      </Button>
      <Confirm
        isOpen={isAsking}
        onClose={() => {
          remove.reset();
          setAsking(false);
        }}
        onConfirm={() => remove.mutate()}
        isBusy={remove.isPending}
        title={`Delete “${rule.name}”?`}
        action={`Delete ${kind.word}`}
        isDanger
      >
        <p>Alerts that open from now on are judged without it, and what it mutes is judged again. To keep it for later, turn it off instead.</p>
        <FormError error={remove.error} />
      </Confirm>
    </>
  );
}
