import { toast } from "@/ui/toast";

import { refreshRules } from "./queries";

/** Takes a change back, and says so when that cannot be. */
export async function undo(back: () => Promise<unknown>): Promise<void> {
  try {
    await back();
    toast.done("Undone.");
  } catch (error) {
    toast.failed(`It could not be undone: ${(error as Error).message}`);
  }
  await refreshRules();
}
