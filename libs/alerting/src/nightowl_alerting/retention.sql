-- Removing what is over, a slice at a time. Nothing of an open alert is ever removed.

-- name: load_keeping
SELECT keep_alerts_days AS alerts, keep_payloads_days AS payloads, keep_deliveries_days AS deliveries,
    keep_audit_days AS audit
FROM tenant_config

-- name: remove_alerts
-- Oldest first; what somebody holds waits for the next slice. Deliveries, steps and resolutions go along.
-- Index: alerts_resolved.
WITH old AS (
    SELECT a.id
    FROM alerts AS a
    WHERE a.status = 'resolved' AND a.resolved_at < public.clock_now() - make_interval(days => $1)
        AND NOT EXISTS (SELECT FROM deliveries AS d WHERE d.alert_id = a.id AND d.status IN ('queued', 'sending'))
    ORDER BY a.resolved_at, a.id
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), lines AS (
    DELETE FROM alert_timeline WHERE alert_id IN (SELECT id FROM old)
), payloads AS (
    DELETE FROM alert_payloads WHERE alert_id IN (SELECT id FROM old)
), pages AS (
    DELETE FROM local_outbox
    WHERE delivery_id IN (SELECT d.id FROM deliveries AS d WHERE d.alert_id IN (SELECT id FROM old))
)
DELETE FROM alerts WHERE id IN (SELECT id FROM old)

-- name: lock_mark
SELECT resolved_at, alert_id FROM retention_marks WHERE kind = $1 FOR UPDATE SKIP LOCKED

-- name: load_resolved_after
-- Index: alerts_resolved.
SELECT id, resolved_at
FROM alerts
WHERE status = 'resolved' AND (resolved_at, id) > ($1, $2)
    AND resolved_at < public.clock_now() - make_interval(days => $3)
ORDER BY resolved_at, id
LIMIT $4

-- name: move_mark
UPDATE retention_marks SET resolved_at = $2, alert_id = $3 WHERE kind = $1

-- name: remove_payloads
-- Only of alerts that are resolved still.
DELETE FROM alert_payloads AS p USING alerts AS a
WHERE a.id = p.alert_id AND a.status = 'resolved' AND p.alert_id = ANY ($1::uuid[])

-- name: remove_rejected
-- The oldest by id, which is the order in which they came. Index: the primary key.
DELETE FROM rejected_payloads WHERE id IN (
    SELECT id FROM (SELECT id, received_at FROM rejected_payloads ORDER BY id LIMIT $2) AS first
    WHERE received_at < public.clock_now() - make_interval(days => $1)
)

-- name: remove_outbox_pages
DELETE FROM local_outbox WHERE delivery_id IN (
    SELECT d.id FROM deliveries AS d JOIN alerts AS a ON a.id = d.alert_id
    WHERE a.status = 'resolved' AND d.status NOT IN ('queued', 'sending') AND a.id = ANY ($1::uuid[])
)

-- name: remove_deliveries
-- Only of alerts that are resolved still: a delivery's key keeps a step of an open one from paging twice.
DELETE FROM deliveries AS d USING alerts AS a
WHERE a.id = d.alert_id AND a.status = 'resolved' AND d.status NOT IN ('queued', 'sending') AND a.id = ANY ($1::uuid[])

-- name: remove_webhook_deliveries
-- The oldest by id, which is the order in which they were owed. Index: the primary key.
DELETE FROM webhook_deliveries WHERE id IN (
    SELECT id FROM (SELECT id, settled_at FROM webhook_deliveries ORDER BY id LIMIT $2) AS first
    WHERE settled_at < public.clock_now() - make_interval(days => $1)
)

-- name: lock_audit_head
SELECT anchor_seq FROM audit_head FOR UPDATE SKIP LOCKED

-- name: find_audit_cut
-- The last row before the first one that is to be kept, within a slice. Index: audit_log_seq.
WITH part AS (SELECT seq, at, hash FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $3)
SELECT seq, hash
FROM part
WHERE seq < coalesce(
    (SELECT min(seq) FROM part WHERE at >= public.clock_now() - make_interval(days => $2)), 9223372036854775807
)
ORDER BY seq DESC
LIMIT 1

-- name: remove_audit
DELETE FROM audit_log WHERE seq <= $1

-- name: move_anchor
UPDATE audit_head SET anchor_seq = $1, anchor_hash = $2
