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

-- name: hasten_timer
-- A queued page whose time has come is due now and not only when its hint counts as lost.
UPDATE public.timers AS t SET due_at = public.clock_now()
FROM deliveries AS d
WHERE t.kind = 'delivery' AND t.ref = $1 AND t.due_at > public.clock_now()
    AND d.id = $1 AND d.status = 'queued' AND d.not_before <= public.clock_now()
