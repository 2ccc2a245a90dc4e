-- The only statements on public.ingest_spool.

-- name: insert_spooled
-- The same message spooled twice stays one row.
INSERT INTO public.ingest_spool (message_id, tenant, event_id, alerts, body, trace)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (message_id) DO NOTHING

-- name: claim_spooled
-- Locks at most $1 of the oldest rows, skipping those that another process drains, and gives as many of them as
-- fit into $2 bytes (at least one). Index: ingest_spool_order.
WITH oldest AS (
    SELECT message_id, spooled_at, octet_length(body) AS size
    FROM public.ingest_spool
    ORDER BY spooled_at
    LIMIT $1
    FOR UPDATE SKIP LOCKED
), sized AS (
    SELECT message_id, sum(size) OVER (ORDER BY spooled_at, message_id) - size AS size_before
    FROM oldest
)
SELECT s.message_id, s.tenant, s.event_id, s.alerts, s.body, s.trace
FROM sized JOIN public.ingest_spool AS s USING (message_id)
WHERE sized.size_before < $2
ORDER BY s.spooled_at, s.message_id

-- name: delete_spooled
-- Rows that claim_spooled has locked.
DELETE FROM public.ingest_spool WHERE message_id = ANY ($1::text[])
