/** Whether pages come to the browser that the person sits before, as notifications. */
import { useMutation, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { contactsQuery } from "@/admin/reach";
import { client, read } from "@/api/client";
import { queries } from "@/api/queries";
import { Button } from "@/ui/button";
import { Loaded, Panel } from "@/ui/panel";
import { Pill } from "@/ui/severity";
import { toast } from "@/ui/toast";

import { lookHere, turnOff, turnOn } from "./push";
import { stateOf, type PushState } from "./push-state";
import { TestPages } from "./test-pages";

const WORDS: Record<Exclude<PushState["kind"], "on" | "off">, string> = {
  unsupported: "This browser cannot be paged: it has no web push here. It needs https, and on an iPhone NightOwl must be on the Home Screen.",
  not_set_up: "Web push is not set up in this installation. Its operator sets NIGHTOWL_VAPID_KEY.",
  blocked: "You have blocked notifications of NightOwl in this browser. Allow them in the browser's settings for this site, then come back.",
};

const hereKey = (userId: string) => ["user", userId, "contacts", "here"];

export function ThisBrowser({ userId }: { userId: string }) {
  const contacts = useQuery(contactsQuery(userId));
  const here = useQuery({
    queryKey: hereKey(userId),
    queryFn: async () => ({ seen: await lookHere(), serverKey: (await read(client.GET("/api/v1/push-key"))).public_key }),
    refetchOnWindowFocus: "always",
    retry: false,
  });
  return (
    <Panel title="This browser">
      <Loaded query={here} what="What this browser can do" lines={2}>
        {({ seen, serverKey }) => (
          <Loaded query={contacts} what="Your addresses" lines={2}>
            {(data) => <State userId={userId} state={stateOf(seen, data.items, serverKey)} serverKey={serverKey} />}
          </Loaded>
        )}
      </Loaded>
    </Panel>
  );
}

function State({ userId, state, serverKey }: { userId: string; state: PushState; serverKey: string | null }) {
  // Exactly these: the test pages of an address that is gone are not there to be asked for.
  const refresh = () => Promise.all([contactsQuery(userId).queryKey, hereKey(userId)].map((queryKey) => queries.invalidateQueries({ queryKey, exact: true })));
  const on = useMutation({
    mutationFn: () => turnOn(serverKey ?? ""),
    onSuccess: (isOn) => (isOn ? toast.done("Pages come to this browser from now on. Send yourself a test page.") : toast.failed("Notifications are not allowed here, so nothing has changed.")),
    onError: (error) => toast.failed(`Not turned on: ${error.message}`),
    onSettled: refresh,
  });
  const off = useMutation({
    mutationFn: async () => state.kind === "on" && turnOff(userId, state.method),
    onSuccess: () => toast.done("No page comes to this browser any more."),
    onError: (error) => toast.failed(`Not turned off: ${error.message}`),
    onSettled: refresh,
  });
  if (state.kind === "on")
    return (
      <Told pill={<Pill className="border-ok text-ok">on</Pill>} words="Pages come to this browser as notifications, also while no page of NightOwl is open.">
        <TestPages userId={userId} method={state.method} />
        <Button onClick={() => off.mutate()} isBusy={off.isPending}>
          Turn off
        </Button>
      </Told>
    );
  if (state.kind === "off")
    return (
      <Told pill={<Pill className="border-control text-muted">off</Pill>} words="Be paged by notifications of this browser, on a phone or at a desk, and acknowledge in them. The browser asks you whether it may.">
        <Button onClick={() => on.mutate()} isBusy={on.isPending}>
          Page me here
        </Button>
      </Told>
    );
  return <p className="max-w-prose text-muted">{WORDS[state.kind]}</p>;
}

function Told({ pill, words, children }: { pill: ReactNode; words: string; children: ReactNode }) {
  return (
    <div className="grid gap-3">
      <div className="flex items-start justify-between gap-4">
        <p className="max-w-prose text-muted">{words}</p>
        {pill}
      </div>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">{children}</div>
    </div>
  );
}
