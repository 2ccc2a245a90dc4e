-- Suspending and resuming a tenant.

-- name: change_status
UPDATE public.tenants
SET status = $2, resumed_at = CASE WHEN $2 = 'active' THEN public.clock_now() ELSE resumed_at END
WHERE slug = $1 AND status <> $2

-- name: give_heartbeats_anew
-- Beats were refused meanwhile, so each has its whole time again, in the order in which everybody locks them.
UPDATE heartbeats AS h
SET due_at = public.clock_now() + make_interval(secs => h.interval_seconds + h.grace_seconds)
FROM (SELECT id FROM heartbeats WHERE due_at IS NOT NULL ORDER BY id FOR NO KEY UPDATE) AS locked
WHERE h.id = locked.id
RETURNING h.id, h.due_at
