"""What senders post: each source's own shape, around the same signals. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from nightowl_cli.demo.catalogue import Signal, Source

PATHS: dict[Source, str] = {
    "alertmanager": "alertmanager", "grafana": "grafana", "signoz": "alertmanager", "keep": "keep",
    "generic": "generic", "agent": "generic",
}  # fmt: skip
"""Which webhook a source posts to: SigNoz speaks Alertmanager's language, agents the generic one."""

_NEVER = "0001-01-01T00:00:00Z"


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """Signals that fire, or are over, in one call."""

    signals: Sequence[Signal]
    began: datetime
    at: datetime
    is_over: bool = False

    @property
    def source(self) -> Source:
        """Of all of them."""
        return self.signals[0].problem.source

    def body(self) -> object:
        """As the source writes it."""
        match self.source:
            case "alertmanager":
                return self._alertmanager([self._prometheus(each) for each in self.signals])
            case "grafana":
                alerts = [{**self._prometheus(each), **_panel(each)} for each in self.signals]
                return {**self._alertmanager(alerts), "version": "1", "orgId": 1, "state": self._word("ok", "alerting")}
            case "signoz":
                return self._alertmanager([self._signoz(each) for each in self.signals])
            case "keep":
                return {"alerts": [self._keep(each) for each in self.signals]}
            case "generic" | "agent":
                return {"alerts": [self._generic(each) for each in self.signals]}

    def _word(self, over: str, firing: str) -> str:
        return over if self.is_over else firing

    def _alertmanager(self, alerts: list[dict[str, object]]) -> dict[str, object]:
        name = self.signals[0].problem.name
        return {
            "version": "4", "groupKey": f'{{}}:{{alertname="{name}"}}', "truncatedAlerts": 0,
            "status": self._word("resolved", "firing"), "receiver": "nightowl", "groupLabels": {"alertname": name},
            "commonLabels": {}, "commonAnnotations": {}, "externalURL": "https://alertmanager.example.com",
            "alerts": alerts,
        }  # fmt: skip

    def _prometheus(self, signal: Signal) -> dict[str, object]:
        return {
            "status": self._word("resolved", "firing"),
            "labels": signal.labels,
            "annotations": {"summary": signal.summary, "description": signal.detail},
            "startsAt": self.began.isoformat(),
            "endsAt": self.at.isoformat() if self.is_over else _NEVER,
            "generatorURL": f"https://prometheus.example.com/graph?g0.expr={signal.problem.name}",
            "fingerprint": signal.fingerprint,
        }  # fmt: skip

    def _signoz(self, signal: Signal) -> dict[str, object]:
        rule = {
            "ruleId": signal.fingerprint,
            "ruleSource": f"https://signoz.example.com/alerts?ruleId={signal.fingerprint}",
        }
        return {**self._prometheus(signal), "labels": {**signal.labels, **rule}}

    def _keep(self, signal: Signal) -> dict[str, object]:
        severity = {"major": "high"}.get(signal.problem.severity, signal.problem.severity)
        return {
            "id": signal.fingerprint, "name": signal.title, "status": self._word("resolved", "firing"),
            "severity": severity, "lastReceived": self.at.isoformat(), "firingStartTime": self.began.isoformat(),
            "environment": "production", "service": signal.problem.service, "source": ["zabbix"],
            "message": signal.detail, "labels": signal.labels, "fingerprint": signal.fingerprint,
        }  # fmt: skip

    def _generic(self, signal: Signal) -> dict[str, object]:
        body: dict[str, object] = {
            "title": signal.title, "status": self._word("resolved", "firing"), "severity": signal.problem.severity,
            "description": signal.detail, "labels": signal.labels, "fingerprint": signal.fingerprint,
            "starts_at": self.began.isoformat(), "ends_at": self.at.isoformat() if self.is_over else None,
        }  # fmt: skip
        if self.source == "agent":
            body["agent_metadata"] = {
                "agent_id": "caretaker", "action_taken": signal.detail, "auto_resolved": True,
                "action_result": "Checked twice: it is well.", "confidence": 0.94,
            }  # fmt: skip
        return body


def over(posted: Posted, *, after: timedelta) -> Posted:
    """The end of what was posted."""
    return msgspec.structs.replace(posted, at=posted.at + after, is_over=True)


def _panel(signal: Signal) -> dict[str, object]:
    board = f"https://grafana.example.com/d/{signal.problem.service}"
    return {
        "dashboardURL": board, "panelURL": f"{board}?viewPanel=3", "silenceURL": "https://grafana.example.com/silences",
        "values": {"A": 2.4}, "valueString": "[ var='A' value=2.4 ]",
    }  # fmt: skip
