"""Test pages: the words of one, with a code or without, and what its one attempt came to. Pure but for new codes."""

import secrets

import msgspec

from nightowl_alerting.paging import AttemptResult, Failed, Sent, Unclear
from nightowl_notifier.model import OutgoingPage, TestPage

TITLE = "This is a test page. Nothing is wrong, and there is nothing to acknowledge."
CODE_DIGITS = 6
CODE_MINUTES = 10
"""For so long a code proves an address: long enough for a slow mail server, too short to be worth guessing."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of an attempt."""

    status: str
    provider: str
    provider_id: str | None = None
    reason: str | None = None
    detail: str | None = None


def make_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def code_title(code: str) -> str:
    """Nothing in it was written by who asked for it, so that it cannot be made to say anything to a stranger."""
    return (
        f"{code} is your code. Type it in NightOwl within {CODE_MINUTES} minutes to be paged here. "
        "Whoever did not ask for it need do nothing."
    )


def as_page(tenant: str, page: TestPage, *, code: str | None = None) -> OutgoingPage:
    """What the channel sends. Its id stands for delivery and alert, of which there are none."""
    return OutgoingPage(
        tenant=tenant,
        delivery_id=page.id,
        alert_id=page.id,
        channel=page.channel,
        recipient=f"user:{page.user_id}",
        address=page.address,
        is_repeat=False,
        age_seconds=0.0,
        severity="info",
        title=TITLE if code is None else code_title(code),
        description=None,
        source="nightowl",
        labels={},
        first_fired_at=page.created_at,
        occurrence_count=1,
        is_test=True,
        code=code,
    )


def receipt_of(result: AttemptResult) -> Receipt:
    """In the words of the table."""
    match result:
        case Sent(provider=provider, provider_id=provider_id, detail=detail):
            return Receipt(status="sent", provider=provider, provider_id=provider_id, detail=detail)
        case Failed(provider=provider, reason=reason, detail=detail):
            return Receipt(status="failed", provider=provider, reason=reason, detail=detail)
        case Unclear(provider=provider, detail=detail):
            return Receipt(status="unclear", provider=provider, reason="unclear", detail=detail)
