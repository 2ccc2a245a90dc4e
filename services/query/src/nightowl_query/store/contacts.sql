-- Contact methods and notification rules. Unqualified names are the tenant's tables.

-- name: user_exists
SELECT EXISTS (SELECT FROM users WHERE id = $1)

-- name: lock_user
-- Writers of one person's contact methods wait for each other.
SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE

-- name: list_methods
SELECT id, kind, address, position, verified_at IS NOT NULL AS is_verified, verified_at, name AS browser_name, gone_at,
    revision, created_at
FROM contact_methods LEFT JOIN push_subscriptions ON contact_method_id = id
WHERE user_id = $1
ORDER BY kind, position, id

-- name: load_method
SELECT id, kind, address, position, verified_at IS NOT NULL AS is_verified, verified_at, name AS browser_name, gone_at,
    revision, created_at
FROM contact_methods LEFT JOIN push_subscriptions ON contact_method_id = id
WHERE user_id = $1 AND id = $2

-- name: insert_method
INSERT INTO contact_methods (id, user_id, kind, address, position, verified_at)
VALUES ($1, $2, $3, $4, $5, CASE WHEN $6::boolean THEN public.clock_now() END)

-- name: update_method
UPDATE contact_methods
SET kind = $3, address = $4, position = $5, revision = revision + 1,
    verified_at = CASE WHEN $6::boolean THEN coalesce(verified_at, public.clock_now()) END
WHERE user_id = $1 AND id = $2

-- name: save_browser
-- One that comes again is the same contact method, and in force again.
INSERT INTO contact_methods AS m (id, user_id, kind, address, verified_at) VALUES ($1, $2, 'push', $3, public.clock_now())
ON CONFLICT (user_id, kind, address) DO UPDATE
SET verified_at = coalesce(m.verified_at, public.clock_now()), revision = m.revision + 1
RETURNING id

-- name: delete_method
DELETE FROM contact_methods WHERE user_id = $1 AND id = $2

-- name: count_test_pages
-- Index: test_pages_user.
SELECT count(*) FROM test_pages WHERE user_id = $1 AND created_at > public.clock_now() - make_interval(mins => $2)

-- name: insert_test_page
-- The person's older ones go when the tenant does not keep deliveries for so long; the last always stays.
-- Index: test_pages_user.
WITH old AS (
    DELETE FROM test_pages AS p USING tenant_config AS c
    WHERE p.user_id = $2 AND p.settled_at < public.clock_now() - make_interval(days => c.keep_deliveries_days)
)
INSERT INTO test_pages (id, user_id, contact_method_id, channel, address, asked_by, purpose)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: list_test_pages
-- Index: test_pages_user.
SELECT id, purpose, channel, address, asked_by, status, provider, provider_id, reason, detail, created_at, settled_at
FROM test_pages
WHERE user_id = $1 AND contact_method_id = $2
ORDER BY created_at DESC, id DESC
LIMIT 20

-- name: load_rules
SELECT high, low, quiet_hours, revision FROM notification_rules WHERE user_id = $1

-- name: load_timezone
SELECT timezone FROM users WHERE id = $1

-- name: upsert_rules
INSERT INTO notification_rules (user_id, high, low, quiet_hours) VALUES ($1, $2, $3, $4)
ON CONFLICT (user_id) DO UPDATE
SET high = excluded.high, low = excluded.low, quiet_hours = excluded.quiet_hours,
    revision = notification_rules.revision + 1, updated_at = public.clock_now()
