/** Changes what a person prefers on the screen. The server keeps it, so that it follows them to the next browser. */
import { client, read } from "@/api/client";
import { toast } from "@/ui/toast";

import { keep, type Preferences } from "./keep";

/** Changes some of it, here at once and then at the server. Where that fails it is said, and holds here until a reload. */
export async function prefer(change: Partial<Preferences>): Promise<void> {
  try {
    const before = await read(client.GET("/api/v1/me/preferences"));
    const wanted = { ...before, ...change };
    keep(wanted);
    await read(client.PUT("/api/v1/me/preferences", { body: wanted }));
  } catch (error) {
    toast.failed(`Not kept: ${error instanceof Error ? error.message : String(error)}`);
  }
}
