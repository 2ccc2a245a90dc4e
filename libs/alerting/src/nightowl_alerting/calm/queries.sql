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

-- name: hasten_timer
-- A queued page whose time has come is due now and not only when its hint counts as lost.
UPDATE public.timers AS t SET due_at = public.clock_now()
FROM deliveries AS d
WHERE t.kind = 'delivery' AND t.ref = $1 AND t.due_at > public.clock_now()
    AND d.id = $1 AND d.status = 'queued' AND d.not_before <= public.clock_now()
