/**
 * Whether what was known for an alert helped. An answer is counted at once; it can be changed at any time, and taken back
 * for ten seconds like all else.
 */
import { client, read, type Schema } from "@/api/client";
import { queries } from "@/api/queries";
import { votesQuery } from "@/alerts/queries";
import { contentOf, saidVote, type Said } from "@/knowledge/vote-words";
import { toast } from "@/ui/toast";

type Alert = Pick<Schema["Alert"], "id">;

/** From what was said before (null: nothing) to what is said now; answers whether it was done. */
export async function vote(alert: Alert, before: Said | null, now: Said | null): Promise<boolean> {
  if (!(await put(alert, now))) return false;
  toast.done(saidVote(now), () => void takeBack(alert, before));
  return true;
}

/** Said with the resolution, which has a word of its own: nothing more is told, unless it failed. */
export async function voteHelped(alert: Alert): Promise<void> {
  const before = queries.getQueryData(votesQuery(alert.id).queryKey)?.mine;
  if (!before?.helped) await put(alert, { helped: true, reason: null });
}

async function takeBack(alert: Alert, before: Said | null): Promise<void> {
  if (await put(alert, before)) toast.done("Your answer is as it was before");
}

async function put({ id }: Alert, said: Said | null): Promise<boolean> {
  const params = { path: { alert_id: id } };
  try {
    const mine = said ? await read(client.PUT("/api/v1/alerts/{alert_id}/vote", { params, body: contentOf(said) })) : null;
    if (!said) await read(client.DELETE("/api/v1/alerts/{alert_id}/vote", { params }));
    queries.setQueryData(votesQuery(id).queryKey, (held) => held && { ...held, mine, items: held.items.filter((each) => each.voter.id !== held.mine?.voter.id) });
    return true;
  } catch (error) {
    toast.failed(`Your answer was not counted: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  } finally {
    void queries.invalidateQueries({ queryKey: ["alert", id] });
    void queries.invalidateQueries({ queryKey: ["incident"] });
  }
}
