/** What the sender wrote, word for word. */
import { useQuery } from "@tanstack/react-query";

import { rawQuery } from "@/alerts/queries";
import type { Schema } from "@/api/client";
import { Absolute } from "@/time/time";
import { CopyButton } from "@/ui/copy";
import { Empty, Loaded } from "@/ui/panel";

export function RawPayloads({ alertId }: { alertId: string }) {
  const raw = useQuery(rawQuery(alertId));
  return (
    <Loaded query={raw} what="The payload" lines={8} isEmpty={({ opening, latest }) => !opening && !latest} empty={<Empty title="No payload is kept">It was opened by NightOwl itself, or its payload is past its time.</Empty>}>
      {({ opening, latest }) => (
        <div className="grid gap-4">
          {opening && <Payload heading="The call that opened it" payload={opening} />}
          {latest && <Payload heading="The newest call about it" payload={latest} />}
        </div>
      )}
    </Loaded>
  );
}

function Payload({ heading, payload }: { heading: string; payload: Schema["RawPayload"] }) {
  const text = pretty(payload.raw);
  return (
    <section className="grid gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <div>
          <h3 className="font-medium">{heading}</h3>
          <p className="text-xs text-muted">
            {payload.source}, <Absolute at={payload.received_at} />, receipt <code className="font-mono wrap-anywhere">{payload.receipt_id}</code>
            {payload.is_cut && ". It is longer than 64 KiB: this is its beginning"}
          </p>
        </div>
        <CopyButton text={payload.raw} label="Copy as it came" />
      </div>
      <pre tabIndex={0} aria-label={heading} className="max-h-[32rem] overflow-auto rounded-md border bg-sunken p-3 font-mono text-xs">
        {text}
      </pre>
    </section>
  );
}

/** JSON is set on lines; what is none (or was cut) stays as it came. */
function pretty(raw: string): string {
  try {
    return JSON.stringify(JSON.parse(raw), null, 2);
  } catch {
    return raw;
  }
}
