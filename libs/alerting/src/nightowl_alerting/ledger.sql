-- The proof that nothing accepted is unaccounted for. Reads only; each statement sees one snapshot, and what it compares
-- is written in one commit elsewhere, so work in flight is never mistaken for a loss.

-- name: load_lost_messages
-- Rule 1. Message times and event ids come from hosts' clocks, so they are compared with now(), not clock_now().
-- An id older than 71 h may have left the inbox already. Index: the inbox's primary key, in the hours between the bounds.
SELECT r.event_id, r.sequence, r.alerts, coalesce(cardinality(i.dispositions), 0) AS found
FROM unnest($1::uuid[], $2::integer[], $3::bigint[], $4::timestamptz[]) AS r (event_id, alerts, sequence, stored_at)
LEFT JOIN public.inbox AS i
    ON i.event_id = r.event_id AND i.consumer = $5 AND i.event_id >= $6 AND i.event_id <= $7
WHERE r.stored_at < now() - make_interval(secs => $8)
    AND r.event_id >= public.uuidv7_floor(now() - interval '71 hours')
    AND cardinality(i.dispositions) IS DISTINCT FROM r.alerts
ORDER BY r.sequence

-- name: load_stuck_spool
-- Rule 1, for calls that the bus could not take. Index: ingest_spool_order.
SELECT message_id, event_id, alerts, extract(epoch FROM public.clock_now() - spooled_at)::double precision AS age_seconds
FROM public.ingest_spool
WHERE tenant = $1 AND spooled_at < public.clock_now() - make_interval(secs => $2)
ORDER BY spooled_at

-- name: load_escalations_amiss
-- Rule 2, both ways round: a pending or muted escalation has its timer, a snoozed alert has the one that ends the snooze,
-- and such a timer has such an alert. What is open and what is pending are each read once, and the history of alerts only
-- for what does not fit. Indexes: alerts_open, the primary keys of both.
WITH amiss AS MATERIALIZED (
    SELECT a.id, a.escalation_version, a.escalation_state, t.kind, t.ref, t.version
    FROM (
        SELECT id, escalation_version, escalation_state,
            CASE escalation_state WHEN 'snoozed' THEN 'snooze' ELSE 'escalation' END AS kind
        FROM alerts
        WHERE status <> 'resolved' AND escalation_state IN ('pending', 'muted', 'snoozed')
    ) AS a
    FULL JOIN (
        SELECT kind, ref, version FROM public.timers WHERE kind IN ('escalation', 'snooze') AND tenant = $1
    ) AS t ON t.ref = a.id AND t.kind = a.kind
    WHERE t.version IS DISTINCT FROM a.escalation_version
)
SELECT m.id, m.kind, m.ref, m.version AS timer_version, coalesce(m.escalation_state, s.escalation_state) AS escalation_state
FROM amiss AS m LEFT JOIN alerts AS s ON m.id IS NULL AND s.id = m.ref
WHERE m.id IS NOT NULL OR NOT coalesce(
    CASE m.kind WHEN 'snooze' THEN s.escalation_state = 'snoozed' ELSE s.escalation_state IN ('pending', 'muted') END, false
)
ORDER BY m.id, m.ref

-- name: load_heartbeats_without_timer
-- Rule 2, for heartbeats: what is awaited has its timer, of that moment. A tenant has few of them.
SELECT h.id, t.due_at
FROM heartbeats AS h LEFT JOIN public.timers AS t ON t.kind = 'heartbeat' AND t.ref = h.id
WHERE h.due_at IS NOT NULL AND (t.due_at IS NULL OR t.due_at < h.due_at)
ORDER BY h.id

-- name: load_stray_heartbeat_timers
-- Rule 2 for heartbeats, the other way round.
SELECT t.ref, h.id IS NOT NULL AS is_known
FROM public.timers AS t LEFT JOIN heartbeats AS h ON h.id = t.ref
WHERE t.kind = 'heartbeat' AND t.tenant = $1 AND h.due_at IS NULL
ORDER BY t.ref

-- name: load_deliveries_without_timer
-- Rule 3. Indexes: deliveries_unsettled, the timers' primary key.
SELECT d.id, d.status, extract(epoch FROM public.clock_now() - t.due_at)::double precision AS overdue_seconds
FROM deliveries AS d LEFT JOIN public.timers AS t ON t.kind = 'delivery' AND t.ref = d.id
WHERE d.status IN ('queued', 'sending')
    AND (t.due_at IS NULL OR t.due_at < public.clock_now() - make_interval(secs => $1))
ORDER BY d.id

-- name: load_stray_delivery_timers
-- Rule 3, the other way round. Indexes: the primary keys of both.
SELECT t.ref, d.status
FROM public.timers AS t LEFT JOIN deliveries AS d ON d.id = t.ref
WHERE t.kind = 'delivery' AND t.tenant = $1 AND (d.status IS NULL OR d.status NOT IN ('queued', 'sending'))
ORDER BY t.ref

-- name: load_webhooks_without_timer
-- Rule 3, for events that subscriptions are owed. A slow receiver may have them waiting for long, so only the timer counts.
-- Indexes: webhook_deliveries_due, the timers' primary key.
SELECT d.id, d.status
FROM webhook_deliveries AS d LEFT JOIN public.timers AS t ON t.kind = 'webhook' AND t.ref = d.id
WHERE d.due_at IS NOT NULL AND t.ref IS NULL
ORDER BY d.id

-- name: load_stray_webhook_timers
-- Rule 3 for those events, the other way round. Indexes: the primary keys of both.
SELECT t.ref, d.status
FROM public.timers AS t LEFT JOIN webhook_deliveries AS d ON d.id = t.ref
WHERE t.kind = 'webhook' AND t.tenant = $1 AND d.due_at IS NULL
ORDER BY t.ref

-- name: load_posts_without_timer
-- Rule 3, for what Slack's threads are to tell. Indexes: thread_posts_open, the timers' primary key.
SELECT DISTINCT p.alert_id
FROM thread_posts AS p
WHERE p.status IN ('owed', 'sending')
    AND NOT EXISTS (SELECT FROM public.timers AS t WHERE t.kind = 'card' AND t.ref = p.alert_id)
ORDER BY p.alert_id

-- name: count_owed
-- How much there was to check. Indexes: alerts_open, deliveries_unsettled, webhook_deliveries_due.
SELECT (SELECT count(*) FROM alerts WHERE status <> 'resolved') AS alerts,
    (SELECT count(*) FROM deliveries WHERE status IN ('queued', 'sending'))
    + (SELECT count(*) FROM webhook_deliveries WHERE due_at IS NOT NULL) AS deliveries
