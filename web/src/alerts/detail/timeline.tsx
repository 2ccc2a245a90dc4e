/** Why somebody was paged: everything from the sender's bytes to the receipt, in order, with its evidence. Nothing is ever left out of "All". */
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { clsx } from "clsx";
import { Link2 } from "lucide-react";
import { useEffect } from "react";

import { deliveriesQuery, explanationQuery, peopleQuery, timelineQuery } from "@/alerts/queries";
import { SHOWS, type Show } from "@/alerts/search";
import { serverNow } from "@/time/clock";
import { Absolute } from "@/time/time";
import { CopyButton } from "@/ui/copy";
import { Empty, Failed, Loaded } from "@/ui/panel";

import { Mentioned } from "./mentioned";
import { railOf, type RailEntry } from "./rail";
import { asText, isShown, linesOf, sinceBefore, type Line as AnyLine } from "./timeline-words";

type Line = AnyLine<RailEntry>;

const WORDS: Record<Show, string> = { all: "All", pages: "Pages", people: "People" };

export function Timeline({ alertId, title, show, onShow }: { alertId: string; title: string; show: Show; onShow: (show: Show) => void }) {
  const timeline = useQuery(timelineQuery(alertId));
  const deliveries = useQuery(deliveriesQuery(alertId));
  const people = useQuery(peopleQuery);
  const explanation = useQuery(explanationQuery(alertId));
  const lines = linesOf(railOf(timeline.data?.items ?? [], explanation.data), deliveries.data?.items ?? [], people.data ?? [], serverNow());
  const shown = lines.filter((line) => isShown(line.entry, show));
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <div role="group" aria-label="Which entries" className="flex rounded-md border border-control">
          {SHOWS.map((each) => (
            <button key={each} type="button" aria-pressed={show === each} onClick={() => onShow(each)} className={clsx("target px-3 first:rounded-l-md last:rounded-r-md", show === each ? "bg-accent-soft font-medium text-accent" : "text-muted hover:text-text")}>
              {WORDS[each]}
            </button>
          ))}
        </div>
        <span className="inline-flex items-center text-xs text-muted">
          For the post-mortem <CopyButton text={asText(title, shown)} label="Copy as text" />
        </span>
      </div>
      <Loaded query={timeline} what="The timeline" lines={6} isEmpty={() => shown.length === 0} empty={<Empty title={show === "pages" ? "Nobody was paged" : show === "people" ? "Nobody has done anything yet" : "Nothing has happened yet"} />}>
        {({ items, total }) => (
          <>
            {!explanation.data && explanation.error && (
              <Failed error={explanation.error} what="What was decided before it opened" onRetry={() => void explanation.refetch()} isRetrying={explanation.isFetching} />
            )}
            <Rail lines={shown} isWhole={!explanation.isPending} />
            {total > items.length && <p className="text-muted">These are the first {items.length} of {total} entries.</p>}
          </>
        )}
      </Loaded>
    </div>
  );
}

/** `isWhole`: nothing more comes that would push what the address names out of sight. */
function Rail({ lines, isWhole }: { lines: readonly Line[]; isWhole: boolean }) {
  const hash = useLocation({ select: (location) => location.hash });
  useEffect(() => {
    if (hash.startsWith("entry-")) document.getElementById(hash)?.scrollIntoView({ block: "center" });
  }, [hash, isWhole]);
  return (
    <ol>
      {lines.map((line) => (
        <EntryLine key={line.entry.id} line={line} isNamed={hash === `entry-${line.entry.id}`} />
      ))}
    </ol>
  );
}

const DOTS: Record<Line["entry"]["actor"]["kind"], string> = { user: "border-accent bg-accent", api_key: "border-accent bg-accent-soft", service: "border-control bg-card", source: "border-info bg-info", provider: "border-control bg-control" };

function EntryLine({ line, isNamed }: { line: Line; isNamed: boolean }) {
  const { entry, sentence, isUnreceipted } = line;
  return (
    <li id={`entry-${entry.id}`} className={clsx("group grid scroll-mt-16 grid-cols-[0.75rem_minmax(0,1fr)] gap-3 rounded-md", isNamed && "bg-accent-soft")}>
      <div aria-hidden className="flex flex-col items-center">
        <span className={clsx("mt-1.5 size-2.5 shrink-0 rounded-full border", DOTS[entry.actor.kind])} />
        <span className="w-px flex-1 bg-line group-last:hidden" />
      </div>
      <div className="min-w-0 pb-3">
        <div className="flex items-start justify-between gap-2">
          <p className={clsx("min-w-0 whitespace-pre-wrap wrap-anywhere", entry.kind === "commented" && "rounded-md bg-raised px-2 py-1")}>
            {entry.kind === "commented" ? sentence : <Mentioned text={sentence} mentions={entry.mentions} />}
          </p>
          <a href={`#entry-${entry.id}`} className="grid size-6 shrink-0 place-items-center rounded text-muted hover:text-text pointer-coarse:size-11" aria-label={`Link to: ${sentence}`} title="Link to this entry">
            <Link2 size={14} aria-hidden />
          </a>
        </div>
        {isUnreceipted && (
          <p className="text-xs text-danger">
            <span aria-hidden>! </span>no receipt after 90 s
          </p>
        )}
        {Object.keys(entry.evidence).length > 0 ? (
          <details>
            <summary className="w-fit min-h-6 text-xs text-muted hover:text-text pointer-coarse:min-h-11">
              <Meta line={line} />
            </summary>
            <Evidence facts={entry.evidence} />
          </details>
        ) : (
          <p className="text-xs text-muted">
            <Meta line={line} />
          </p>
        )}
      </div>
    </li>
  );
}

function Meta({ line: { entry, sinceMs } }: { line: Line }) {
  return (
    <>
      <Absolute at={entry.at} /> {sinceMs !== null && <span className="tabular-nums">{sinceBefore(sinceMs)}</span>} · {entry.actor.name}
    </>
  );
}

/** Facts as name and value; what is nested stays JSON. */
export function Evidence({ facts }: { facts: Readonly<Record<string, unknown>> }) {
  return (
    <dl className="mt-1 grid gap-x-4 gap-y-0.5 rounded-md border bg-sunken p-3 text-xs sm:grid-cols-[auto_minmax(0,1fr)]">
      {Object.entries(facts).map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name.replaceAll("_", " ")}</dt>
          <dd className="font-mono whitespace-pre-wrap wrap-anywhere">{shown(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function shown(value: unknown): string {
  if (value === null || value === "") return "–";
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value.join("\n") || "–";
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}
