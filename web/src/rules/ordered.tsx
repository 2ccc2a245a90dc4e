/** A list in which the first rule that fits decides, so that its order can be changed. */
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { queries } from "@/api/queries";
import { moved } from "@/ui/order";
import { Reorder } from "@/ui/reorder";
import { toast } from "@/ui/toast";

import type { Kind } from "./kinds";
import { refreshRules, rulesQuery } from "./queries";

interface OrderedProps<R extends { id: string; name: string }, C> {
  kind: Kind<R, C>;
  rules: R[];
  mayWrite: boolean;
  reorder: (ids: string[]) => Promise<unknown>;
  children: (rule: R, grip: ReactNode) => ReactNode;
}

export function Ordered<R extends { id: string; name: string }, C>({ kind, rules, mayWrite, reorder, children }: OrderedProps<R, C>) {
  const key = rulesQuery(kind).queryKey;
  const put = useMutation({
    mutationFn: (next: R[]) => reorder(next.map((rule) => rule.id)),
    onMutate: async (next: R[]) => {
      await queries.cancelQueries({ queryKey: key });
      queries.setQueryData(key, (page) => page && { ...page, items: next });
      return rules;
    },
    onSuccess: (_, __, before) => toast.done("The order is saved.", () => put.mutate(before)),
    onError: (error, _, before) => {
      queries.setQueryData(key, (page) => page && before && { ...page, items: before });
      toast.failed(`The order stays as it was: ${error.message}`);
    },
    onSettled: refreshRules,
  });
  return (
    <Reorder
      label={`The ${kind.word}s, in the order in which they are read`}
      className="gap-2"
      items={rules}
      keyOf={(rule) => rule.id}
      nameOf={(rule) => rule.name}
      onMove={(from, to) => put.mutate(moved(rules, from, to))}
      isDisabled={!mayWrite || put.isPending}
    >
      {(rule, index, grip) => (
        <>
          {children(
            rule,
            <div className="flex items-center gap-1">
              {mayWrite && grip}
              <span className="min-w-5 text-center text-muted tabular-nums" title={`Read as number ${index + 1}`}>
                {index + 1}
              </span>
            </div>,
          )}
        </>
      )}
    </Reorder>
  );
}
