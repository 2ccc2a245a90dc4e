-- What questions about rosters are answered from, as it is or as it was known. Unqualified names are the tenant's tables.

-- name: load_library
-- All of it as one text of JSON, because six small questions cost far more to ask than to answer: the rosters $1 (NULL: all)
-- with those they link to (a circle of links ends), what matters to them within $4 of the span from $2 to $3 (NULL: now),
-- whom they can name, and who is away. As it was known at $5: leave as it was then, and who was deactivated by the last
-- change of their row. $6 is the longest turn. Indexes: rosters_pkey, roster_overrides_span,
-- roster_pins_roster_id_turn_at_key, leave_span.
-- The planner does not see into the array, so a plan for these very rosters is none the better, and one is kept: planning
-- takes four times as long as running.
WITH RECURSIVE linked AS (
    SELECT id, linked_roster_id FROM rosters
    WHERE id = ANY (ARRAY (SELECT unnest($1::uuid[]) UNION ALL SELECT id FROM rosters WHERE $1 IS NULL))
    UNION
    SELECT r.id, r.linked_roster_id FROM rosters AS r JOIN linked AS l ON r.id = l.linked_roster_id
), span AS (
    SELECT n.at, coalesce($2, n.at) - $4::interval AS starts_at, coalesce($3, n.at) + $4 AS ends_at
    FROM (SELECT coalesce($2::timestamptz, public.clock_now()) AS at) AS n
), members AS (
    SELECT roster_id, user_id, joined_on, left_on, position FROM roster_members WHERE roster_id IN (SELECT id FROM linked)
), overrides AS (
    SELECT o.roster_id, o.id, o.user_id, o.starts_at, o.ends_at
    FROM roster_overrides AS o JOIN span AS s ON o.ends_at > s.starts_at AND o.starts_at < s.ends_at
    WHERE o.roster_id IN (SELECT id FROM linked) AND o.created_at <= $5
), pins AS (
    SELECT p.roster_id, p.user_id, p.turn_at
    FROM roster_pins AS p JOIN span AS s ON p.turn_at > s.starts_at - $6::interval AND p.turn_at < s.ends_at + $6
    WHERE p.roster_id IN (SELECT id FROM linked) AND p.created_at <= $5
), away AS (
    SELECT l.user_id, l.starts_at, l.ends_at, 'leave' AS kind
    FROM leave AS l
    JOIN users AS u ON u.id = l.user_id
    JOIN span AS s ON l.ends_at > s.starts_at AND l.starts_at < s.ends_at
    WHERE u.is_active AND l.created_at <= $5 AND (l.withdrawn_at IS NULL OR l.withdrawn_at > $5)
    UNION ALL
    SELECT id, updated_at, NULL, 'inactive' FROM users WHERE NOT is_active AND updated_at <= $5
)
SELECT (SELECT at FROM span) AS at, json_build_object(
    'rosters', (
        SELECT coalesce(json_agg(json_build_object(
            'name', r.name, 'description', r.description, 'revision', r.revision, 'created_at', r.created_at,
            'is_revised', EXISTS (SELECT FROM roster_revisions AS v WHERE v.roster_id = r.id),
            'rota', json_build_object(
                'roster_id', r.id, 'timezone', r.timezone, 'rotation_days', r.rotation_days,
                'rotation_hours', r.rotation_hours, 'handoff_time', r.handoff_time, 'handoff_day', r.handoff_day,
                'start_date', r.start_date, 'end_date', r.end_date, 'active_from', r.active_from,
                'active_until', r.active_until, 'linked_roster_id', r.linked_roster_id, 'max_weeks', r.max_weeks,
                'members', coalesce(m.all, '[]'), 'overrides', coalesce(o.all, '[]'), 'pins', coalesce(p.all, '[]')
            )
        ) ORDER BY r.name), '[]')
        FROM rosters AS r
        LEFT JOIN (
            SELECT roster_id, json_agg(
                json_build_object('user_id', user_id, 'joined_on', joined_on, 'left_on', left_on) ORDER BY position
            ) AS "all"
            FROM members GROUP BY roster_id
        ) AS m ON m.roster_id = r.id
        LEFT JOIN (
            SELECT roster_id, json_agg(
                json_build_object('override_id', id, 'user_id', user_id, 'starts_at', starts_at, 'ends_at', ends_at)
                ORDER BY starts_at
            ) AS "all"
            FROM overrides GROUP BY roster_id
        ) AS o ON o.roster_id = r.id
        LEFT JOIN (
            SELECT roster_id, json_agg(json_build_object('user_id', user_id, 'turn_at', turn_at) ORDER BY turn_at) AS "all"
            FROM pins GROUP BY roster_id
        ) AS p ON p.roster_id = r.id
        WHERE r.id IN (SELECT id FROM linked)
    ),
    'absences', (SELECT coalesce(json_agg(away), '[]') FROM away),
    'people', (
        SELECT coalesce(json_agg(json_build_object('id', id, 'display_name', display_name, 'timezone', timezone)), '[]')
        FROM users
        WHERE id IN (
            SELECT user_id FROM members UNION ALL SELECT user_id FROM overrides UNION ALL SELECT user_id FROM pins
        )
    )
)::text AS found

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
