-- Browsers of people. Unqualified names are the tenant's tables.

-- name: save_subscription
-- A browser that comes again is there again.
INSERT INTO push_subscriptions (contact_method_id, name, sealed, key_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (contact_method_id) DO UPDATE
SET name = excluded.name, sealed = excluded.sealed, key_id = excluded.key_id, gone_at = NULL

-- name: load_subscriptions
-- $1 is a person, all of whose browsers are meant, or one browser's contact method.
-- Indexes: contact_methods_user_id_kind_address_key, contact_methods_pkey.
SELECT s.contact_method_id AS method_id, s.sealed, s.key_id
FROM contact_methods AS m JOIN push_subscriptions AS s ON s.contact_method_id = m.id
WHERE (m.user_id = $1 OR m.id = $1) AND m.kind = 'push' AND m.verified_at IS NOT NULL
ORDER BY m.id

-- name: end_subscription
-- Once: who comes second finds it ended.
WITH ended AS (
    UPDATE push_subscriptions SET gone_at = public.clock_now()
    WHERE contact_method_id = $1 AND gone_at IS NULL
    RETURNING contact_method_id, name
)
UPDATE contact_methods AS m SET verified_at = NULL, revision = m.revision + 1
FROM ended AS e
WHERE m.id = e.contact_method_id
RETURNING m.user_id, m.address, e.name

-- name: lock_sealed_otherwise
-- What is not under a master key.
SELECT contact_method_id, sealed, key_id FROM push_subscriptions
WHERE key_id <> $1
ORDER BY contact_method_id
FOR NO KEY UPDATE

-- name: replace_seal
UPDATE push_subscriptions SET sealed = $2, key_id = $3 WHERE contact_method_id = $1
