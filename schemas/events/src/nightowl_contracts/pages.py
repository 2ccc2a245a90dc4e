"""The hint that makes a page fast: it names a delivery row, and the row alone is the obligation."""

from uuid import UUID

import msgspec

from nightowl_contracts.envelope import Envelope


class RequestedPage(msgspec.Struct, frozen=True, kw_only=True):
    """Which delivery to look at. A doubled or lost hint changes nothing but the moment.

    `is_critical` hints have a subject of their own, so that they never stand behind a storm of others.
    """

    delivery_id: UUID
    channel: str
    is_critical: bool = False


class PageRequested(Envelope, frozen=True, kw_only=True, tag="page.requested.v1"):
    """`nightowl.page.<tenant>.<channel>`, for critical alerts `nightowl.page.<tenant>.<channel>.critical`."""

    data: RequestedPage
