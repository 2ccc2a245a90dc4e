-- The only statements on public.outbox.

-- name: insert_bundle
INSERT INTO public.outbox (messages) VALUES ($1) RETURNING id

-- name: delete_bundles
DELETE FROM public.outbox WHERE id = ANY ($1::uuid[])

-- name: claim_stale_bundles
-- Locks the rows it takes; other sweepers skip them. Index: outbox_created.
SELECT id, messages
FROM public.outbox
WHERE created_at <= public.clock_now() - interval '5 seconds'
ORDER BY created_at
LIMIT 50
FOR UPDATE SKIP LOCKED
