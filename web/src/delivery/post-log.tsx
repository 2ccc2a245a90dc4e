import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { client, read, type Schema } from "@/api/client";
import { Absolute, Ago, Countdown } from "@/time/time";
import { Button } from "@/ui/button";
import { Snippet } from "@/ui/copy";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { SelectField } from "@/ui/field";
import { Empty, Loaded } from "@/ui/panel";
import { Pill } from "@/ui/severity";
import { Table, Td, Th } from "@/ui/table";
import { toast } from "@/ui/toast";

import { postQuery, postsQuery } from "./queries";

type Post = Schema["WebhookDelivery"];
type Status = Post["status"];

const LOOKS: Record<Status, string> = { queued: "border-warning text-warning", sending: "border-info text-info", sent: "border-ok text-ok", failed: "border-danger text-danger" };

/** What was posted to a subscription and what waits, newest first. */
export function PostLog({ subscription, isManager }: { subscription: Schema["WebhookSubscription"]; isManager: boolean }) {
  const [status, setStatus] = useState<Status | undefined>();
  const [open, setOpen] = useState<string | null>(null);
  const posts = useInfiniteQuery(postsQuery(subscription.id, status));
  return (
    <section aria-label={`Log of ${subscription.name}`} className="grid gap-2 border-t pt-3">
      <SelectField label="Show" className="w-40" value={status ?? ""} onChange={(event) => setStatus((event.target.value || undefined) as Status | undefined)}>
        <option value="">All</option>
        <option value="queued">Waiting</option>
        <option value="sending">Being sent</option>
        <option value="sent">Sent</option>
        <option value="failed">Failed</option>
      </SelectField>
      <Loaded query={posts} what="The log" isEmpty={(data) => data.pages[0]!.items.length === 0} empty={<Empty title={status ? "None of these" : "Nothing was posted yet"}>{!status && "Send a ping to try it."}</Empty>}>
        {(data) => (
          <>
            <Table caption={`Posts to ${subscription.name}`}>
              <thead>
                <tr>
                  <Th>Event</Th>
                  <Th>When</Th>
                  <Th>State</Th>
                  <Th className="text-right">Tries</Th>
                  <Th>Answer</Th>
                  <Th className="relative">
                    <span className="sr-only">What can be done</span>
                  </Th>
                </tr>
              </thead>
              <tbody>
                {data.pages.flatMap((page) => page.items).map((post) => (
                  <tr key={post.id}>
                    <Td className="font-mono text-xs whitespace-nowrap">
                      {post.event_type}
                      {post.original_id && <span className="text-muted"> (replay)</span>}
                    </Td>
                    <Td>
                      <Ago at={post.created_at} />
                    </Td>
                    <Td>
                      <Pill className={LOOKS[post.status]}>{post.status}</Pill>
                    </Td>
                    <Td className="text-right tabular-nums">{post.attempt_count}</Td>
                    <Td className="wrap-anywhere">
                      <Answer post={post} />
                    </Td>
                    <Td className="relative py-0.5! text-right whitespace-nowrap">
                      <Button look="quiet" onClick={() => setOpen(post.id)}>
                        Look<span className="sr-only"> at {post.event_type}</span>
                      </Button>
                    </Td>
                  </tr>
                ))}
              </tbody>
            </Table>
            {posts.hasNextPage && (
              <Button className="justify-self-center" onClick={() => void posts.fetchNextPage()} isBusy={posts.isFetchingNextPage}>
                Show more
              </Button>
            )}
          </>
        )}
      </Loaded>
      {open && <PostDialog id={open} isManager={isManager} onClose={() => setOpen(null)} onReplayed={setOpen} />}
    </section>
  );
}

function Answer({ post }: { post: Post }) {
  return (
    <>
      {post.status_code ?? ""} {post.reason ?? (post.status_code ? "" : "–")}
      {post.next_attempt_at && (
        <span className="block text-xs text-muted">
          again in <Countdown to={post.next_attempt_at} />
        </span>
      )}
    </>
  );
}

function PostDialog({ id, isManager, onClose, onReplayed }: { id: string; isManager: boolean; onClose: () => void; onReplayed: (id: string) => void }) {
  const cache = useQueryClient();
  const query = useQuery(postQuery(id));
  const replay = useMutation({
    mutationFn: () => read(client.POST("/api/v1/webhook-deliveries/{delivery_id}/replay", { params: { path: { delivery_id: id } } })),
    onSuccess: async (post) => {
      onReplayed(post.id);
      toast.done("The same body is posted again.");
      await cache.invalidateQueries({ queryKey: ["subscription"] });
    },
    onError: (error) => toast.failed(`It was not posted again. ${error.message}`),
  });
  return (
    <Dialog isOpen onClose={onClose} title={query.data ? query.data.delivery.event_type : "Post"} isWide>
      <Loaded query={query} what="The post" lines={6}>
        {({ delivery, body, attempts }) => (
          <div className="grid gap-4">
            <p className="flex flex-wrap items-center gap-3">
              <Pill className={LOOKS[delivery.status]}>{delivery.status}</Pill>
              <Absolute at={delivery.created_at} />
              <code className="font-mono text-xs text-muted wrap-anywhere">{delivery.id}</code>
            </p>
            <section className="grid gap-1">
              <h3 className="font-medium">What came of it</h3>
              {attempts.length === 0 ? (
                <p className="text-muted">Not tried yet.</p>
              ) : (
                <ol className="grid gap-1">
                  {attempts.map((attempt) => (
                    <li key={attempt.finished_at} className="flex flex-wrap gap-x-3 wrap-anywhere">
                      <Absolute at={attempt.finished_at} />
                      <strong className="font-medium">{attempt.outcome}</strong>
                      <span className="text-muted">
                        {attempt.status_code ?? ""} {attempt.detail}
                      </span>
                    </li>
                  ))}
                </ol>
              )}
            </section>
            <section className="grid gap-1">
              <h3 className="font-medium">The body, as it is posted</h3>
              <Snippet text={body} label="Copy the body" />
            </section>
          </div>
        )}
      </Loaded>
      <DialogButtons>
        <Button onClick={onClose}>Close</Button>
        {isManager && (
          <Button onClick={() => replay.mutate()} isBusy={replay.isPending} disabled={!query.data}>
            Post it again
          </Button>
        )}
      </DialogButtons>
    </Dialog>
  );
}
