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
-- Those asked for and those they link to; a circle of links ends. Indexes: rosters_pkey, roster_members_roster_id_position_key.
WITH RECURSIVE linked AS (
    SELECT id, linked_roster_id FROM rosters WHERE id = ANY ($1::uuid[])
    UNION
    SELECT r.id, r.linked_roster_id FROM rosters AS r JOIN linked AS l ON r.id = l.linked_roster_id
)
SELECT r.id AS roster_id, r.timezone, r.rotation_days, r.rotation_hours, r.handoff_time, r.handoff_day, r.start_date,
    r.end_date, r.active_from, r.active_until, r.linked_roster_id, coalesce(m.members, '[]') AS members
FROM rosters AS r
LEFT JOIN LATERAL (
    SELECT jsonb_agg(
        jsonb_build_object('user_id', t.user_id, 'joined_on', t.joined_on, 'left_on', t.left_on) ORDER BY t.position
    ) AS members
    FROM roster_members AS t
    WHERE t.roster_id = r.id
) AS m ON true
WHERE r.id IN (SELECT id FROM linked)

-- name: load_overrides
-- Index: roster_overrides_span.
SELECT roster_id, id AS override_id, user_id, starts_at, ends_at
FROM roster_overrides
WHERE roster_id = ANY ($1::uuid[]) AND ends_at > $2::timestamptz - interval '40 days'
    AND starts_at < $2::timestamptz + interval '40 days'

-- name: load_pins
-- No turn is longer than 366 days. Index: roster_pins_roster_id_turn_at_key.
SELECT roster_id, user_id, turn_at
FROM roster_pins
WHERE roster_id = ANY ($1::uuid[]) AND turn_at BETWEEN $2::timestamptz - interval '367 days'
    AND $2::timestamptz + interval '367 days'

-- name: load_absences
-- Leave around an instant, and who was deactivated: by the last change of their row. Index: leave_span.
SELECT l.user_id, l.starts_at, l.ends_at, 'leave' AS kind
FROM leave AS l JOIN users AS u ON u.id = l.user_id
WHERE u.is_active AND l.withdrawn_at IS NULL AND l.ends_at > $1::timestamptz - interval '40 days'
    AND l.starts_at < $1::timestamptz + interval '40 days'
UNION ALL
SELECT id, least(updated_at, $1::timestamptz), NULL, 'inactive' FROM users WHERE NOT is_active
