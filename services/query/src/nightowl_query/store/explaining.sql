-- Facts for explanations, all read without locks. Unqualified names are the tenant's tables.

-- name: load_alert
-- By id, or the open one of a fingerprint. Indexes: alerts_pkey, alerts_one_open.
SELECT id, fingerprint, episode, previous_id, status, severity, source, title, description, labels, annotations,
    matched_incident_id, match_kind, match_score,
    generator_url, agent, service_id, occurrence_count, starts_at, first_fired_at, last_fired_at, acknowledged_at,
    acknowledged_by, resolved_at, resolved_by, ended_at, resolution, policy_id, policy_version, escalation_state,
    escalation_reason, escalation_version, cycle, tier, version, snoozed_until, assignee_id, first_cycle, group_id,
    pages_from, slack_channel, muted_by, ignores_mutes, last_started_at, last_received_at
FROM alerts
WHERE id = $1 OR (fingerprint = $2 AND status <> 'resolved')

-- name: load_entries
-- The newest entry of each kind that tells of a decision. Index: the primary key.
SELECT DISTINCT ON (kind) id, at, kind, actor, evidence
FROM alert_timeline
WHERE alert_id = $1
    AND kind IN ('opened', 'grouped', 'muted', 'unmuted', 'kb_matched', 'escalated', 'nobody_to_page', 'exhausted')
ORDER BY kind, id DESC

-- name: load_paged
-- The tiers that were paged, oldest first, with what their targets came to. Index: the primary key.
SELECT id AS entry_id, at, (evidence->>'tier')::integer AS tier, coalesce(evidence->'chosen', '[]') AS chosen
FROM alert_timeline
WHERE alert_id = $1 AND kind = 'escalated'
ORDER BY id
LIMIT 200

-- name: load_rosters
SELECT id, name FROM rosters WHERE id = ANY ($1::uuid[])

-- name: load_overrides
SELECT id, starts_at, ends_at, reason FROM roster_overrides WHERE id = ANY ($1::uuid[])

-- name: load_displayed
SELECT id, display_name FROM users WHERE id = ANY ($1::uuid[])

-- name: load_severity_words
SELECT severity_words FROM public.tenants WHERE slug = $1

-- name: load_group
-- By id, or the one that is not closed of a rule and a key. Indexes: alert_groups_pkey, alert_groups_one_open, alerts_group.
SELECT g.id, g.rule_id, g.name, g.key, g.pages, g.opened_at, g.last_added_at, g.closed_at, m.alerts, m.has_open, g.lead_id,
    l.title AS lead_title, l.severity AS lead_severity, l.status AS lead_status, l.escalation_state AS lead_state
FROM alert_groups AS g
LEFT JOIN alerts AS l ON l.id = g.lead_id
CROSS JOIN LATERAL (
    SELECT count(*) AS alerts, coalesce(bool_or(a.status <> 'resolved'), false) AS has_open
    FROM alerts AS a
    WHERE a.group_id = g.id
) AS m
WHERE g.id = $1 OR (g.rule_id = $2 AND g.key = $3 AND g.closed_at IS NULL)

-- name: load_silences
-- Those that stand at an instant. Index: silences_ends.
SELECT id, matchers, starts_at, ends_at, comment
FROM silences
WHERE ends_at > $1 AND starts_at <= $1
ORDER BY id

-- name: load_known
SELECT i.id, i.title, 'fingerprint' AS kind, 1.0::double precision AS score
FROM incident_fingerprints AS f JOIN incidents AS i ON i.id = f.incident_id
WHERE f.fingerprint = $1

-- name: load_matched
SELECT i.id, i.title, a.match_kind AS kind, a.match_score AS score
FROM alerts AS a JOIN incidents AS i ON i.id = a.matched_incident_id
WHERE a.id = $1

-- name: load_policy
SELECT p.name, v.policy_id, v.version, v.tiers, v.repeat_count, v.roster_id
FROM escalation_policies AS p JOIN escalation_policy_versions AS v ON v.policy_id = p.id
WHERE p.id = $1 AND v.version = $2

-- name: load_policy_names
SELECT id, name FROM escalation_policies

-- name: load_people
SELECT id, display_name FROM users WHERE 'user:' || id::text = ANY ($1::text[])

-- name: load_due
SELECT due_at FROM public.timers WHERE kind = 'escalation' AND ref = $1
