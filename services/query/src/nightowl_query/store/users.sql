-- People as they are written. Unqualified names are the tenant's tables.

-- name: load_user
SELECT id, email, display_name, timezone, phone, slack_user_id, role, is_active, external_id, preferences, revision, created_at
FROM users
WHERE id = $1

-- name: lock_user
SELECT id, email, display_name, timezone, phone, slack_user_id, role, is_active, external_id, preferences, revision, created_at
FROM users
WHERE id = $1
FOR NO KEY UPDATE

-- name: lock_admins
-- In one order, so that two who remove each other wait instead of both succeeding.
SELECT id FROM users WHERE role = 'admin' AND is_active ORDER BY id FOR NO KEY UPDATE

-- name: insert_user
INSERT INTO users (id, email, display_name, timezone, phone, slack_user_id, role, external_id, preferences)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: update_user
UPDATE users
SET email = $2, display_name = $3, timezone = $4, phone = $5, slack_user_id = $6, role = $7, external_id = $8,
    preferences = $9, is_active = $10, revision = revision + 1, updated_at = public.clock_now()
WHERE id = $1

-- name: list_uses
-- What counts on a person from now on.
SELECT 'member' AS kind, r.id, r.name
FROM roster_members AS m JOIN rosters AS r ON r.id = m.roster_id
WHERE m.user_id = $1 AND (m.left_on IS NULL OR m.left_on >= (public.clock_now() AT TIME ZONE 'UTC')::date)
UNION
SELECT 'override', r.id, r.name
FROM roster_overrides AS o JOIN rosters AS r ON r.id = o.roster_id
WHERE o.user_id = $1 AND o.ends_at > public.clock_now()
UNION
SELECT 'pin', r.id, r.name
FROM roster_pins AS p JOIN rosters AS r ON r.id = p.roster_id
WHERE p.user_id = $1 AND p.turn_at > public.clock_now()
UNION
SELECT 'policy', p.id, p.name
FROM escalation_policies AS p
JOIN escalation_policy_versions AS v ON v.policy_id = p.id AND v.version = p.current_version
CROSS JOIN jsonb_array_elements(v.tiers) AS t (tier)
WHERE t.tier -> 'targets' ? ('user:' || $1::uuid::text)
ORDER BY kind, name, id

-- name: revoke_feeds
UPDATE feed_tokens SET revoked_at = public.clock_now() WHERE user_id = $1 AND revoked_at IS NULL
