"""A bad night, act by act: a node falls, a storm follows, somebody does not wake up, and the sun moves on.

Every alert comes through the webhook of its source; everything that people do they do by the API, with their own keys
where they have some. The night's clock is the script's own; `speed` says how many of its minutes pass in one of ours.
Escalation is not sped up: where the script cannot wait for a tier, somebody asks for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from nightowl_cli.demo.catalogue import Signal, problem, signal
from nightowl_cli.demo.policies import CLUSTERS
from nightowl_cli.simulate.account import Account
from nightowl_cli.simulate.bodies import Posted, over
from nightowl_cli.simulate.calls import Caller, CallError, Fields
from nightowl_cli.simulate.people import Somebody, Staff, paged

Tell = Callable[[str], None]
Act = Callable[[], Awaitable[None]]

STARTS = timedelta(hours=2, minutes=13)
PATIENCE_SECONDS = 30.0
"""How long a page may take before the script goes on without it."""

_CASCADE = (("KubePodCrashLooping", 3), ("KubeDeploymentReplicasMismatch", 1), ("PrometheusTargetMissing", 3))
_STORM = (("KubePodCrashLooping", 5), ("LogIngestBehind", 1), ("RedisEvictions", 4), ("CPUThrottlingHigh", 6))


class Night:
    """The script. `run` plays it once; `number` tells the series of two nights apart."""

    def __init__(self, caller: Caller, staff: Staff, *, speed: float, number: int, tell: Tell) -> None:
        self.account = Account(caller)
        self._caller = caller
        self._staff = staff
        self._speed = speed
        self._number = number
        self._cluster = CLUSTERS[number % len(CLUSTERS)]
        self._zone = f"zone-{'abcdef'[number // len(CLUSTERS) % 6]}"
        self._tell = tell
        self._minute = 0.0
        self._firing: dict[str, Posted] = {}
        self._ids: dict[str, str] = {}
        self._took: dict[str, Somebody] = {}

    async def run(self) -> None:
        """All acts, each at its minute.

        Raises:
            CallError: a call was refused or not answered.
        """
        acts: Sequence[tuple[float, Act]] = (
            (0, self._node_falls), (1, self._cascade), (3, self._storm), (4, self._first_takes_it),
            (9, self._customers_are_hurt), (12, self._known_problem), (15, self._nobody_wakes_up),
            (21, self._tier_two), (27, self._small_things), (40, self._sun_moves_on), (55, self._it_calms_down),
            (70, self._morning),
        )  # fmt: skip
        for minute, act in acts:
            await asyncio.sleep((minute - self._minute) * 60 / self._speed)
            self._minute = minute
            await act()

    def _say(self, who: str, what: str) -> None:
        clock = STARTS + timedelta(minutes=self._minute)
        self._tell(
            f"{int(clock.total_seconds()) // 3600:02d}:{int(clock.total_seconds()) // 60 % 60:02d}  {who:<18} {what}"
        )

    async def _node_falls(self) -> None:
        await self._fire(self._series("NodeNotReady", 1, zone=self._zone), f"a node of {self._cluster} does not answer")

    async def _cascade(self) -> None:
        for name, count in _CASCADE:
            await self._fire(self._series(name, count, zone=self._zone), "what ran on it follows")

    async def _storm(self) -> None:
        for name, count in _STORM:
            await self._fire(self._series(name, count, zone=self._zone, start=20), "the zone goes")
        await self._again("NodeNotReady", "still down: a repeat, not another page")
        alert = await self._alert("NodeNotReady")
        group = alert.get("group")
        if group is not None:
            found = await self._caller.get(f"/groups/{group['id']}/alerts")
            self._say("NightOwl", f"{found['total']} alerts are one group; the first of them pages")

    async def _first_takes_it(self) -> None:
        who = await self._take("NodeNotReady")
        await self._comment("NodeNotReady", who, "I am up. Draining the zone; its traffic goes to the others.")

    async def _customers_are_hurt(self) -> None:
        await self._fire(self._series("IngressErrorRate", 1), "customers see errors")
        await self._fire(self._series("HighLatencyP99", 1), "search is slow too")

    async def _known_problem(self) -> None:
        await self._fire(self._series("CardGatewayTimeouts", 1), "payments wait for their gateway")
        alert = await self._alert("CardGatewayTimeouts")
        incident = alert.get("matched_incident") or {}
        if incident:
            self._say("NightOwl", f"known: “{incident.get('title', incident)}”; the fix is on the alert")
        await self._take("CardGatewayTimeouts")

    async def _nobody_wakes_up(self) -> None:
        await self._fire(self._series("VpnTunnelDown", 1), "the tunnel to a warehouse is down")
        pages = await self._pages("VpnTunnelDown")
        names = ", ".join(self._staff.by_id(each).name for each in paged(pages)) or "nobody"
        self._say("NightOwl", f"pages {names}, whose hands are full")

    async def _tier_two(self) -> None:
        alert_id = self._ids["VpnTunnelDown"]
        before = {each["step"] for each in await self._pages("VpnTunnelDown")}
        if len(before) == 1:
            ladder = await self._caller.get(f"/alerts/{alert_id}/escalation")
            if ladder["state"] != "pending":
                self._say("NightOwl", f"does not escalate: {ladder['reason']}")
                return
            caller = self._took.get("NodeNotReady")
            self._say(caller.name if caller else "The key", "cannot take this one too and asks for the next tier now")
            await self._do("POST", f"/alerts/{alert_id}/escalate", caller, body={"reason": "nobody answers"})
        pages = await self._pages("VpnTunnelDown", beyond=before)
        second = [each for each in pages if each["step"] not in before] or pages
        names = ", ".join(self._staff.by_id(each).name for each in paged(second))
        self._say("NightOwl", f"tier {max(each['step'] for each in second) + 1} pages {names}")
        await self._take("VpnTunnelDown", of=second)

    async def _small_things(self) -> None:
        await self._fire(self._series("QueueDepth", 2), "mails wait; it pages nobody")
        await self._fire(self._series("BackupTooOld", 1), "a backup is late")
        await self._fire(self._series("LogVolumeHigh", 2), "the agent has mended it already")
        await self._take("BackupTooOld")

    async def _sun_moves_on(self) -> None:
        """Whoever has the customers' alert hands it to the next region."""
        taker = await self._take("IngressErrorRate")
        following = await self._staff.relief("Platform EMEA", after=taker)
        if following is None:
            return
        self._say(
            taker.name if taker else "The key", f"hands the customers' alert to {following.name}: the shift is over"
        )
        alert_id = self._ids["IngressErrorRate"]
        order = {"user_id": following.id, "minutes": 15, "reason": "My shift ends; you have the day"}
        await self._do("POST", f"/alerts/{alert_id}/hand-over", taker, body=order)
        await self._pages("IngressErrorRate", to=following.id)
        await self._do("PATCH", f"/alerts/{alert_id}/acknowledge", following)
        self._took["IngressErrorRate"] = following
        self._say(following.name, "acknowledges")

    async def _it_calms_down(self) -> None:
        for name in ("HighLatencyP99", "CardGatewayTimeouts", "VpnTunnelDown", "QueueDepth"):
            await self._end(name)
        for name in dict.fromkeys(name for name, _ in (*_CASCADE, *_STORM)):
            await self._end(name)

    async def _morning(self) -> None:
        who = self._took.get("IngressErrorRate")
        words = {"resolution": "Sent the zone's traffic elsewhere; reloads stopped when the flapping pods were gone"}
        await self._do("PATCH", f"/alerts/{self._ids['IngressErrorRate']}/resolve", who, body=words)
        self._say(who.name if who else "The key", "resolves the customers' alert and writes what helped")
        for name in ("BackupTooOld", "NodeNotReady"):
            await self._end(name)

    def _series(self, name: str, count: int, *, zone: str | None = None, start: int = 0) -> list[Signal]:
        what = problem(name)
        first = start + self._number * 100 if zone is not None else self._number
        return [
            signal(what, first + place, cluster=self._cluster if zone else None, zone=zone) for place in range(count)
        ]

    async def _fire(self, signals: Sequence[Signal], why: str) -> None:
        now, name = datetime.now(UTC), signals[0].problem.name
        posted = Posted(signals=signals, began=now, at=now)
        receipt = await self._caller.post(posted)
        self.account.note(receipt)
        known = self._firing.get(name)
        if known is not None:
            posted = Posted(signals=[*known.signals, *signals], began=known.began, at=now)
        self._firing[name] = posted
        told = [each.alert_id for each in receipt.alerts if each.alert_id is not None]
        if name not in self._ids:
            self._ids[name] = told[0] if told else await self._find(signals[0])
        fates = ", ".join(f"{each.disposition or 'accepted'}" for each in receipt.alerts[:1])
        self._say(_SENDERS[posted.source], f"{len(signals)} {name} → {fates}: {why}")

    async def _again(self, name: str, why: str) -> None:
        posted = self._firing[name]
        receipt = await self._caller.post(posted)
        self.account.note(receipt)
        fates = ", ".join(each.disposition or "accepted" for each in receipt.alerts)
        self._say(_SENDERS[posted.source], f"{name} → {fates}: {why}")

    async def _end(self, name: str) -> None:
        posted = self._firing.pop(name, None)
        if posted is None:
            return
        receipt = await self._caller.post(over(posted, after=datetime.now(UTC) - posted.at))
        self.account.note(receipt)
        self._say(_SENDERS[posted.source], f"{len(posted.signals)} {name}: over")

    async def _find(self, signal: Signal) -> str:
        """The alert of a signal whose receipt could not wait for it.

        Raises:
            CallError: it has not become one within the patience of the script.
        """
        name = signal.problem.name
        for _ in range(round(PATIENCE_SECONDS)):
            found = await self._caller.all("/alerts", label=f"alertname={name}", status="firing")
            if found:
                newest = max(found, key=lambda alert: str(alert["first_fired_at"]))
                self.account.alert_ids[newest["id"]] = None
                return str(newest["id"])
            await asyncio.sleep(1)
        raise CallError(f"{name} was accepted and has become no alert within {PATIENCE_SECONDS:.0f} s")

    async def _alert(self, name: str) -> Fields:
        return await self._caller.get(f"/alerts/{self._ids[name]}")

    async def _pages(self, name: str, *, beyond: set[int] | None = None, to: str | None = None) -> list[Fields]:
        """The pages of an alert, when there are some: of a step that was not before, or to somebody."""
        pages: list[Fields] = []
        for _ in range(round(PATIENCE_SECONDS / 0.25)):
            pages = await self._caller.all(f"/alerts/{self._ids[name]}/deliveries")
            wanted = [each for each in pages if beyond is None or each["step"] not in beyond]
            if any(to is None or each["recipient"] == f"user:{to}" for each in wanted):
                return pages
            await asyncio.sleep(0.25)
        return pages

    async def _take(self, name: str, *, of: list[Fields] | None = None) -> Somebody | None:
        """Whoever was paged first acknowledges."""
        pages = await self._pages(name) if of is None else of
        people = paged(pages)
        who = self._staff.by_id(people[0]) if people else None
        await self._do("PATCH", f"/alerts/{self._ids[name]}/acknowledge", who)
        if who is not None:
            self._took[name] = who
        channels = ", ".join(dict.fromkeys(each["channel"] for each in pages))
        self._say(
            who.name if who else "The key", f"acknowledges {name}" + (f" (paged over {channels})" if channels else "")
        )
        return who

    async def _comment(self, name: str, who: Somebody | None, text: str) -> None:
        await self._do("POST", f"/alerts/{self._ids[name]}/comments", who, body={"text": text})
        self._say(who.name if who else "The key", f"writes: {text}")

    async def _do(self, method: str, path: str, who: Somebody | None, *, body: Fields | None = None) -> None:
        """By the person's own key, if they have one."""
        try:
            await self._caller.call(method, path, body=body, key=who.key if who else None)
        except CallError as error:
            self.account.refused.append(str(error))
            self._say("NightOwl", f"refuses: {error}")


_SENDERS = {
    "alertmanager": "Alertmanager", "grafana": "Grafana", "signoz": "SigNoz", "keep": "Keep", "generic": "A script",
    "agent": "An agent",
}  # fmt: skip
