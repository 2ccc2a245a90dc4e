"""What Acme runs, and whom a problem with it pages: services, policies with their versions, routes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from nightowl_alerting.model import Policy, Route, Tier
from nightowl_alerting.noise.model import Matcher, RouteRule
from nightowl_alerting.noise.routing import Routing
from nightowl_cli.demo.people import SLACK_CHANNEL, People
from nightowl_cli.demo.rotas import Rotas
from nightowl_cli.demo.rows import Rows

CLUSTERS = ("prod-eu-1", "prod-us-1", "prod-ap-1")


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """A service: where it runs, whose it is."""

    name: str
    owner: str
    tier: str = "standard"
    policy: str = "Platform"
    cluster: str = CLUSTERS[0]


SERVICES = (
    Ran(name="checkout", owner="shop", tier="critical", policy="Customers are hurt"),
    Ran(name="payments", owner="payments", tier="critical", policy="Customers are hurt"),
    Ran(name="identity", owner="identity", tier="critical", policy="Customers are hurt", cluster="prod-us-1"),
    Ran(name="ingress", owner="platform", tier="critical", policy="Customers are hurt"),
    Ran(name="storefront", owner="shop"),
    Ran(name="search", owner="shop"),
    Ran(name="recommender", owner="shop", tier="best-effort", cluster="prod-us-1"),
    Ran(name="inventory", owner="logistics", cluster="prod-ap-1"),
    Ran(name="billing", owner="payments", policy="Data"),
    Ran(name="warehouse", owner="data", policy="Data"),
    Ran(name="kafka", owner="platform"),
    Ran(name="postgres", owner="platform", tier="critical"),
    Ran(name="mail", owner="platform", tier="best-effort"),
    Ran(name="network", owner="platform"),
    Ran(name="logging", owner="observability", tier="best-effort"),
    Ran(name="monitoring", owner="observability"),
    Ran(name="platform", owner="platform", tier="critical"),
)


class Plans(msgspec.Struct, frozen=True, kw_only=True):
    """Policies with all their versions, and how alerts find them."""

    ids: Mapping[str, UUID]
    versions: Mapping[UUID, Sequence[tuple[datetime, Policy]]]
    service_ids: Mapping[str, UUID]
    rules: Sequence[tuple[datetime, RouteRule]]

    def at(self, policy_id: UUID, version: int) -> Policy:
        """One version."""
        return next(policy for _, policy in self.versions[policy_id] if policy.version == version)

    def usual(self, at: datetime) -> Policy:
        """The tenant's own policy, as it was."""
        policy_id = self.ids["Platform"]
        return self.at(policy_id, self._version(policy_id, at))

    def routing(self, at: datetime) -> Routing:
        """What holds at an instant: the versions and the routes of that time."""
        services = {each.name: self._route(each.policy, at, self.service_ids[each.name]) for each in SERVICES}
        routes = [self._current(rule, at) for made, rule in self.rules if made <= at]
        return Routing(routes=routes, services=services, default=self._route("Platform", at, None))

    def _route(self, policy: str, at: datetime, service_id: UUID | None) -> Route:
        policy_id = self.ids[policy]
        return Route(service_id=service_id, policy_id=policy_id, policy_version=self._version(policy_id, at))

    def _current(self, rule: RouteRule, at: datetime) -> RouteRule:
        if rule.policy_id is None:
            return rule
        return msgspec.structs.replace(rule, policy_version=self._version(rule.policy_id, at))

    def _version(self, policy_id: UUID, at: datetime) -> int:
        return max(policy.version for made, policy in self.versions[policy_id] if made <= at)


def write(rows: Rows, people: People, rotas: Rotas, *, begins: datetime, now: datetime) -> Plans:
    """Services, policies, routes."""
    ids = {name: rows.id(begins + timedelta(hours=1, minutes=place)) for place, name in enumerate(_POLICIES)}
    versions = {
        ids[name]: _policy(rows, people, rotas, ids[name], name, begins=begins, now=now) for name in _POLICIES
    }  # fmt: skip
    service_ids = {}
    for each in SERVICES:
        made = begins + timedelta(hours=2)
        service_ids[each.name] = rows.id(made)
        rows.add(
            "services", id=service_ids[each.name], name=each.name, cluster=each.cluster, namespace=each.name,
            owner=each.owner, tier=each.tier, default_policy_id=ids[each.policy], created_at=made,
        )  # fmt: skip
    rules = _routes(rows, people, ids, service_ids, begins=begins)
    rows.add("tenant_config", timezone="Europe/Berlin", default_policy_id=ids["Platform"], slack_channel=SLACK_CHANNEL)
    return Plans(ids=ids, versions=versions, service_ids=service_ids, rules=rules)


_POLICIES = {
    "Customers are hurt": "On call at once by every means, the backup after five minutes, then the lead; twice",
    "Platform": "On call, then the backup, then the lead",
    "Data": "The data team, then the platform's on call",
    "Retired: everybody at once": "What we had before",
}


def _policy(
    rows: Rows, people: People, rotas: Rotas, policy_id: UUID, name: str, *, begins: datetime, now: datetime
) -> list[tuple[datetime, Policy]]:  # fmt: skip
    first = begins + timedelta(hours=1)
    later = [(max(first + timedelta(hours=place), now - timedelta(days=days)), who, change)
             for place, (days, who, change) in enumerate(_CHANGED.get(name, []), start=1)]  # fmt: skip
    versions = []
    for number, (at, who, change) in enumerate([(first, "alice", "created"), *later], start=1):
        tiers, repeat_count = _tiers(name, number, people, rotas)
        policy = Policy(
            policy_id=policy_id, version=number, tiers=tiers, repeat_count=repeat_count,
            roster_id=rotas.ids["data" if name == "Data" else "emea"],
            lead_id=people.ids["henrik" if name == "Data" else "carol"],
        )  # fmt: skip
        versions.append((at, policy))
        rows.add(
            "escalation_policy_versions", policy_id=policy_id, version=number, tiers=tiers, repeat_count=repeat_count,
            roster_id=policy.roster_id, lead_id=policy.lead_id, created_at=at, created_by=people.actor(who),
            change=change,
        )  # fmt: skip
        rows.audit(at, people.actor(who), "created" if number == 1 else "updated", "policy", policy_id, version=number)
    retired = name.startswith("Retired")
    rows.add(
        "escalation_policies", id=policy_id, name=name, description=_POLICIES[name], current_version=len(versions),
        created_at=versions[0][0], updated_at=versions[-1][0],
        archived_at=now - timedelta(days=40) if retired else None,
    )  # fmt: skip
    return versions


_CHANGED: Mapping[str, Sequence[tuple[float, str, str]]] = {
    "Customers are hurt": [(64.0, "oluwaseun", "updated"), (21.0, "carol", "updated")],
    "Platform": [(50.0, "bob", "updated"), (49.0, "bob", "rolled back to 1"), (18.0, "alice", "updated")],
}
"""Later versions: how many days ago, by whom."""


def _tiers(name: str, version: int, people: People, rotas: Rotas) -> tuple[list[Tier], int]:
    """The tiers of a version, and how often they are repeated."""
    backup, lead = _tier(10, ["slack_dm", "phone"], "oncall_backup"), _tier(15, ["phone"], "team_lead")
    match name, version:
        case "Customers are hurt", 1:
            return [_tier(5, ["slack_dm", "sms"], "oncall_primary"), lead], 0
        case "Customers are hurt", 2:
            return [_tier(5, ["slack_dm", "sms"], "oncall_primary"), backup, lead], 1
        case "Customers are hurt", _:
            return [_tier(5, ["slack_dm", "phone", "slack_channel"], "oncall_primary"), backup, lead], 1
        case "Platform", 2:
            return [_tier(2, ["phone"], "oncall_primary"), backup], 0
        case "Platform", 4:
            return [_tier(10, ["slack_dm", "slack_channel"], "oncall_primary"), backup, lead], 0
        case "Platform", _:
            return [_tier(10, ["slack_dm"], "oncall_primary"), backup], 0
        case "Data", _:
            platform = f"roster:{rotas.ids['emea']}:primary"
            return [_tier(20, ["slack_dm", "sms"], "oncall_primary"), _tier(30, ["slack_dm"], platform)], 0
        case _:
            return [_tier(30, ["sms"], *(f"user:{each}" for each in people.region("emea")))], 0


def _tier(minutes: int, channels: list[str], *targets: str) -> Tier:
    return Tier(timeout_minutes=minutes, notify_via=channels, targets=list(targets))


def _routes(
    rows: Rows, people: People, ids: Mapping[str, UUID], services: Mapping[str, UUID], *, begins: datetime
) -> list[tuple[datetime, RouteRule]]:
    """In the order in which they are read."""
    at = begins + timedelta(days=1)
    written: tuple[tuple[str, list[Matcher], dict[str, Any]], ...] = (
        ("Staging pages nobody", [Matcher(name="cluster", op="=~", value="staging-.*")], {"pages_from": "never"}),
        ("Noise of the recommender", [Matcher(name="alertname", value="OOMKilled")], {"pages_from": "never"}),
        ("Card gateway is the payments team's", [Matcher(name="alertname", op="=~", value="CardGateway.*")],
         {"service_id": services["payments"], "slack_channel": "C0PAYMENTS"}),
        ("Warehouse sites", [Matcher(name="service", value="inventory")], {"slack_channel": "C0LOGISTICS"}),
        ("Network by phone", [Matcher(name="service", value="network"), Matcher(name="@severity", value="critical")],
         {"policy_id": ids["Customers are hurt"]}),
    )  # fmt: skip
    found = []
    for position, (name, matchers, says) in enumerate(written):
        rule = RouteRule(id=rows.id(at), name=name, matchers=matchers, **says)
        rows.add(
            "routes", id=rule.id, name=name, position=position, matchers=matchers, created_at=at, updated_at=at, **says
        )  # fmt: skip
        rows.audit(at, people.actor("alice"), "created", "route", rule.id, name=[None, name])
        found.append((at, rule))
    return found
