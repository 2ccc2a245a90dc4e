-- Rosters as people edit them. Unqualified names are the tenant's tables.

-- name: list_rosters
-- Keyset on id, newest first. Index: rosters_pkey.
SELECT r.id, r.name, r.description, r.timezone,
    CASE WHEN r.rotation_hours IS NOT NULL THEN 'custom' WHEN r.rotation_days = 1 THEN 'daily'
        WHEN r.rotation_days = 7 THEN 'weekly' ELSE 'custom' END AS rotation_kind,
    r.rotation_days, r.rotation_hours, r.handoff_time::text AS handoff_time, r.handoff_day,
    r.start_date::text AS start_date, r.end_date::text AS end_date, r.active_from::text AS active_from,
    r.active_until::text AS active_until, r.linked_roster_id, r.max_weeks, r.revision, r.created_at,
    r.updated_at,
    coalesce(m.members, '[]') AS members
FROM rosters AS r
LEFT JOIN LATERAL (
    SELECT jsonb_agg(
        jsonb_build_object('id', u.id, 'display_name', u.display_name, 'timezone', u.timezone, 'member_id', t.id,
            'position', t.position, 'joined_on', t.joined_on, 'left_on', t.left_on)
        ORDER BY t.position
    ) AS members
    FROM roster_members AS t JOIN users AS u ON u.id = t.user_id AND u.is_active
    WHERE t.roster_id = r.id
) AS m ON true
WHERE r.id < $1
    AND ($3::uuid IS NULL OR r.id = $3)
    AND NOT EXISTS (
        SELECT FROM unnest($4::text[]) AS word WHERE strpos(lower(r.name || ' ' || r.description), lower(word)) = 0
    )
ORDER BY r.id DESC
LIMIT $2

-- name: count_rosters
SELECT count(*) FROM rosters
WHERE NOT EXISTS (
    SELECT FROM unnest($1::text[]) AS word WHERE strpos(lower(name || ' ' || description), lower(word)) = 0
)

-- name: list_overrides
-- Those that end after an instant. Index: roster_overrides_span.
SELECT o.id, jsonb_build_object('id', u.id, 'display_name', u.display_name) AS user, o.starts_at, o.ends_at, o.reason,
    o.created_at
FROM roster_overrides AS o JOIN users AS u ON u.id = o.user_id
WHERE o.roster_id = $1 AND o.ends_at > $2
ORDER BY o.starts_at, o.id

-- name: list_pins
-- Those whose turn may not be over at an instant. Index: roster_pins_roster_id_turn_at_key.
SELECT p.id, jsonb_build_object('id', u.id, 'display_name', u.display_name) AS user, p.turn_at, p.reason, p.created_at
FROM roster_pins AS p JOIN users AS u ON u.id = p.user_id
WHERE p.roster_id = $1 AND p.turn_at > $2::timestamptz - (
    SELECT make_interval(hours => greatest(rotation_days * 24, rotation_hours)) FROM rosters WHERE id = $1
)
ORDER BY p.turn_at

-- name: lock_roster
SELECT id, revision, name, created_at FROM rosters WHERE id = $1 FOR UPDATE

-- name: insert_roster
INSERT INTO rosters (id, name, description, timezone, rotation_days, rotation_hours, handoff_time, handoff_day, start_date,
    end_date, active_from, active_until, linked_roster_id, max_weeks)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)

-- name: update_roster
UPDATE rosters
SET name = $2, description = $3, timezone = $4, rotation_days = $5, rotation_hours = $6, handoff_time = $7,
    handoff_day = $8, start_date = $9, end_date = $10, active_from = $11, active_until = $12, linked_roster_id = $13,
    max_weeks = $14
WHERE id = $1

-- name: delete_roster
-- Members, overrides, pins, swaps and feeds go with it; its revisions stay.
DELETE FROM rosters WHERE id = $1

-- name: bump_revision
UPDATE rosters SET revision = revision + 1, updated_at = public.clock_now() WHERE id = $1 RETURNING revision

-- name: insert_revision
INSERT INTO roster_revisions (roster_id, revision, actor, change, definition) VALUES ($1, $2, $3, $4, $5)

-- name: insert_first_revision
-- Of a roster from before revisions were kept: as it stood, known since it was made.
INSERT INTO roster_revisions (roster_id, revision, known_from, actor, change, definition)
SELECT $1, $2, $3, $4, 'found', $5
WHERE NOT EXISTS (SELECT FROM roster_revisions WHERE roster_id = $1)

-- name: load_links
-- The rosters that one links to, in order; a circle ends.
WITH RECURSIVE linked AS (
    SELECT id, name, linked_roster_id, 0 AS step FROM rosters WHERE id = $1
    UNION ALL
    SELECT r.id, r.name, r.linked_roster_id, l.step + 1
    FROM rosters AS r JOIN linked AS l ON r.id = l.linked_roster_id
    WHERE l.step < 100
)
SELECT id, name FROM linked ORDER BY step

-- name: load_active_users
SELECT id FROM users WHERE id = ANY ($1::uuid[]) AND is_active

-- name: list_members
SELECT id, user_id, position, joined_on, left_on FROM roster_members WHERE roster_id = $1 ORDER BY position

-- name: insert_member
INSERT INTO roster_members (id, roster_id, user_id, position, joined_on, left_on) VALUES ($1, $2, $3, $4, $5, $6)

-- name: update_member
UPDATE roster_members SET joined_on = $2, left_on = $3 WHERE id = $1

-- name: order_members
-- The constraint on positions looks when the statement is done.
UPDATE roster_members AS m
SET position = o.position - 1
FROM unnest($1::uuid[]) WITH ORDINALITY AS o (id, position)
WHERE m.id = o.id AND m.position <> o.position - 1

-- name: delete_member
DELETE FROM roster_members WHERE id = $1

-- name: find_override
SELECT id, user_id, starts_at, ends_at, reason FROM roster_overrides WHERE id = $1 AND roster_id = $2

-- name: find_clash
-- Of somebody who left none counts. Index: roster_overrides_span.
SELECT o.user_id, o.starts_at, o.ends_at, o.reason
FROM roster_overrides AS o JOIN users AS u ON u.id = o.user_id
WHERE o.roster_id = $1 AND o.starts_at < $3 AND o.ends_at > $2 AND o.id IS DISTINCT FROM $4
    AND u.is_active
ORDER BY o.starts_at, o.id
LIMIT 1

-- name: insert_override
INSERT INTO roster_overrides (id, roster_id, user_id, starts_at, ends_at, reason) VALUES ($1, $2, $3, $4, $5, $6)

-- name: update_override
UPDATE roster_overrides SET user_id = $2, starts_at = $3, ends_at = $4, reason = $5 WHERE id = $1

-- name: delete_override
DELETE FROM roster_overrides WHERE id = $1

-- name: find_pin
SELECT user_id, turn_at, reason FROM roster_pins WHERE id = $1 AND roster_id = $2

-- name: upsert_pin
-- One pin per turn: a second one takes its place.
INSERT INTO roster_pins (id, roster_id, user_id, turn_at, reason) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (roster_id, turn_at) DO UPDATE
SET user_id = excluded.user_id, reason = excluded.reason, created_at = public.clock_now()

-- name: delete_pin
DELETE FROM roster_pins WHERE id = $1
