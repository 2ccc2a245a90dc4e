"""The notifier's own SQL: one typed function per named query."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from nightowl_common.db import Tx, load_queries
from nightowl_notifier.model import (
    AlertCard,
    DeliveryChannel,
    Endpoint,
    Firing,
    NamedPerson,
    NumberPage,
    OpenPage,
    OutgoingPage,
    RosterName,
    SlackPerson,
    TestPage,
)

SQL = load_queries(__package__)


async def load_channels(tx: Tx, delivery_ids: Sequence[UUID]) -> list[DeliveryChannel]:
    """The channels of those deliveries that exist."""
    rows = await tx.fetch(SQL["load_channels"], list(delivery_ids))
    return [msgspec.convert(dict(row), DeliveryChannel) for row in rows]


async def insert_local_page(tx: Tx, page: OutgoingPage, body: Mapping[str, object]) -> None:
    """Writes a page to the local outbox; a second time changes nothing."""
    await tx.execute(
        SQL["insert_local_page"],
        page.delivery_id,
        page.alert_id,
        page.channel,
        page.recipient,
        page.address,
        dict(body),
    )


async def load_local_page(tx: Tx, delivery_id: UUID) -> UUID | None:
    """The local outbox's row of a delivery."""
    row_id: UUID | None = await tx.fetchval(SQL["load_local_page"], delivery_id)
    return row_id


async def load_pages_to_number(tx: Tx, number: str, *, limit: int) -> list[NumberPage]:
    """The newest pages that went to a phone number, newest first."""
    rows = await tx.fetch(SQL["load_pages_to_number"], number, limit)
    return [msgspec.convert(dict(row), NumberPage) for row in rows]


async def load_endpoint(tx: Tx, endpoint_id: UUID) -> Endpoint | None:
    """Where an endpoint is, as it stands now."""
    row = await tx.fetchrow(SQL["load_endpoint"], endpoint_id)
    return None if row is None else msgspec.convert(dict(row), Endpoint)


async def claim_test_page(tx: Tx, page_id: UUID, *, lease_seconds: float) -> TestPage | None:
    """The right to send a test page; None when it is not queued."""
    row = await tx.fetchrow(SQL["claim_test_page"], page_id, lease_seconds)
    return None if row is None else msgspec.convert(dict(row), TestPage)


async def keep_code(tx: Tx, page_id: UUID, code_hash: str, *, minutes: int) -> None:
    """What a test page's code is compared with, for so many minutes from now."""
    await tx.execute(SQL["keep_code"], page_id, code_hash, minutes)


async def settle_test_page(
    tx: Tx, page_id: UUID, *, status: str, provider: str, provider_id: str | None, reason: str | None,
    detail: str | None,
) -> None:  # fmt: skip
    """What came of it."""
    await tx.execute(SQL["settle_test_page"], page_id, status, provider, provider_id, reason, detail)


async def end_test_page(tx: Tx, page_id: UUID) -> bool:
    """Unclear, when the lease of who had it is over; returns whether somebody may still have it."""
    await tx.execute(SQL["end_test_page"], page_id)
    return bool(await tx.fetchval(SQL["test_page_is_open"], page_id))


async def remember_request(tx: Tx, digest: bytes) -> bool:
    """Notes something that Slack has sent; false when it was sent before."""
    return await tx.fetchval(SQL["remember_request"], digest) is not None


async def forget_requests(tx: Tx, *, minutes: int) -> int:
    """What Slack sent longer ago is forgotten; returns how much."""
    return int((await tx.execute(SQL["forget_requests"], minutes)).rpartition(" ")[2])


async def find_people(tx: Tx, slack_user_id: str) -> list[SlackPerson]:
    """The active people of a Slack id: their own, or one that they have verified."""
    rows = await tx.fetch(SQL["find_people"], slack_user_id)
    return [msgspec.convert(dict(row), SlackPerson) for row in rows]


async def lock_person_by_email(tx: Tx, email: str) -> SlackPerson | None:
    """The active person with an address and without a Slack id, locked until the transaction ends."""
    row = await tx.fetchrow(SQL["lock_person_by_email"], email)
    return None if row is None else msgspec.convert(dict(row), SlackPerson)


async def set_slack_user_id(tx: Tx, user_id: UUID, slack_user_id: str) -> None:
    """Who somebody is at Slack."""
    await tx.execute(SQL["set_slack_user_id"], user_id, slack_user_id)


async def list_rosters(tx: Tx) -> list[RosterName]:
    """All rosters, by name."""
    return [msgspec.convert(dict(row), RosterName) for row in await tx.fetch(SQL["list_rosters"])]


async def load_names(tx: Tx, user_ids: Sequence[UUID]) -> dict[UUID, NamedPerson]:
    """People by id, those who left included."""
    rows = await tx.fetch(SQL["load_names"], list(user_ids))
    return {row["id"]: msgspec.convert(dict(row), NamedPerson) for row in rows}


async def load_open_pages(tx: Tx, user_id: UUID, *, limit: int) -> list[OpenPage]:
    """The newest pages of alerts that are not over, newest first."""
    rows = await tx.fetch(SQL["load_open_pages"], f"user:{user_id}", limit)
    return [msgspec.convert(dict(row), OpenPage) for row in rows]


async def load_alert_card(tx: Tx, alert_id: UUID) -> AlertCard | None:
    """An alert, and the incident that answers for its fingerprint."""
    row = await tx.fetchrow(SQL["load_alert_card"], alert_id)
    return None if row is None else msgspec.convert(dict(row), AlertCard)


async def claim_canary_firing(tx: Tx, *, seconds: float) -> Firing | None:
    """The right to fire, at most once in so many seconds; None too when there is no canary."""
    row = await tx.fetchrow(SQL["claim_canary_firing"], seconds)
    return None if row is None else msgspec.convert(dict(row), Firing)


async def note_canary_arrival(tx: Tx, *, fired_at: datetime) -> None:
    """What was fired then has arrived."""
    await tx.execute(SQL["note_canary_arrival"], fired_at)


async def claim_canary_news(tx: Tx) -> bool:
    """Whether this transaction is the one that tells of the last arrival."""
    return await tx.fetchval(SQL["claim_canary_news"]) is not None
