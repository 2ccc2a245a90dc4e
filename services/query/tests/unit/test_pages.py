"""The outbox page."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from nightowl_query.api.pages import OutboxView, ago, headers, render_outbox
from nightowl_query.model import Alert, OutboxEntry

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PROBE = "<script>alert(1)</script>\"'&"


def an_alert(**fields: object) -> Alert:
    values: dict[str, object] = dict.fromkeys(Alert.__struct_fields__)
    values |= {
        "id": UUID(int=1), "fingerprint": "f", "episode": 1, "status": "firing", "severity": "critical", "source": "generic",
        "title": "Disk full", "labels": {}, "annotations": {}, "occurrence_count": 3, "first_fired_at": NOW,
        "last_fired_at": NOW, "escalation_state": "none", "escalation_reason": "why", "cycle": 0, "tier": 0, "version": 1,
    }  # fmt: skip
    return Alert(**{**values, **fields})  # type: ignore[arg-type]  # a builder


def an_entry(**fields: object) -> OutboxEntry:
    values: dict[str, object] = dict.fromkeys(OutboxEntry.__struct_fields__)
    values |= {
        "id": UUID(int=2), "delivery_id": UUID(int=3), "alert_id": UUID(int=1), "channel": "sms", "recipient": "user:1",
        "address": "+491", "body": {"text": "[CRITICAL] Disk full"}, "written_at": NOW,
    }  # fmt: skip
    return OutboxEntry(**{**values, **fields})  # type: ignore[arg-type]  # a builder


def rendered(alerts: list[Alert], entries: list[OutboxEntry], base_url: str = "http://here") -> str:
    return render_outbox(
        OutboxView(
            tenant="acme",
            base_url=base_url,
            now=NOW,
            alerts=alerts,
            alert_count=len(alerts),
            entries=entries,
            entry_count=len(entries),
        )
    )


def test_text_from_outside_cannot_become_markup() -> None:
    """Every field that a sender, a person or a request controls is escaped."""
    page = rendered(
        [an_alert(title=PROBE, source=PROBE, escalation_reason=PROBE)],
        [an_entry(recipient=PROBE, address=PROBE, channel=PROBE, body={"text": PROBE})],
    )

    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 7
    assert "<script" not in rendered([], [], base_url=f"http://{PROBE}")


@pytest.mark.parametrize(("severity", "letter"), [("critical", "C"), ("major", "M"), ("warning", "W"), ("info", "I")])
def test_severity_never_rests_on_colour_alone(severity: str, letter: str) -> None:
    """Each severity has a shape, a letter and its word."""
    page = rendered([an_alert(severity=severity)], [])

    assert f">{letter}</text>" in page
    assert f'aria-label="{severity}"' in page


def test_an_empty_page_says_what_will_appear() -> None:
    """With nothing to show, the page names the call that makes something appear."""
    page = rendered([], [], base_url="http://127.0.0.1:8080")

    assert "curl -X POST http://127.0.0.1:8080/api/v1/webhooks/generic" in page
    assert "No pages yet." in page


def test_open_alerts_stand_worst_first() -> None:
    """What nobody has taken comes before what somebody has, and the worst of it on top."""
    page = rendered(
        [
            an_alert(title="taken", status="acknowledged"),
            an_alert(title="minor", severity="warning"),
            an_alert(title="worst"),
        ],
        [],
    )

    assert page.index("worst") < page.index("minor") < page.index("taken")


def test_a_page_without_text_shows_the_title() -> None:
    """Whatever the body looks like, the entry says what it is about."""
    page = rendered([], [an_entry(body=["odd"], alert_title="Disk full", alert_severity="major")])

    assert '<p class="words">Disk full</p>' in page


def test_the_policy_forbids_scripts_and_other_origins() -> None:
    """Nothing but the page's own style sheet is allowed."""
    policy = headers()["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script-src" not in policy


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-5, "0 s ago"), (59, "59 s ago"), (60, "1 min ago"), (7_300, "2 h ago"), (200_000, "2 d ago")],
)
def test_ages_are_in_one_unit(seconds: int, expected: str) -> None:
    """The largest unit that fits; a clock ahead of the row reads as now."""
    assert ago(NOW - timedelta(seconds=seconds), NOW) == expected
