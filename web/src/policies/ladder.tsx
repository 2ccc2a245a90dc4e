/** A ladder as it would be climbed: each rung at its minute, with the names and channels that it comes to. */
import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { CircleStop, Moon, TriangleAlert } from "lucide-react";

import type { Schema } from "@/api/client";
import { Moment, NightThere } from "@/time/time";
import { absolute, localZone, zoneName } from "@/time/words";
import { Person } from "@/ui/person";

import { channelWords } from "./channels";
import { climb, type Told } from "./climb";
import { targetWords, withTargetWords, type Directory, type Meaning } from "./targets";

interface LadderProps {
  run: Schema["DryRun"];
  directory: Directory;
  meaning: Meaning;
  label: string;
}

export function Ladder({ run, directory, meaning, label }: LadderProps) {
  const { cycles, end } = climb(run.rungs);
  return (
    <div className="grid gap-3">
      <p className="text-muted">
        A {run.severity} alert that opens <Moment at={run.at} /> ({zoneName(run.at, localZone)}).
      </p>
      {cycles.map((rungs, cycle) => (
        <section key={cycle} aria-label={cycle === 0 ? label : `${label}, time ${cycle + 1} through`}>
          {cycle > 0 && <p className="mb-2 text-xs text-muted">Nobody acknowledged: time {cycle + 1} through</p>}
          <ol className="grid">
            {rungs.map((rung) => (
              <Rung key={`${rung.cycle}-${rung.tier}`} mark={rung.minute} at={rung.at}>
                <p className="text-xs text-muted">Rung {rung.tier + 1}</p>
                {rung.targets.map((answer) => (
                  <div key={answer.target} className="grid gap-0.5">
                    <p className="text-muted">{targetWords(answer.target, directory, meaning)}</p>
                    {answer.problem && (
                      <p className="flex items-start gap-1.5 text-warning">
                        <TriangleAlert size={14} aria-hidden className="mt-1 shrink-0" /> <span className="wrap-anywhere">{withTargetWords(answer.detail, directory, meaning)}</span>
                      </p>
                    )}
                  </div>
                ))}
                {rung.is_fallback && (
                  <p className="flex items-start gap-1.5 text-warning">
                    <TriangleAlert size={14} aria-hidden className="mt-1 shrink-0" /> This rung comes to nobody, so the admins are paged.
                  </p>
                )}
                <Pages told={rung.told} directory={directory} />
              </Rung>
            ))}
          </ol>
        </section>
      ))}
      {end && (
        <ol>
          <Rung mark={end.minute} at={end.at} isEnd>
            <p>Nobody has acknowledged. The admins are told, and paging ends.</p>
            <Pages told={end.told} directory={directory} />
          </Rung>
        </ol>
      )}
      {run.is_cut && <p className="text-muted">It goes on for longer than is shown here.</p>}
    </div>
  );
}

/** Hours and minutes; the day is said once, above. */
function clock(at: string): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: localZone }).format(new Date(at));
}

function Rung({ mark, at, isEnd = false, children }: { mark: number; at: string; isEnd?: boolean; children: React.ReactNode }) {
  return (
    <li className="group grid grid-cols-[3.75rem_1.25rem_minmax(0,1fr)] gap-x-2">
      <div className="pt-0.5 text-right">
        <p className="font-semibold tabular-nums">{mark} min</p>
        <p className="text-xs text-muted">
          <time dateTime={at} title={absolute(at)} className="tabular-nums">
            {clock(at)}
          </time>
        </p>
      </div>
      <div aria-hidden className="grid grid-rows-[auto_1fr] justify-items-center">
        {isEnd ? <CircleStop size={16} className="mt-1 text-muted" /> : <span className="mt-1.5 size-3 rounded-full border-2 border-accent bg-bg" />}
        {!isEnd && <span className="mt-1 w-0.5 bg-line" />}
      </div>
      <div className={clsx("grid min-w-0 content-start gap-1", !isEnd && "pb-4")}>{children}</div>
    </li>
  );
}

function Pages({ told, directory }: { told: readonly Told[]; directory: Directory }) {
  return (
    <ul className="grid gap-1">
      {told.map((each) => (
        <li key={each.recipient} className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
          {each.user ? <Person id={each.user.id} name={each.user.display_name} /> : <span className="wrap-anywhere">{targetWords(each.recipient, directory, { roster_id: null, lead_id: null })}</span>}
          {each.pages[0]?.timezone && <NightThere at={each.pages[0].at} zone={each.pages[0].timezone} />}
          <span className="flex flex-wrap items-center gap-x-2 text-muted">
            {each.pages.map((page) => (
              <span key={`${page.channel}-${page.minute}`} className="inline-flex items-center gap-1">
                {channelWords(page.channel)}
                {page.after > 0 && ` +${page.after} min`}
                {page.held_for === "quiet_hours" && (
                  <span className="inline-flex items-center gap-1 text-warning">
                    <Moon size={12} aria-hidden /> waits for the end of quiet hours
                  </span>
                )}
                {page.held_for === "limit" && <span className="text-warning">waits for room</span>}
              </span>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What would go wrong in the days ahead. */
export function Warnings({ warnings, directory, meaning }: { warnings: ReadonlyArray<Schema["PolicyWarning"]>; directory: Directory; meaning: Meaning }) {
  if (warnings.length === 0) return null;
  return (
    <ul className="grid gap-2" aria-label="Warnings">
      {warnings.map((warning) => (
        <li key={`${warning.tier}-${warning.target}-${warning.starts_at}`} className="flex items-start gap-2 rounded-md border border-warning px-3 py-2 text-warning">
          <TriangleAlert size={16} aria-hidden className="mt-0.5 shrink-0" />
          <span className="wrap-anywhere">
            Rung {warning.tier + 1}: {withTargetWords(warning.detail, directory, meaning)}
            {warning.starts_at && (
              <>
                , from <Moment at={warning.starts_at} />
                {warning.ends_at && (
                  <>
                    {" "}
                    to <Moment at={warning.ends_at} />
                  </>
                )}
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What escalates by a policy. */
export function Uses({ uses }: { uses: ReadonlyArray<Schema["PolicyUse"]> }) {
  if (uses.length === 0) return <p className="text-muted">Nothing uses it. Give it to a route, or make it the default of the tenant.</p>;
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1">
      {uses.map((use) => (
        <li key={`${use.kind}-${use.id}`}>
          {use.kind === "service" && (
            <Link to="/alerts" search={{ service: [use.name] }} className="link">
              Service {use.name}
            </Link>
          )}
          {use.kind === "route" && (
            <Link to="/rules" search={{ tab: "routes", ...(use.id ? { edit: use.id } : {}) }} className="link">
              Route {use.name}
            </Link>
          )}
          {use.kind === "tenant_default" && "Default of the tenant"}
        </li>
      ))}
    </ul>
  );
}
