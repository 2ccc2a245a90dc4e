-- Silences. Unqualified names are the tenant's tables.

-- name: list_silences
-- Keyset on id, newest first. Indexes: silences_pkey, alerts_muted_by.
SELECT id, revision, state, matchers, starts_at, ends_at, comment, created_by, created_at, updated_at, (
        SELECT count(*) FROM alerts AS a WHERE a.escalation_state = 'muted' AND a.muted_by ->> 'id' = s.id::text
    ) AS muting
FROM (
    SELECT *, CASE
        WHEN ends_at <= public.clock_now() THEN 'expired'
        WHEN starts_at > public.clock_now() THEN 'pending'
        ELSE 'active'
    END AS state
    FROM silences
    WHERE id < $2
) AS s
WHERE $1::text[] IS NULL OR state = ANY ($1)
ORDER BY id DESC
LIMIT $3

-- name: count_silences
SELECT count(*)
FROM silences
WHERE $1::text[] IS NULL
    OR CASE
        WHEN ends_at <= public.clock_now() THEN 'expired'
        WHEN starts_at > public.clock_now() THEN 'pending'
        ELSE 'active'
    END = ANY ($1)

-- name: count_rules
-- Those that are not over. Index: silences_ends.
SELECT count(*) FROM silences WHERE ends_at > public.clock_now()

-- name: load_rule
-- Index: alerts_muted_by.
SELECT id, revision, matchers, starts_at, ends_at, comment, created_by, created_at, updated_at, CASE
        WHEN ends_at <= public.clock_now() THEN 'expired'
        WHEN starts_at > public.clock_now() THEN 'pending'
        ELSE 'active'
    END AS state, (
        SELECT count(*) FROM alerts AS a WHERE a.escalation_state = 'muted' AND a.muted_by ->> 'id' = s.id::text
    ) AS muting
FROM silences AS s
WHERE id = $1

-- name: lock_rules
SELECT id FROM silences WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE

-- name: insert_rule
INSERT INTO silences (id, matchers, starts_at, ends_at, comment, created_by)
SELECT n.id, n.matchers, n.starts_at, n.ends_at, n.comment, n.created_by
FROM json_populate_record(NULL::silences, $1::json) AS n

-- name: update_rule
UPDATE silences AS r
SET matchers = n.matchers, starts_at = n.starts_at, ends_at = n.ends_at, comment = n.comment,
    revision = r.revision + 1, updated_at = public.clock_now()
FROM json_populate_record(NULL::silences, $1::json) AS n
WHERE r.id = n.id

-- name: delete_rule
-- Over now and kept; one that had not begun never does.
UPDATE silences
SET starts_at = least(starts_at, public.clock_now()), ends_at = public.clock_now(), revision = revision + 1,
    updated_at = public.clock_now()
WHERE id = $1 AND ends_at > public.clock_now()
