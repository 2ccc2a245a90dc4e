"""What a soak promises, each with its tolerance, and whether a recording keeps it. Pure."""

from collections.abc import Callable, Iterator, Sequence

from growth import connections, cost, descriptors, memory
from recording import Recording, values
from tables import dead_rows, kept_messages, keys, sizes
from verdicts import Verdict, returns

from nightowl_testkit.services import SERVICES

LAG_MESSAGES, LAG_SECONDS = 20.0, 60.0
WAITING_SECONDS, WAITS_SECONDS = 5.0, 60.0
MOST_PARTITIONS = 77
"""The inbox keeps 72 hours, makes three ahead, and has this one and the one before it."""
UNREST_SECONDS = 30.0
"""After something was done to the installation, errors are told for so long, and no longer."""


def judge(recording: Recording) -> list[Verdict]:
    """All promises, in the order of the table."""
    parts: Sequence[Callable[[Recording], Iterator[Verdict]]] = (
        _account, _lag, _queues, memory, descriptors, connections, dead_rows, sizes, kept_messages, keys, cost, _errors,
        _inside, _housekeeping,
    )  # fmt: skip
    return [verdict for part in parts for verdict in part(recording)]


def _account(recording: Recording) -> Iterator[Verdict]:
    account = recording.account
    rows = [
        ("accepted and not handled", account.unhandled, f"of {account.accepted:,} alerts"),
        ("findings of the ledger", len(account.findings), "; ".join(account.findings[:3])),
        ("pages that nobody received", len(account.lost_pages), f"of {account.pages:,}"),
        ("pages doubled without a mark", len(account.doubled_pages), f"{account.marked_repeats} marked as repeats"),
        ("pages that nobody owed", account.unknown_pages, ""),
        ("events that no subscriber received", account.lost_posts, f"of {account.posts:,}, {account.doubled_posts} posted again"),
        ("left to do at the end", sum(account.left.values()), str(account.left or "")),
    ]  # fmt: skip
    for what, count, note in rows:
        yield Verdict(
            promise="nothing lost, nothing doubled", subject=what, figure=f"{count} {f'({note})' if note else ''}".strip(),
            allowed="0", is_kept=count == 0 if account.accepted else None,
        )  # fmt: skip


def _lag(recording: Recording) -> Iterator[Verdict]:
    for name in recording.names("consumer.", ".lag"):
        points = recording.points(f"consumer.{name}.lag")
        if max(values(points), default=0) > 0:
            yield returns("lag returns to 0", name, points, above=LAG_MESSAGES, seconds=LAG_SECONDS, unit="messages")


def _queues(recording: Recording) -> Iterator[Verdict]:
    for what in ("outbox_age_s", "spool_age_s", "timers_overdue_s"):
        points = recording.points(f"metric.escalation.{what}")
        yield returns(
            "queues are emptied",
            what.removesuffix("_s"),
            points,
            above=WAITING_SECONDS,
            seconds=WAITS_SECONDS,
            unit="s",
        )
    findings = recording.points("metric.escalation.ledger_findings")
    yield returns(
        "the running ledger check finds nothing that lasts",
        "findings",
        findings,
        above=0,
        seconds=WAITS_SECONDS,
        unit="",
    )


def _errors(recording: Recording) -> Iterator[Verdict]:
    out_of_place = [
        each
        for each in recording.troubles
        if each.level != "warning" and not recording.is_disturbed(each.at, seconds=UNREST_SECONDS)
    ]
    events = sorted({f"{each.service} {each.event}" for each in out_of_place})
    total = sum(each.level != "warning" for each in recording.troubles)
    yield Verdict(
        promise="no errors but around faults", subject="logged errors",
        figure=f"{len(out_of_place)} of {total}" + (f": {', '.join(events)[:200]}" if events else ""),
        allowed="0", is_kept=not out_of_place,
    )  # fmt: skip


def _inside(recording: Recording) -> Iterator[Verdict]:
    """What must never happen; and what may happen while something is away, and at no other time."""
    for what in ("unexpected_errors", "uncollectable"):
        count = sum(sum(grown for _at, grown in _steps(recording, name, what)) for name in SERVICES)
        yield Verdict(
            promise="nothing goes wrong inside", subject=what, figure=f"{count:g}", allowed="0", is_kept=count == 0
        )
    for what in ("loop_failures", "timers_postponed", "deliveries_postponed"):
        steps = [step for name in SERVICES for step in _steps(recording, name, what)]
        alone = sum(grown for at, grown in steps if not recording.is_disturbed(at, seconds=UNREST_SECONDS))
        figure = f"{alone:g} of {sum(grown for _at, grown in steps):g}, the others around faults"
        yield Verdict(promise="nothing goes wrong inside", subject=what, figure=figure, allowed="0", is_kept=alone == 0)


def _steps(recording: Recording, name: str, what: str) -> Iterator[tuple[float, float]]:
    """By how much a counter has grown from sample to sample; a new life counts from 0."""
    before = 0.0
    for at, value in recording.points(f"metric.{name}.{what}"):
        yield at, value - before if value >= before else value
        before = value


def _housekeeping(recording: Recording) -> Iterator[Verdict]:
    removed = sum(grown for _at, grown in _steps(recording, "escalation", "retention_rows"))
    yield Verdict(
        promise="housekeeping works", subject="rows removed by retention", figure=f"{removed:,.0f}", allowed="some",
        is_kept=removed > 0 if recording.minutes >= 20 else None, points=recording.points("alerts.rows"),
    )  # fmt: skip
    partitions = values(recording.points("postgres.inbox_partitions"))
    figure = f"{partitions[0]:g} at first, {partitions[-1]:g} at the end" if partitions else "not told"
    yield Verdict(
        promise="housekeeping works", subject="partitions of the inbox", figure=figure, allowed=f"at most {MOST_PARTITIONS}",
        is_kept=max(partitions) <= MOST_PARTITIONS if partitions else None, points=recording.points("postgres.inbox_partitions"),
    )  # fmt: skip
