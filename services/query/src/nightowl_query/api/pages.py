"""The outbox page: HTML without scripts. Pure; every value from outside goes through `html.escape`."""

import base64
import hashlib
import shlex
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from html import escape
from importlib.resources import files

import msgspec

from nightowl_query.model import Alert, OutboxEntry

TITLE = "What would have been sent"
REFRESH_SECONDS = 5

_SHAPES = {
    "critical": ("C", '<path d="M8.6 2h6.8L22 8.6v6.8L15.4 22H8.6L2 15.4V8.6z"/>', 15.6),
    "major": ("M", '<path d="M12 2 23 22H1z"/>', 19.2),
    "warning": ("W", '<path d="M12 1 23 12 12 23 1 12z"/>', 15.6),
    "info": ("I", '<circle cx="12" cy="12" r="10.5"/>', 15.6),
}
"""Worst first. Letter, outline and the letter's base line: severity never rests on colour alone."""

_NO_PAGES = (
    "<p>No pages yet.</p><p class='muted'>As soon as an alert escalates, every page that would go out stands here: "
    "to whom, over which channel, at which address, in which words.</p>"
)


class OutboxView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the page shows. `alerts` are the open ones; `now` is the database's time."""

    tenant: str
    base_url: str
    now: datetime
    alerts: Sequence[Alert]
    alert_count: int
    entries: Sequence[OutboxEntry]
    entry_count: int


def headers() -> dict[str, str]:
    """What a browser is told to keep to: no scripts, no foreign origin, this one style sheet."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    own = f"style-src 'sha256-{digest}'; img-src data:"
    policy = f"default-src 'none'; {own}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return {"Content-Security-Policy": policy}


def render_outbox(view: OutboxView) -> str:
    """The whole page."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}">'
        f"<title>{TITLE} · NightOwl</title><style>{_style()}</style></head><body>"
        f"<header><h1>{TITLE}</h1>"
        f'<p class="muted">Tenant <strong>{escape(view.tenant)}</strong>. Pages for channels without a '
        "provider are written here instead of being sent: nothing on this page has left the installation.</p>"
        f'<p class="muted live">Reloads every {REFRESH_SECONDS} s · as of {_time(view.now, view.now)}</p></header>'
        f"<main>{_alerts(view)}{_entries(view)}</main>"
        '<footer>Read only. Acknowledge and resolve over the API: <a href="/api/docs">API reference</a>.</footer>'
        "</body></html>"
    )


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, in one unit."""
    seconds = int((now - moment).total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit} ago"
    return f"{max(0, seconds)} s ago"


def _alerts(view: OutboxView) -> str:
    heading = f"<h2>Open alerts {_count(len(view.alerts), view.alert_count)}</h2>"
    if not view.alerts:
        return f'<section>{heading}<div class="empty">{_no_alerts(view.base_url)}</div></section>'
    worst_first = sorted(view.alerts, key=lambda each: (each.status != "firing", list(_SHAPES).index(each.severity)))
    return f"<section>{heading}<ul>{''.join(_alert(each, view.now) for each in worst_first)}</ul></section>"


def _alert(alert: Alert, now: datetime) -> str:
    facts = [
        f'<span class="pill">{escape(alert.status)}</span>',
        _fact(alert.severity),
        _fact("seen once" if alert.occurrence_count == 1 else f"seen {alert.occurrence_count} times"),
        f"<span>first fired {ago(alert.first_fired_at, now)} · {_time(alert.first_fired_at, now)}</span>",
        _fact(alert.source),
        *([_fact(alert.service.name)] if alert.service else []),
        _fact(_escalation(alert, now)),
    ]
    return (
        f'<li class="card">{_shape(alert.severity)}<div class="title">{escape(alert.title)}</div>'
        f'<div class="facts">{"".join(facts)}</div></li>'
    )


def _escalation(alert: Alert, now: datetime) -> str:
    if alert.escalation_state == "pending" and alert.next_escalation_at is not None:
        is_due = alert.next_escalation_at <= now
        return f"tier {alert.tier + 1} is due " + ("now" if is_due else f"at {alert.next_escalation_at:%H:%M:%S} UTC")
    return f"escalation {alert.escalation_state}: {alert.escalation_reason}"


def _entries(view: OutboxView) -> str:
    heading = f"<h2>Pages {_count(len(view.entries), view.entry_count)}</h2>"
    if not view.entries:
        return f'<section>{heading}<div class="empty">{_NO_PAGES}</div></section>'
    return f"<section>{heading}<ul>{''.join(_entry(each, view.now) for each in view.entries)}</ul></section>"


def _entry(entry: OutboxEntry, now: datetime) -> str:
    body = entry.body if isinstance(entry.body, dict) else {}
    words = body.get("text") or entry.alert_title or ""
    facts = [
        f'<span class="to">{escape(entry.recipient_name or entry.recipient)}</span>',
        _fact(f"{entry.channel} to {entry.address}"),
        f"<span>{ago(entry.written_at, now)} · {_time(entry.written_at, now)}</span>",
        *([_fact(f"alert is {entry.alert_status}")] if entry.alert_status else []),
        *(["<span>sent again</span>"] if body.get("is_repeat") else []),
    ]
    return (
        f'<li class="card">{_shape(entry.alert_severity or "info")}<div class="facts">{"".join(facts)}</div>'
        f'<div><p class="words">{escape(str(words))}</p></div></li>'
    )


def _no_alerts(base_url: str) -> str:
    body = '{"title": "Disk full on db-1", "severity": "critical"}'
    address = shlex.quote(f"{base_url}/api/v1/webhooks/generic")
    command = (
        f'curl -X POST {address} \\\n  -H "X-API-Key: $NIGHTOWL_API_KEY" \\\n'
        f"  -H 'Content-Type: application/json' \\\n  -d '{body}'"
    )
    return (
        "<p>Nothing is open.</p><p class='muted'>Alerts that fire stand here with their count and the next escalation. "
        "Fire one (NIGHTOWL_API_KEY is the key that you signed in with):</p>"
        f"<pre>{escape(command)}</pre>"
    )


def _shape(severity: str) -> str:
    letter, outline, base = _SHAPES[severity]
    return (
        f'<svg class="shape {severity}" viewBox="0 0 24 24" role="img" aria-label="{severity}">{outline}'
        f'<text x="12" y="{base}">{letter}</text></svg>'
    )


def _fact(text: str) -> str:
    return f"<span>{escape(text)}</span>"


def _count(shown: int, total: int) -> str:
    return f"<span>{total}</span>" if shown == total else f"<span>{total}, the newest {shown} shown</span>"


def _time(moment: datetime, now: datetime) -> str:
    """The date only where it is not today's."""
    form = "%H:%M:%S" if moment.date() == now.date() else "%Y-%m-%d %H:%M:%S"
    return f'<time datetime="{moment.isoformat()}" title="{moment.isoformat()}">{moment:{form}} UTC</time>'


@cache
def _style() -> str:
    return files("nightowl_query.api").joinpath("outbox.css").read_text(encoding="utf-8")
