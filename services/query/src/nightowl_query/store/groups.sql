-- Groups, read; the kernel writes them. Unqualified names are the tenant's tables.

-- name: list_groups
-- Keyset on id, newest first. Open is what has an open alert. Indexes: alert_groups_pkey, alerts_group_open.
SELECT g.id, g.name, g.rule_id, g.key, g.pages, g.opened_at, g.last_added_at, g.closed_at, c.is_open, c.counts,
    coalesce(c.open_severity, c.severity) AS severity,
    CASE WHEN l.id IS NOT NULL THEN json_build_object(
        'id', l.id, 'title', l.title, 'severity', l.severity, 'status', l.status,
        'escalation_state', l.escalation_state
    ) END AS lead
FROM (
    SELECT n.*
    FROM alert_groups AS n
    WHERE n.id < $3
        AND ($1::uuid[] IS NULL OR n.rule_id = ANY ($1))
        AND ($2::boolean IS NULL
            OR EXISTS (SELECT FROM alerts AS a WHERE a.group_id = n.id AND a.status <> 'resolved') = $2)
        AND NOT EXISTS (SELECT FROM unnest($5::text[]) AS word WHERE strpos(lower(n.name), lower(word)) = 0)
    ORDER BY n.id DESC
    LIMIT $4
) AS g
CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(a.status <> 'resolved'), false) AS is_open,
        json_build_object(
            'firing', count(*) FILTER (WHERE a.status = 'firing'),
            'acknowledged', count(*) FILTER (WHERE a.status = 'acknowledged'),
            'investigating', count(*) FILTER (WHERE a.status = 'investigating'),
            'resolved', count(*) FILTER (WHERE a.status = 'resolved')
        ) AS counts,
        (array['info', 'warning', 'major', 'critical'])[
            max(array_position(array['info', 'warning', 'major', 'critical'], a.severity))
                FILTER (WHERE a.status <> 'resolved')
        ] AS open_severity,
        (array['info', 'warning', 'major', 'critical'])[
            max(array_position(array['info', 'warning', 'major', 'critical'], a.severity))
        ] AS severity
    FROM alerts AS a
    WHERE a.group_id = g.id
) AS c
LEFT JOIN alerts AS l ON l.id = g.lead_id
ORDER BY g.id DESC

-- name: load_group
-- As in the list. Indexes: alert_groups_pkey, alerts_group.
SELECT g.id, g.name, g.rule_id, g.key, g.pages, g.opened_at, g.last_added_at, g.closed_at, c.is_open, c.counts,
    coalesce(c.open_severity, c.severity) AS severity,
    CASE WHEN l.id IS NOT NULL THEN json_build_object(
        'id', l.id, 'title', l.title, 'severity', l.severity, 'status', l.status,
        'escalation_state', l.escalation_state
    ) END AS lead
FROM alert_groups AS g
CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(a.status <> 'resolved'), false) AS is_open,
        json_build_object(
            'firing', count(*) FILTER (WHERE a.status = 'firing'),
            'acknowledged', count(*) FILTER (WHERE a.status = 'acknowledged'),
            'investigating', count(*) FILTER (WHERE a.status = 'investigating'),
            'resolved', count(*) FILTER (WHERE a.status = 'resolved')
        ) AS counts,
        (array['info', 'warning', 'major', 'critical'])[
            max(array_position(array['info', 'warning', 'major', 'critical'], a.severity))
                FILTER (WHERE a.status <> 'resolved')
        ] AS open_severity,
        (array['info', 'warning', 'major', 'critical'])[
            max(array_position(array['info', 'warning', 'major', 'critical'], a.severity))
        ] AS severity
    FROM alerts AS a
    WHERE a.group_id = g.id
) AS c
LEFT JOIN alerts AS l ON l.id = g.lead_id
WHERE g.id = $1

-- name: count_groups
SELECT count(*)
FROM alert_groups AS n
WHERE ($1::uuid[] IS NULL OR n.rule_id = ANY ($1))
    AND ($2::boolean IS NULL
        OR EXISTS (SELECT FROM alerts AS a WHERE a.group_id = n.id AND a.status <> 'resolved') = $2)
    AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS word WHERE strpos(lower(n.name), lower(word)) = 0)

-- name: group_exists
SELECT EXISTS (SELECT FROM alert_groups WHERE id = $1)

-- name: list_open_members
-- The lead first, then the oldest. Index: alerts_group_open.
SELECT a.id
FROM alerts AS a JOIN alert_groups AS g ON g.id = a.group_id
WHERE a.group_id = $1 AND a.status <> 'resolved'
ORDER BY a.id IS DISTINCT FROM g.lead_id, a.id
LIMIT $2
