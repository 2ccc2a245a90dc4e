import { useInfiniteQuery } from "@tanstack/react-query";

import { Absolute, Ago } from "@/time/time";
import { Button } from "@/ui/button";
import { Snippet } from "@/ui/copy";
import { Empty, Loaded } from "@/ui/panel";
import { Pill } from "@/ui/severity";

import { RejectedDrawing } from "./drawings";
import { rejectedQuery } from "./queries";

/** What senders sent and nobody could read, with the field, the reason and the text itself. */
export default function Rejected() {
  const rejected = useInfiniteQuery(rejectedQuery);
  return (
    <Loaded
      query={rejected}
      what="The rejected payloads"
      lines={6}
      isEmpty={(data) => data.pages[0]!.total === 0}
      empty={
        <Empty title="Nothing was rejected" drawing={<RejectedDrawing />}>
          An alert that cannot be read is kept here with the field and the reason. Its neighbours in the same call go on.
        </Empty>
      }
    >
      {(data) => (
        <div className="grid gap-3">
          <p className="text-muted">{data.pages[0]!.total} alerts could not be read, and paged nobody. Mend the sender, then let it send again.</p>
          <ul className="grid gap-3">
            {data.pages.flatMap((page) => page.items).map((item) => (
              <li key={item.id} className="grid min-w-0 gap-2 rounded-lg border bg-card p-4">
                <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
                  <Pill>{item.source}</Pill>
                  <code className="font-mono text-xs wrap-anywhere">{item.field}</code>
                  <strong className="font-medium wrap-anywhere">{item.reason}</strong>
                  <span className="ml-auto text-muted">
                    <Ago at={item.received_at} />
                  </span>
                </div>
                <Snippet text={item.raw} label="Copy the payload" />
                <p className="text-xs text-muted wrap-anywhere">
                  <Absolute at={item.received_at} /> · receipt {item.receipt_id}, alert {item.item + 1} of the call
                </p>
              </li>
            ))}
          </ul>
          {rejected.hasNextPage && (
            <Button className="justify-self-center" onClick={() => void rejected.fetchNextPage()} isBusy={rejected.isFetchingNextPage}>
              Show more
            </Button>
          )}
        </div>
      )}
    </Loaded>
  );
}
