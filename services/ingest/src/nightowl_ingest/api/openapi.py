"""The webhooks' part of the system's OpenAPI 3.1 document, made from the Structs that read and answer."""

from typing import Any

import msgspec

from nightowl_common.web import PROBLEM_TYPE, Problem
from nightowl_ingest.engine.alertmanager import AlertmanagerPayload
from nightowl_ingest.engine.generic import GenericAlert, GenericAlerts
from nightowl_ingest.engine.grafana import GrafanaLegacyPayload, GrafanaPayload
from nightowl_ingest.engine.keep import KeepAlert
from nightowl_ingest.model import Receipt, Trial, TrialRequest

JsonObject = dict[str, Any]
"""A piece of an OpenAPI document."""

_REFS = "#/components/schemas/{name}"

_RECEIPT_ID = "01995d6f-3c4e-7a10-9d2b-5f1f0c9e4a77"

ALERTMANAGER_EXAMPLE: JsonObject = {
    "version": "4",
    "groupKey": '{}:{alertname="KubePodCrashLooping"}',
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "nightowl",
    "groupLabels": {"alertname": "KubePodCrashLooping"},
    "commonLabels": {"alertname": "KubePodCrashLooping", "severity": "critical"},
    "commonAnnotations": {"summary": "Pod is crash looping."},
    "externalURL": "http://alertmanager.example.com",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "KubePodCrashLooping", "severity": "critical", "namespace": "payments"},
            "annotations": {"summary": "Pod is crash looping.", "runbook_url": "https://runbooks.example.com/crash"},
            "startsAt": "2026-03-01T03:04:05.678Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example.com/graph?g0.expr=up",
            "fingerprint": "8b1f3d0a9c2e4f56",
        }
    ],
}
GENERIC_EXAMPLE: JsonObject = {
    "title": "Backup of orders failed",
    "severity": "major",
    "description": "pg_dump ended with code 1.",
    "labels": {"service": "orders", "attempt": 3},
    "url": "https://ci.example.com/jobs/4711",
}
AGENT_EXAMPLE: JsonObject = {
    "title": "Disk almost full on db-1",
    "status": "resolved",
    "severity": "warning",
    "fingerprint": "disk-db-1",
    "agent_metadata": {
        "agent_id": "janitor",
        "action_taken": "removed rotated logs",
        "action_result": "81 % → 43 %",
        "auto_resolved": True,
        "confidence": 0.97,
    },
}
SIGNOZ_EXAMPLE: JsonObject = {
    "version": "4",
    "groupKey": '{}:{alertname="Slow checkout"}',
    "status": "firing",
    "receiver": "nightowl",
    "alerts": [
        {
            "status": "firing",
            "labels": {
                "alertname": "[No data] Slow checkout",
                "ruleId": "0196f3c2",
                "ruleSource": "https://signoz.example.com/alerts/edit?ruleId=0196f3c2",
                "severity": "critical",
                "service_name": "checkout",
                "noData": "true",
            },
            "annotations": {"summary": "No samples for 10 minutes", "related_logs": "https://signoz.example.com/logs"},
            "startsAt": "2026-03-01T03:04:05Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "https://signoz.example.com/alerts/edit?ruleId=0196f3c2",
            "fingerprint": "77aa01c5d2e3f456",
        }
    ],
}
GRAFANA_EXAMPLE: JsonObject = {
    "version": "1",
    "receiver": "nightowl",
    "status": "firing",
    "orgId": 1,
    "state": "alerting",
    "title": "[FIRING:1] Checkout is slow",
    "truncatedAlerts": 0,
    "commonLabels": {"alertname": "CheckoutSlow"},
    "externalURL": "https://grafana.example.com/",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "CheckoutSlow", "grafana_folder": "Shop", "severity": "critical"},
            "annotations": {"summary": "p99 is above 2 s"},
            "startsAt": "2026-03-01T03:04:05Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "https://grafana.example.com/alerting/grafana/a1/view",
            "fingerprint": "c0ffee0000000001",
            "silenceURL": "https://grafana.example.com/alerting/silence/new?matcher=alertname%3DCheckoutSlow",
            "dashboardURL": "https://grafana.example.com/d/shop",
            "panelURL": "https://grafana.example.com/d/shop?viewPanel=3",
            "values": {"A": 2.4},
            "valueString": "[ var='A' value=2.4 ]",
        }
    ],
}
GRAFANA_LEGACY_EXAMPLE: JsonObject = {
    "title": "[Alerting] Checkout is slow",
    "ruleId": 17,
    "ruleName": "Checkout is slow",
    "ruleUrl": "https://grafana.example.com/d/shop?viewPanel=3",
    "state": "alerting",
    "message": "p99 is above 2 s",
    "imageUrl": "https://grafana.example.com/render/17.png",
    "orgId": 1,
    "tags": {"severity": "critical", "service": "checkout"},
    "evalMatches": [{"metric": "p99", "value": 2.4, "tags": {"pod": "checkout-1"}}],
}
KEEP_EXAMPLE: JsonObject = {
    "id": "b1946ac9-2492-4d34-9c0f-27f4a1f3e001",
    "name": "Replication lag on db-2",
    "status": "firing",
    "severity": "high",
    "lastReceived": "2026-03-01T03:04:05.000Z",
    "startedAt": "2026-03-01T03:00:00.000Z",
    "environment": "production",
    "service": "orders",
    "source": ["datadog"],
    "message": "Replica is 340 s behind.",
    "url": "https://app.example.com/monitors/99",
    "labels": {"host": "db-2", "lag_seconds": 340},
    "fingerprint": "9a0364b9e99bb480dd25e1f0284c8555",
    "isNoisy": False,
}
TRIAL_EXAMPLE: JsonObject = {
    "payload": {"events": [{"check": {"name": "disk", "state": "CRITICAL"}, "host": "db-1"}]},
    "mapping": {"alerts": "events", "title": "check.name", "severity": "check.state", "labels": "{host: host}"},
}
_RECEIPT_EXAMPLE: JsonObject = {
    "receipt_id": _RECEIPT_ID,
    "alerts": [
        {
            "index": 0,
            "event_id": f"{_RECEIPT_ID}:0",
            "disposition": "opened",
            "alert_id": "01995d6f-3c51-7b32-8e44-0a6a1b7c8d90",
        }
    ],
    "rejected": [{"index": 1, "field": "$.alerts[1].labels.severity", "reason": "Expected `str`, got `int`"}],
    "truncated": 0,
}

_REFUSALS = {
    "400": "The body is empty or not JSON; `detail` names the byte.",
    "401": "No API key, or not a valid one.",
    "403": "The key may only read.",
    "413": "The body is larger than 1 MiB, or holds too many alerts.",
    "422": "No alert can be read; `errors` names each field.",
    "503": "Nothing was accepted; send it again. `Retry-After` says when.",
}


def webhook_paths() -> JsonObject:
    """`paths` and `components.schemas`, to be merged into the system's document."""
    kinds = (
        Receipt, Problem, AlertmanagerPayload, GrafanaPayload, GrafanaLegacyPayload, KeepAlert, GenericAlert,
        GenericAlerts, TrialRequest, Trial,
    )  # fmt: skip
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REFS)
    receipt, problem, alertmanager, unified, legacy, keep, generic, several, trial_request, trial = schemas
    paths = {
        "alertmanager": _alertmanager(alertmanager, receipt, problem),
        "grafana": _grafana({"anyOf": [unified, legacy]}, receipt, problem),
        "keep": _keep(keep, receipt, problem),
        "generic": _generic({"anyOf": [generic, several, _list_of(generic)]}, receipt, problem),
        "generic/test": _trial(trial_request, trial, problem),
    }
    webhooks = {f"/api/v1/webhooks/{name}": path for name, path in paths.items()}
    return {
        "paths": {**webhooks, "/api/v1/heartbeats/{name}": _beat(receipt, problem)},
        "components": {"schemas": components},
    }


def _alertmanager(body: JsonObject, receipt: JsonObject, problem: JsonObject) -> JsonObject:
    examples = {"group": ALERTMANAGER_EXAMPLE, "signoz": SIGNOZ_EXAMPLE}
    return _path(
        "Receive alerts from Alertmanager",
        "Version 4 of its webhook. The answer waits for dispositions only when `Prefer: wait=N` asks for it.",
        _operation("receiveAlertmanager", body, examples, receipt, problem),
    )


def _grafana(body: JsonObject, receipt: JsonObject, problem: JsonObject) -> JsonObject:
    examples = {"unified": GRAFANA_EXAMPLE, "legacy": GRAFANA_LEGACY_EXAMPLE}
    path = _path(
        "Receive alerts from Grafana",
        "Unified alerting and the legacy form. A key with a webhook secret takes signed calls only "
        "(`X-Grafana-Alerting-Signature`).",
        _operation("receiveGrafana", body, examples, receipt, problem),
    )
    return {**path, "put": {**path["post"], "operationId": "receiveGrafanaByPut"}}


def _keep(alert: JsonObject, receipt: JsonObject, problem: JsonObject) -> JsonObject:
    wrapped = [
        {"type": "object", "required": [name], "properties": {name: inner}}
        for name, inner in (("alert", alert), ("alerts", _list_of(alert)))
    ]
    return _path(
        "Receive alerts from Keep",
        'One alert, a list, `{"alert": …}` or `{"alerts": […]}`.',
        _operation(
            "receiveKeep", {"anyOf": [alert, _list_of(alert), *wrapped]}, {"alert": KEEP_EXAMPLE}, receipt, problem
        ),
    )


def _generic(body: JsonObject, receipt: JsonObject, problem: JsonObject) -> JsonObject:
    examples = {"alert": GENERIC_EXAMPLE, "agent": AGENT_EXAMPLE}
    return _path(
        "Receive alerts from scripts and agents",
        'One alert, a list, or `{"alerts": […]}`. Waits up to 1 s for dispositions, or as `Prefer` says. A key with a '
        "mapping takes any shape.",
        _operation("receiveGeneric", body, examples, receipt, problem),
    )


def _list_of(items: JsonObject) -> JsonObject:
    return {"type": "array", "items": items}


def _trial(request: JsonObject, trial: JsonObject, problem: JsonObject) -> JsonObject:
    operation = _operation("tryGeneric", request, {"mapped": TRIAL_EXAMPLE}, trial, problem)
    answer = {"description": "How each alert would be read.", "content": {"application/json": {"schema": trial}}}
    operation = {**operation, "parameters": [], "responses": {**operation["responses"], "200": answer}}
    description = "With the key's mapping, or with another one to try. Nothing is stored, nobody is paged."
    return {"post": {"summary": "See how a generic payload would be read", "description": description, **operation}}


def _beat(receipt: JsonObject, problem: JsonObject) -> JsonObject:
    operation = _operation("receiveBeat", {}, {}, receipt, problem)
    del operation["requestBody"]
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    refused = {"413": "The body is larger than 1 MiB.", "422": "Nothing can have this name."}
    responses = {code: operation["responses"][code] for code in ("200", "401", "403", "503")}
    responses |= {code: _refused(text, problem) for code, text in refused.items()}
    description = (
        "A body may be sent and is not looked at. A 2xx means that the beat is durable, not that the name is known: a "
        "beat of an unknown name is listed among the rejected payloads, and `Prefer: wait=N` tells its disposition."
    )
    operation = {**operation, "tags": ["Heartbeats"], "parameters": [name, _PREFER], "responses": responses}
    return {"post": {"summary": "Be heard of", "description": description, **operation}}


def _path(summary: str, description: str, operation: JsonObject) -> JsonObject:
    promise = "A 2xx means that every alert listed in `alerts` is durable."
    return {"post": {"summary": summary, "description": f"{description} {promise}", **operation}}


def _operation(
    operation_id: str, body: JsonObject, examples: dict[str, JsonObject], receipt: JsonObject, problem: JsonObject
) -> JsonObject:
    content = {"schema": body, "examples": {name: {"value": value} for name, value in examples.items()}}
    return {
        "operationId": operation_id,
        "tags": ["Webhooks"],
        "x-required-role": "engineer",
        "parameters": [_PREFER],
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": {"200": _accepted(receipt), **{code: _refused(text, problem) for code, text in _REFUSALS.items()}},
    }


_PREFER: JsonObject = {
    "name": "Prefer",
    "in": "header",
    "description": "`wait=N`: wait at most N (up to 10) seconds for dispositions. `respond-async`: do not wait.",
    "schema": {"type": "string"},
    "example": "wait=2",
}


def _accepted(receipt: JsonObject) -> JsonObject:
    return {
        "description": "Durable. `rejected` lists alerts of the payload that could not be read; the others count.",
        "headers": {
            "X-Request-ID": {"schema": {"type": "string"}},
            "Preference-Applied": {"schema": {"type": "string"}, "description": "The `Prefer` that was honoured."},
        },
        "content": {"application/json": {"schema": receipt, "example": _RECEIPT_EXAMPLE}},
    }


def _refused(description: str, problem: JsonObject) -> JsonObject:
    return {"description": description, "content": {PROBLEM_TYPE: {"schema": problem}}}
