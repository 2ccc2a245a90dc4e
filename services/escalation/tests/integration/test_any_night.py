"""Any night, on real rows: whatever sources, people, silences, crashes and two workers do, in whatever order.

The reference model in libs/alerting holds the engine to its promises; this holds what is stored to the ledger's.
"""

import asyncio
import secrets
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from nightowl_alerting import commands, lifecycle
from nightowl_alerting.actions import (
    Acknowledge,
    Assign,
    Comment,
    EscalateNow,
    HandOver,
    Investigate,
    Reopen,
    Reroute,
    Resolve,
    Snooze,
    Unacknowledge,
)
from nightowl_alerting.model import Route
from nightowl_alerting.transitions import Received
from nightowl_common.errors import ConflictError, InvalidError
from nightowl_common.ids import new_id
from nightowl_contracts import Actor
from nightowl_testkit.builders import an_alert

pytestmark = pytest.mark.integration

SOMEBODY = Actor(kind="user", id="somebody", name="Somebody")
SEVERITIES = ["info", "warning", "major", "critical"]
UNTOUCHED = {"acknowledged", "investigating", "resolved"}
"""States in which nobody is paged."""

said = st.tuples(
    st.sampled_from(["a", "b"]), st.sampled_from(["firing", "firing", "resolved"]), st.sampled_from(SEVERITIES),
    st.integers(-30, 1),
)  # fmt: skip
plain = st.sampled_from(
    [Acknowledge(), Investigate(), Unacknowledge(), Resolve(), Reopen(), EscalateNow(), Comment(text="x"),
     Assign(assignee_id=None)]
)  # fmt: skip
steps = st.one_of(
    st.tuples(st.just("hear"), st.lists(said, min_size=1, max_size=4)),
    st.tuples(st.just("ask"), plain),
    st.tuples(st.just("ask"), st.integers(1, 90)),
    st.tuples(st.just("ask"), st.sampled_from(["hand over", "assign", "reroute"])),
    st.tuples(st.just("silence"), st.integers(1, 30)),
    st.tuples(st.just("cover"), st.integers(1, 60)),
    st.tuples(st.just("crash"), plain),
    st.tuples(st.just("pass"), st.integers(0, 40)),
    st.tuples(st.just("pass"), st.sampled_from([5, 10, 15])),
)


class Undone(Exception):  # noqa: N818  (no error: it ends a transaction on purpose)
    """A process dies before its commit."""


class Night:
    """What happens to two series of alerts, and how often each was heard."""

    def __init__(self, scene, outbox, db_clock) -> None:
        self.scene = scene
        self.outbox = outbox
        self.clock = db_clock
        self.tag = secrets.token_hex(6)
        self.heard: Counter[str] = Counter()

    async def begin(self) -> None:
        """What another night has left, for instance because it failed, is none of this one's."""
        async with self.outbox.tenant_tx(self.scene.tenant) as tx:
            await tx.execute("DELETE FROM public.timers WHERE tenant = $1", self.scene.tenant)
            await tx.execute("DELETE FROM silences")
            await tx.execute("DELETE FROM roster_overrides")
            await tx.execute("TRUNCATE alerts CASCADE")

    async def do(self, what: str, detail) -> None:
        """One step, after which the books must balance."""
        await getattr(self, f"_{what}")(detail)
        await self._check()

    async def end(self) -> None:
        """Everything is over, and nothing is left that is owed."""
        for alert_id in await self._alerts("status <> 'resolved'"):
            await self._apply(alert_id, Resolve())
        await self._check()
        assert (
            await self.scene.rows(
                "SELECT FROM public.timers WHERE tenant = $1 AND kind <> 'delivery'", self.scene.tenant
            )
            == []
        )

    async def _hear(self, several) -> None:
        route = Route(policy_id=self.scene.team.policy_id, policy_version=1)
        now = await self.clock.now()
        received = [self._received(each, now) for each in several]
        async with self.outbox.tenant_tx(self.scene.tenant) as tx:
            outcomes = await lifecycle.receive(tx, self.scene.tenant, received, route=lambda _: route)
        assert len(outcomes) == len(received)
        for (disposition, alert_id), each in zip(outcomes, received, strict=True):
            assert alert_id is not None or disposition == "stale"
            if disposition in {"opened", "repeated"}:
                self.heard[each.alert.fingerprint] += 1

    def _received(self, one, now) -> Received:
        series, status, severity, minutes = one
        starts_at = now + timedelta(minutes=minutes)
        alert = an_alert(
            fingerprint=f"{self.tag} {series}", status=status, severity=severity, labels={"series": series},
            starts_at=starts_at, ends_at=now if status == "resolved" else None,
        )  # fmt: skip
        return Received(alert=alert, source="generic", receipt_id=new_id(), new_id=new_id(), at=now)

    async def _ask(self, asked) -> None:
        for alert_id in await self._alerts("true"):
            await self._apply(alert_id, await self._command(asked))

    async def _command(self, asked):
        match asked:
            case int():
                return Snooze(until=await self.clock.now() + timedelta(minutes=asked))
            case "hand over":
                return HandOver(user_id=self.scene.team.carol_id, minutes=7)
            case "assign":
                return Assign(assignee_id=self.scene.team.bob_id)
            case "reroute":
                return Reroute(policy_id=self.scene.team.policy_id, policy_version=1)
            case command:
                return command

    async def _apply(self, alert_id, command) -> None:
        with suppress(ConflictError, InvalidError):
            async with self.outbox.tenant_tx(self.scene.tenant) as tx:
                await commands.apply(tx, self.scene.tenant, alert_id, SOMEBODY, command)

    async def _crash(self, command) -> None:
        before = await self._books()
        for alert_id in await self._alerts("true"):
            with suppress(ConflictError, InvalidError, Undone):
                async with self.outbox.tenant_tx(self.scene.tenant) as tx:
                    await commands.apply(tx, self.scene.tenant, alert_id, SOMEBODY, command)
                    raise Undone
        assert await self._books() == before

    async def _silence(self, minutes) -> None:
        await self.scene.write(
            "INSERT INTO silences (matchers, starts_at, ends_at, comment, created_by)"
            " VALUES ($1, public.clock_now(), public.clock_now() + $2, 'quiet', $3)",
            [{"name": "series", "op": "=~", "value": "a|c"}], timedelta(minutes=minutes), {"kind": "user", "id": "x", "name": "x"},
        )  # fmt: skip

    async def _cover(self, minutes) -> None:
        await self.scene.write(
            "INSERT INTO roster_overrides (roster_id, user_id, starts_at, ends_at)"
            " VALUES ($1, $2, public.clock_now(), public.clock_now() + $3)",
            self.scene.team.roster_id, self.scene.team.carol_id, timedelta(minutes=minutes),
        )  # fmt: skip

    async def _pass(self, minutes) -> None:
        owed = await self._untouched_pages()
        await self.clock.advance(minutes=minutes)
        workers = [self.scene.worker() for _ in range(2)]
        await asyncio.gather(*(each.end_snoozes() for each in workers))
        for _ in range(20):
            paid = await asyncio.gather(*(each.pay_due() for each in workers))
            if not any(map(sum, paid)):
                break
        due = "SELECT ref FROM public.timers WHERE tenant = $1 AND kind <> 'delivery' AND due_at <= public.clock_now()"
        assert await self.scene.rows(due, self.scene.tenant) == [], "due, and not paid"
        assert await self._untouched_pages() == owed, "paged for what somebody has"

    async def _untouched_pages(self) -> list:
        query = """SELECT a.id, count(d.id) FROM alerts AS a LEFT JOIN deliveries AS d ON d.alert_id = a.id
            WHERE a.status = ANY ($1) AND a.fingerprint LIKE $2 GROUP BY a.id ORDER BY a.id"""
        return await self.scene.rows(query, list(UNTOUCHED), f"{self.tag}%")

    async def _alerts(self, condition: str) -> list:
        query = f"SELECT id FROM alerts WHERE fingerprint LIKE $1 AND {condition} ORDER BY id"
        return [row["id"] for row in await self.scene.rows(query, f"{self.tag}%")]

    async def _books(self) -> list:
        return [
            await self.scene.rows("SELECT * FROM alerts WHERE fingerprint LIKE $1 ORDER BY id", f"{self.tag}%"),
            await self.scene.rows(
                "SELECT * FROM public.timers WHERE tenant = $1 ORDER BY kind, ref", self.scene.tenant
            ),
            await self.scene.rows("SELECT count(*) FROM alert_timeline"),
            await self.scene.rows("SELECT count(*) FROM audit_log"),
        ]

    async def _check(self) -> None:
        late = [each for each in await self.scene.findings() if "overdue" not in each.detail]  # there is no notifier
        assert late == []
        counted = await self.scene.rows(
            "SELECT fingerprint, sum(occurrence_count) AS n FROM alerts WHERE fingerprint LIKE $1 GROUP BY 1",
            f"{self.tag}%",
        )
        assert {row["fingerprint"]: row["n"] for row in counted} == self.heard
        unsent = """SELECT d.id FROM deliveries AS d JOIN alerts AS a ON a.id = d.alert_id
            WHERE d.status = 'queued' AND (a.status <> 'firing' OR a.escalation_state = 'snoozed')"""
        assert await self.scene.rows(unsent) == [], "a page is on its way for what somebody has"


@settings(
    max_examples=max(10, settings.default.max_examples // 10),
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(steps, min_size=5, max_size=20))
async def test_the_books_balance_after_every_step(scene, outbox, db_clock, happenings):
    """One timer or a reason for none, one page per step and person, counts that add up, and nobody paged in vain."""
    night = Night(scene, outbox, db_clock)
    await night.begin()

    for what, detail in happenings:
        await night.do(what, detail)

    await night.end()
