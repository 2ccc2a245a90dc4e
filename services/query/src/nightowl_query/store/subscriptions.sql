-- Webhook subscriptions and the log of their deliveries. Unqualified names are the tenant's tables.

-- name: list_subscriptions
-- Keyset on id, newest first. Indexes: webhook_subscriptions_pkey, webhook_deliveries_due.
SELECT s.id, s.name, s.endpoint_id, e.name AS endpoint_name, s.event_types, s.matchers, s.min_severity, s.is_enabled, s.is_gone,
    (SELECT count(*) FROM webhook_deliveries AS d WHERE d.subscription_id = s.id AND d.due_at IS NOT NULL) AS waiting,
    s.revision, s.created_at, s.updated_at
FROM webhook_subscriptions AS s JOIN endpoints AS e ON e.id = s.endpoint_id
WHERE s.id < $1
ORDER BY s.id DESC
LIMIT $2

-- name: count_subscriptions
SELECT count(*) FROM webhook_subscriptions

-- name: load_subscription
SELECT s.id, s.name, s.endpoint_id, e.name AS endpoint_name, s.event_types, s.matchers, s.min_severity, s.is_enabled, s.is_gone,
    (SELECT count(*) FROM webhook_deliveries AS d WHERE d.subscription_id = s.id AND d.due_at IS NOT NULL) AS waiting,
    s.revision, s.created_at, s.updated_at
FROM webhook_subscriptions AS s JOIN endpoints AS e ON e.id = s.endpoint_id
WHERE s.id = $1

-- name: lock_subscription
SELECT id FROM webhook_subscriptions WHERE id = $1 FOR UPDATE

-- name: hold_endpoint
-- Kept from being deleted until the subscription is written.
SELECT kind FROM endpoints WHERE id = $1 FOR KEY SHARE

-- name: insert_subscription
-- Nothing comes back when the name is taken.
INSERT INTO webhook_subscriptions (id, name, endpoint_id, event_types, matchers, min_severity, is_enabled)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (name) DO NOTHING
RETURNING id

-- name: update_subscription
-- One that is enabled again is owed nothing of what happened meanwhile.
UPDATE webhook_subscriptions
SET name = $2, endpoint_id = $3, event_types = $4, matchers = $5, min_severity = $6, is_enabled = $7,
    is_gone = is_gone AND NOT $7, active_from = CASE WHEN $7 AND NOT is_enabled THEN public.clock_now() ELSE active_from END,
    revision = revision + 1, updated_at = public.clock_now()
WHERE id = $1

-- name: delete_subscription
-- Its deliveries and their attempts go along.
DELETE FROM webhook_subscriptions WHERE id = $1

-- name: list_deliveries
-- Keyset on id, newest first. Index: webhook_deliveries_listed.
SELECT id, subscription_id, event_id, event_type, replay, original_id, status, attempts AS attempt_count, status_code, reason,
    CASE status WHEN 'queued' THEN due_at END AS next_attempt_at, created_at, settled_at
FROM webhook_deliveries
WHERE subscription_id = $1 AND id < $4
    AND ($2::text[] IS NULL OR status = ANY ($2))
    AND ($3::text[] IS NULL OR event_type = ANY ($3))
ORDER BY id DESC
LIMIT $5

-- name: count_deliveries
-- Counted up to a bound, so that the cost has one too. Index: webhook_deliveries_listed.
SELECT count(*)
FROM (
    SELECT
    FROM webhook_deliveries
    WHERE subscription_id = $1
        AND ($2::text[] IS NULL OR status = ANY ($2))
        AND ($3::text[] IS NULL OR event_type = ANY ($3))
    LIMIT $4
) AS counted

-- name: load_delivery
SELECT id, subscription_id, event_id, event_type, replay, original_id, status, attempts AS attempt_count, status_code, reason,
    CASE status WHEN 'queued' THEN due_at END AS next_attempt_at, created_at, settled_at, body
FROM webhook_deliveries
WHERE id = $1

-- name: load_attempts
-- Index: webhook_attempts_pkey.
SELECT outcome, status_code, detail, finished_at FROM webhook_attempts WHERE delivery_id = $1 ORDER BY finished_at, token
