-- What questions about rosters are answered from, as it is or as it was known. Unqualified names are the tenant's tables.

-- name: load_rotas
-- Those asked for (NULL: all) and those they link to; a circle of links ends. Index: rosters_pkey.
WITH RECURSIVE linked AS (
    SELECT id, linked_roster_id FROM rosters WHERE $1::uuid[] IS NULL OR id = ANY ($1::uuid[])
    UNION
    SELECT r.id, r.linked_roster_id FROM rosters AS r JOIN linked AS l ON r.id = l.linked_roster_id
)
SELECT r.id AS roster_id, r.name, r.description, r.timezone, r.rotation_days, r.rotation_hours, r.handoff_time, r.handoff_day,
    r.start_date, r.end_date, r.active_from, r.active_until, r.linked_roster_id, r.max_weeks, r.revision, r.created_at,
    EXISTS (SELECT FROM roster_revisions AS v WHERE v.roster_id = r.id) AS is_revised,
    coalesce(m.members, '[]') AS members
FROM rosters AS r
LEFT JOIN LATERAL (
    SELECT jsonb_agg(
        jsonb_build_object('user_id', t.user_id, 'joined_on', t.joined_on, 'left_on', t.left_on) ORDER BY t.position
    ) AS members
    FROM roster_members AS t
    WHERE t.roster_id = r.id
) AS m ON true
WHERE r.id IN (SELECT id FROM linked)
ORDER BY r.name

-- name: load_overrides
-- Index: roster_overrides_span.
SELECT roster_id, id AS override_id, user_id, starts_at, ends_at
FROM roster_overrides
WHERE roster_id = ANY ($1::uuid[]) AND ends_at > $2 AND starts_at < $3 AND created_at <= $4
ORDER BY starts_at

-- name: load_pins
-- Index: roster_pins_roster_id_turn_at_key.
SELECT roster_id, user_id, turn_at
FROM roster_pins
WHERE roster_id = ANY ($1::uuid[]) AND turn_at > $2 AND turn_at < $3 AND created_at <= $4
ORDER BY turn_at

-- name: load_absences
-- Leave as it was known at $3, and who was deactivated: by the last change of their row. Index: leave_span.
SELECT l.user_id, l.starts_at, l.ends_at, 'leave' AS kind
FROM leave AS l JOIN users AS u ON u.id = l.user_id
WHERE u.is_active AND l.ends_at > $1 AND l.starts_at < $2 AND l.created_at <= $3
    AND (l.withdrawn_at IS NULL OR l.withdrawn_at > $3)
UNION ALL
SELECT id, updated_at, NULL, 'inactive' FROM users WHERE NOT is_active AND updated_at <= $3

-- name: load_known
-- Index: roster_revisions_known.
SELECT DISTINCT ON (roster_id) revision, change, definition
FROM roster_revisions
WHERE roster_id = ANY ($1::uuid[]) AND known_from <= $2
ORDER BY roster_id, revision DESC

-- name: list_changes
-- When what was known about some rosters or people changed, before an instant, newest first.
SELECT known_from AS at
FROM roster_revisions
WHERE roster_id = ANY ($1::uuid[]) AND known_from < $3 AND known_from > $4
UNION
SELECT created_at FROM leave WHERE user_id = ANY ($2::uuid[]) AND created_at < $3 AND created_at > $4
UNION
SELECT withdrawn_at FROM leave WHERE user_id = ANY ($2::uuid[]) AND withdrawn_at < $3 AND withdrawn_at > $4
ORDER BY at DESC
LIMIT $5

-- name: load_people
SELECT id, display_name, timezone FROM users WHERE id = ANY ($1::uuid[])
