"""Test pages: the words of one, and what its one attempt came to. Pure."""

import msgspec

from nightowl_alerting.paging import AttemptResult, Failed, Sent, Unclear
from nightowl_notifier.model import OutgoingPage, TestPage

TITLE = "This is a test page. Nothing is wrong, and there is nothing to acknowledge."


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of an attempt."""

    status: str
    provider: str
    provider_id: str | None = None
    reason: str | None = None
    detail: str | None = None


def as_page(tenant: str, page: TestPage) -> OutgoingPage:
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
        title=TITLE,
        description=None,
        source="nightowl",
        labels={},
        first_fired_at=page.created_at,
        occurrence_count=1,
        is_test=True,
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
