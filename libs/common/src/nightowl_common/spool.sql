-- The only statements on public.ingest_spool, beside the reading ones of the ledger and of what tells its length.

-- name: insert_spooled
-- The same message spooled twice stays one row.
INSERT INTO public.ingest_spool (message_id, tenant, event_id, alerts, body, trace)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (message_id) DO NOTHING

-- name: claim_spooled
-- Locks at most $1 of the oldest rows but those named in $4, skipping what another process has in hand, and gives as many
-- of them as fit into $2 bytes and $3 alerts (at least one). Index: ingest_spool_order.
WITH oldest AS (
    SELECT message_id, spooled_at, alerts, octet_length(body) AS size
    FROM public.ingest_spool
    WHERE message_id <> ALL ($4::text[])
    ORDER BY spooled_at
    LIMIT $1
    FOR UPDATE SKIP LOCKED
), sized AS (
    SELECT
        message_id,
        sum(size) OVER (ORDER BY spooled_at, message_id) - size AS size_before,
        sum(alerts) OVER (ORDER BY spooled_at, message_id) - alerts AS alerts_before
    FROM oldest
)
SELECT s.message_id, s.tenant, s.event_id, s.alerts, s.body, s.trace
FROM sized JOIN public.ingest_spool AS s USING (message_id)
WHERE sized.size_before < $2 AND sized.alerts_before < $3
ORDER BY s.spooled_at, s.message_id

-- name: lock_spooled
-- Some rows, skipping what another process has in hand.
SELECT message_id, tenant, event_id, alerts, body, trace
FROM public.ingest_spool
WHERE message_id = ANY ($1::text[])
ORDER BY spooled_at, message_id
FOR UPDATE SKIP LOCKED

-- name: find_spooled
SELECT message_id FROM public.ingest_spool WHERE message_id = ANY ($1::text[])

-- name: delete_spooled
-- Rows that the transaction has locked.
DELETE FROM public.ingest_spool WHERE message_id = ANY ($1::text[])

-- name: load_spooled_tenants
-- Whose calls wait here. The table is empty while all is well.
SELECT DISTINCT tenant FROM public.ingest_spool
