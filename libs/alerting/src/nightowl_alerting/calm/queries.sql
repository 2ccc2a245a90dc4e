-- Whose turn it is. Unqualified names are the tenant's tables.

-- name: load_due_critical
-- Without locks: the claim on the delivery row decides who sends. Those of suspended tenants wait.
-- Indexes: timers_critical, tenants_suspended.
SELECT kind, ref, tenant, version, due_at, is_critical
FROM public.timers
WHERE kind = 'delivery' AND is_critical AND due_at <= public.clock_now()
    AND tenant NOT IN (SELECT slug FROM public.tenants WHERE status = 'suspended')
ORDER BY due_at
LIMIT $1

-- name: load_due_ordinary
-- The same for all others. Indexes: timers_due, tenants_suspended.
SELECT kind, ref, tenant, version, due_at, is_critical
FROM public.timers
WHERE kind = 'delivery' AND NOT is_critical AND due_at <= public.clock_now()
    AND tenant NOT IN (SELECT slug FROM public.tenants WHERE status = 'suspended')
ORDER BY due_at
LIMIT $1

-- name: owes_later
-- Whether a step owes its recipient another page later. Index: the unique key of deliveries.
SELECT EXISTS (
    SELECT FROM deliveries
    WHERE alert_id = $1 AND cycle = $2 AND step = $3 AND recipient = $4 AND status = 'queued' AND attempts = 0
        AND not_before > public.clock_now()
)

-- name: load_late
-- Of some queued pages those that were to go out so long ago. Indexes: the primary keys.
SELECT d.id FROM deliveries AS d JOIN alerts AS a ON a.id = d.alert_id
WHERE d.id = ANY ($1::uuid[]) AND d.status = 'queued' AND d.not_before <= public.clock_now()
    AND d.due_at <= public.clock_now() - make_interval(secs => $2)
    AND a.status = 'firing' AND a.escalation_version = d.escalation_version
ORDER BY d.due_at, d.id
LIMIT $3

-- name: load_waiting
-- A page that is queued, whose time has come, and whose alert needs it.
SELECT d.alert_id, d.cycle, d.step, d.recipient, d.due_at, a.severity = 'critical' AS is_critical
FROM deliveries AS d JOIN alerts AS a ON a.id = d.alert_id
WHERE d.id = $1 AND d.status = 'queued' AND d.not_before <= public.clock_now()
    AND a.status = 'firing' AND a.escalation_version = d.escalation_version

-- name: load_standing
-- What the turn of a queued page depends on, if its time has come and its alert needs it. Indexes: the primary keys.
SELECT d.alert_id, d.step, d.recipient, d.channel, d.address, a.severity, d.held_for IS NOT NULL AS is_held, u.timezone,
    r.quiet_hours, c.page_limits
FROM deliveries AS d
JOIN alerts AS a ON a.id = d.alert_id
CROSS JOIN tenant_config AS c
LEFT JOIN users AS u ON u.id = CASE WHEN d.recipient LIKE 'user:%' THEN substr(d.recipient, 6)::uuid END
LEFT JOIN notification_rules AS r ON r.user_id = u.id
WHERE d.id = $1 AND d.status = 'queued' AND d.not_before <= public.clock_now()
    AND a.status = 'firing' AND a.escalation_version = d.escalation_version

-- name: lock_turns
-- Turns of one recipient over one channel are taken one after the other, so that each sees the message before it.
-- Taken before any row of deliveries is locked; whoever holds it waits for no alert.
SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' ' || $1::text || ' ' || $2::text, 0))

-- name: load_told
-- When messages went out to a recipient over a channel lately; null for each that is on its way.
-- Indexes: deliveries_told, deliveries_waiting.
SELECT sent_at AS at FROM deliveries
WHERE recipient = $1 AND channel = $2 AND bundled_into IS NULL AND sent_at > public.clock_now() - $3::interval
UNION ALL
SELECT NULL FROM deliveries
WHERE recipient = $1 AND channel = $2 AND bundled_into IS NULL AND status = 'sending' AND sent_at IS NULL

-- name: lock_behind
-- What else waits for an address and may go out now, locked: what somebody else is changing is left alone.
-- Index: deliveries_waiting.
SELECT d.id AS delivery_id, d.held_for IS NOT NULL AS is_held
FROM deliveries AS d JOIN alerts AS a ON a.id = d.alert_id
WHERE d.recipient = $1 AND d.channel = $2 AND d.address = $3 AND d.id <> $4 AND d.status = 'queued'
    AND (d.held_for = 'limit' OR d.not_before <= public.clock_now())
    AND a.severity <> 'critical' AND a.status = 'firing' AND a.escalation_version = d.escalation_version
ORDER BY d.id
LIMIT $5
FOR UPDATE OF d SKIP LOCKED

-- name: has_held
-- Whether a limit holds anything of a recipient over a channel. Index: deliveries_waiting.
SELECT EXISTS (
    SELECT FROM deliveries WHERE recipient = $1 AND channel = $2 AND status = 'queued' AND held_for IS NOT NULL
)

-- name: hold_delivery
-- A brief wait is no excuse: failing over is still counted from when it was to go out.
UPDATE deliveries
SET not_before = $2, due_at = CASE WHEN $4::boolean THEN due_at ELSE $2 END, held_for = $3
WHERE id = $1 AND status = 'queued'

-- name: claim_followers
-- queued → sending with the message of another one. The rows are locked.
UPDATE deliveries AS d
SET status = 'sending', token = d.token + 1, attempts = d.attempts + 1, lease_until = $3, bundled_into = $2
FROM alerts AS a
WHERE d.id = ANY ($1::uuid[]) AND d.status = 'queued' AND a.id = d.alert_id
RETURNING d.id AS delivery_id, d.alert_id, a.title, a.severity, d.is_repeat

-- name: load_followers
-- Deliveries that went out with the message of another one. Index: deliveries_bundled.
SELECT id FROM deliveries WHERE bundled_into = $1 ORDER BY id

-- name: list_follower_alerts
-- The alerts of those that are on their way. Index: deliveries_bundled.
SELECT alert_id FROM deliveries WHERE bundled_into = $1 AND status = 'sending' ORDER BY alert_id

-- name: insert_follower_attempts
-- Index: deliveries_bundled.
INSERT INTO delivery_attempts (delivery_id, token, outcome, provider, reason, detail)
SELECT id, token, $2, $3, $4, $5 FROM deliveries WHERE bundled_into = $1 AND status = 'sending'
ON CONFLICT (delivery_id, token, outcome) DO NOTHING

-- name: settle_followers_sent
-- With their attempts: one look for the many pages that have no followers. Index: deliveries_bundled.
WITH settled AS (
    UPDATE deliveries
    SET status = 'sent', lease_until = NULL, provider = $2, provider_id = $3, reason = NULL,
        sent_at = public.clock_now(), settled_at = public.clock_now()
    WHERE bundled_into = $1 AND status = 'sending'
    RETURNING id AS delivery_id, alert_id, cycle, step, recipient, channel, status, attempts, is_repeat, provider,
        provider_id, reason, sent_at, bundled_into, token
), attempts AS (
    INSERT INTO delivery_attempts (delivery_id, token, outcome, provider, provider_id, detail)
    SELECT delivery_id, token, 'sent', $2, $3, $4 FROM settled
    ON CONFLICT (delivery_id, token, outcome) DO NOTHING
)
SELECT delivery_id, alert_id, cycle, step, recipient, channel, status, attempts, is_repeat, provider, provider_id, reason,
    sent_at, bundled_into
FROM settled

-- name: settle_followers_failed
UPDATE deliveries
SET status = 'failed', lease_until = NULL, provider = $2, reason = $3, settled_at = public.clock_now()
WHERE bundled_into = $1 AND status = 'sending'
RETURNING id AS delivery_id, alert_id, cycle, step, recipient, channel, status, attempts, is_repeat, provider, provider_id,
    reason, sent_at, bundled_into

-- name: settle_followers_unclear
UPDATE deliveries SET lease_until = $2, provider = $3, reason = 'unclear'
WHERE bundled_into = $1 AND status = 'sending'
RETURNING id

-- name: settle_followers_again
-- Back in the queue, free to go out with whatever message is the next.
UPDATE deliveries
SET status = 'queued', lease_until = NULL, bundled_into = NULL, provider = $2, reason = $3, not_before = $5,
    held_for = coalesce(held_for, 'limit'), is_repeat = is_repeat OR $4::boolean,
    unclear_attempts = unclear_attempts + ($4::boolean)::integer
WHERE bundled_into = $1 AND status = 'sending'
RETURNING id

-- name: free_follower
-- A page that went out with another one which is not being sent any more, and said nothing of it: nobody can say
-- whether it arrived.
UPDATE deliveries
SET status = 'queued', lease_until = NULL, bundled_into = NULL, is_repeat = true, not_before = public.clock_now()
WHERE id = $1 AND status = 'sending' AND bundled_into IS NOT NULL

-- name: postpone_timers
UPDATE public.timers SET due_at = $2 WHERE kind = 'delivery' AND ref = ANY ($1::uuid[])

-- name: free_held
-- What was held goes out now, because its alert has become worse: for a critical one all that was held, else what waited
-- for quiet hours. Index: the unique key of deliveries, which begins with alert_id.
WITH freed AS (
    UPDATE deliveries SET not_before = public.clock_now(), due_at = public.clock_now(), held_for = NULL
    WHERE alert_id = ANY ($1::uuid[]) AND status = 'queued' AND held_for IS NOT NULL
        AND ($2::boolean OR held_for = 'quiet_hours')
    RETURNING id
)
UPDATE public.timers AS t SET due_at = public.clock_now(), is_critical = $2
FROM freed
WHERE t.kind = 'delivery' AND t.ref = freed.id

-- name: hasten_timers
-- Queued pages whose time has come are due now and not only when their hints count as lost. A timer that somebody holds
-- is being moved already.
UPDATE public.timers AS t SET due_at = public.clock_now()
FROM (
    SELECT h.ref
    FROM public.timers AS h JOIN deliveries AS d ON d.id = h.ref
    WHERE h.kind = 'delivery' AND h.ref = ANY ($1::uuid[]) AND h.due_at > public.clock_now()
        AND d.status = 'queued' AND d.not_before <= public.clock_now()
    FOR UPDATE OF h SKIP LOCKED
) AS w
WHERE t.kind = 'delivery' AND t.ref = w.ref
