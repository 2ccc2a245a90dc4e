-- name: load_policies
SELECT policy_id, version, tiers, repeat_count, roster_id
FROM escalation_policy_versions
WHERE (policy_id, version) IN (SELECT * FROM unnest($1::uuid[], $2::integer[]))

-- name: load_people
SELECT id AS user_id, display_name AS name, role = 'admin' AS is_admin, slack_user_id, phone, email
FROM users
WHERE is_active

-- name: load_slack_channel
SELECT slack_channel FROM tenant_config

-- name: load_endpoints
SELECT id, kind FROM endpoints

-- name: load_rosters
SELECT r.id AS roster_id, r.timezone, r.rotation_days, r.handoff_time, r.start_date, r.end_date,
    coalesce(array_agg(m.user_id ORDER BY m.position) FILTER (WHERE u.is_active), '{}') AS members
FROM rosters AS r
LEFT JOIN roster_members AS m ON m.roster_id = r.id
LEFT JOIN users AS u ON u.id = m.user_id
WHERE r.id = ANY ($1::uuid[])
GROUP BY r.id

-- name: load_overrides
-- Index: roster_overrides_span.
SELECT o.roster_id, o.user_id, o.starts_at, o.ends_at
FROM roster_overrides AS o JOIN users AS u ON u.id = o.user_id AND u.is_active
WHERE o.roster_id = ANY ($1::uuid[]) AND o.ends_at > $2::timestamptz - interval '1 day' AND o.starts_at < $2::timestamptz + interval '40 days'
