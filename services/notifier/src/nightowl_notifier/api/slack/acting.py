"""What a person does with an alert from Slack, in the caller's transaction and in the person's own name."""

from nightowl_alerting import actions, answers, commands
from nightowl_alerting.answers import Answer, Over, Taken, TakenBefore, Unknown, Word
from nightowl_alerting.model import AlertNotFoundError
from nightowl_alerting.store import insert_audit, load_answered_page
from nightowl_common.db import Database, Tx
from nightowl_notifier import store
from nightowl_notifier.api.slack.choosing import Target
from nightowl_notifier.api.slack.people import Colleague
from nightowl_notifier.api.slack.telling import READ_ONLY, Told, safe, say
from nightowl_notifier.api.words import note, outcome
from nightowl_notifier.channels.callbacks import Reference
from nightowl_notifier.channels.slack import PROVIDER
from nightowl_notifier.model import AlertCard

OVER = "over Slack"
NO_PAGE = "This message belongs to no page: escalate from the page itself, or in NightOwl."


async def acknowledge(tx: Tx, who: Colleague, target: Target) -> str:
    """Takes an alert; returns what is told of it. Idempotent.

    Raises:
        AlertNotFoundError: there is none.
    """
    card = await load_card(tx, target)
    answer = await _take(tx, who, card) if target.delivery_id is None else await _answer(tx, who, target, "acknowledge")
    return f"{outcome(answer)} ({safe(card.title)})"


async def escalate(tx: Tx, who: Colleague, target: Target) -> str:
    """Pages the next tier now, once per tier; returns what is told of it.

    Raises:
        AlertNotFoundError: there is none.
    """
    card = await load_card(tx, target)
    if target.delivery_id is None:
        return NO_PAGE
    return f"{outcome(await _answer(tx, who, target, 'escalate'))} ({safe(card.title)})"


async def deny(database: Database, who: Colleague, *, asked: str) -> Told:
    """What somebody is told whose role does not allow it; the attempt goes into the audit log.

    Raises:
        TransientError: it cannot be written. Nothing was done.
    """
    changes: dict[str, object] = {"asked": asked, "over": PROVIDER, "role": who.person.role}
    async with database.tenant_tx(who.tenant) as tx:
        await insert_audit(tx, who.actor, action="denied", entity="operation", entity_id=None, changes=changes)
    return say(READ_ONLY)


async def load_card(tx: Tx, target: Target) -> AlertCard:
    """The alert.

    Raises:
        AlertNotFoundError: there is none.
    """
    card = await store.load_alert_card(tx, target.alert_id)
    if card is None:
        raise AlertNotFoundError
    return card


async def prove(tx: Tx, who: Colleague, target: Target, *, message: str) -> None:
    """Somebody pressed a button of a page, so it has arrived: an unclear send is settled by it.

    `message` is the channel and the time stamp that Slack knows it by.
    """
    if target.delivery_id is not None:
        await answers.prove(tx, who.tenant, target.delivery_id, provider=PROVIDER, provider_id=message)


async def _answer(tx: Tx, who: Colleague, target: Target, word: Word) -> Answer:
    assert target.delivery_id is not None, "a page is answered"
    page = await load_answered_page(tx, target.delivery_id)
    if page is None or page.alert_id != target.alert_id:
        return Unknown()
    answer = await answers.answer(
        tx, who.tenant, target.delivery_id, word, provider=PROVIDER, over=OVER, by=who.actor
    )  # fmt: skip
    note(Reference(tenant=who.tenant, delivery_id=target.delivery_id), answer, over="slack")
    return answer


async def _take(tx: Tx, who: Colleague, card: AlertCard) -> Answer:
    """An alert that was named by its id. Looked at before it is locked: what happens in between changes words alone."""
    if card.status == "resolved":
        return Over()
    if card.status != "firing":
        return TakenBefore(by=card.taken_by or "somebody")
    await commands.apply(tx, who.tenant, card.id, who.actor, actions.Acknowledge(reason=f"answered {OVER}"))
    return Taken()
