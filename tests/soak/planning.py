"""What people plan and write: silences, maintenance, rosters, policies, knowledge, subscriptions, keys."""

import asyncio
import itertools
import random
from datetime import timedelta

from installation import EVENTS_PATH, Installation, Tenancy
from monitoring import TITLES
from traffic import Caller, keep_doing, wait

from nightowl_common import clock

PLAN_EVERY = 6.0
WORDS = ("disk", "queue", "replica", "memory", "certificate", "latency", "backup", "logs", "restart")


class Planning:
    """The planning of one tenant. What it makes it also takes away, so that only what is kept by design grows."""

    def __init__(self, house: Installation, tenancy: Tenancy, caller: Caller, *, dice: random.Random) -> None:
        self._house = house
        self._team = tenancy.team
        self._caller = caller
        self._dice = dice
        self._numbers = itertools.count(1)
        self._stop = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        self._stop = stop
        await self._subscribe_for_good()
        deeds = [
            (6, self._silence), (4, self._end_silence), (4, self._window), (3, self._override), (2, self._pin), (2, self._leave),
            (2, self._swap), (2, self._policy), (10, self._search), (4, self._write), (4, self._edit), (2, self._remove),
            (2, self._promote), (2, self._subscribe), (2, self._key), (2, self._view), (1, self._runbook),
        ]  # fmt: skip
        await keep_doing(deeds, every=PLAN_EVERY, stop=stop, dice=self._dice)

    async def _make(self, path: str, body: object) -> str | None:
        answer = await self._caller.call("POST", path, body=body)
        if answer is None or answer.status not in {200, 201}:
            return None
        made = answer.json()
        return str(made["id"] if "id" in made else next(iter(made.values()))["id"])

    async def _make_for_a_while(self, path: str, body: object, *, seconds: float) -> None:
        made = await self._make(path, body)
        if made is not None:
            await wait(self._stop, seconds)
            await self._caller.call("DELETE", f"{path}/{made}")

    def _from_now(self, seconds: float) -> str:
        return (clock.utc_now() + timedelta(seconds=seconds)).isoformat()

    def _matchers(self) -> list[dict[str, str]]:
        return [
            {"name": "alertname", "op": "=~", "value": f"({self._dice.choice(TITLES)}|{self._dice.choice(TITLES)})"}
        ]

    async def _silence(self) -> None:
        ends = self._from_now(self._dice.randint(20, 120))
        await self._make("/silences", {"matchers": self._matchers(), "ends_at": ends, "comment": "known"})

    async def _end_silence(self) -> None:
        running = await self._caller.items("/silences", status="active")
        if running:
            await self._caller.call("DELETE", f"/silences/{self._dice.choice(running)['id']}")

    async def _window(self) -> None:
        starts = clock.utc_now().strftime("%Y-%m-%dT%H:%M:00")
        window = {
            "name": f"work {next(self._numbers)}", "matchers": self._matchers(), "timezone": "UTC", "starts_at": starts,
            "duration_minutes": 2, "rrule": self._dice.choice((None, "FREQ=DAILY")),
        }  # fmt: skip
        await self._make_for_a_while("/maintenance-windows", window, seconds=90)

    async def _override(self) -> None:
        shift = {"user_id": str(self._team.carol_id), "starts_at": self._from_now(5), "ends_at": self._from_now(300)}
        await self._make_for_a_while(f"/rosters/{self._team.roster_id}/overrides", shift, seconds=60)

    async def _pin(self) -> None:
        pin = {"user_id": str(self._team.bob_id), "turn_at": self._from_now(86_400 * self._dice.randint(10, 60))}
        await self._make_for_a_while(f"/rosters/{self._team.roster_id}/pins", pin, seconds=30)

    async def _swap(self) -> None:
        """Asked for and withdrawn."""
        path, starts = f"/rosters/{self._team.roster_id}/swaps", 86_400 * self._dice.randint(10, 60)
        order = {
            "colleague_id": str(self._team.bob_id),
            "gives_from": self._from_now(starts),
            "gives_until": self._from_now(starts + 3_600),
        }
        made = await self._make(path, order)
        if made is not None:
            await self._caller.call("POST", f"{path}/{made}/withdraw")

    async def _leave(self) -> None:
        starts = 86_400 * self._dice.randint(20, 200)
        leave = {"starts_at": self._from_now(starts), "ends_at": self._from_now(starts + 86_400)}
        await self._make_for_a_while(f"/users/{self._team.bob_id}/leave", leave, seconds=30)

    async def _policy(self) -> None:
        """A new version with the same tiers."""
        path = f"/policies/{self._team.policy_id}"
        answer = await self._caller.call("GET", path)
        if answer is not None and answer.status == 200:
            now = answer.json()
            content = {name: now[name] for name in ("name", "tiers", "repeat_count", "roster_id", "lead_id")}
            await self._caller.call("PUT", path, body={**content, "description": f"change {next(self._numbers)}"})

    async def _search(self) -> None:
        words = " ".join(self._dice.sample(WORDS, 2))
        await self._caller.call("GET", "/incidents/search", q=words)

    async def _some_incident(self) -> dict[str, object] | None:
        found = await self._caller.items("/incidents", limit="50")
        return self._dice.choice(found) if found else None

    async def _write(self) -> None:
        await self._make("/incidents", self._incident(f"{self._dice.choice(TITLES)} {next(self._numbers)}"))

    async def _edit(self) -> None:
        found = await self._some_incident()
        if found is not None:
            await self._caller.call("PUT", f"/incidents/{found['id']}", body=self._incident(str(found["title"])))

    async def _remove(self) -> None:
        found = await self._some_incident()
        if found is not None:
            await self._caller.call("DELETE", f"/incidents/{found['id']}")

    def _incident(self, title: str) -> dict[str, object]:
        return {
            "title": title, "severity": "major", "tags": self._dice.sample(WORDS, 2),
            "symptoms": " ".join(self._dice.choices(WORDS, k=30)), "solution": " ".join(self._dice.choices(WORDS, k=20)),
            "error_patterns": [f"{self._dice.choice(WORDS)}.*{self._dice.choice(WORDS)}"],
        }  # fmt: skip

    async def _promote(self) -> None:
        resolved = await self._caller.items("/alerts", status="resolved", limit="20")
        if resolved:
            await self._caller.call("POST", f"/alerts/{self._dice.choice(resolved)['id']}/promote")

    async def _subscribe_for_good(self) -> None:
        await self._subscription("all", ["alert.*", "delivery.*", "oncall.*"])

    async def _subscribe(self) -> None:
        made = await self._subscription(f"some-{next(self._numbers)}", ["alert.opened"])
        if made is not None:
            await wait(self._stop, 45)
            await self._caller.call("DELETE", f"/webhook-subscriptions/{made[1]}")
            await self._caller.call("DELETE", f"/endpoints/{made[0]}")

    async def _subscription(self, name: str, types: list[str]) -> tuple[str, str] | None:
        url = self._house.hooks.address("webhook", f"{EVENTS_PATH[1:]}{self._team.tenant}-{name}")
        endpoint = await self._make("/endpoints", {"name": name, "kind": "webhook", "url": url})
        if endpoint is None:
            return None
        made = await self._make("/webhook-subscriptions", {"name": name, "endpoint_id": endpoint, "event_types": types})
        return None if made is None else (endpoint, made)

    async def _key(self) -> None:
        await self._make_for_a_while("/api-keys", {"description": "for a while", "role": "readonly"}, seconds=20)

    async def _view(self) -> None:
        view = {"name": f"view {next(self._numbers)}", "query": {"status": "firing"}, "is_shared": True}
        await self._make_for_a_while("/saved-views", view, seconds=20)

    async def _runbook(self) -> None:
        body = {"title": f"Runbook {next(self._numbers)}", "markdown": "# Look\n\nThen mend."}
        await self._make_for_a_while("/runbooks", body, seconds=60)
