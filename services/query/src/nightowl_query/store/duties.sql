-- Leave, swaps and calendar feeds. Unqualified names are the tenant's tables.

-- name: load_user
SELECT id, display_name, timezone FROM users WHERE id = $1

-- name: list_leave
-- Keyset on id, newest first; those that touch a span. NULL lets everything through.
SELECT l.id, jsonb_build_object('id', u.id, 'display_name', u.display_name) AS user, l.starts_at, l.ends_at, l.note,
    l.calendar_uid, l.created_at
FROM leave AS l JOIN users AS u ON u.id = l.user_id
WHERE l.withdrawn_at IS NULL AND l.id < $1
    AND ($2::uuid IS NULL OR l.user_id = $2)
    AND ($3::timestamptz IS NULL OR l.ends_at > $3)
    AND ($4::timestamptz IS NULL OR l.starts_at < $4)
ORDER BY l.id DESC
LIMIT $5

-- name: count_leave
SELECT count(*)
FROM leave AS l
WHERE l.withdrawn_at IS NULL
    AND ($1::uuid IS NULL OR l.user_id = $1)
    AND ($2::timestamptz IS NULL OR l.ends_at > $2)
    AND ($3::timestamptz IS NULL OR l.starts_at < $3)

-- name: lock_leave
SELECT l.id, jsonb_build_object('id', u.id, 'display_name', u.display_name) AS user, l.starts_at, l.ends_at, l.note,
    l.calendar_uid, l.created_at
FROM leave AS l JOIN users AS u ON u.id = l.user_id
WHERE l.id = $1 AND l.user_id = $2 AND l.withdrawn_at IS NULL
FOR UPDATE OF l

-- name: lock_imported_leave
-- Index: leave_calendar.
SELECT l.id, jsonb_build_object('id', u.id, 'display_name', u.display_name) AS user, l.starts_at, l.ends_at, l.note,
    l.calendar_uid, l.created_at
FROM leave AS l JOIN users AS u ON u.id = l.user_id
WHERE l.user_id = $1 AND l.calendar_uid = ANY ($2::text[]) AND l.withdrawn_at IS NULL
FOR UPDATE OF l

-- name: lock_user
-- Two imports of one person wait for each other.
SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE

-- name: insert_leave
INSERT INTO leave (id, user_id, starts_at, ends_at, note, calendar_uid) VALUES ($1, $2, $3, $4, $5, $6)

-- name: withdraw_leave
UPDATE leave SET withdrawn_at = public.clock_now() WHERE id = $1

-- name: list_swaps
-- Keyset on id, newest first. Index: roster_swaps_roster.
SELECT s.id, s.roster_id, jsonb_build_object('id', r.id, 'display_name', r.display_name) AS requester,
    jsonb_build_object('id', c.id, 'display_name', c.display_name) AS colleague, s.gives_from, s.gives_until,
    s.takes_from, s.takes_until, s.note, s.status, s.created_at, s.decided_at
FROM roster_swaps AS s
JOIN users AS r ON r.id = s.requester_id
JOIN users AS c ON c.id = s.colleague_id
WHERE s.roster_id = $1 AND s.id < $2 AND ($3::text[] IS NULL OR s.status = ANY ($3))
ORDER BY s.id DESC
LIMIT $4

-- name: count_swaps
SELECT count(*) FROM roster_swaps WHERE roster_id = $1 AND ($2::text[] IS NULL OR status = ANY ($2))

-- name: load_swap
SELECT s.id, s.roster_id, jsonb_build_object('id', r.id, 'display_name', r.display_name) AS requester,
    jsonb_build_object('id', c.id, 'display_name', c.display_name) AS colleague, s.gives_from, s.gives_until,
    s.takes_from, s.takes_until, s.note, s.status, s.created_at, s.decided_at
FROM roster_swaps AS s
JOIN users AS r ON r.id = s.requester_id
JOIN users AS c ON c.id = s.colleague_id
WHERE s.id = $1 AND s.roster_id = $2

-- name: insert_swap
INSERT INTO roster_swaps (id, roster_id, requester_id, colleague_id, gives_from, gives_until, takes_from, takes_until, note)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: list_swaps_of
-- What waits for a person's answer while it can still be given, and answers to what they asked that they have not seen.
-- Soonest first. Indexes: roster_swaps_asked, roster_swaps_unseen.
SELECT s.id, s.roster_id, o.name AS roster_name, o.timezone,
    jsonb_build_object('id', r.id, 'display_name', r.display_name) AS requester,
    jsonb_build_object('id', c.id, 'display_name', c.display_name) AS colleague, s.gives_from, s.gives_until,
    s.takes_from, s.takes_until, s.note, s.status, s.created_at, s.decided_at
FROM roster_swaps AS s
JOIN rosters AS o ON o.id = s.roster_id
JOIN users AS r ON r.id = s.requester_id
JOIN users AS c ON c.id = s.colleague_id
WHERE (s.colleague_id = $1 AND s.status = 'open' AND s.gives_until > public.clock_now())
    OR (s.requester_id = $1 AND s.status <> 'open' AND s.seen_at IS NULL)
ORDER BY s.gives_from, s.id
LIMIT $2

-- name: settle_swap
-- Who settles their own request knows the answer.
UPDATE roster_swaps
SET status = $2, decided_at = public.clock_now(), seen_at = CASE WHEN requester_id = $3 THEN public.clock_now() END
WHERE id = $1 AND status = 'open'

-- name: see_swap
UPDATE roster_swaps SET seen_at = public.clock_now() WHERE id = $1 AND status <> 'open' AND seen_at IS NULL

-- name: list_feeds
-- Keyset on id, newest first.
SELECT id, roster_id, user_id, created_at, revoked_at
FROM feed_tokens
WHERE id < $1 AND ($2::uuid IS NULL OR roster_id = $2) AND ($3::uuid IS NULL OR user_id = $3)
ORDER BY id DESC
LIMIT $4

-- name: count_feeds
SELECT count(*) FROM feed_tokens WHERE ($1::uuid IS NULL OR roster_id = $1) AND ($2::uuid IS NULL OR user_id = $2)

-- name: insert_feed
INSERT INTO feed_tokens (id, token_hash, roster_id, user_id) VALUES ($1, $2, $3, $4)

-- name: find_feed
SELECT id, roster_id, user_id, created_at, revoked_at FROM feed_tokens WHERE id = $1

-- name: revoke_feed
UPDATE feed_tokens SET revoked_at = public.clock_now() WHERE id = $1 AND revoked_at IS NULL

-- name: find_feed_by_token
-- A suspended tenant has no feeds. Index: feed_tokens_token_hash_key.
SELECT f.id, f.roster_id, f.user_id, f.created_at, f.revoked_at
FROM feed_tokens AS f
WHERE f.token_hash = $1 AND f.revoked_at IS NULL
    AND EXISTS (SELECT FROM public.tenants AS t WHERE t.slug = $2 AND t.status = 'active')
