"""What a tenant's providers know it by: sealed at rest, opened by who sends, shown to nobody.

The notifier reads them with `load_credentials`; null means that the installation's own settings are to be used.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from nightowl_alerting.sealing import MasterKeys, Sealed
from nightowl_common.db import Record, Tx, load_queries
from nightowl_contracts import Actor

SQL = load_queries(__package__, "credentials.sql")

ProviderKind = Literal["slack", "twilio", "smtp", "oidc"]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"^[\x21-\x7e]+\Z")]
Number = Annotated[str, msgspec.Meta(pattern=r"^\+[1-9][0-9]{6,14}\Z")]
Phrase = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+\Z")]

LAST = 4
LONG_ENOUGH = 16
"""A shorter secret shows nothing of itself: four characters would be too much of it."""


class SlackCredentials(msgspec.Struct, frozen=True, kw_only=True):
    """A Slack app in the tenant's workspace, whose id is `team_id`."""

    team_id: Annotated[str, msgspec.Meta(pattern=r"^[TE][A-Z0-9]{2,30}\Z")]
    bot_token: Word
    signing_secret: Word

    @property
    def addresses(self) -> list[str]:
        """What Slack's requests name."""
        return [self.team_id]

    def __repr__(self) -> str:
        return "SlackCredentials(…)"


class TwilioCredentials(msgspec.Struct, frozen=True, kw_only=True):
    """The tenant's Twilio account. Numbers are E.164; the second takes over where the first is refused."""

    account_sid: Word
    auth_token: Word
    from_number: Number
    second_number: Number | None = None

    @property
    def numbers(self) -> list[str]:
        """In the order in which they are used."""
        return [self.from_number] if self.second_number is None else [self.from_number, self.second_number]

    @property
    def addresses(self) -> list[str]:
        """What Twilio's requests name."""
        return self.numbers

    def __repr__(self) -> str:
        return "TwilioCredentials(…)"


class SmtpCredentials(msgspec.Struct, frozen=True, kw_only=True):
    """The tenant's mail server. Without `username` nobody logs in."""

    host: Annotated[str, msgspec.Meta(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:-]+\Z")]
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: Phrase | None = None
    password: Phrase | None = None
    from_address: Annotated[str, msgspec.Meta(max_length=320, pattern=r"^[^@\s\x00]+@[^@\s\x00]+\Z")]

    @property
    def addresses(self) -> list[str]:
        """No mail server asks anything of us."""
        return []

    def __repr__(self) -> str:
        return "SmtpCredentials(…)"


class OidcCredentials(msgspec.Struct, frozen=True, kw_only=True):
    """What the tenant's identity provider knows NightOwl by. All else about it is in `public.oidc_issuers`."""

    client_secret: Word

    @property
    def addresses(self) -> list[str]:
        """An identity provider asks nothing of us."""
        return []

    def __repr__(self) -> str:
        return "OidcCredentials(…)"


AnyCredentials = SlackCredentials | TwilioCredentials | SmtpCredentials | OidcCredentials

_KINDS: dict[
    ProviderKind, type[SlackCredentials] | type[TwilioCredentials] | type[SmtpCredentials] | type[OidcCredentials]
] = {
    "slack": SlackCredentials, "twilio": TwilioCredentials, "smtp": SmtpCredentials, "oidc": OidcCredentials,
}  # fmt: skip

SECRETS = frozenset({"bot_token", "signing_secret", "auth_token", "password", "client_secret"})


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What may be shown of a kind: the fields that are no secret, the end of each secret, and who set it when."""

    is_set: bool
    shown: dict[str, Any]
    hints: dict[str, str]
    revision: int
    changed_at: datetime | None
    changed_by: Actor | None


UNSET = Stored(is_set=False, shown={}, hints={}, revision=0, changed_at=None, changed_by=None)


async def load_credentials(tx: Tx, tenant: str, kind: ProviderKind, keys: MasterKeys) -> AnyCredentials | None:
    """The tenant's own credentials, opened; None: it has none.

    Raises:
        MasterKeyMissingError: they are sealed under a key that is not here.
        UnsealableError: they are not what was sealed for this tenant.
    """
    row = await tx.fetchrow(SQL["load_credentials"], kind)
    if row is None or row["sealed"] is None:
        return None
    plain = keys.open(Sealed(key_id=row["key_id"], body=row["sealed"]), owner=_owner(tenant, kind))
    return msgspec.json.decode(plain, type=_KINDS[kind])


async def load_stored(tx: Tx, kind: ProviderKind) -> Stored:
    """What may be shown."""
    return _stored(await tx.fetchrow(SQL["load_credentials"], kind))


async def lock_stored(tx: Tx, kind: ProviderKind) -> Stored:
    """What may be shown, locked until the transaction ends if it was ever set."""
    return _stored(await tx.fetchrow(SQL["lock_credentials"], kind))


async def save_credentials(
    tx: Tx, tenant: str, kind: ProviderKind, content: AnyCredentials, keys: MasterKeys, *, actor: Actor
) -> None:  # fmt: skip
    """Seals and stores them.

    Raises:
        MasterKeyMissingError: there is no master key.
    """
    sealed = keys.seal(msgspec.json.encode(content), owner=_owner(tenant, kind))
    fields = msgspec.structs.asdict(content)
    shown = {name: value for name, value in fields.items() if name not in SECRETS}
    hints = {name: _hint(value) for name, value in fields.items() if name in SECRETS and value is not None}
    await tx.execute(SQL["save_credentials"], kind, sealed.body, sealed.key_id, shown, hints, actor)
    await _set_addresses(tx, tenant, kind, content.addresses)


async def clear_credentials(tx: Tx, tenant: str, kind: ProviderKind, *, actor: Actor) -> None:
    """Takes them away; the installation's own settings are used from now on."""
    await tx.execute(SQL["save_credentials"], kind, None, None, {}, {}, actor)
    await _set_addresses(tx, tenant, kind, [])


async def load_holders(tx: Tx, kind: ProviderKind, address: str) -> list[str]:
    """The active tenants whose own account has this address: only a signature tells which of them is meant."""
    return [row["tenant"] for row in await tx.fetch(SQL["load_holders"], kind, address)]


async def load_sharing(tx: Tx, kind: ProviderKind) -> list[str]:
    """The active tenants that have no account of their own, and so use the installation's."""
    return [row["slug"] for row in await tx.fetch(SQL["load_sharing"], kind)]


async def _set_addresses(tx: Tx, tenant: str, kind: ProviderKind, addresses: Sequence[str]) -> None:
    await tx.execute(SQL["delete_addresses"], tenant, kind)
    if addresses:
        await tx.execute(SQL["insert_addresses"], tenant, kind, list(addresses))


async def wrap_credentials_anew(tx: Tx, tenant: str, keys: MasterKeys) -> int:
    """Everything of the tenant that is under another master key goes under the current one; returns how many.

    Raises:
        MasterKeyMissingError: an old key is not here. Nothing of the tenant is changed.
        UnsealableError: something is not what was sealed. Nothing of the tenant is changed.
    """
    rows = await tx.fetch(SQL["lock_sealed_otherwise"], keys.current)
    for row in rows:
        old = Sealed(key_id=row["key_id"], body=row["sealed"])
        new = keys.wrap_anew(old, owner=_owner(tenant, row["kind"]))
        await tx.execute(SQL["replace_seal"], row["kind"], new.body, new.key_id)
    return len(rows)


def _stored(row: Record | None) -> Stored:
    if row is None:
        return UNSET
    return msgspec.convert({**dict(row), "is_set": row["sealed"] is not None, "sealed": None}, Stored)


def _owner(tenant: str, kind: str) -> str:
    return f"nightowl:{tenant}:{kind}"


def _hint(secret: str) -> str:
    return secret[-LAST:] if len(secret) >= LONG_ENOUGH else ""
