"""The hint that makes a page fast: it names a delivery row, and the row alone is the obligation."""

from uuid import UUID

import msgspec

from nightowl_contracts.envelope import Envelope


class RequestedPage(msgspec.Struct, frozen=True, kw_only=True):
    """Which delivery to look at. A doubled or lost hint changes nothing but the moment."""

    delivery_id: UUID
    channel: str


class PageRequested(Envelope, frozen=True, kw_only=True, tag="page.requested.v1"):
    """`nightowl.page.<tenant>.<channel>`."""

    data: RequestedPage
