-- Bulk jobs. Unqualified names are the tenant's tables; the timer of a job is the kernel's.

-- name: insert_job
INSERT INTO bulk_jobs (id, actor, command, total, finished_at)
VALUES ($1, $2, $3, $4, CASE WHEN $4 = 0 THEN public.clock_now() END)

-- name: insert_items
INSERT INTO bulk_job_items (job_id, position, alert_id)
SELECT $1, n.position, n.alert_id FROM unnest($2::uuid[]) WITH ORDINALITY AS n (alert_id, position)

-- name: load_job
SELECT j.id, j.command ->> 'action' AS action, j.total, j.created_at, j.finished_at,
    count(i.position) FILTER (WHERE i.outcome = 'done') AS done,
    count(i.position) FILTER (WHERE i.outcome = 'failed') AS failed
FROM bulk_jobs AS j LEFT JOIN bulk_job_items AS i ON i.job_id = j.id
WHERE j.id = $1
GROUP BY j.id

-- name: list_failures
SELECT alert_id, code, reason FROM bulk_job_items WHERE job_id = $1 AND outcome = 'failed' ORDER BY position

-- name: load_work
SELECT actor, command FROM bulk_jobs WHERE id = $1 AND finished_at IS NULL

-- name: load_open_items
-- Index: bulk_job_items_open.
SELECT position, alert_id FROM bulk_job_items WHERE job_id = $1 AND outcome IS NULL ORDER BY position LIMIT $2

-- name: lock_item
-- Whoever gets the row changes the alert in the same commit; a rival whose lease was over skips it.
SELECT true FROM bulk_job_items WHERE job_id = $1 AND position = $2 AND outcome IS NULL FOR UPDATE SKIP LOCKED

-- name: mark_item
UPDATE bulk_job_items SET outcome = $3, code = $4, reason = $5 WHERE job_id = $1 AND position = $2 AND outcome IS NULL

-- name: finish_job
UPDATE bulk_jobs SET finished_at = public.clock_now()
WHERE id = $1 AND finished_at IS NULL
    AND NOT EXISTS (SELECT FROM bulk_job_items WHERE job_id = $1 AND outcome IS NULL)
RETURNING true
