-- The only SQL of the notifier itself; what concerns deliveries is the kernel's.
-- Unqualified names are the tenant's tables: every query runs inside tenant_tx.

-- name: load_channels
-- Which channel each delivery goes over. Index: the primary key.
SELECT id, channel FROM deliveries WHERE id = ANY ($1::uuid[])

-- name: insert_local_page
-- One row per delivery however often it is tried. Index: local_outbox_delivery_id_key.
INSERT INTO local_outbox (delivery_id, alert_id, channel, recipient, address, body)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (delivery_id) DO NOTHING

-- name: load_local_page
SELECT id FROM local_outbox WHERE delivery_id = $1

-- name: load_pages_to_number
-- Newest first. Index: deliveries_phone.
SELECT d.id AS delivery_id, d.alert_id, a.title, a.status = 'firing' AS is_open
FROM deliveries AS d JOIN alerts AS a ON a.id = d.alert_id
WHERE d.address = $1 AND d.channel IN ('sms', 'phone') AND d.status IN ('sending', 'sent', 'delivered')
ORDER BY d.id DESC
LIMIT $2

-- name: load_endpoint
SELECT kind, url, secret FROM endpoints WHERE id = $1

-- name: claim_test_page
-- queued → sending. It is tried once, so nobody claims it again.
UPDATE test_pages SET status = 'sending', lease_until = public.clock_now() + make_interval(secs => $2)
WHERE id = $1 AND status = 'queued'
RETURNING id, user_id, channel, address, created_at

-- name: settle_test_page
UPDATE test_pages
SET status = $2, provider = $3, provider_id = $4, reason = $5, detail = $6, lease_until = NULL,
    settled_at = public.clock_now()
WHERE id = $1 AND status = 'sending'

-- name: end_test_page
-- The process that had it is gone: it may have arrived.
UPDATE test_pages
SET status = 'unclear', lease_until = NULL, settled_at = public.clock_now(), detail = 'nobody can say whether it was sent'
WHERE id = $1 AND status = 'sending' AND lease_until <= public.clock_now()

-- name: test_page_is_open
SELECT EXISTS (SELECT FROM test_pages WHERE id = $1 AND status IN ('queued', 'sending'))
