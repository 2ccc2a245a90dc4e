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

-- name: list_tried_people
-- The newest test page of each active person. Index: test_pages_user.
SELECT jsonb_build_object('id', u.id, 'display_name', u.display_name) AS person, t.channel, t.status,
    t.created_at AS tried_at, count(*) OVER () AS total
FROM users AS u
LEFT JOIN LATERAL (
    SELECT channel, status, created_at FROM test_pages WHERE user_id = u.id ORDER BY created_at DESC, id DESC LIMIT 1
) AS t ON true
WHERE u.is_active
ORDER BY t.created_at NULLS FIRST, u.display_name, u.id
LIMIT 500
