"""How fetched messages are shared out among transactions: lanes that run side by side, each cut into parts. Pure."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from nightowl_enrichment.model import Delivered

LANES = 2


def transactions(delivered: Sequence[Delivered], most: int) -> list[list[Delivered]]:
    """The parts of all lanes, in the order in which they are begun: of each lane its first, of each its second."""
    cut = [parts(lane, most) for lane in lanes(delivered, LANES)]
    return [part for beside in zip_longest(*cut) for part in beside if part is not None]


def lanes(delivered: Sequence[Delivered], count: int) -> list[list[Delivered]]:
    """At most `count` lanes of about the same length. All messages of a tenant are in one of them, in order.

    So one lane's transaction is prepared while the database works on another's, and nothing that is told of a tenant
    overtakes what was told before.
    """
    by_tenant: dict[str, list[Delivered]] = {}
    for each in delivered:
        by_tenant.setdefault(each.event.tenant, []).append(each)
    made: list[list[Delivered]] = [[] for _ in range(min(count, len(by_tenant)))]
    for of_tenant in sorted(by_tenant.values(), key=len, reverse=True):
        min(made, key=len).extend(of_tenant)
    return made


def parts(delivered: Sequence[Delivered], most: int) -> Iterator[list[Delivered]]:
    """The messages in order, cut so that each part holds about `most` alerts and at least one message."""
    part: list[Delivered] = []
    size = 0
    for each in delivered:
        if part and size + len(each.event.data.alerts) > most:
            yield part
            part, size = [], 0
        part.append(each)
        size += len(each.event.data.alerts)
    if part:
        yield part


def halves(delivered: Sequence[Delivered]) -> tuple[Sequence[Delivered], Sequence[Delivered]]:
    """The messages in order, cut in the middle. There are at least two."""
    middle = len(delivered) // 2
    return delivered[:middle], delivered[middle:]
