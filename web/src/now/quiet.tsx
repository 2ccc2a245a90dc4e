/** Nothing is paged to the reader: who would be, and whether a page would reach them. */
import { Link } from "@tanstack/react-router";

import { useMe } from "@/session/me";
import { Ago } from "@/time/time";

import type { Now } from "./queries";

const CHANNELS: Readonly<Record<string, string>> = { slack_dm: "chat", phone: "phone", sms: "SMS", email: "mail", push: "notification" };

export function channelName(channel: string): string {
  return CHANNELS[channel] ?? channel;
}

export function Quiet({ now }: { now: Now }) {
  const me = useMe();
  const seats = now.on_call.filter((seat) => seat.person);
  return (
    <div className="grid gap-1">
      <p className="font-medium">
        {me.user_id ? (
          <>
            <span aria-hidden className="text-ok">
              ✓{" "}
            </span>
            Nothing is paged to you.
          </>
        ) : (
          "This sign-in is not one of the people, so nothing can be paged to it."
        )}
      </p>
      <p className="text-muted">
        {seats.length === 0
          ? "Nobody is on call now."
          : `On call: ${seats
              .slice(0, 3)
              .map((seat) => `${seat.person!.display_name} (${seat.roster_name})`)
              .join(", ")}${seats.length > 3 ? ` and ${seats.length - 3} more` : ""}.`}
      </p>
      {me.user_id && <TestPage last={now.last_test_page} />}
    </div>
  );
}

function TestPage({ last }: { last: Now["last_test_page"] }) {
  const settings = (words: string) => (
    <Link to="/settings" className="link">
      {words}
    </Link>
  );
  if (!last) return <p className="text-warning">No page was ever tried on you. {settings("Send yourself a test page")}</p>;
  const how = last.status === "sent" ? "was sent" : last.status === "failed" ? "failed" : last.status === "unclear" ? "may not have arrived" : "is on its way";
  return (
    <p className={last.status === "failed" || last.status === "unclear" ? "text-warning" : "text-muted"}>
      The last test page by {channelName(last.channel)} {how} <Ago at={last.created_at} />.{last.status === "failed" && <> {settings("Look at your channels")}</>}
    </p>
  );
}
