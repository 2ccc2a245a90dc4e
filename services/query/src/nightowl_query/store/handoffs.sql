-- What a shift hands over. Unqualified names are the tenant's tables. Ids are made by hosts' clocks, so the bounds on them
-- have an hour to spare.

-- name: count_alerts
-- Index: alerts_pkey.
SELECT count(*) FILTER (WHERE first_fired_at >= $2 AND first_fired_at < $3) AS opened,
    count(*) FILTER (WHERE acknowledged_at >= $2 AND acknowledged_at < $3) AS acknowledged,
    count(*) FILTER (WHERE resolved_at >= $2 AND resolved_at < $3) AS resolved
FROM alerts
WHERE policy_id = ANY ($1::uuid[])
    AND id >= public.uuidv7_floor(
        least($2::timestamptz, now() - (public.clock_now() - $2::timestamptz)) - interval '30 days 1 hour'
    )

-- name: list_open_alerts
-- Index: alerts_open.
SELECT a.id, a.title, a.severity, a.status, a.first_fired_at,
    CASE WHEN u.id IS NOT NULL THEN jsonb_build_object('id', u.id, 'display_name', u.display_name) END AS assignee,
    count(*) OVER () AS total
FROM alerts AS a LEFT JOIN users AS u ON u.id = a.assignee_id
WHERE a.status <> 'resolved' AND a.policy_id = ANY ($1::uuid[])
ORDER BY a.status <> 'firing', array_position(ARRAY['critical', 'major', 'warning', 'info'], a.severity), a.id
LIMIT 100

-- name: list_page_times
-- Index: deliveries_pkey.
SELECT sent_at
FROM deliveries
WHERE recipient = $1 AND sent_at >= $2 AND sent_at < $3 AND status IN ('sent', 'delivered')
    AND id >= public.uuidv7_floor(least($2::timestamptz, now() - (public.clock_now() - $2::timestamptz)) - interval '1 day')
LIMIT 100000

-- name: list_policy_names
SELECT id, name FROM escalation_policies WHERE archived_at IS NULL
