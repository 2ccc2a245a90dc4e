-- How the installation is doing. Unqualified names are the tenant's tables.

-- name: answer
SELECT 1

-- name: load_backlog
-- Indexes: outbox_created, ingest_spool_order, timers_due.
SELECT
    (SELECT extract(epoch FROM public.clock_now() - min(created_at))::double precision FROM public.outbox)
        AS outbox_age_seconds,
    (SELECT count(*) FROM public.ingest_spool) AS spooled_calls,
    (
        SELECT count(*) FROM public.timers
        WHERE kind IN ('escalation', 'delivery') AND due_at < public.clock_now() - interval '5 seconds'
    ) AS overdue_timers

-- name: load_canary
-- Without any arrival it is as old as the canary itself. One row, or none.
SELECT extract(epoch FROM public.clock_now() - coalesce(arrived_at, started_at))::double precision AS age_seconds,
    arrived_at AS last_arrived_at, round_trip_seconds
FROM public.canary

-- name: load_newest_firing
-- Of the newest alert: a floor for the moment of the last receipt. Index: alerts_pkey.
SELECT last_fired_at FROM alerts ORDER BY id DESC LIMIT 1
