-- What the first page shows. Unqualified names are the tenant's tables. Ids are made by hosts' clocks, so bounds on them
-- have time to spare.

-- name: list_paged
-- Open alerts that ask for a person, what nobody has first. `is_current`: by the step that was paged last. Indexes:
-- alerts_urgency (open is 4 and more), the unique key of deliveries, escalation_events_pkey.
SELECT a.id, a.title, a.severity, a.status, a.source,
    CASE WHEN s.id IS NOT NULL THEN json_build_object('id', s.id, 'name', s.name) END AS service,
    a.occurrence_count, a.first_fired_at, a.acknowledged_at, a.acknowledged_by,
    CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'display_name', u.display_name) END AS assignee,
    a.escalation_state, a.tier, t.due_at AS next_tier_at, p.paged_at, coalesce(p.is_current, false) AS is_current,
    a.matched_incident_id IS NOT NULL AS is_matched, a.version, count(*) OVER () AS total
FROM alerts AS a
LEFT JOIN LATERAL (
    SELECT max(d.created_at) AS paged_at, bool_or((d.cycle, d.step) = (e.cycle, e.tier)) AS is_current
    FROM deliveries AS d
    LEFT JOIN LATERAL (
        SELECT cycle, tier FROM escalation_events WHERE alert_id = a.id AND outcome IN ('paged', 'handed_over')
        ORDER BY fired_at DESC, cycle DESC, tier DESC LIMIT 1
    ) AS e ON true
    WHERE d.alert_id = a.id AND d.episode = a.episode AND d.cycle >= a.first_cycle AND d.recipient = 'user:' || $1::uuid::text
) AS p ON true
LEFT JOIN services AS s ON s.id = a.service_id
LEFT JOIN users AS u ON u.id = a.assignee_id
LEFT JOIN public.timers AS t ON t.kind = 'escalation' AND t.ref = a.id AND a.escalation_state = 'pending'
WHERE a.urgency >= 4 AND a.status <> 'resolved' AND (a.assignee_id = $1 OR p.paged_at IS NOT NULL)
ORDER BY a.urgency DESC, a.first_fired_at, a.id
LIMIT $2

-- name: list_burning
-- Open alerts by group, those in none by themselves; a group is told by its worst alert. Only groups are gathered: of the
-- others, which may be many, the worst are picked. Indexes: alerts_open, alerts_group_open.
WITH grouped AS (
    SELECT group_id, NULL::uuid AS alert_id, max(urgency % 4) AS level, min(first_fired_at) AS since, count(*) AS alerts,
        count(*) FILTER (WHERE status = 'firing') AS firing, sum(occurrence_count) AS occurrences,
        (array_agg(id ORDER BY urgency % 4 DESC, first_fired_at, id))[1] AS worst_id
    FROM alerts
    WHERE status <> 'resolved' AND group_id IS NOT NULL
    GROUP BY group_id
), single AS (
    SELECT NULL::uuid AS group_id, id AS alert_id, urgency % 4 AS level, first_fired_at AS since, 1 AS alerts,
        (status = 'firing')::integer AS firing, occurrence_count AS occurrences, id AS worst_id
    FROM alerts
    WHERE status <> 'resolved' AND group_id IS NULL
    ORDER BY urgency % 4 DESC, first_fired_at, id
    LIMIT $1
)
SELECT b.group_id, b.alert_id, (array['info', 'warning', 'major', 'critical'])[1 + b.level] AS severity, b.level, b.since,
    b.alerts, b.firing, b.occurrences, b.worst_id, t.total, a.title,
    CASE WHEN h.id IS NOT NULL THEN json_build_object('id', h.id, 'name', coalesce(u.display_name, h.name, h.id)) END
        AS holder
FROM (
    SELECT * FROM grouped UNION ALL SELECT * FROM single
    ORDER BY level DESC, since, worst_id
    LIMIT $1
) AS b
CROSS JOIN (
    SELECT (SELECT count(*) FROM alerts WHERE status <> 'resolved') + count(*) - coalesce(sum(alerts), 0)::bigint AS total
    FROM grouped
) AS t
JOIN alerts AS a ON a.id = b.worst_id
CROSS JOIN LATERAL (
    SELECT coalesce(a.assignee_id::text, a.acknowledged_by ->> 'id') AS id,
        CASE WHEN a.assignee_id IS NULL THEN a.acknowledged_by ->> 'name' END AS name
) AS h
LEFT JOIN users AS u ON u.id::text = h.id
ORDER BY b.level DESC, b.since, b.worst_id

-- name: count_open
-- By severity. Index: alerts_urgency alone.
SELECT (array['info', 'warning', 'major', 'critical'])[1 + urgency % 4] AS severity, count(*) AS count
FROM alerts
WHERE urgency >= 4
GROUP BY 1

-- name: measure_week
-- The alerts that opened in the 7 days before $1, the newest 100,000: arrivals per hour, and how long people and problems took.
-- Index: alerts_fired.
SELECT floor(extract(epoch FROM $1::timestamptz - first_fired_at) / 3600)::integer AS hours_ago, source,
    count(*) AS alerts, sum(occurrence_count) AS occurrences, count(acknowledged_at) AS acknowledged,
    coalesce(sum(extract(epoch FROM acknowledged_at - first_fired_at)), 0)::double precision AS acknowledge_seconds,
    count(resolved_at) AS resolved,
    coalesce(sum(extract(epoch FROM resolved_at - first_fired_at)), 0)::double precision AS resolve_seconds
FROM (
    SELECT first_fired_at, source, occurrence_count, acknowledged_at, resolved_at
    FROM alerts
    WHERE first_fired_at > $1::timestamptz - interval '7 days' AND first_fired_at <= $1
    ORDER BY first_fired_at DESC
    LIMIT 100000
) AS w
GROUP BY 1, 2

-- name: list_verified
-- Those of some people who have a contact method that is verified.
SELECT DISTINCT user_id FROM contact_methods WHERE user_id = ANY ($1::uuid[]) AND verified_at IS NOT NULL

-- name: load_last_test_page
-- Index: test_pages_user.
SELECT channel, status, created_at FROM test_pages WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1
