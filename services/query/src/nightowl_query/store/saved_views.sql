-- Saved views. Unqualified names are the tenant's tables. $1 is always who asks: their own views and shared ones are there.

-- name: list_views
-- Keyset on id, newest first. Index: saved_views_pkey.
SELECT v.id, v.name, v.query, v.is_shared, v.has_sound, v.revision, v.created_at, v.updated_at,
    CASE WHEN coalesce(u.id, a.id) IS NOT NULL
        THEN json_build_object('id', v.owner_id, 'name', coalesce(u.display_name, a.username)) END AS owner
FROM saved_views AS v
LEFT JOIN users AS u ON u.id = v.owner_id AND u.is_active
LEFT JOIN public.local_admins AS a ON a.id = v.owner_id
WHERE (v.is_shared OR v.owner_id = $1) AND v.id < $2
ORDER BY v.id DESC
LIMIT $3

-- name: count_views
SELECT count(*) FROM saved_views WHERE is_shared OR owner_id = $1

-- name: load_view
SELECT v.id, v.name, v.query, v.is_shared, v.has_sound, v.revision, v.created_at, v.updated_at,
    CASE WHEN coalesce(u.id, a.id) IS NOT NULL
        THEN json_build_object('id', v.owner_id, 'name', coalesce(u.display_name, a.username)) END AS owner
FROM saved_views AS v
LEFT JOIN users AS u ON u.id = v.owner_id AND u.is_active
LEFT JOIN public.local_admins AS a ON a.id = v.owner_id
WHERE (v.is_shared OR v.owner_id = $1) AND v.id = $2

-- name: lock_view
SELECT FROM saved_views WHERE (is_shared OR owner_id = $1) AND id = $2 FOR UPDATE

-- name: lock_views_of
-- Whoever adds one waits for others who add one for the same owner.
SELECT pg_advisory_xact_lock(hashtextextended('saved_views:' || current_schema() || coalesce($1::uuid::text, ''), 0))

-- name: count_views_of
-- Index: saved_views_owner.
SELECT count(*) FROM saved_views WHERE owner_id IS NOT DISTINCT FROM $1::uuid

-- name: insert_view
INSERT INTO saved_views (id, name, query, is_shared, has_sound, owner_id) VALUES ($2, $3, $4, $5, $6, $1)

-- name: update_view
UPDATE saved_views
SET name = $2, query = $3, is_shared = $4, has_sound = $5, revision = revision + 1, updated_at = public.clock_now()
WHERE id = $1

-- name: delete_view
DELETE FROM saved_views WHERE id = $1
