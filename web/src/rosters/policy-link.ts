/** Which policies ask a roster; a roster does not name them, they name it. */
import { client, read, readWithTag } from "@/api/client";

/** Writes a new version of the policy that asks this roster. */
export async function letPolicyAsk(policyId: string, rosterId: string | null): Promise<void> {
  const params = { path: { policy_id: policyId } };
  const { body, etag } = await readWithTag(client.GET("/api/v1/policies/{policy_id}", { params }));
  const { name, description, tiers, repeat_count, lead_id } = body;
  await read(client.PUT("/api/v1/policies/{policy_id}", { params: { ...params, header: etag ? { "If-Match": etag } : {} }, body: { name, description, tiers, repeat_count, lead_id, roster_id: rosterId } as never }));
}
