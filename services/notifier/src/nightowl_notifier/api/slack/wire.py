"""What Slack sends, as far as it is read, and the words that both sides of a button know. Pure."""

from typing import Any
from uuid import UUID

import msgspec

RESOLVE_VIEW = "nightowl_resolve_view"
KNOWLEDGE_VIEW = "nightowl_knowledge_view"

NO_DELIVERY = "-"


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A team, a person, a channel or an enterprise."""

    id: str = ""


class Button(msgspec.Struct, frozen=True, kw_only=True):
    """What was pressed."""

    action_id: str = ""
    value: str = ""


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """The message with the button."""

    channel_id: str = ""
    message_ts: str = ""


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One of several."""

    value: str = ""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in one field of a form."""

    value: str | None = None
    selected_option: Option | None = None
    selected_options: list[Option] = []


class FormState(msgspec.Struct, frozen=True, kw_only=True):
    """Block → action → field."""

    values: dict[str, dict[str, Field]] = {}


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A form that was sent."""

    id: str = ""
    callback_id: str = ""
    private_metadata: str = ""
    state: FormState = FormState()

    def read(self, block: str) -> str:
        """The text or the choice of a block with one field, without space around it."""
        for field in self.state.values.get(block, {}).values():
            chosen = "" if field.selected_option is None else field.selected_option.value
            return (field.value or chosen).strip()
        return ""

    def is_ticked(self, block: str) -> bool:
        """Whether a check box is set."""
        return any(field.selected_options for field in self.state.values.get(block, {}).values())


class Interaction(msgspec.Struct, frozen=True, kw_only=True):
    """A button or a form."""

    type: str
    user: Named = Named()
    team: Named | None = None
    enterprise: Named | None = None
    trigger_id: str = ""
    response_url: str = ""
    actions: list[Button] = []
    container: Container = Container()
    view: View | None = None


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A slash command, from a form."""

    command: str = ""
    text: str = ""
    team_id: str = ""
    enterprise_id: str = ""
    user_id: str = ""
    response_url: str = ""
    ssl_check: str = ""


class Authorization(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an event is for: us."""

    user_id: str | None = None


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """What happened."""

    type: str = ""
    subtype: str | None = None
    user: Any = None
    bot_id: str | None = None
    text: str = ""
    channel: Any = None
    channel_type: str | None = None
    ts: str = ""
    thread_ts: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A call of the Events API."""

    type: str = ""
    challenge: str = ""
    team_id: str = ""
    enterprise_id: str | None = None
    event_id: str = ""
    event: Happening = Happening()
    authorizations: list[Authorization] = []


class ButtonValue(msgspec.Struct, frozen=True, kw_only=True):
    """What a button is about. The tenant is believed only where the account that proved the request serves it."""

    tenant: str
    alert_id: UUID
    delivery_id: UUID | None

    def __str__(self) -> str:
        return f"{self.tenant}:{self.alert_id}:{self.delivery_id or NO_DELIVERY}"


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What a form remembers: what it is about, and where its sender can be told something."""

    about: str
    response_url: str = ""


def read_value(value: str) -> ButtonValue | None:
    """`<tenant>:<alert id>:<delivery id or ->`; None when it is not that."""
    tenant, _, rest = value.partition(":")
    alert_id, _, delivery_id = rest.partition(":")
    try:
        delivery = None if delivery_id == NO_DELIVERY else UUID(delivery_id)
        return ButtonValue(tenant=tenant, alert_id=UUID(alert_id), delivery_id=delivery)
    except ValueError:
        return None


def read_note(metadata: str) -> Note | None:
    """What a form of ours remembers; None when it is none of ours."""
    try:
        return msgspec.json.decode(metadata, type=Note)
    except msgspec.DecodeError:
        return None
