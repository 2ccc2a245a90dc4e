-- What targets are resolved with. Reads only; unqualified names are the tenant's tables.

-- name: load_policies
SELECT policy_id, version, tiers, repeat_count, roster_id, lead_id
FROM escalation_policy_versions
WHERE (policy_id, version) IN (SELECT * FROM unnest($1::uuid[], $2::integer[]))

-- name: load_current_policies
SELECT v.policy_id, v.version, v.tiers, v.repeat_count, v.roster_id, v.lead_id
FROM escalation_policies AS p
JOIN escalation_policy_versions AS v ON v.policy_id = p.id AND v.version = p.current_version
WHERE p.archived_at IS NULL AND ($1::uuid[] IS NULL OR p.id = ANY ($1))
ORDER BY p.name

-- name: load_people
-- A verified contact method stands before the address of the same kind in the person's own row. $1 NULL: everybody.
-- Of browsers all are meant together: the person's id stands for them.
SELECT u.id AS user_id, u.display_name AS name, u.role = 'admin' AS is_admin, u.timezone,
    coalesce(m.slack_dm, u.slack_user_id) AS slack_dm, coalesce(m.sms, u.phone) AS sms,
    coalesce(m.phone, u.phone) AS phone, coalesce(m.email, u.email) AS email,
    CASE WHEN m.push THEN u.id::text END AS push, r.high, r.low, r.quiet_hours
FROM users AS u
LEFT JOIN (
    SELECT user_id,
        (array_agg(address ORDER BY position, id) FILTER (WHERE kind = 'slack_dm'))[1] AS slack_dm,
        (array_agg(address ORDER BY position, id) FILTER (WHERE kind = 'sms'))[1] AS sms,
        (array_agg(address ORDER BY position, id) FILTER (WHERE kind = 'phone'))[1] AS phone,
        (array_agg(address ORDER BY position, id) FILTER (WHERE kind = 'email'))[1] AS email,
        bool_or(kind = 'push' AND s.contact_method_id IS NOT NULL) AS push
    FROM contact_methods LEFT JOIN push_subscriptions AS s ON s.contact_method_id = id
    WHERE verified_at IS NOT NULL AND ($1::uuid[] IS NULL OR user_id = ANY ($1))
    GROUP BY user_id
) AS m ON m.user_id = u.id
LEFT JOIN notification_rules AS r ON r.user_id = u.id
WHERE u.is_active AND ($1::uuid[] IS NULL OR u.id = ANY ($1))

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
WHERE roster_id = ANY ($1::uuid[]) AND ends_at > $2 AND starts_at < $3

-- name: load_pins
-- No turn is longer than 366 days. Index: roster_pins_roster_id_turn_at_key.
SELECT roster_id, user_id, turn_at FROM roster_pins WHERE roster_id = ANY ($1::uuid[]) AND turn_at BETWEEN $2 AND $3

-- name: load_absences
-- Leave in a span, and who was deactivated: by the last change of their row. Index: leave_span.
SELECT l.user_id, l.starts_at, l.ends_at, 'leave' AS kind
FROM leave AS l JOIN users AS u ON u.id = l.user_id
WHERE u.is_active AND l.withdrawn_at IS NULL AND l.ends_at > $1 AND l.starts_at < $2
UNION ALL
SELECT id, updated_at, NULL, 'inactive' FROM users WHERE NOT is_active
