-- Answers to POSTs with an Idempotency-Key. Unqualified names are the tenant's tables.

-- name: forget_old_keys
-- Index: idempotency_keys_at.
DELETE FROM idempotency_keys
WHERE (key, route, actor) IN (
    SELECT key, route, actor FROM idempotency_keys
    WHERE at < public.clock_now() - interval '24 hours'
    ORDER BY at
    LIMIT 100
    FOR UPDATE SKIP LOCKED
)

-- name: claim_key
-- A rival with the same key makes this wait for its commit; nothing comes back when the key was used.
INSERT INTO idempotency_keys (key, route, actor, request) VALUES ($1, $2, $3, $4)
ON CONFLICT (key, route, actor) DO NOTHING
RETURNING true

-- name: load_answer
SELECT request, answer FROM idempotency_keys WHERE key = $1 AND route = $2 AND actor = $3

-- name: keep_answer
UPDATE idempotency_keys SET answer = $4 WHERE key = $1 AND route = $2 AND actor = $3
