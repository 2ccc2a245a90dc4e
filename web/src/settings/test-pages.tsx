/** A test page to an address, and what came of it. */
import { useMutation, useQuery } from "@tanstack/react-query";

import { client, read, type Schema } from "@/api/client";
import { Ago } from "@/time/time";
import { toast } from "@/ui/toast";

const SETTLED = new Set(["sent", "failed", "unclear"]);
const ASK_AGAIN_MS = 1_500;

export function TestPages({ userId, method }: { userId: string; method: Schema["ContactMethod"] }) {
  const path = { user_id: userId, method_id: method.id };
  const tests = useQuery({
    queryKey: ["user", userId, "contacts", method.id, "tests"],
    queryFn: () => read(client.GET("/api/v1/users/{user_id}/contact-methods/{method_id}/test", { params: { path } })),
    refetchInterval: (query) => {
      const newest = query.state.data?.items[0];
      return newest && !SETTLED.has(newest.status) ? ASK_AGAIN_MS : false;
    },
  });
  const send = useMutation({
    mutationFn: () => read(client.POST("/api/v1/users/{user_id}/contact-methods/{method_id}/test", { params: { path } })),
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
          {newest.status === "sent" ? "The provider took it" : newest.status === "failed" ? `It failed: ${newest.detail ?? newest.reason ?? "no reason given"}` : newest.status === "unclear" ? "The provider did not answer; it may have arrived" : "On its way"}, <Ago at={newest.created_at} />
        </span>
      )}
    </div>
  );
}
