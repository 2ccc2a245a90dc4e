"""Provider credentials as the API takes them, and what it tells of them."""

from datetime import datetime
from typing import Any

import msgspec

from nightowl_alerting.credentials import SlackCredentials, SmtpCredentials, TwilioCredentials
from nightowl_common.errors import ConflictError
from nightowl_contracts import Actor


class NoMasterKeyError(ConflictError):
    """This installation has no master key, so nothing can be sealed; its operator sets NIGHTOWL_MASTER_KEYS."""

    code = "no_master_key"


class NothingSetError(ConflictError):
    """The tenant has no credentials of its own there; the installation's are used, and are not a tenant's to test."""

    code = "nothing_set"


class SlackContent(SlackCredentials, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Slack app in the tenant's workspace: the workspace's id, its bot's token, the secret that Slack signs with."""


class TwilioContent(TwilioCredentials, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The tenant's Twilio account. Numbers are E.164; the second takes over where the first is refused."""


class SmtpContent(SmtpCredentials, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The tenant's mail server. Without `username` nobody logs in."""


class ProviderState(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the tenant has credentials of its own; without them the installation's are used.

    `shown` has the fields that are no secret. `secrets` has, of each secret that is set, its last four characters, or
    nothing where it is short. `revision` is the ETag.
    """

    is_set: bool
    shown: dict[str, Any]
    secrets: dict[str, str]
    changed_at: datetime | None
    changed_by: Actor | None
    revision: int
