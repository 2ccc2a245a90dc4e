-- Noise rules, read; and groups, which the kernel writes. Unqualified names are the tenant's tables.

-- name: load_routes
-- Enabled routes in order, each with its policy's current version. Index: routes_order.
SELECT r.id, r.name, r.matchers, r.service_id, r.policy_id, p.current_version AS policy_version, r.slack_channel,
    r.pages_from, r.continues
FROM routes AS r LEFT JOIN escalation_policies AS p ON p.id = r.policy_id
WHERE r.is_enabled
ORDER BY r.position, r.id

-- name: load_service_routes
-- Services with their policy's current version; the row without a service is the tenant's default.
SELECT s.id AS service_id, s.name, p.id AS policy_id, p.current_version AS policy_version
FROM services AS s LEFT JOIN escalation_policies AS p ON p.id = s.default_policy_id
UNION ALL
SELECT NULL, NULL, p.id, p.current_version
FROM tenant_config AS c LEFT JOIN escalation_policies AS p ON p.id = c.default_policy_id

-- name: load_grouping_rules
-- Enabled rules in order. Index: grouping_rules_order.
SELECT id, name, matchers, group_by, threshold, window_minutes, pages
FROM grouping_rules
WHERE is_enabled
ORDER BY position, id

-- name: load_mute_rules
-- Everything that can mute now, in one round trip. Index: silences_ends.
SELECT
    (SELECT coalesce(json_agg(s), '[]') FROM (
        SELECT id, matchers, starts_at, ends_at, comment FROM silences
        WHERE ends_at > public.clock_now() AND starts_at <= public.clock_now()
        ORDER BY id
    ) AS s) AS silences,
    (SELECT coalesce(json_agg(w), '[]') FROM (
        SELECT id, name, matchers, timezone, starts_at, duration_minutes, rrule FROM maintenance_windows
        WHERE is_enabled
        ORDER BY id
    ) AS w) AS windows,
    (SELECT coalesce(json_agg(i), '[]') FROM (
        SELECT id, name, source_matchers, target_matchers, equal FROM inhibition_rules
        WHERE is_enabled
        ORDER BY id
    ) AS i) AS inhibitions

-- name: hold_mute_rules
-- Shared with other workers; false while somebody is changing them. A worker that waited could deadlock.
SELECT pg_try_advisory_xact_lock_shared(hashtextextended('mute_rules ' || current_schema(), 0))

-- name: lock_mute_rules
-- Waits for the workers that are judging by them.
SELECT pg_advisory_xact_lock(hashtextextended('mute_rules ' || current_schema(), 0))

-- name: find_open_alerts
-- Possible inhibitors of an alert, bounded. Indexes: alerts_labels for labels, else alerts_open.
SELECT id, labels, severity, source, title
FROM alerts
WHERE status <> 'resolved' AND id <> $1 AND labels @> $2
ORDER BY id
LIMIT 500

-- name: find_ungrouped
-- Alerts that opened lately under a key and are in no group yet. Indexes: alerts_fired, alerts_labels.
SELECT id, labels, severity, source, title
FROM alerts
WHERE first_fired_at > $1 AND labels @> $2 AND group_id IS NULL
ORDER BY first_fired_at DESC
LIMIT 200

-- name: lock_open_groups
-- In one order for all callers. Index: alert_groups_one_open.
SELECT g.id, g.rule_id, g.key
FROM alert_groups AS g JOIN json_to_recordset($1::json) AS n (rule_id uuid, key jsonb) USING (rule_id, key)
WHERE g.closed_at IS NULL
ORDER BY g.rule_id, g.key
FOR NO KEY UPDATE OF g

-- name: close_stale_groups
-- Locked groups with nothing open that have taken nothing for the rule's window. Runs after the lock, so it sees what
-- rivals have just added. Index: alerts_group.
UPDATE alert_groups AS g SET closed_at = public.clock_now()
FROM grouping_rules AS r
WHERE g.id = ANY ($1::uuid[]) AND r.id = g.rule_id
    AND g.last_added_at <= public.clock_now() - make_interval(mins => r.window_minutes)
    AND NOT EXISTS (SELECT FROM alerts AS a WHERE a.group_id = g.id AND a.status <> 'resolved')
RETURNING g.id

-- name: insert_groups
-- A rival that began the same group first leaves one fewer row.
INSERT INTO alert_groups (id, rule_id, name, key, pages)
SELECT n.id, n.rule_id, n.name, n.key, n.pages
FROM json_to_recordset($1::json) AS n (id uuid, rule_id uuid, name text, key jsonb, pages text)
ORDER BY n.rule_id, n.key
ON CONFLICT (rule_id, key) WHERE closed_at IS NULL DO NOTHING
RETURNING id

-- name: touch_groups
UPDATE alert_groups SET last_added_at = public.clock_now() WHERE id = ANY ($1::uuid[])

-- name: lock_group_or_skip
-- For timer workers, who never wait.
SELECT g.id, g.name, g.pages, g.lead_id, l.severity AS lead_severity, l.status AS lead_status,
    l.escalation_state AS lead_state
FROM alert_groups AS g LEFT JOIN alerts AS l ON l.id = g.lead_id
WHERE g.id = $1
FOR NO KEY UPDATE OF g SKIP LOCKED

-- name: load_group
SELECT g.id, g.name, g.pages, g.lead_id, l.severity AS lead_severity, l.status AS lead_status,
    l.escalation_state AS lead_state
FROM alert_groups AS g LEFT JOIN alerts AS l ON l.id = g.lead_id
WHERE g.id = $1

-- name: set_lead
UPDATE alert_groups SET lead_id = $2 WHERE id = $1
