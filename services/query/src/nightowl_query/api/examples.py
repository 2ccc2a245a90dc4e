"""An example of every request body, for the API document."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from nightowl_alerting.knowledge.model import IncidentContent, MergeOrder, Promotion, VoteContent
from nightowl_query.api.actions import (
    AssignRequest,
    CommentRequest,
    HandOverRequest,
    ReasonGiven,
    RerouteRequest,
    SnoozeRequest,
)
from nightowl_query.api.bulk import BulkRequest
from nightowl_query.model import KeyMapping, Resolution, WebhookSecret
from nightowl_query.model.config import ConfigChange
from nightowl_query.model.contact_codes import TypedCode
from nightowl_query.model.contacts import BrowserContent, ContactContent, RulesContent
from nightowl_query.model.credentials import SlackContent, SmtpContent, TwilioContent
from nightowl_query.model.duties import LeaveContent, SwapOrder
from nightowl_query.model.endpoints import EndpointChange, NewEndpoint
from nightowl_query.model.explanation import PastedAlert
from nightowl_query.model.heartbeats import HeartbeatContent, NewHeartbeat
from nightowl_query.model.history import HistoryRequest
from nightowl_query.model.identity import NewApiKey, NewToken, UserChange, UserNew
from nightowl_query.model.knowledge import KnowledgeImport, PatternTrial, RunbookContent
from nightowl_query.model.ladders import DraftRunRequest, DryRunRequest
from nightowl_query.model.oidc import IssuerContent, TrialAnswer
from nightowl_query.model.policies import PolicyContent
from nightowl_query.model.preferences import MyPreferences
from nightowl_query.model.rehearsal import (
    GroupingDryRun,
    InhibitionDryRun,
    RouteDryRun,
    SilenceDryRun,
    WindowDryRun,
)
from nightowl_query.model.rosters import (
    MemberChange,
    MemberNew,
    OverrideContent,
    PinContent,
    RosterContent,
    RosterNew,
)
from nightowl_query.model.rules import (
    GroupingRuleContent,
    InhibitionRuleContent,
    MaintenanceWindowContent,
    RouteContent,
    RuleOrder,
    SilenceContent,
)
from nightowl_query.model.saved_views import SavedViewContent
from nightowl_query.model.schedules import PreviewOrder
from nightowl_query.model.signing_in import PasswordChange, SignIn
from nightowl_query.model.subscriptions import SubscriptionContent
from nightowl_query.model.tenants import LimitsContent, NewTenant

Json = dict[str, Any]

_AN_ID = "01995d6f-3c51-7b32-8e44-0a6a1b7c8d90"
_INCIDENT: Json = {
    "title": "Volume of the orders database is full",
    "severity": "critical",
    "fingerprints": ["8b1f3d0a9c2e4f56"],
    "tags": ["postgres", "disk"],
    "services": ["orders"],
    "symptoms": "Writes fail with `No space left on device`.",
    "error_patterns": ["could not extend file .*: No space left on device"],
    "root_cause": "WAL is kept for a replica that is gone.",
    "solution": "Drop the unused replication slot.",
}
_HEARTBEAT: Json = {
    "description": "The nightly backup, which calls when it is done.",
    "interval_seconds": 86_400,
    "grace_seconds": 3_600,
    "severity": "major",
    "labels": {"service": "backups"},
}
_POLICY: Json = {
    "name": "Payments",
    "description": "Who is on call, then the backup, then the lead; twice.",
    "tiers": [
        {"timeout_minutes": 5, "notify_via": ["slack_dm"], "targets": ["oncall_primary"]},
        {"timeout_minutes": 10, "notify_via": ["slack_dm", "sms"], "targets": ["oncall_backup"]},
        {"timeout_minutes": 15, "notify_via": ["phone"], "targets": ["team_lead", f"roster:{_AN_ID}:primary"]},
    ],
    "repeat_count": 1,
    "roster_id": _AN_ID,
    "lead_id": _AN_ID,
}
_TEAM_DB: Json = {"name": "team", "op": "=", "value": "databases"}
_BY_CLUSTER: Json = {"group_by": ["cluster"], "threshold": 3, "window_minutes": 10}
_NODE_DOWN: Json = {
    "source_matchers": [{"name": "alertname", "op": "=", "value": "NodeDown"}],
    "target_matchers": [{"name": "severity", "op": "=~", "value": "warning|critical"}],
    "equal": ["cluster"],
}
_PATCH_DAY: Json = {
    "matchers": [_TEAM_DB],
    "timezone": "Europe/Berlin",
    "starts_at": "2026-03-01T02:00:00",
    "duration_minutes": 120,
    "rrule": "FREQ=MONTHLY;BYDAY=1SU",
}
_ROSTER: Json = {
    "name": "Platform Europe",
    "timezone": "Europe/Berlin",
    "rotation_days": 7,
    "handoff_time": "09:00",
    "start_date": "2026-03-02",
    "active_from": "08:00",
    "active_until": "20:00",
    "linked_roster_id": _AN_ID,
}
_OVERRIDE: Json = {
    "user_id": _AN_ID, "starts_at": "2026-03-07T09:00:00+01:00", "ends_at": "2026-03-08T09:00:00+01:00",
    "reason": "moving house",
}  # fmt: skip
_RUNBOOK: Json = {
    "title": "Make room on a database volume",
    "markdown": "1. Find unused replication slots.\n2. Drop them.",
    "category": "databases",
    "tags": ["postgres"],
}


def body_examples() -> Mapping[type[msgspec.Struct], Sequence[Json]]:  # long: one line per body
    """By the type that is read."""
    return {
        AssignRequest: [{"assignee_id": _AN_ID, "reason": "knows the database"}, {"assignee_id": None}],
        BulkRequest: [
            {"action": "acknowledge", "ids": [_AN_ID]},
            {"action": "resolve", "arguments": {"resolution": "made room"}, "filter": {"service": ["orders"]}},
        ],
        EndpointChange: [{"name": "Operations room"}, {"name": "Hook", "url": "https://hooks.example.com/nightowl"}],
        NewEndpoint: [
            {"name": "Operations room", "kind": "mattermost", "url": "https://chat.example.com/hooks/ab12cd34"}
        ],
        NewTenant: [{"slug": "payments", "name": "Payments"}],
        LimitsContent: [{"alerts_per_minute": 300_000, "key_alerts_per_minute": 150_000}, {}],
        ConfigChange: [{"auto_close_minutes": 1_440, "timezone": "Europe/Berlin"}, {"keep_alerts_days": 365}],
        IssuerContent: [
            {
                "issuer": "https://sso.example.com/realms/acme",
                "client_id": "nightowl",
                "client_secret": "a-secret-of-the-provider",
                "audience": "nightowl-api",
                "role_claim": "realm_access.roles",
                "roles": {"nightowl-admin": "admin", "on-call": "engineer"},
            }
        ],
        TrialAnswer: [{"state": "what-the-address-had-behind-state", "code": "what-the-provider-gave"}],
        SlackContent: [
            {
                "team_id": "T0123ABCD",
                "bot_token": "xoxb-0123456789-abcdefghijkl",
                "signing_secret": "0123456789abcdef0123456789abcdef",
            }
        ],
        TwilioContent: [
            {"account_sid": "AC0123456789abcdef", "auth_token": "0123456789abcdef", "from_number": "+4930123456"}
        ],
        SmtpContent: [
            {
                "host": "smtp.example.com",
                "port": 587,
                "security": "starttls",
                "username": "nightowl",
                "password": "correct horse battery staple",
                "from_address": "nightowl@example.com",
            }
        ],
        BrowserContent: [
            {
                "name": "Firefox on Android",
                "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABk",
                "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
                "auth": "BTBZMqHH6r4Tts7J_aSIgg",
            }
        ],
        CommentRequest: [{"text": "Failing over to the replica."}],
        ContactContent: [{"kind": "sms", "address": "+4915550000001", "position": 0}],
        DraftRunRequest: [{"policy": _POLICY, "severity": "major"}],
        DryRunRequest: [{"at": "2026-03-14T03:00:00+01:00", "severity": "critical"}],
        HandOverRequest: [{"user_id": _AN_ID, "minutes": 10, "reason": "knows the database"}],
        HeartbeatContent: [_HEARTBEAT],
        HistoryRequest: [{"policy": _POLICY, "days": 30}, {"version": 3, "days": 7}],
        GroupingDryRun: [{"kind": "grouping_rule", "days": 7, "rule": _BY_CLUSTER}],
        GroupingRuleContent: [{"name": "by cluster", **_BY_CLUSTER}],
        InhibitionDryRun: [{"kind": "inhibition_rule", "rule": _NODE_DOWN}],
        InhibitionRuleContent: [{"name": "node down", **_NODE_DOWN}],
        IncidentContent: [_INCIDENT],
        KeyMapping: [{"mapping": {"alerts": "events", "title": "check.name", "severity": "check.state"}}],
        KnowledgeImport: [{"version": 1, "runbooks": [{"id": _AN_ID, **_RUNBOOK}], "incidents": [_INCIDENT]}],
        LeaveContent: [
            {"starts_at": "2026-07-06T00:00:00+02:00", "ends_at": "2026-07-20T00:00:00+02:00", "note": "summer"}
        ],
        MemberChange: [{"position": 1, "left_on": "2026-09-01"}],
        MemberNew: [{"user_id": _AN_ID, "joined_on": "2026-04-06"}],
        MergeOrder: [{"source_id": _AN_ID, "choices": {"solution": "both", "title": "target"}}],
        MyPreferences: [
            {"theme": "dark", "density": "compact", "time_zone": "Europe/Berlin", "keys": {"acknowledge": "k"}}
        ],
        NewApiKey: [
            {"description": "Alertmanager in prod-eu", "scope": "ingest"},
            {"description": "deploy bot", "role": "engineer", "expires_at": "2199-01-01T00:00:00Z"},
        ],
        NewHeartbeat: [
            {"name": "nightly-backup", **_HEARTBEAT},
            {
                "name": "prometheus",
                "interval_seconds": 120,
                "matchers": [{"name": "alertname", "op": "=", "value": "Watchdog"}],
            },
        ],
        NewToken: [{"description": "command line on my laptop", "role": "readonly"}],
        OverrideContent: [_OVERRIDE],
        PasswordChange: [{"current": "printed-by-the-cli", "new": "correct horse battery staple"}],
        PastedAlert: [
            {
                "source": "grafana",
                "fingerprint": "8b1f3d0a9c2e4f56",
                "status": "firing",
                "severity": "critical",
                "title": "Disk full",
                "labels": {"service": "orders", "cluster": "prod"},
            }
        ],
        PatternTrial: [{"payload": {"log": "could not extend file"}, "patterns": ["could not extend file"]}],
        PinContent: [{"user_id": _AN_ID, "turn_at": "2026-03-16T12:00:00Z", "reason": "knows the release"}],
        PolicyContent: [_POLICY],
        PreviewOrder: [
            {"starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-30T00:00:00Z", "overrides": [_OVERRIDE]}
        ],
        Promotion: [{"root_cause": "WAL is kept for a replica that is gone.", "tags": ["disk"]}],
        ReasonGiven: [{"reason": "The deploy was rolled back."}],
        RerouteRequest: [{"policy_id": _AN_ID, "reason": "it is the database"}],
        Resolution: [{"resolution": "Dropped the unused replication slot."}],
        RosterContent: [_ROSTER],
        RosterNew: [{**_ROSTER, "members": [_AN_ID]}],
        RouteContent: [
            {"name": "databases", "matchers": [_TEAM_DB], "slack_channel": "C0DATABASES", "pages_from": "warning"}
        ],
        RouteDryRun: [
            {"kind": "route", "days": 30, "rule": {"matchers": [_TEAM_DB], "pages_from": "warning", "position": 1}}
        ],
        RuleOrder: [{"ids": [_AN_ID]}],
        RulesContent: [
            {
                "high": [{"channel": "slack_dm"}, {"channel": "phone", "delay_minutes": 3}],
                "low": [{"channel": "email"}],
            }
        ],
        RunbookContent: [_RUNBOOK],
        SavedViewContent: [
            {"name": "Databases, unacknowledged", "query": {"status": "firing", "label": ["team=databases"]}}
        ],
        SignIn: [{"tenant": "acme", "username": "admin", "password": "printed-by-the-cli"}],
        SilenceContent: [{"matchers": [_TEAM_DB], "ends_at": "2026-03-02T07:00:00Z", "comment": "Planned failover"}],
        SilenceDryRun: [{"kind": "silence", "days": 14, "rule": {"matchers": [_TEAM_DB], "comment": "migration"}}],
        SubscriptionContent: [
            {
                "name": "Status page",
                "endpoint_id": _AN_ID,
                "event_types": ["alert.opened", "alert.resolved"],
                "matchers": [_TEAM_DB],
                "min_severity": "major",
            },
            {"name": "Everything", "endpoint_id": _AN_ID, "event_types": ["*"]},
        ],
        SnoozeRequest: [{"until": "2026-03-02T07:00:00Z", "reason": "Known until the maintenance window."}],
        MaintenanceWindowContent: [{"name": "patch day", **_PATCH_DAY}],
        SwapOrder: [
            {
                "colleague_id": _AN_ID,
                "gives_from": "2026-03-09T09:00:00+01:00",
                "gives_until": "2026-03-16T09:00:00+01:00",
                "takes_from": "2026-03-16T09:00:00+01:00",
                "takes_until": "2026-03-23T09:00:00+01:00",
                "note": "a wedding",
            }
        ],
        WindowDryRun: [{"kind": "maintenance_window", "days": 90, "rule": _PATCH_DAY}],
        TypedCode: [{"code": "042817"}],
        UserChange: [{"timezone": "Europe/Berlin", "phone": "+4915550000001", "preferences": {"theme": "dark"}}],
        UserNew: [
            {
                "email": "dana@example.com",
                "display_name": "Dana Diaz",
                "timezone": "America/Lima",
                "role": "engineer",
                "external_id": "https://login.example.com#248289761001",
            }
        ],
        VoteContent: [{"helped": True}, {"helped": False, "reason": "the slot was gone already"}],
        WebhookSecret: [{"secret": "correct-horse-battery-staple"}, {"secret": None}],
    }
