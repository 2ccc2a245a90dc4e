import { client, read } from "@/api/client";
import { queries } from "@/api/queries";
import { toast } from "@/ui/toast";

/** Writes an old version again, as a new one; says what came of it. */
export async function rollBack(id: string, version: number, etag: string | null, undoTo?: number): Promise<void> {
  try {
    const answered = await client.POST("/api/v1/policies/{policy_id}/versions/{version}/rollback", { params: { path: { policy_id: id, version }, header: { "If-Match": etag ?? undefined } } });
    const saved = await read(Promise.resolve(answered));
    await queries.invalidateQueries({ queryKey: ["policy"] });
    const words = `Version ${version} is in force again, as version ${saved.version}.`;
    toast.done(words, undoTo === undefined ? undefined : () => void rollBack(id, undoTo, answered.response.headers.get("ETag")));
  } catch (error) {
    void queries.invalidateQueries({ queryKey: ["policy"] });
    toast.failed(`Version ${version} was not written again: ${(error as Error).message}`);
  }
}
