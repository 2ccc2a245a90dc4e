/** Starts bulk jobs over the selection, and offers the way back once they are over. */
import { useMutation } from "@tanstack/react-query";
import { useCallback, useRef } from "react";

import type { AlertFilter } from "@/alerts/filter/search";
import type { Alert } from "@/alerts/list/queries";
import { toast } from "@/ui/toast";

import { startJob } from "./job";
import type { Selection } from "./selection";
import { saidOfJob, wayBackOf, type BulkCommand, type BulkJob } from "./words";

interface Order {
  command: BulkCommand;
  selection: Selection;
  filter: AlertFilter;
  /** The alerts as they were, where they are known: of a whole filter they are not. */
  before: readonly Alert[];
  isUndo?: boolean;
}

export function useBulk(onStarted: (job: BulkJob) => void) {
  const orders = useRef(new Map<string, Order>());
  const start = useMutation({
    mutationFn: ({ command, selection, filter }: Order) => startJob(command, selection, filter),
    onSuccess: (job, order) => {
      orders.current.set(job.id, order);
      onStarted(job);
    },
    onError: (error) => toast.failed(`Nothing was done: ${error.message}`),
  });
  const { mutate } = start;
  /** A job that another visit started is over without a word: its panel says it. */
  const over = useCallback(
    (job: BulkJob) => {
      const order = orders.current.get(job.id);
      if (!order) return;
      orders.current.delete(job.id);
      const back = order.isUndo ? null : wayBackOf(order.command, order.before, job.failures);
      const undo = back && (() => mutate({ command: back.command, selection: { kind: "some", ids: new Set(back.ids), anchor: null }, filter: {}, before: [], isUndo: true }));
      toast.done(saidOfJob(job), undo ?? undefined);
    },
    [mutate],
  );
  return { run: mutate, isBusy: start.isPending, over };
}
