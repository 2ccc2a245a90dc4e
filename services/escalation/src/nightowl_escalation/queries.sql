-- Escalation's own SQL: shifts that change hands, and how much waits. Unqualified names are the tenant's tables.

-- name: load_roster_names
SELECT id, name FROM rosters

-- name: insert_handoff
-- Whoever writes the row tells the event, in the same commit. Index: roster_handoffs_pkey.
INSERT INTO roster_handoffs (roster_id, boundary_at, outgoing_id, incoming_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (roster_id, boundary_at) DO NOTHING
RETURNING true

-- name: delete_old_handoffs
DELETE FROM roster_handoffs WHERE boundary_at < public.clock_now() - interval '400 days'

-- name: lock_roster_or_skip
-- Workers that watch the same roster: one of them does, the others leave it.
SELECT id FROM rosters WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED

-- name: load_last_warning
-- Index: alerts_episode.
SELECT status <> 'resolved' AS is_open, annotations ->> 'gap_starts_at' AS gap
FROM alerts
WHERE fingerprint = $1
ORDER BY episode DESC
LIMIT 1

-- name: load_queues
-- Of the installation. Indexes: outbox_created, ingest_spool_order.
SELECT
    (SELECT count(*) FROM public.outbox) AS outbox_bundles,
    (SELECT coalesce(extract(epoch FROM public.clock_now() - min(created_at)), 0)::double precision FROM public.outbox)
        AS outbox_seconds,
    (SELECT count(*) FROM public.ingest_spool) AS spool_calls,
    (
        SELECT coalesce(extract(epoch FROM public.clock_now() - min(spooled_at)), 0)::double precision
        FROM public.ingest_spool
    ) AS spool_seconds

-- name: load_overdue
-- Those of suspended tenants wait, which is no lateness. Index: timers_due.
SELECT kind, count(*) AS timers,
    extract(epoch FROM public.clock_now() - min(due_at))::double precision AS seconds
FROM public.timers
WHERE due_at <= public.clock_now()
    AND tenant NOT IN (SELECT slug FROM public.tenants WHERE status = 'suspended')
GROUP BY kind

-- name: load_pending_by_tenant
-- Those with the most first.
SELECT tenant, count(*) AS alerts
FROM public.timers
WHERE kind = 'escalation'
GROUP BY tenant
ORDER BY alerts DESC, tenant

-- name: load_canary
-- Without any arrival it is as old as the canary itself.
SELECT extract(epoch FROM public.clock_now() - coalesce(arrived_at, started_at))::double precision AS age_seconds,
    round_trip_seconds
FROM public.canary
