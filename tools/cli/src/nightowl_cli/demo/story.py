"""The whole play: everything that a demo tenant has lived through, as rows. Pure."""

import random
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nightowl_alerting.model import Alert, Episode, Mute
from nightowl_alerting.noise.model import GroupingRule
from nightowl_alerting.targets.timetable import Timetable
from nightowl_cli.demo import knowledge, noise, people, policies, rotas
from nightowl_cli.demo.calendar import Case, cases
from nightowl_cli.demo.lives import Circumstances, Life, Line, Stage
from nightowl_cli.demo.noise import Quiet
from nightowl_cli.demo.present import open_cases
from nightowl_cli.demo.rows import Rows

BEFORE = timedelta(days=21)
"""How long before its first alert the tenant has begun to write down who it is."""

_PAYLOADS = timedelta(days=30)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Which play: the same wish is the same play. `scale` is how much goes wrong, 1 for a usual company."""

    seed: int = 1
    now: datetime
    days: int = 92
    scale: float = 1.0


def tell(wish: Wish) -> Rows:
    """The rows of the tenant, without what is shared among tenants but its timers."""
    chance = random.Random(f"night owl {wish.seed}")
    rows, now = Rows(chance), wish.now
    first = now - timedelta(days=wish.days)
    begins = (first - BEFORE).replace(minute=0, second=0, microsecond=0)
    staff = people.hire(rows, begins)
    rosters = rotas.plan(rows, staff, begins=begins, now=now)
    plans = policies.write(rows, staff, rosters, begins=begins, now=now)
    quiet = noise.write(rows, staff, begins=begins, now=now)
    library = knowledge.collect(rows, chance, staff, begins=begins, now=now)
    timetable = Timetable(rosters.book, rosters.book.rosters, start=first, end=now + timedelta(hours=1))
    stage = Stage(rows=rows, chance=chance, people=staff, plans=plans, timetable=timetable, now=now)
    _Play(stage, quiet, library).run(first, scale=wish.scale)
    return rows


class _Play:
    """Lives one after the other; what one leaves behind, the next one finds."""

    def __init__(self, stage: Stage, quiet: Quiet, library: knowledge.Library) -> None:
        self._stage = stage
        self._quiet = quiet
        self._library = library
        self._last: dict[str, Episode] = {}
        self._groups: dict[int, tuple[UUID, Alert]] = {}
        self._alerts: list[tuple[Case, Alert]] = []

    def run(self, begins: datetime, *, scale: float) -> None:
        now = self._stage.now
        present = list(open_cases(self._stage.people, now))
        busy = {case.signal.fingerprint: case.at for case, _ in present}
        for case in cases(self._stage.chance, begins=begins, now=now, scale=scale):
            until = busy.get(case.signal.fingerprint)
            if until is None or case.ends < until:
                self._live(case, None)
        for case, script in sorted(present, key=lambda pair: pair[0].at):
            if case.at > begins:
                self._live(case, script)
        self._write()

    def _live(self, case: Case, script: list[Line] | None) -> None:
        found = case.signal
        group_id, evidence, mute = self._grouped(case)
        around = Circumstances(
            last=self._last.get(found.fingerprint), match=self._library.match(found, case.at), group_id=group_id,
            group_evidence=evidence, mute=mute or self._silenced(case), script=script,
        )  # fmt: skip
        alert = Life(self._stage, case, around).run()
        if case.is_lead and case.storm is not None and group_id is not None:
            self._groups[case.storm] = (group_id, alert)
        if alert.resolved_at is not None and alert.resolved_by is not None:
            self._last[found.fingerprint] = Episode(
                id=alert.id, fingerprint=alert.fingerprint, episode=alert.episode, starts_at=alert.starts_at,
                resolved_at=alert.resolved_at, resolved_by_source=alert.resolved_by.kind == "source",
                ended_at=alert.ended_at,
            )  # fmt: skip
            self._library.learn(alert, found.problem)
        self._alerts.append((case, alert))

    def _grouped(self, case: Case) -> tuple[UUID | None, dict[str, object], Mute | None]:
        """The group of a storm: the first one pages for all."""
        if case.storm is None:
            return None, {}, None
        rule = self._quiet.grouping[0]
        key = {name: case.signal.labels[name] for name in rule.group_by}
        held = self._groups.get(case.storm)
        if held is None:
            group_id = self._stage.rows.id(case.at)
            return group_id, {"group_id": str(group_id), "rule": rule.name, "key": key}, None
        group_id, lead = held
        mute = Mute(kind="group", id=group_id, name=rule.name, alert_id=lead.id)
        return group_id, {"group_id": str(group_id), "rule": rule.name, "key": key}, mute

    def _silenced(self, case: Case) -> Mute | None:
        for silence in self._quiet.silences:
            if silence.starts_at <= case.at < silence.ends_at and silence.matchers[0].value == case.signal.problem.name:
                return Mute(kind="silence", id=silence.id, name=silence.comment, until=silence.ends_at)
        return None

    def _write(self) -> None:
        rows, now = self._stage.rows, self._stage.now
        origins = self._library.write(now)
        for case, alert in self._alerts:
            written = origins.get(alert.id)
            kept = alert
            if written is not None:
                kept = msgspec.structs.replace(
                    alert, matched_incident_id=written, match_kind="learned", match_score=1.0
                )
            rows.add("alerts", **msgspec.structs.asdict(kept))
            _owe(rows, kept)
            if alert.first_fired_at > now - _PAYLOADS:
                _keep_payload(rows, case, kept)
        for storm, (group_id, lead) in self._groups.items():
            members = [alert for case, alert in self._alerts if case.storm == storm]
            _write_group(rows, self._quiet.grouping[0], group_id, lead, members)


def _owe(rows: Rows, alert: Alert) -> None:
    """The timers that an open alert must have."""
    version = alert.escalation_version
    if alert.snoozed_until is not None:
        rows.timer("snooze", alert.id, version=version, due_at=alert.snoozed_until)
    if alert.muted_by is not None and alert.muted_by.until is not None:
        rows.timer("escalation", alert.id, version=version, due_at=alert.muted_by.until)


def _keep_payload(rows: Rows, case: Case, alert: Alert) -> None:
    """What the sender wrote, word for word."""
    raw = {
        "status": "firing", "labels": alert.labels, "annotations": alert.annotations, "startsAt": alert.starts_at,
        "generatorURL": alert.generator_url, "fingerprint": alert.fingerprint,
    }  # fmt: skip
    rows.add(
        "alert_payloads", alert_id=alert.id, occasion="opening", receipt_id=rows.id(case.at), item=0,
        source=alert.source, received_at=case.at, raw=msgspec.json.format(msgspec.json.encode(raw)).decode(),
    )  # fmt: skip


def _write_group(rows: Rows, rule: GroupingRule, group_id: UUID, lead: Alert, members: list[Alert]) -> None:
    last = max(each.first_fired_at for each in members)
    ended = max(each.resolved_at or each.last_fired_at for each in members)
    rows.add(
        "alert_groups", id=group_id, rule_id=rule.id, name=rule.name,
        key={name: lead.labels[name] for name in rule.group_by}, pages=rule.pages, lead_id=lead.id,
        opened_at=lead.first_fired_at, last_added_at=last, closed_at=ended + timedelta(minutes=rule.window_minutes),
    )  # fmt: skip
