-- The only statements on public.inbox.

-- name: load_handled
-- Index: the primary key, in the partitions between the bounds.
SELECT event_id, tenant, indexes, dispositions, alert_ids
FROM public.inbox
WHERE consumer = $1 AND event_id = ANY ($2::uuid[]) AND event_id >= $3 AND event_id <= $4

-- name: insert_handled
INSERT INTO public.inbox (event_id, consumer, tenant, indexes, dispositions, alert_ids)
SELECT n.event_id, $1, n.tenant, n.indexes, n.dispositions, n.alert_ids
FROM json_to_recordset($2::json)
    AS n (event_id uuid, tenant text, indexes integer[], dispositions text[], alert_ids uuid[])

-- name: forget_rejection
-- Only if nothing but rejections came of it.
DELETE FROM public.inbox WHERE event_id = $1 AND consumer = 'enrichment' AND 'rejected' = ALL (dispositions)

-- name: keep_partitions
CALL public.keep_inbox(3, 72)
