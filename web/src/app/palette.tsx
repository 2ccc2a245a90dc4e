/** Search and do, from anywhere (Ctrl or Cmd K): verbs on the selection first, then things, then places. */
import { useQueries } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Command } from "cmdk";
import { Dialog as Radix } from "radix-ui";
import { useEffect, useRef, useState } from "react";

import { may, useMe } from "@/session/me";
import { useReturnFocus } from "@/ui/return-focus";
import { SeverityMark, StatusPill } from "@/ui/severity";
import { useSettled } from "@/ui/use-settled";

import { GROUPS } from "./nav";
import { Answers } from "./palette-answers";
import { Do } from "./palette-do";
import { partsFor } from "./palette-parts";
import { foundAlertsQuery, foundGroupsQuery, foundIncidentsQuery, foundPeopleQuery, foundPoliciesQuery, foundRostersQuery, foundRunbooksQuery, PAUSE_MS } from "./palette-queries";
import { recentOf } from "./palette-recent";
import { Group, Item } from "./palette-rows";
import { askedRoster, fits } from "./palette-words";
import { endTypeAhead } from "./type-ahead";

/** The focus goes back to where it was as the palette closes; a dialog that opened earlier would lose it. */
const GIVEN_BACK_MS = 50;
const SHORTEST = 2;
const FEW = 5;

export default function Palette({ onClose }: { onClose: () => void }) {
  const [text, setTyped] = useState("");
  useEffect(() => {
    const ahead = endTypeAhead();
    if (ahead) setTyped(ahead);
  }, []);
  const typed = text.trim();
  const asked = useSettled(typed, PAUSE_MS);
  const q = typed.length >= SHORTEST && asked.length >= SHORTEST ? asked : "";
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  const hasLeft = useRef(false);
  // Another page takes the focus itself; else it goes back to where it was.
  const giveBack = useReturnFocus();
  const open = (path: string) => {
    hasLeft.current = true;
    onClose();
    router.history.push(path);
  };
  const run = (act: () => void) => {
    onClose();
    setTimeout(act, GIVEN_BACK_MS);
  };
  return (
    <Radix.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/60" />
        <Radix.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault(); // it would mark what was typed ahead, and the next letter replace it
            input.current?.focus();
          }}
          onCloseAutoFocus={(event) => (hasLeft.current ? event.preventDefault() : giveBack(event))}
          className="fixed inset-x-0 top-0 z-50 overflow-hidden rounded-b-xl border bg-card shadow-2xl sm:top-[12vh] sm:left-1/2 sm:w-[calc(100vw-2rem)] sm:max-w-xl sm:-translate-x-1/2 sm:rounded-xl"
        >
          <Radix.Title className="sr-only">Search or do</Radix.Title>
          <Command shouldFilter={false} label="Search or do" className="flex max-h-[min(36rem,80dvh)] flex-col">
            <Command.Input
              ref={input}
              value={text}
              onValueChange={setTyped}
              placeholder="Search, or ask: who is on call for payments?"
              className="min-h-12 w-full border-b bg-card px-4 text-base -outline-offset-2"
            />
            <Command.List label="Results" className="overflow-y-auto p-2">
              <Results typed={typed} asked={asked} q={q} onOpen={open} onRun={run} />
            </Command.List>
            <SearchState q={q} />
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ResultsProps {
  typed: string;
  /** What was typed when the typing stopped. */
  asked: string;
  /** What the server is asked for; empty for nothing. */
  q: string;
  onOpen: (path: string) => void;
  onRun: (run: () => void) => void;
}

function Results({ typed, asked, q, onOpen, onRun }: ResultsProps) {
  const me = useMe();
  const places = GROUPS.flatMap((group) => group.places).filter((place) => may(me, place.needs ?? "readonly") && fits(typed, place.label));
  const recent = recentOf(me).filter(({ label }) => fits(typed, label)).slice(0, FEW);
  const parts = typed.length >= SHORTEST ? partsFor(typed, (needs) => may(me, needs), FEW) : [];
  const question = askedRoster(asked);
  return (
    <>
      <Do typed={typed} onRun={onRun} />
      {question !== null && <Answers roster={question} onOpen={onOpen} />}
      {q && <Found q={q} onOpen={onOpen} />}
      <Group heading="Seen lately" items={recent}>
        {({ path, label }) => (
          <Item key={path} value={`seen ${path}`} onSelect={() => onOpen(path)}>
            {label}
          </Item>
        )}
      </Group>
      <Group heading="Go to" items={places}>
        {(place) => (
          <Item key={place.to} value={`go ${place.to}`} onSelect={() => onOpen(place.to)} more={place.key && `g ${place.key}`}>
            {place.label}
          </Item>
        )}
      </Group>
      <Group heading="On a page" items={parts}>
        {({ label, page, path }) => (
          <Item key={`${path} ${label}`} value={`part ${path} ${label}`} onSelect={() => onOpen(path)} more={page}>
            {label}
          </Item>
        )}
      </Group>
    </>
  );
}

function useFound(q: string) {
  const [alerts, groups, incidents, runbooks, rosters, policies, people] = useQueries({
    queries: [foundAlertsQuery(q), foundGroupsQuery(q), foundIncidentsQuery(q), foundRunbooksQuery(q), foundRostersQuery(q), foundPoliciesQuery(q), foundPeopleQuery(q)],
  });
  return { alerts, groups, incidents, runbooks, rosters, policies, people };
}

/** Whether it is searched, and what could not be. Stands outside of the list, which holds choices only. */
function SearchState({ q }: { q: string }) {
  const queries = useFound(q);
  const all = q ? Object.values(queries) : [];
  const error = all.find((query) => query.error)?.error;
  return (
    <div className="px-5 text-xs empty:hidden">
      <p role="status" className="text-muted">
        {all.some((query) => query.isFetching) && "Searching"}
      </p>
      {error && (
        <p role="alert" className="pb-2 text-danger">
          Not everything could be searched: {error.message}
        </p>
      )}
    </div>
  );
}

/** What the server finds, a moment after the typing stops. */
function Found({ q, onOpen }: Pick<ResultsProps, "q" | "onOpen">) {
  const { alerts, groups, incidents, runbooks, rosters, policies, people } = useFound(q);
  return (
    <>
      <Group heading="Alerts" items={alerts.data}>
        {(alert) => (
          <Item key={alert.id} value={`alert ${alert.id}`} onSelect={() => onOpen(`/alerts/${alert.id}`)} more={<StatusPill status={alert.status} />}>
            <SeverityMark severity={alert.severity} size={16} /> <span className="truncate font-mono">{alert.title}</span>
          </Item>
        )}
      </Group>
      <Named heading="Groups" found={groups.data} nameOf={({ name }) => name} pathOf={({ id }) => `/groups/${id}`} onOpen={onOpen} />
      <Named heading="Knowledge" found={incidents.data} nameOf={({ title }) => title} pathOf={({ id }) => `/incidents/${id}`} onOpen={onOpen} />
      <Named heading="Runbooks" found={runbooks.data} nameOf={({ title }) => title} pathOf={({ id }) => `/runbooks/${id}`} onOpen={onOpen} />
      <Named heading="Rosters" found={rosters.data} nameOf={({ name }) => name} pathOf={({ id }) => `/rosters/${id}`} onOpen={onOpen} />
      <Named heading="Policies" found={policies.data} nameOf={({ name }) => name} pathOf={({ id }) => `/policies/${id}`} onOpen={onOpen} />
      <Group heading="People" items={people.data}>
        {({ id, display_name, email }) => (
          <Item key={id} value={`person ${id}`} onSelect={() => onOpen(`/alerts?assignee=${id}`)}>
            {display_name} · {email}
          </Item>
        )}
      </Group>
    </>
  );
}

interface NamedProps<T> {
  heading: string;
  found: readonly T[] | undefined;
  nameOf: (each: T) => string;
  pathOf: (each: T) => string;
  onOpen: (path: string) => void;
}

function Named<T>({ heading, found, nameOf, pathOf, onOpen }: NamedProps<T>) {
  return (
    <Group heading={heading} items={found}>
      {(each) => (
        <Item key={pathOf(each)} value={`${heading} ${pathOf(each)}`} onSelect={() => onOpen(pathOf(each))}>
          {nameOf(each)}
        </Item>
      )}
    </Group>
  );
}
