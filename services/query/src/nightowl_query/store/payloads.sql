-- Reading what senders wrote. Unqualified names are the tenant's tables.

-- name: load_payloads
-- Index: alert_payloads_pkey.
SELECT occasion, receipt_id, item, source, received_at, is_cut, raw FROM alert_payloads WHERE alert_id = $1
