"""The table of a soak as Markdown, with a sparkline for each series."""

import statistics
from collections import Counter
from collections.abc import Sequence

from recording import Points, Recording, values
from verdicts import Verdict

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 24
WORDS = {True: "kept", False: "**broken**", None: "not told"}


def sparkline(points: Points, width: int = WIDTH) -> str:
    """A series in a few characters, from its lowest to its highest value; a flat one is a low line."""
    if not points:
        return ""
    start, end = points[0][0], points[-1][0]
    parts: list[list[float]] = [[] for _ in range(width)]
    for at, value in points:
        parts[min(width - 1, int((at - start) / max(end - start, 1e-9) * width))].append(value)
    means = [statistics.mean(part) for part in parts if part]
    low, high = min(means), max(means)
    # A change of less than a hundredth is none to the eye either.
    span = max(high - low, abs(high) * 0.01, 1e-9)
    return "".join(BARS[min(len(BARS) - 1, int((each - low) / span * len(BARS)))] for each in means)


def markdown(recording: Recording, verdicts: Sequence[Verdict]) -> str:
    """The whole report."""
    broken = sum(each.is_kept is False for each in verdicts)
    told = sum(each.is_kept is not None for each in verdicts)
    head = f"**{told - broken} of {told} promises kept**" + (f", {broken} broken." if broken else ".")
    lines = [
        head,
        "",
        *_conditions(recording),
        "",
        *_table(verdicts),
        "",
        *_unrest(recording),
        "",
        *_troubles(recording),
    ]
    return "\n".join(lines) + "\n"


def _conditions(recording: Recording) -> list[str]:
    account = recording.account
    cpu = {
        name: _mean(recording, f"process.{name}.cpu_percent") for name in recording.names("process.", ".cpu_percent")
    }
    driver = cpu.pop("driver", 0.0)
    load = values(recording.points("machine.load")) or [0.0]
    calls, seen = _last(recording, "traffic.calls"), recording.answers.get("events seen on streams", 0)
    shares = ", ".join(f"{name} {share:.1f}" for name, share in cpu.items())
    rest = (
        "not at rest at the end"
        if account.seconds_to_rest is None
        else f"all at rest {account.seconds_to_rest:.0f} s after the end"
    )
    when = f"{recording.began_at:%Y-%m-%d %H:%M} UTC, {recording.minutes:g} minutes, {recording.machine}"
    what = f"{recording.rate:g} webhook calls/s, storms apart: {account.accepted:,} alerts accepted, {calls:,.0f} calls in all"
    return [
        f"- {when}; load of the machine {min(load):.1f} to {max(load):.1f}, median {statistics.median(load):.1f}",
        f"- {what}, {account.pages:,} pages, {account.posts:,} events posted, {seen:,} events seen on streams",
        f"- CPU in % of one core: {sum(cpu.values()):.0f} ({shares}); the programme and its fakes {driver:.0f}",
        f"- {len(recording.disturbances)} faults; {rest}",
    ]


def _mean(recording: Recording, name: str) -> float:
    found = values(recording.points(name))
    return statistics.mean(found) if found else 0.0


def _last(recording: Recording, name: str) -> float:
    found = values(recording.points(name))
    return found[-1] if found else 0.0


def _table(verdicts: Sequence[Verdict]) -> list[str]:
    lines = ["| promise | of | measured | allowed | | over the time |", "|---|---|---|---|---|---|"]
    before = ""
    for each in verdicts:
        promise = "" if each.promise == before else each.promise
        before = each.promise
        cells = (promise, each.subject, each.figure, each.allowed, WORDS[each.is_kept], sparkline(each.points))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lines


def _unrest(recording: Recording) -> list[str]:
    done = [f"{each.what} at {each.at / 60:.0f} min ({each.seconds:.1f} s)" for each in recording.disturbances]
    return ["Done to it: " + ", ".join(done) + "."] if done else []


def _troubles(recording: Recording) -> list[str]:
    counts = Counter((each.level, each.service, each.event) for each in recording.troubles)
    if not counts:
        return ["Nothing was logged as a warning or worse."]
    rows = [
        f"| {level} | {service} | `{event}` | {count} |" for (level, service, event), count in sorted(counts.items())
    ]
    return ["Logged as warnings and worse:", "", "| level | service | event | times |", "|---|---|---|---|", *rows]
