"""Alerts as lists show them: encoded, and remembered by the versions of all that they were made from."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from nightowl_common.db import Record, Tx
from nightowl_query.store.alerts import load_alerts

MOST_BYTES = 4 * 1024 * 1024
"""Of encoded alerts that are remembered at one time: some thousands."""


_Place = tuple[str, UUID, str]
"""Tenant, id and version."""


class ShownAlerts:
    """Encoded alerts by tenant, id and version, where a version names every row that such an alert is made from.

    From the same rows comes the same text; whatever changes one of them makes another version. What is read for a
    version is read after it, so it is never older. To read, decode, check and encode fifty alerts was most of what a
    list cost. Only for transactions that change nothing: a row that one of them changed twice has one version.
    """

    def __init__(self) -> None:
        self._held: dict[_Place, msgspec.Raw] = {}
        self.bytes_held = 0

    async def read(self, tx: Tx, tenant: str, found: Sequence[Record]) -> list[msgspec.Raw]:
        """The alerts that were found, in that order, without those that are gone since."""
        places = [(tenant, row["id"], row["version"]) for row in found]
        shown = [self._held.get(each) for each in places]
        missing = [place for place, known in zip(places, shown, strict=True) if known is None]
        if missing:
            loaded = await load_alerts(tx, [alert_id for _, alert_id, _ in missing])
            read = {alert.id: msgspec.Raw(msgspec.json.encode(alert)) for alert in loaded}
            shown = [known or read.get(place[1]) for place, known in zip(places, shown, strict=True)]
            for place in missing:
                if place[1] in read:
                    self._remember(place, read[place[1]])
        return [each for each in shown if each is not None]

    def _remember(self, place: _Place, shown: msgspec.Raw) -> None:
        size = len(memoryview(shown))
        if self.bytes_held + size > MOST_BYTES:
            self._held, self.bytes_held = {}, 0
        if size <= MOST_BYTES and place not in self._held:
            self._held[place] = shown
            self.bytes_held += size
