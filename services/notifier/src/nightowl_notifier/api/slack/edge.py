"""What the three routes do with a request: let it in, do it within Slack's patience, tell what came of it.

An error inside ends here: it is logged, and whoever asked is told in plain words.
"""

from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from slack_sdk.errors import SlackClientError

from nightowl_alerting.origin import ORIGIN, Origin
from nightowl_common.errors import NightOwlError, TransientError
from nightowl_common.logs import get_logger
from nightowl_notifier import telemetry
from nightowl_notifier.api.slack import asking, events, telling
from nightowl_notifier.api.slack.desk import Desk
from nightowl_notifier.api.slack.gate import Admitted, AnyRequest, Gate, ReadT, team_of
from nightowl_notifier.api.slack.interactions import Buttons, FormAnswer, only
from nightowl_notifier.api.slack.people import Caller
from nightowl_notifier.api.slack.signature import digest_of
from nightowl_notifier.api.slack.telling import Told, say
from nightowl_notifier.api.slack.wire import Command, Event, Interaction, View
from nightowl_notifier.api.slack.work import Replies, Workbench
from nightowl_notifier.api.twilio import SignatureError
from nightowl_notifier.channels.transport import BROKEN

log = get_logger(__name__)

ResultT = TypeVar("ResultT")


async def done(_result: object) -> None:
    """For `late=`: the work has told what there is to tell."""


class SlackEdge:
    """One per process."""

    def __init__(self, *, gate: Gate, desk: Desk, buttons: Buttons, bench: Workbench, replies: Replies) -> None:
        self.bench = bench
        self._gate = gate
        self._desk = desk
        self._buttons = buttons
        self._replies = replies

    async def admit(
        self, kind: str, request: AnyRequest, *, read: Callable[[bytes], ReadT], tenant: str
    ) -> tuple[Admitted, ReadT]:  # fmt: skip
        """As `Gate.admit`; a refusal is counted."""
        try:
            return await self._gate.admit(request, read=read, tenant=tenant)
        except NightOwlError:
            telemetry.SLACK_REQUESTS.labels(kind, "refused").inc()
            raise

    async def within(
        self, kind: str, work: Coroutine[Any, Any, ResultT], *, late: Callable[[ResultT], Awaitable[None]]
    ) -> ResultT | None:
        """As `Workbench.within`; what comes of it is counted."""
        try:
            result = await self.bench.within(work, late=late)
        except SignatureError:
            telemetry.SLACK_REQUESTS.labels(kind, "doubled").inc()
            raise
        except NightOwlError:
            telemetry.SLACK_REQUESTS.labels(kind, "failed").inc()
            raise
        telemetry.SLACK_REQUESTS.labels(kind, "late" if result is None else "answered").inc()
        return result

    async def command(self, admitted: Admitted, command: Command) -> Told:
        """What a slash command is answered with."""
        asked = asking.read_command(command.command, command.text)
        caller = _caller(admitted, team_id=team_of(command), user_id=command.user_id)
        return await self._guarded(admitted, caller, partial(self._desk.answer, caller, asked))

    async def button(self, admitted: Admitted, asked: Interaction) -> bool:
        """Does what a button says and tells what came of it; true, always."""
        caller = _caller(admitted, team_id=team_of(asked), user_id=asked.user.id)
        told = await self._guarded(admitted, caller, partial(self._buttons.press, caller, asked))
        if told is not None and not await self._replies.tell(asked.response_url, told):
            await _whisper(caller, asked, told)
        return True

    async def form(self, admitted: Admitted, asked: Interaction, view: View) -> FormAnswer:
        """What a form that was sent is answered with."""
        caller = _caller(admitted, team_id=team_of(asked), user_id=asked.user.id)
        result = await self._guarded(admitted, caller, partial(self._buttons.submit, caller, view))
        return only(result.text) if isinstance(result, Told) else result

    async def event(self, admitted: Admitted, event: Event) -> bool:
        """Answers a mention or a direct message, once per event; true, always.

        Raises:
            TransientError: whether it came before cannot be known now. Slack tries again.
        """
        team_id = team_of(event)
        await self._gate.require_new(admitted.stamp.digest)
        if not await self._gate.is_new(digest_of("event", team_id, event.event_id)):
            return True
        if event.event.type in events.LEFT:
            events.note_left(event)
        elif events.is_meant(event):
            caller = _caller(admitted, team_id=team_id, user_id=str(event.event.user))
            told = await _plainly(caller, partial(self._desk.answer, caller, asking.read_mention(event.event.text)))
            await events.tell(caller, event.event, told)
        return True

    def teller(self, response_url: str) -> Callable[[Told], Awaitable[None]]:
        """For `late=`: tells it at the response URL."""

        async def tell(told: Told) -> None:
            await self._replies.tell(response_url, told)

        return tell

    async def tell_sender(self, sent: FormAnswer) -> None:
        """What the sender of a form is told, where the form was opened from."""
        if sent.told is not None and sent.response_url:
            await self._replies.tell(sent.response_url, sent.told)

    async def _guarded(
        self, admitted: Admitted, caller: Caller, act: Callable[[], Awaitable[ResultT]]
    ) -> ResultT | Told:  # fmt: skip
        """What `act` comes to if the request came for the first time, else what is told of its failure.

        Raises:
            SignatureError: it came before.
        """
        try:
            await self._gate.require_new(admitted.stamp.digest)
        except TransientError as error:
            log.warning("slack_put_off", error=error.detail)
            return say(telling.NOT_NOW)
        return await _plainly(caller, act)


async def _plainly(caller: Caller, act: Callable[[], Awaitable[ResultT]]) -> ResultT | Told:
    ORIGIN.set(Origin(address=f"slack {caller.team_id} {caller.user_id}", request_id=caller.request_id))
    try:
        return await act()
    except TransientError as error:
        log.warning("slack_put_off", error=error.detail)
        return say(telling.NOT_NOW)
    except Exception:
        log.exception("slack_failed")
        return say(telling.FAILED)


async def _whisper(caller: Caller, asked: Interaction, told: Told) -> None:
    """For a message whose response URL is gone: told in its channel, to one person alone."""
    if not asked.container.channel_id:
        return
    try:
        await caller.accounts[0].client.chat_postEphemeral(
            channel=asked.container.channel_id, user=caller.user_id, text=told.text, blocks=told.blocks
        )
    except (*BROKEN, SlackClientError) as error:
        log.warning("slack_not_told", error=str(error)[:200])


def _caller(admitted: Admitted, *, team_id: str, user_id: str) -> Caller:
    return Caller(accounts=admitted.accounts, team_id=team_id, user_id=user_id, request_id=admitted.request_id)
