"""What goes wrong at Acme, read from `problems.toml` and `articles.toml`, and what its senders say when it does."""

import hashlib
import random
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from nightowl_cli.demo.policies import CLUSTERS
from nightowl_contracts import Severity

Rhythm = Literal["any", "office", "traffic", "night"]
Place = Literal["pod", "node", "host", "cluster", "region", "site", "job", "domain", "deployment"]
Source = Literal["alertmanager", "grafana", "signoz", "keep", "generic", "agent"]

_NAMES: dict[str, tuple[str, ...]] = {
    "host": tuple(f"{row}-{place}" for row in "abcde" for place in (1, 2)),
    "region": ("eu-central", "us-east", "ap-northeast"),
    "site": ("hamburg", "zaragoza", "memphis", "osaka"),
    "job": ("load-orders", "load-returns", "daily-revenue", "partner-feeds", "price-history"),
    "domain": (
        "api.example.com", "shop.example.com", "pay.example.com", "img.example.com", "id.example.com", "m.example.com"
    ),
}  # fmt: skip
_HOSTS = {
    "postgres": "db",
    "kafka": "kafka",
    "mail": "mx",
    "checkout": "redis",
    "network": "switch",
    "platform": "etcd",
}


class Knowledge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people have written down."""

    title: str
    category: str
    severity: Severity = "major"
    tags: list[str] = []
    services: list[str] = []
    symptoms: str = ""
    cause: str = ""
    solution: str
    patterns: list[str] = []
    runbook: str | None = None
    postmortem: str | None = None
    archived: bool = False


class Problem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that goes wrong again and again; the file tells what the fields mean."""

    name: str
    service: str
    severity: Severity
    per_week: float
    rhythm: Rhythm
    minutes: int
    instances: int
    place: Place
    summary: str
    description: str
    source: Source = "alertmanager"
    knowledge: Knowledge | None = None


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One series of a problem, as its sender names it: the same labels, the same fingerprint."""

    problem: Problem
    labels: dict[str, str]
    fingerprint: str
    summary: str
    detail: str

    @property
    def title(self) -> str:
        """Alertmanager and its kin send a name, the others a sentence."""
        return self.problem.name if self.problem.source in {"alertmanager", "grafana", "signoz"} else self.summary

    @property
    def description(self) -> str:
        """As ingest puts it together."""
        if self.title == self.summary:
            return self.detail
        return f"{self.summary}\n\n{self.detail}"


class _Problems(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    problem: list[Problem]


class _Articles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    article: list[Knowledge]


@cache
def problems() -> tuple[Problem, ...]:
    """All of them, in the order of the file."""
    text = files(__package__).joinpath("problems.toml").read_text()
    return tuple(msgspec.convert(tomllib.loads(text), _Problems).problem)


@cache
def articles() -> tuple[Knowledge, ...]:
    """What is written beside what alerts are about."""
    text = files(__package__).joinpath("articles.toml").read_text()
    return tuple(msgspec.convert(tomllib.loads(text), _Articles).article)


def problem(name: str) -> Problem:
    """One, by its name.

    Raises:
        StopIteration: there is none.
    """
    return next(each for each in problems() if each.name == name)


def signal(what: Problem, instance: int, *, cluster: str | None = None, zone: str | None = None) -> Signal:
    """The series of one instance of a problem; the same arguments give the same one."""
    where = cluster or CLUSTERS[instance % len(CLUSTERS)]
    chance = random.Random(f"{what.name} {instance} {where}")
    labels = {"alertname": what.name, "severity": what.severity, "service": what.service, "cluster": where}
    labels["namespace"] = what.service
    if zone is not None:
        labels["zone"] = zone
    named = _named(what, instance, where, chance)
    if what.place != "cluster":
        labels[what.place] = named
    words = {
        "service": what.service, "cluster": named if what.place == "region" else where, "n": str(chance.randint(3, 9)),
        "pod": named, "node": named, "host": named,
    }  # fmt: skip
    digest = hashlib.sha256(repr(sorted(labels.items())).encode()).hexdigest()[:16]
    return Signal(
        problem=what,
        labels=labels,
        fingerprint=digest,
        summary=what.summary.format(**words),
        detail=what.description.format(**words),
    )


def _named(what: Problem, instance: int, cluster: str, chance: random.Random) -> str:
    match what.place:
        case "pod":
            return f"{what.service}-{chance.getrandbits(36):09x}-{chance.getrandbits(20):05x}"
        case "node":
            return f"{cluster}-worker-{instance + 1:02d}"
        case "host":
            return f"{_HOSTS.get(what.service, what.service)}-{_NAMES['host'][instance % 10]}"
        case "deployment":
            return what.service
        case "cluster":
            return cluster
        case _:
            names = _NAMES[what.place]
            return names[instance % len(names)]
