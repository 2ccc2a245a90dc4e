import { Button } from "@/ui/button";

/** Somebody saved in between: what was typed stays, and the newest can be had. */
export function Outdated({ onNewest }: { onNewest: () => void }) {
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 rounded-md border border-warning px-3 py-2">
      <p className="min-w-0 flex-1">Somebody else changed this roster meanwhile. What you entered is still here and was not saved.</p>
      <Button onClick={onNewest}>Get the newest, keep my entries</Button>
    </div>
  );
}
