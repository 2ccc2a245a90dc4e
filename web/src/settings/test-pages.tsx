/** A test page to an address, and what came of it. */
import { useMutation, useQuery } from "@tanstack/react-query";

import { client, read, type Schema } from "@/api/client";
import { Ago } from "@/time/time";
import { toast } from "@/ui/toast";

import { outcomeOf } from "./code";
import { testsQuery } from "./queries";

export function TestPages({ userId, method }: { userId: string; method: Schema["ContactMethod"] }) {
  const tests = useQuery(testsQuery(userId, method.id));
  const send = useMutation({
    mutationFn: () => read(client.POST("/api/v1/users/{user_id}/contact-methods/{method_id}/test", { params: { path: { user_id: userId, method_id: method.id } } })),
    onError: (error) => toast.failed(`No test page: ${error.message}`),
    onSettled: () => tests.refetch(),
  });
  const newest = tests.data?.items[0];
  return (
    <div className="flex flex-wrap items-center gap-3 text-muted">
      <button type="button" className="link target" onClick={() => send.mutate()} disabled={send.isPending}>
        Send a test page
      </button>
      {tests.error && <span className="text-danger">Test pages: {tests.error.message}</span>}
      {newest && (
        <span role="status" className={newest.status === "failed" ? "text-danger" : ""}>
          {outcomeOf(newest)}, <Ago at={newest.created_at} />
        </span>
      )}
    </div>
  );
}
