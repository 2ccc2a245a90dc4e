"""What people do with alerts: in the front end, in Slack, by telephone, by text and by the link in a mail."""

import asyncio
import random
from datetime import timedelta

import aiohttp
from installation import Installation, Tenancy
from traffic import NETWORK, Caller, keep_doing

from nightowl_common import clock
from nightowl_testkit.fakes import Received, SlackUser
from nightowl_testkit.fakes.mail import link_in
from nightowl_testkit.fakes.slack_user import button_of

ACTION_EVERY = 2.0
ANSWER_EVERY = 4.0
CALLBACK_SECONDS = 1.0


class People:
    """The people of one tenant."""

    def __init__(self, house: Installation, tenancy: Tenancy, caller: Caller, *, dice: random.Random) -> None:
        self._house = house
        self._tenancy = tenancy
        self._caller = caller
        self._dice = dice

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        at_the_desk = [
            (30, self._acknowledge), (15, self._resolve), (8, self._snooze), (8, self._comment), (6, self._investigate),
            (4, self._unacknowledge), (4, self._assign), (3, self._escalate), (3, self._hand_over), (3, self._reopen),
            (2, self._acknowledge_many),
        ]  # fmt: skip
        elsewhere = [
            (4, self._press_in_slack),
            (2, self._type_in_slack),
            (3, self._press_in_call),
            (3, self._text),
            (3, self._open_link),
        ]
        await asyncio.gather(
            keep_doing(at_the_desk, every=ACTION_EVERY, stop=stop, dice=self._dice),
            keep_doing(elsewhere, every=ANSWER_EVERY, stop=stop, dice=self._dice),
        )

    async def _some(self, *statuses: str) -> str | None:
        found = await self._caller.items("/alerts", status=self._dice.choice(statuses), limit="20", sort="urgent")
        return str(self._dice.choice(found)["id"]) if found else None

    async def _patch(self, action: str, body: object = None, *, of: tuple[str, ...] = ("firing",)) -> None:
        alert_id = await self._some(*of)
        if alert_id is not None:
            await self._caller.call("PATCH", f"/alerts/{alert_id}/{action}", body=body)

    async def _acknowledge(self) -> None:
        await self._patch("acknowledge")

    async def _resolve(self) -> None:
        words = self._dice.choice(("Restarted it", "Rotated the logs", "Was a false alarm", "Made room on the disk"))
        await self._patch("resolve", {"resolution": words}, of=("acknowledged", "investigating", "firing"))

    async def _snooze(self) -> None:
        until = clock.utc_now() + timedelta(seconds=self._dice.randint(20, 120))
        await self._patch("snooze", {"until": until.isoformat(), "reason": "waits for a deploy"})

    async def _investigate(self) -> None:
        await self._patch("investigate", of=("acknowledged",))

    async def _unacknowledge(self) -> None:
        await self._patch("unacknowledge", {"reason": "somebody else shall"}, of=("acknowledged",))

    async def _reopen(self) -> None:
        await self._patch("reopen", of=("resolved",))

    async def _assign(self) -> None:
        await self._patch("assign", {"assignee_id": str(self._tenancy.team.bob_id)}, of=("firing", "acknowledged"))

    async def _post(self, action: str, body: object) -> None:
        alert_id = await self._some("firing")
        if alert_id is not None:
            await self._caller.call("POST", f"/alerts/{alert_id}/{action}", body=body)

    async def _comment(self) -> None:
        await self._post("comments", {"text": "Looking at it, the graph shows nothing yet."})

    async def _escalate(self) -> None:
        await self._post("escalate", {"reason": "beyond me"})

    async def _hand_over(self) -> None:
        await self._post("hand-over", {"user_id": str(self._tenancy.team.bob_id), "minutes": 1})

    async def _acknowledge_many(self) -> None:
        found = await self._caller.items("/alerts", status="firing", limit="10")
        if found:
            body = {"action": "acknowledge", "alert_ids": [each["id"] for each in found]}
            await self._caller.call("POST", "/alerts/bulk", body=body)

    def _lately(self, received: list[Received], channel: str, address: str | None) -> Received | None:
        mine = [each for each in received[-60:] if each.channel == channel and each.to == address]
        return self._dice.choice(mine) if mine else None

    @property
    def _somebody(self) -> SlackUser:
        person = self._dice.choice(self._tenancy.people)
        return SlackUser(self._house.slack, self._house.processes.url("notifier"), str(person.slack_user_id))

    async def _press_in_slack(self) -> None:
        button = self._dice.choice(
            ("nightowl_acknowledge", "nightowl_acknowledge", "nightowl_escalate", "nightowl_resolve")
        )
        shown = [each.raw for each in self._house.slack.received[-60:]]
        values = [
            value for each in shown if (value := button_of(each, button)) and value.startswith(f"{self._tenancy.slug}:")
        ]
        if values:
            await self._in_slack(self._somebody.presses(button, self._dice.choice(values)))

    async def _type_in_slack(self) -> None:
        words = self._dice.choice(("oncall", "list", "search disk", "help"))
        await self._in_slack(self._somebody.types("/nightowl", f"@{self._tenancy.slug} {words}"))

    async def _in_slack(self, deed: "asyncio.Future[object] | object") -> None:
        try:
            heard = await deed  # type: ignore[misc]
            self._caller.traffic.note("slack", heard.status, 0.0)
        except NETWORK:
            self._caller.traffic.note("slack", 0, 0.0)

    async def _press_in_call(self) -> None:
        call = self._lately(self._house.twilio.received, "phone", self._tenancy.people[2].phone)
        if call is not None:
            await self._by_phone(self._house.twilio.press(call, self._dice.choice(("1", "2", "", "9"))))

    async def _text(self) -> None:
        text = self._lately(self._house.twilio.received, "sms", self._tenancy.people[1].phone)
        if text is not None and "(ref " in text.text:
            code = text.text.rpartition("(ref ")[2].rstrip(")")
            url = f"{self._house.processes.url('notifier')}/api/v1/twilio/sms"
            await self._by_phone(
                self._house.twilio.text(url, text.to, f"{self._dice.choice(('ack', 'resolve', 'hello'))} {code}")
            )

    async def _by_phone(self, deed: object) -> None:
        try:
            await deed  # type: ignore[misc]
            self._caller.traffic.note("telephone", 200, 0.0)
        except (LookupError, AssertionError):  # the call asks for nothing any more; the service is away
            self._caller.traffic.note("telephone", 0, 0.0)

    async def _open_link(self) -> None:
        mail = self._lately(self._house.mail.received, "email", self._dice.choice(self._tenancy.people).email)
        if mail is None:
            return
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
                async with session.get(link_in(mail)) as looked:
                    self._caller.traffic.note("link", looked.status, 0.0)
                if self._dice.random() < 0.7:
                    async with session.post(link_in(mail)) as pressed:
                        self._caller.traffic.note("link", pressed.status, 0.0)
        except NETWORK:
            self._caller.traffic.note("link", 0, 0.0)


async def call_back(house: Installation, stop: asyncio.Event, *, dice: random.Random) -> None:
    """Twilio tells what became of texts and calls, nearly always."""
    told = 0
    while not stop.is_set():
        await asyncio.sleep(CALLBACK_SECONDS)
        new, told = house.twilio.received[told:], len(house.twilio.received)
        for sent in new:
            if dice.random() < 0.95:
                await _tell(house, sent, dice.choice(("delivered", "delivered", "undelivered")))


async def _tell(house: Installation, sent: Received, status: str) -> None:
    words = {"delivered": "completed", "undelivered": "no-answer"}
    try:
        await house.twilio.call_back(sent, words[status] if sent.channel == "phone" else status)
    except LookupError:  # the caller asked for no callback
        return
