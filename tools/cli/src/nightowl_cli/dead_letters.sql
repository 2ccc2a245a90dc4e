-- name: forget_rejection
-- So that a replayed event is handled again; only if nothing but rejections came of it.
DELETE FROM public.inbox WHERE event_id = $1 AND consumer = 'enrichment' AND 'rejected' = ALL (dispositions)
