-- Stored alerts for dry runs of noise rules. Unqualified names are the tenant's tables.

-- name: find_first_tested
-- Where the newest $2 alerts of a range begin; no row: there are not more. Index: alerts_fired.
SELECT first_fired_at, id
FROM alerts
WHERE first_fired_at >= $1
ORDER BY first_fired_at DESC, id DESC
OFFSET $2
LIMIT 1

-- name: list_past_alerts
-- Oldest first, after a place. Indexes: alerts_fired; for pages the unique key of deliveries, which begins with alert_id.
SELECT a.id, a.title, a.severity, a.source, a.labels, a.first_fired_at, a.resolved_at,
    (SELECT count(*) FROM deliveries AS d WHERE d.alert_id = a.id AND d.sent_at IS NOT NULL) AS pages
FROM alerts AS a
WHERE a.first_fired_at >= $1 AND (a.first_fired_at, a.id) > ($1, $2) AND a.first_fired_at <= $3
ORDER BY a.first_fired_at, a.id
LIMIT $4

-- name: list_open_before
-- Alerts that were open at an instant, among those that opened in the week before it and those that are open still.
-- Indexes: alerts_fired, alerts_open.
SELECT a.id, a.title, a.severity, a.source, a.labels, a.first_fired_at, a.resolved_at
FROM alerts AS a
WHERE a.first_fired_at < $1 AND a.first_fired_at >= $1 - interval '7 days' AND a.resolved_at > $1
UNION ALL
SELECT a.id, a.title, a.severity, a.source, a.labels, a.first_fired_at, NULL
FROM alerts AS a
WHERE a.first_fired_at < $1 AND a.status <> 'resolved'
LIMIT $2

-- name: load_policy_names
SELECT id, name, current_version FROM escalation_policies

-- name: load_route_positions
SELECT id, position FROM routes WHERE is_enabled

-- name: load_grouping_positions
SELECT id, position FROM grouping_rules WHERE is_enabled
