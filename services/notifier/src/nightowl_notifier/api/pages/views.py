"""What a link opens and what a press does. The state decides; who is next is told beside it and never in its way."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_alerting import answers
from nightowl_alerting.linked import LinkedPage, load_linked_page
from nightowl_common.db import UnknownTenantError
from nightowl_common.errors import TransientError
from nightowl_common.logs import get_logger
from nightowl_common.outbox import Outbox
from nightowl_notifier.api.pages.coming import Coming, NotKnown, find_coming
from nightowl_notifier.api.pages.sentences import spared
from nightowl_notifier.api.words import note, outcome
from nightowl_notifier.channels import email, push, twilio_client
from nightowl_notifier.channels.callbacks import Reference

log = get_logger(__name__)

NO_LINK = "This link is not valid. Open the alert in NightOwl."
EXPIRED = "This link has expired. Open the alert in NightOwl."

_WAYS = {
    "email": (email.PROVIDER, "by the link in a mail"),
    "push": (push.PROVIDER, "by a notification in a browser"),
    "sms": (twilio_client.PROVIDER, "by the link in a text message"),
}
"""Channel → provider of its pages, and what the timeline says of an answer."""


class Waiting(msgspec.Struct, frozen=True, kw_only=True, tag="waiting"):
    """Nobody has the alert: the button is shown."""

    page: LinkedPage
    now: datetime
    coming: Coming = NotKnown()


class Settled(msgspec.Struct, frozen=True, kw_only=True, tag="settled"):
    """There is nothing to press any more, and why."""

    page: LinkedPage
    words: str
    now: datetime


class Void(msgspec.Struct, frozen=True, kw_only=True, tag="void"):
    """The link opens nothing, and why. Of one that was ours, `alert_id` is what it was about."""

    status: int
    words: str
    alert_id: UUID | None = None


class Away(msgspec.Struct, frozen=True, kw_only=True, tag="away"):
    """The database cannot be used. `has_pressed`: nobody can say whether the press was recorded."""

    has_pressed: bool


View = Waiting | Settled | Void | Away


async def look(reference: Reference | None, *, outbox: Outbox, longest: timedelta) -> View:
    """What a link shows. Changes nothing."""
    view = await _load(reference, outbox=outbox, longest=longest)
    if reference is None or not isinstance(view, Waiting):
        return view
    coming = await find_coming(view.page, reference.tenant, outbox=outbox)
    return msgspec.structs.replace(view, coming=coming)


async def acknowledge(reference: Reference | None, *, outbox: Outbox, longest: timedelta) -> View:
    """Takes the alert in the name of whom the page went to, and only then looks who sleeps on. Idempotent."""
    view = await _load(reference, outbox=outbox, longest=longest)
    if isinstance(view, Away):
        return Away(has_pressed=True)
    if reference is None or not isinstance(view, Waiting):
        return view
    try:
        answer = await _take(reference, view.page, outbox=outbox)
    except TransientError as error:
        log.warning("page_link_not_recorded", tenant=reference.tenant, error=error.detail)
        return Away(has_pressed=True)
    note(reference, answer, over=view.page.channel)
    words = outcome(answer)
    if isinstance(answer, answers.Taken):
        words = f"{words} {spared(await find_coming(view.page, reference.tenant, outbox=outbox))}"
    return Settled(page=view.page, words=words, now=view.now)


async def _take(reference: Reference, page: LinkedPage, *, outbox: Outbox) -> answers.Answer:
    tenant, delivery_id = reference.tenant, reference.delivery_id
    provider, over = _WAYS.get(page.channel, _WAYS["email"])
    async with outbox.tenant_tx(tenant) as tx:
        await answers.prove(tx, tenant, delivery_id, provider=provider, provider_id=str(delivery_id))
        return await answers.answer(tx, tenant, delivery_id, "acknowledge", provider=provider, over=over)


async def _load(reference: Reference | None, *, outbox: Outbox, longest: timedelta) -> View:
    if reference is None:
        return Void(status=404, words=NO_LINK)
    try:
        async with outbox.tenant_tx(reference.tenant) as tx:
            page, now = await load_linked_page(tx, reference.delivery_id), await tx.now()
    except UnknownTenantError:
        page = None
    except TransientError as error:
        log.warning("page_link_not_shown", tenant=reference.tenant, error=error.detail)
        return Away(has_pressed=False)
    return Void(status=404, words=NO_LINK) if page is None else _judge(page, now, longest=longest)


def _judge(page: LinkedPage, now: datetime, *, longest: timedelta) -> View:
    alert = page.alert
    if now > page.created_at + longest:
        return Void(status=410, words=EXPIRED, alert_id=alert.id)
    if alert.status == "resolved":
        return Settled(page=page, words=outcome(answers.Over()), now=now)
    if alert.status != "firing":
        by = "somebody" if alert.acknowledged_by is None else alert.acknowledged_by.name
        return Settled(page=page, words=outcome(answers.TakenBefore(by=by)), now=now)
    return Waiting(page=page, now=now)
