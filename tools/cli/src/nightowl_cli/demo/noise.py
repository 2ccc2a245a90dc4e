"""Rules that mute and group at Acme, the heartbeats it listens for, and what people have made for themselves."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_alerting.noise.model import GroupingRule, Matcher, Silence
from nightowl_cli.demo.people import People
from nightowl_cli.demo.rows import Rows


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """What may mute or group the alerts of the play."""

    silences: list[Silence]
    grouping: list[GroupingRule]


_SILENCES = (
    ("ImageCdnCacheMiss", -58.0, -57.0, "The CDN moves its keys", "lucia"),
    ("KafkaUnderReplicatedPartitions", -37.5, -37.0, "Brokers are replaced one by one", "alice"),
    ("InventorySyncBehind", -24.0, -22.5, "Hamburg counts its stock", "oluwaseun"),
    ("GpuTemperatureHigh", -9.0, -2.0, "New fans are on their way", "kenji"),
    ("TokenServiceSlow", -0.4, 33.0, "The vault is moved until January; known, and watched by IAM", "jonas"),
    ("InventorySyncBehind", -0.2, 41.0, "Zaragoza is rebuilt; it has nothing to synchronise", "marta"),
    ("PacketLoss", 2.0, 2.25, "The carrier works on the line to Osaka", "mia"),
)
"""Alert name, from, until in days from now, why, who."""

_WINDOWS = (
    ("Cluster upgrades", "platform", "Europe/Berlin", 2, 120, "FREQ=WEEKLY;BYDAY=TU"),
    ("Nightly reindex of the search", "search", "Europe/Berlin", 3, 60, "FREQ=DAILY"),
    ("Warehouse month end", "warehouse", "Europe/Paris", 1, 240, "FREQ=MONTHLY;BYMONTHDAY=1"),
)


def write(rows: Rows, people: People, *, begins: datetime, now: datetime) -> Quiet:
    """Silences past, present and to come; windows, inhibition and grouping rules, heartbeats, views."""
    silences = [_silence(rows, people, each, begins=begins, now=now) for each in _SILENCES]
    for name, service, zone, hour, minutes, rrule in _WINDOWS:
        at = begins + timedelta(days=2)
        matchers = [Matcher(name="service", value=service), Matcher(name="@severity", op="!=", value="critical")]
        row_id = rows.id(at)
        rows.add(
            "maintenance_windows", id=row_id, name=name, matchers=matchers, timezone=zone,
            starts_at=at.replace(hour=hour, minute=0, second=0, microsecond=0, tzinfo=None), duration_minutes=minutes,
            rrule=rrule, is_enabled=name != "Nightly reindex of the search", created_by=people.actor("alice"),
            created_at=at, updated_at=at,
        )  # fmt: skip
        rows.audit(at, people.actor("alice"), "created", "maintenance_window", row_id, name=[None, name])
    _inhibition(rows, people, begins + timedelta(days=2))
    grouping = _grouping(rows, people, begins + timedelta(days=2))
    _heartbeats(rows, people, now)
    _views(rows, people, now)
    return Quiet(silences=silences, grouping=grouping)


def _silence(
    rows: Rows, people: People, spec: tuple[str, float, float, str, str], *, begins: datetime, now: datetime
) -> Silence:
    name, starts, ends, comment, who = spec
    starts_at, ends_at = now + timedelta(days=starts), now + timedelta(days=ends)
    made = max(begins, min(starts_at, now - timedelta(hours=3)))
    silence = Silence(
        id=rows.id(made), matchers=[Matcher(name="alertname", value=name)], starts_at=starts_at, ends_at=ends_at,
        comment=comment,
    )  # fmt: skip
    rows.add(
        "silences", id=silence.id, matchers=silence.matchers, starts_at=starts_at, ends_at=ends_at, comment=comment,
        created_by=people.actor(who), created_at=made, updated_at=made,
    )  # fmt: skip
    rows.audit(made, people.actor(who), "created", "silence", silence.id, comment=[None, comment])
    return silence


def _inhibition(rows: Rows, people: People, at: datetime) -> None:
    for name, source, target, equal in (
        ("A node that is down explains its pods", "NodeNotReady", "KubePodCrashLooping|CPUThrottlingHigh", ["node"]),
        ("A tunnel that is down explains the site", "VpnTunnelDown", "PacketLoss|InventorySyncBehind", ["site"]),
    ):
        row_id = rows.id(at)
        rows.add(
            "inhibition_rules", id=row_id, name=name, source_matchers=[Matcher(name="alertname", value=source)],
            target_matchers=[Matcher(name="alertname", op="=~", value=target)], equal=equal, created_at=at,
            updated_at=at,
        )  # fmt: skip
        rows.audit(at, people.actor("bob"), "created", "inhibition_rule", row_id, name=[None, name])


def _grouping(rows: Rows, people: People, at: datetime) -> list[GroupingRule]:
    """What a zone of a cluster is to blame for is one group."""
    found = []
    for position, (name, matchers, by, threshold) in enumerate((
        ("Trouble of a zone", [Matcher(name="zone", op="!=", value="")], ["cluster", "zone"], 1),
        ("Brokers together", [Matcher(name="service", value="kafka")], ["cluster", "alertname"], 3),
    )):  # fmt: skip
        rule = GroupingRule(
            id=rows.id(at), name=name, matchers=matchers, group_by=by, threshold=threshold, window_minutes=30
        )  # fmt: skip
        rows.add(
            "grouping_rules", id=rule.id, name=name, position=position, matchers=matchers, group_by=by,
            threshold=threshold, window_minutes=30, created_at=at, updated_at=at,
        )  # fmt: skip
        rows.audit(at, people.actor("bob"), "created", "grouping_rule", rule.id, name=[None, name])
        found.append(rule)
    return found


_HEARTBEATS = (
    ("nightly-backup-orders", 86_400, 14_400, 9.0, "The backup of the orders database says so when it is done"),
    ("weekly-restore-drill", 604_800, 86_400, 60.0, "A dump is restored into an empty server every week"),
    ("monthly-access-review", 2_592_000, 86_400, 300.0, "Somebody has looked through who may do what"),
    ("etcd-defrag", 604_800, 43_200, 82.0, "Sundays"),
    ("alertmanager-prod-eu-1", 300, 60, None, "Not connected yet: post to it every five minutes"),
)
"""Name, every so many seconds, grace, hours since the last beat (None: never), what it is."""


def _heartbeats(rows: Rows, people: People, now: datetime) -> None:
    made = now - timedelta(days=80)
    for name, interval, grace, hours, description in _HEARTBEATS:
        heartbeat_id: UUID = rows.id(made)
        heard = None if hours is None else now - timedelta(hours=hours)
        due = None if heard is None else heard + timedelta(seconds=interval + grace)
        rows.add(
            "heartbeats", id=heartbeat_id, name=name, description=description, interval_seconds=interval,
            grace_seconds=grace, severity="major", last_beat_at=heard, due_at=due, created_at=made, updated_at=made,
        )  # fmt: skip
        if due is not None:
            rows.timer("heartbeat", heartbeat_id, version=0, due_at=due)
        rows.audit(made, people.actor("jonas"), "created", "heartbeat", heartbeat_id, name=[None, name])


def _views(rows: Rows, people: People, now: datetime) -> None:
    for name, query, who, is_shared in (
        ("Customers are hurt", {"severity": ["critical"], "status": ["firing", "acknowledged"]}, "alice", True),
        ("Payments", {"service": ["payments", "billing"]}, "bob", True),
        ("Urgent and free", {"status": ["firing"], "severity": ["critical", "major"]}, "carol", True),
        ("My cluster", {"q": "prod-ap-1"}, "kenji", False),
    ):
        at = now - timedelta(days=33)
        rows.add(
            "saved_views", id=rows.id(at), name=name, query=query, is_shared=is_shared, has_sound=False,
            owner_id=people.ids[who], created_at=at, updated_at=at,
        )  # fmt: skip
