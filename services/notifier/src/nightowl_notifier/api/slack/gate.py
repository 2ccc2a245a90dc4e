"""The way in: a request passes when Slack has signed it for an app of ours, lately, and for the first time."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import Request

from nightowl_common.db import Database, TenantSuspendedError, UnknownTenantError
from nightowl_common.errors import InvalidError, MalformedError, NightOwlError, PermanentError, TransientError
from nightowl_common.logs import get_logger
from nightowl_notifier import store
from nightowl_notifier.api.slack import signature
from nightowl_notifier.api.slack.signature import Stamp
from nightowl_notifier.api.slack.wire import Command, Event, Interaction
from nightowl_notifier.api.twilio import SignatureError
from nightowl_notifier.channels.accounts import Accounts, SlackAccount

log = get_logger(__name__)

AnyRequest = Request[Any, Any, Any]
ReadT = TypeVar("ReadT", Command, Interaction, Event)
MAX_FIELDS = 50


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """A request whose signature is right; `accounts` are those whose secret made it."""

    stamp: Stamp
    request_id: str | None
    accounts: list[SlackAccount]


class Gate:
    """`seconds`: how long the accounts may take to be found."""

    def __init__(self, *, database: Database, accounts: Accounts, seconds: float) -> None:
        self._database = database
        self._accounts = accounts
        self._seconds = seconds

    async def admit(
        self, request: AnyRequest, *, read: Callable[[bytes], ReadT], tenant: str
    ) -> tuple[Admitted, ReadT]:  # fmt: skip
        """The request and what it says. `tenant` only helps to find a secret to try.

        Raises:
            SignatureError: it is not signed as it must be, or that cannot be checked.
            MalformedError, InvalidError: it is, and cannot be read, or says something else than Slack does.
            TransientError: the accounts cannot be looked at.
        """
        body, headers = await request.body(), request.headers
        stamp = signature.read_stamp(
            timestamp=headers.get("x-slack-request-timestamp"), signature=headers.get("x-slack-signature")
        )
        if stamp is None:
            raise SignatureError
        said = _try(read, body)
        team_id = "" if isinstance(said, NightOwlError) else team_of(said)
        accounts = signature.signed_by(await self._candidates(team_id, tenant), stamp, body)
        if not accounts:
            raise SignatureError
        if isinstance(said, NightOwlError):
            raise said
        return Admitted(
            stamp=stamp, request_id=request.scope.get("state", {}).get("request_id"), accounts=accounts
        ), said

    async def require_new(self, digest: bytes) -> None:
        """Returns the first time, on whichever replica.

        Raises:
            SignatureError: it came before.
            TransientError: that cannot be known now.
        """
        if not await self.is_new(digest):
            raise SignatureError("This very request came before.")

    async def is_new(self, digest: bytes) -> bool:
        """Whether something has not come before, on any replica; from now on it has.

        Raises:
            TransientError: that cannot be known now.
        """
        async with self._database.global_tx() as tx:
            return await store.remember_request(tx, digest)

    async def forget(self) -> None:
        """Old requests need not be remembered: their signature is too old as well."""
        async with self._database.global_tx() as tx:
            await store.forget_requests(tx, minutes=signature.REMEMBERED_MINUTES)

    async def _candidates(self, team_id: str, tenant: str) -> list[SlackAccount]:
        try:
            async with asyncio.timeout(self._seconds):
                found = await self._accounts.slack_of_team(team_id)
                named = await self._own(tenant) if tenant else None
        except TimeoutError as error:
            raise TransientError from error
        return found if named is None or named in found else [named, *found]

    async def _own(self, tenant: str) -> SlackAccount | None:
        """A tenant's own app: before Slack knows the address it names no workspace."""
        try:
            account = await self._accounts.slack(tenant)
        except (UnknownTenantError, TenantSuspendedError, PermanentError) as error:
            log.info("slack_tenant_without_account", tenant=tenant[:50], error=error.code)
            return None
        return account if account is not None and account.tenant == tenant else None


def read_command(body: bytes) -> Command:
    """A slash command. Raises one of many errors for what is none."""
    return msgspec.convert(_form(body), Command, strict=False)


def read_interaction(body: bytes) -> Interaction:
    """A button or a form. Raises as `read_command`."""
    return msgspec.json.decode(_form(body).get("payload", ""), type=Interaction)


def read_event(body: bytes) -> Event:
    """A call of the Events API. Raises as `read_command`."""
    return msgspec.json.decode(body, type=Event)


def team_of(said: Command | Interaction | Event) -> str:
    """The workspace that a request names, else its organisation; empty when it names none."""
    match said:
        case Command(team_id=team, enterprise_id=enterprise) | Event(team_id=team, enterprise_id=enterprise):
            return team or enterprise or ""
        case Interaction(team=team, enterprise=enterprise):
            return next((each.id for each in (team, enterprise) if each is not None and each.id), "")


def _try(read: Callable[[bytes], ReadT], body: bytes) -> ReadT | NightOwlError:
    """What a body says; an error is kept until it is known that Slack has signed it."""
    try:
        return read(body)
    except msgspec.ValidationError as error:
        return InvalidError(str(error))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return MalformedError("This is no request of Slack's.")


def _form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS))
