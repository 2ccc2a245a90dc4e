"""Buttons of our messages, and the forms that they open.

What a button is about stands in its value, and a form remembers it; neither is believed about its tenant.
"""

from typing import Any

import msgspec
from slack_sdk.errors import SlackClientError

from nightowl_alerting import actions, commands
from nightowl_alerting.knowledge import changes
from nightowl_alerting.knowledge.drafting import apply_overrides
from nightowl_alerting.knowledge.model import FingerprintTakenError, Promotion
from nightowl_alerting.model import AlertNotFoundError
from nightowl_common.db import Database, TenantSuspendedError, Tx, UnknownTenantError
from nightowl_common.errors import ConflictError, InvalidError
from nightowl_common.logs import get_logger
from nightowl_common.outbox import Outbox
from nightowl_notifier.api.slack import forms, telling, wire
from nightowl_notifier.api.slack.acting import OVER, acknowledge, deny, escalate, load_card, prove
from nightowl_notifier.api.slack.choosing import Target
from nightowl_notifier.api.slack.people import Caller, Colleague, find_colleagues, served_by
from nightowl_notifier.api.slack.telling import Told, safe, say
from nightowl_notifier.api.slack.wire import ButtonValue, Interaction, Note, View
from nightowl_notifier.channels import slack_card
from nightowl_notifier.channels.accounts import Accounts
from nightowl_notifier.channels.transport import BROKEN

log = get_logger(__name__)

Json = dict[str, Any]
CLOSED: Json = {"response_action": "clear"}
TOO_LATE = "The form could not be opened in time. Please press again."
_OURS = frozenset({slack_card.ACKNOWLEDGE, slack_card.ESCALATE, slack_card.RESOLVE, slack_card.KNOWLEDGE})


class FormAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What Slack does with a form that was sent, and what its sender is told besides, and where."""

    body: Json
    told: Told | None = None
    response_url: str = ""


class Buttons:
    """One per process."""

    def __init__(self, *, database: Database, outbox: Outbox, accounts: Accounts) -> None:
        self._database = database
        self._outbox = outbox
        self._accounts = accounts

    async def press(self, caller: Caller, pressed: Interaction) -> Told | None:
        """What comes of a button, to be told to who pressed it; None when a form was opened or a link followed.

        Raises:
            TransientError: the database cannot be used.
        """
        button = pressed.actions[0] if pressed.actions else wire.Button()
        if button.action_id in slack_card.FOLLOWED:
            return None
        value = wire.read_value(button.value)
        if button.action_id not in _OURS or value is None:
            return say(telling.OLD_BUTTON)
        who = await self._admit(caller, value, asked=button.action_id)
        if isinstance(who, Told):
            return who
        note = Note(about=str(value), response_url=pressed.response_url)
        try:
            return await self._do(button.action_id, who, value, pressed, note)
        except AlertNotFoundError:
            return say(telling.GONE)
        except (ConflictError, InvalidError) as error:
            return say(safe(error.detail))

    async def submit(self, caller: Caller, view: View) -> FormAnswer:
        """What comes of a form. Sent twice it does nothing twice.

        Raises:
            TransientError: the database cannot be used.
        """
        note = wire.read_note(view.private_metadata)
        value = None if note is None else wire.read_value(note.about)
        if note is None or value is None or view.callback_id not in {wire.RESOLVE_VIEW, wire.KNOWLEDGE_VIEW}:
            return only(telling.OLD_BUTTON)
        entry, wrong = forms.read_entry(view) if view.callback_id == wire.KNOWLEDGE_VIEW else (None, {})
        if wrong:
            return FormAnswer(body={"response_action": "errors", "errors": wrong})
        who = await self._admit(caller, value, asked=view.callback_id)
        if isinstance(who, Told):
            return only(who.text)
        try:
            return await self._keep(who, value, note, view, entry)
        except AlertNotFoundError:
            return only(telling.GONE)
        except (ConflictError, InvalidError) as error:
            return only(safe(error.detail))

    async def _admit(self, caller: Caller, value: ButtonValue, *, asked: str) -> Colleague | Told:
        """Who asks, if the request may be about this tenant and the person may change something in it."""
        served = await served_by(self._accounts, caller.accounts)
        if value.tenant not in served:
            log.warning("slack_tenant_not_served", tenant=value.tenant[:50], team_id=caller.team_id)
            return say(telling.NOT_SERVED)
        try:
            found = await find_colleagues(self._database, caller, {value.tenant: served[value.tenant]})
            self._database.require_active(value.tenant)
        except UnknownTenantError:
            return say(telling.NOT_SERVED)
        except TenantSuspendedError:
            return say(telling.SUSPENDED)
        if not found:
            return say(telling.UNKNOWN_PERSON)
        [who] = found
        return who if who.may("engineer") else await deny(self._database, who, asked=asked)

    async def _do(
        self, action_id: str, who: Colleague, value: ButtonValue, pressed: Interaction, note: Note
    ) -> Told | None:  # fmt: skip
        target = Target(alert_id=value.alert_id, delivery_id=value.delivery_id)
        async with self._outbox.tenant_tx(who.tenant) as tx:
            message = f"{pressed.container.channel_id}:{pressed.container.message_ts}"
            await prove(tx, who, target, message=message)
            if action_id == slack_card.ACKNOWLEDGE:
                return say(await acknowledge(tx, who, target))
            if action_id == slack_card.ESCALATE:
                return say(await escalate(tx, who, target))
            form = await _form(tx, action_id, target, note)
        return form if isinstance(form, Told) else await _open(who, pressed.trigger_id, form)

    async def _keep(
        self, who: Colleague, value: ButtonValue, note: Note, view: View, entry: Promotion | None
    ) -> FormAnswer:  # fmt: skip
        if entry is not None:
            return await self._write(who, value, note, entry)
        return await self._resolve(who, value, note, view)

    async def _resolve(self, who: Colleague, value: ButtonValue, note: Note, view: View) -> FormAnswer:
        resolution = view.read(forms.RESOLUTION).replace("\x00", "") or None
        command = actions.Resolve(resolution=resolution, reason=OVER)
        async with self._outbox.tenant_tx(who.tenant) as tx:
            after = await commands.apply(tx, who.tenant, value.alert_id, who.actor, command)
            form: Json | None = None
            if view.is_ticked(forms.REMEMBER):
                card = await load_card(tx, Target(alert_id=value.alert_id, delivery_id=None))
                if card.incident_id is None:
                    form = forms.knowledge_form(await changes.draft_from_alert(tx, value.alert_id), note)
        told = say(f"Resolved: {safe(after.title)}")
        body = CLOSED if form is None else {"response_action": "update", "view": form}
        return FormAnswer(body=body, told=told, response_url=note.response_url)

    async def _write(self, who: Colleague, value: ButtonValue, note: Note, entry: Promotion) -> FormAnswer:
        """One fingerprint has one entry, so a form that is sent again finds what it has written."""
        try:
            async with self._outbox.tenant_tx(who.tenant) as tx:
                content = apply_overrides(await changes.draft_from_alert(tx, value.alert_id), entry)
                made = await changes.promote_alert(tx, who, value.alert_id, content)
        except FingerprintTakenError:
            async with self._database.tenant_tx(who.tenant) as tx:
                card = await load_card(tx, Target(alert_id=value.alert_id, delivery_id=None))
            return only(f"The knowledge base has an entry for this: *{safe(card.known_as or card.title)}*")
        told = say(f"Added to the knowledge base: *{safe(made.title)}*")
        return FormAnswer(body=CLOSED, told=told, response_url=note.response_url)


async def _form(tx: Tx, action_id: str, target: Target, note: Note) -> Json | Told:
    """The form that a button opens, or why there is none to open."""
    card = await load_card(tx, target)
    if action_id == slack_card.RESOLVE:
        if card.status == "resolved":
            return say(f"This alert is resolved already, by {safe(card.resolved_by or 'its source')}.")
        return forms.resolve_form(card, note)
    if card.incident_id is not None:
        return say(f"The knowledge base has an entry for this: *{safe(card.known_as or '')}*")
    return forms.knowledge_form(await changes.draft_from_alert(tx, target.alert_id), note)


async def _open(who: Colleague, trigger_id: str, form: Json) -> Told | None:
    try:
        await who.account.client.views_open(trigger_id=trigger_id, view=form)
    except (*BROKEN, SlackClientError) as error:
        log.warning("slack_form_not_opened", tenant=who.tenant, error=str(error)[:200])
        return say(TOO_LATE)
    return None


def only(text: str) -> FormAnswer:
    """The form gives way to a few words."""
    return FormAnswer(body={"response_action": "update", "view": forms.notice(text)})
