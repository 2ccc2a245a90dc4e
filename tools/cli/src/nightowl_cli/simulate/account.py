"""What was posted, what became of it, and whether anything is missing."""

import asyncio
from collections import Counter
from collections.abc import Iterator

import msgspec

from nightowl_cli.simulate.calls import Caller, CallError, Fields, Receipt

PAGES_OF = 300
"""So many alerts are asked for their pages; a load makes more than anybody would read."""

SETTLE_SECONDS = 20.0
LEDGER_SECONDS = 11.0
"""What came later than this is not judged by the ledger yet."""


class Account:
    """Keeps the receipts of a play and asks the API about them afterwards."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.calls = 0
        self.rejected = 0
        self.refused: list[str] = []
        self.dispositions: Counter[str] = Counter()
        self.alert_ids: dict[str, None] = {}
        self.untold: list[str] = []

    def note(self, receipt: Receipt) -> None:
        """An accepted call."""
        self.calls += 1
        self.rejected += len(receipt.rejected)
        for fate in receipt.alerts:
            if fate.disposition is None:
                self.untold.append(fate.event_id)
            else:
                self.dispositions[fate.disposition] += 1
            if fate.alert_id is not None:
                self.alert_ids[fate.alert_id] = None

    async def losses(self) -> list[str]:
        """Everything that was accepted and is not accounted for: what the ledger finds, when it has had its time.

        An alert whose receipt came without a disposition was only slow, if the ledger has one for it.
        """
        if self.untold:
            await asyncio.sleep(LEDGER_SECONDS)
        findings: list[Fields] = []
        for _ in range(round(SETTLE_SECONDS)):
            findings = (await self._caller.get("/ledger/unaccounted"))["findings"]
            if not findings:
                break
            await asyncio.sleep(1)
        return [f"{each['subject']}: {each['detail']}" for each in findings]

    async def summary(self) -> list[str]:
        """In words, a line each."""
        alerts, pages = await self._look()
        states = Counter(f"{each['status']}, {each['escalation_state']}" for each in alerts)
        grouped = sum(each.get("group") is not None for each in alerts)
        known = sum(each.get("matched_incident") is not None for each in alerts)
        return [
            f"calls accepted      {self.calls}" + (f", refused {len(self.refused)}" if self.refused else ""),
            f"alerts received     {sum(self.dispositions.values()) + len(self.untold)}: {_words(self.dispositions)}",
            *([f"told too late       {len(self.untold)}"] if self.untold else []),
            *([f"rejected            {self.rejected}"] if self.rejected else []),
            f"alerts now          {_words(states)}",
            f"in groups           {grouped}; with a known fix {known}",
            f"pages by channel    {_words(pages) or 'none'}" + self._cut(),
        ]

    def _cut(self) -> str:
        return f" (of the first {PAGES_OF} alerts)" if len(self.alert_ids) > PAGES_OF else ""

    async def _look(self) -> tuple[list[Fields], Counter[str]]:
        alerts, pages = [], Counter[str]()
        for alert_id in list(self.alert_ids)[:PAGES_OF]:
            try:
                alerts.append(await self._caller.get(f"/alerts/{alert_id}"))
                for each in await self._caller.all(f"/alerts/{alert_id}/deliveries"):
                    pages[f"{each['channel']} {each['status']}"] += 1
            except CallError as error:
                self.refused.append(str(error))
        return alerts, pages


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """How a play ended."""

    lines: list[str]
    losses: list[str]

    def __iter__(self) -> Iterator[str]:
        yield from self.lines
        yield from (f"LOST  {each}" for each in self.losses)
        yield "nothing that was accepted is lost" if not self.losses else f"{len(self.losses)} things are lost"


async def close(account: Account) -> Told:
    """The end of a play."""
    losses = await account.losses()
    return Told(lines=await account.summary(), losses=losses)


def _words(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in counts.most_common())
