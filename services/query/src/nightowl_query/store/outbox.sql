-- Reading what would have been sent, and what could not be read. Unqualified names are the tenant's tables.

-- name: list_outbox
-- Newest first. Index: local_outbox_pkey.
SELECT o.id, o.delivery_id, o.alert_id, a.title AS alert_title, a.severity AS alert_severity, a.status AS alert_status,
    o.channel, o.recipient, u.display_name AS recipient_name, o.address, o.body, o.written_at
FROM local_outbox AS o
LEFT JOIN alerts AS a ON a.id = o.alert_id
LEFT JOIN users AS u ON o.recipient = 'user:' || u.id::text
WHERE o.id < $2 AND ($1::uuid IS NULL OR o.alert_id = $1)
ORDER BY o.id DESC
LIMIT $3

-- name: count_outbox
SELECT count(*) FROM local_outbox WHERE $1::uuid IS NULL OR alert_id = $1

-- name: list_rejected
-- Newest first. Index: rejected_payloads_pkey.
SELECT id, receipt_id, item, source, field, reason, raw, received_at
FROM rejected_payloads
WHERE id < $1
ORDER BY id DESC
LIMIT $2

-- name: count_rejected
SELECT count(*) FROM rejected_payloads
