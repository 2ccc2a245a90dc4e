-- Subscriptions as workers see them, and the posts that are owed to them. Unqualified names are the tenant's tables.

-- name: lock_enabled_subscriptions
-- Kept from being deleted until the deliveries are written. A tenant has few of them.
SELECT id, event_types, matchers, min_severity, active_from
FROM webhook_subscriptions
WHERE is_enabled
ORDER BY id
FOR KEY SHARE

-- name: load_alert_facts
-- Index: alerts_pkey.
SELECT id, labels, severity, source, title FROM alerts WHERE id = ANY ($1::uuid[])

-- name: insert_webhook_deliveries
-- Once per subscription, event and replay. Nothing comes back for those that were there.
INSERT INTO webhook_deliveries (id, subscription_id, event_id, event_type, body, replay, original_id, due_at)
SELECT n.id, n.subscription_id, n.event_id, n.event_type, n.body, n.replay, n.original_id, public.clock_now()
FROM json_to_recordset($1::json) AS n (
    id uuid, subscription_id uuid, event_id uuid, event_type text, body text, replay integer, original_id uuid
)
ON CONFLICT (subscription_id, event_id, replay) DO NOTHING
RETURNING id, due_at

-- name: load_due_tenants
-- Those of suspended tenants wait. Indexes: timers_due, tenants_suspended.
SELECT DISTINCT tenant
FROM public.timers
WHERE kind = 'webhook' AND due_at <= public.clock_now()
    AND tenant NOT IN (SELECT slug FROM public.tenants WHERE status = 'suspended')

-- name: load_due_subscriptions
-- How many posts wait for each receiver, counted up to a bound. Index: webhook_deliveries_due.
SELECT s.id, d.due
FROM webhook_subscriptions AS s
CROSS JOIN LATERAL (
    SELECT count(*) AS due
    FROM (
        SELECT FROM webhook_deliveries
        WHERE subscription_id = s.id AND due_at IS NOT NULL AND due_at <= public.clock_now()
        LIMIT $1
    ) AS counted
) AS d
WHERE d.due > 0
ORDER BY s.id

-- name: load_stray_webhook_timers
-- Timers whose delivery is settled or gone. Indexes: timers_due, webhook_deliveries_pkey.
SELECT t.ref
FROM public.timers AS t LEFT JOIN webhook_deliveries AS d ON d.id = t.ref
WHERE t.kind = 'webhook' AND t.tenant = $1 AND t.due_at <= public.clock_now() AND d.due_at IS NULL
ORDER BY t.ref
LIMIT $2

-- name: claim_webhook_delivery
-- The oldest due post for one receiver that nobody else has in hand. A lease that is over is fenced off by the new token.
-- Index: webhook_deliveries_due.
WITH next AS MATERIALIZED (
    SELECT id, status FROM webhook_deliveries
    WHERE subscription_id = $1 AND due_at IS NOT NULL AND due_at <= public.clock_now()
        AND NOT EXISTS (SELECT FROM public.tenants WHERE slug = $3 AND status = 'suspended')
    ORDER BY due_at, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
UPDATE webhook_deliveries AS d
SET status = 'sending', token = d.token + 1, attempts = d.attempts + 1,
    due_at = public.clock_now() + make_interval(secs => $2)
FROM next, webhook_subscriptions AS s JOIN endpoints AS e ON e.id = s.endpoint_id
WHERE d.id = next.id AND s.id = d.subscription_id
RETURNING d.id, d.subscription_id, d.event_type, d.body, d.token, d.attempts, next.status = 'sending' AS was_lost, d.due_at,
    s.is_enabled, e.url, e.secret

-- name: lock_webhook_subscription
-- Before its deliveries: the lock order of all writers.
SELECT is_enabled FROM webhook_subscriptions WHERE id = $1 FOR NO KEY UPDATE

-- name: settle_webhook_delivery
-- Fenced: a holder whose token is old changes nothing.
UPDATE webhook_deliveries
SET status = $3, status_code = coalesce($4, status_code), reason = $5, due_at = NULL, settled_at = public.clock_now()
WHERE id = $1 AND token = $2 AND status = 'sending'
RETURNING id

-- name: requeue_webhook_delivery
UPDATE webhook_deliveries
SET status = 'queued', status_code = coalesce($3, status_code), reason = $4,
    due_at = public.clock_now() + make_interval(secs => $5)
WHERE id = $1 AND token = $2 AND status = 'sending'
RETURNING due_at

-- name: hold_webhook_deliveries
-- Whatever waits for a receiver that asked for patience waits as long. Index: webhook_deliveries_due.
UPDATE webhook_deliveries
SET due_at = public.clock_now() + make_interval(secs => $2)
WHERE status = 'queued' AND id IN (
    SELECT id FROM webhook_deliveries
    WHERE subscription_id = $1 AND status = 'queued' AND due_at < public.clock_now() + make_interval(secs => $2)
    ORDER BY id
    FOR UPDATE SKIP LOCKED
)
RETURNING id, due_at

-- name: stop_webhook_deliveries
-- Index: webhook_deliveries_due. One that is being sent comes to its end.
UPDATE webhook_deliveries
SET status = 'failed', reason = $2, due_at = NULL, settled_at = public.clock_now()
WHERE status = 'queued' AND id IN (
    SELECT id FROM webhook_deliveries
    WHERE subscription_id = $1 AND status = 'queued' AND due_at IS NOT NULL
    ORDER BY id
    FOR UPDATE
)
RETURNING id

-- name: lock_unsettled_webhook_deliveries
-- Index: webhook_deliveries_due.
SELECT id FROM webhook_deliveries WHERE subscription_id = $1 AND due_at IS NOT NULL ORDER BY id FOR UPDATE

-- name: end_webhook_subscription
-- Nothing comes back when it was disabled before.
UPDATE webhook_subscriptions
SET is_enabled = false, is_gone = true, revision = revision + 1, updated_at = public.clock_now()
WHERE id = $1 AND is_enabled
RETURNING name, revision

-- name: insert_webhook_attempt
INSERT INTO webhook_attempts (delivery_id, token, outcome, status_code, detail)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (delivery_id, token, outcome) DO NOTHING

-- name: lock_webhook_original
-- With its subscription, which counts the replays one after the other.
SELECT d.id, d.subscription_id, d.event_id, d.event_type, d.body
FROM webhook_deliveries AS d JOIN webhook_subscriptions AS s ON s.id = d.subscription_id
WHERE d.id = $1
FOR NO KEY UPDATE OF s

-- name: load_next_replay
-- Index: the unique key.
SELECT max(replay) + 1 FROM webhook_deliveries WHERE subscription_id = $1 AND event_id = $2

-- name: lock_webhook_deliveries_missing
-- Unsettled deliveries without a timer. Index: webhook_deliveries_due. The grace keeps those out that are being worked on.
SELECT d.id, d.token, d.due_at
FROM webhook_deliveries AS d
WHERE d.due_at IS NOT NULL AND d.created_at < public.clock_now() - interval '5 seconds'
    AND NOT EXISTS (SELECT FROM public.timers AS t WHERE t.kind = 'webhook' AND t.ref = d.id)
ORDER BY d.id
LIMIT 1000
FOR UPDATE OF d SKIP LOCKED
