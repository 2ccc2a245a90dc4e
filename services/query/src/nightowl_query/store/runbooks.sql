-- Runbooks. Unqualified names are the tenant's tables.

-- name: list_runbooks
-- Keyset on id, newest first. Index: runbooks_pkey.
SELECT id, title, markdown, category, tags, is_template, revision, created_at, updated_at
FROM runbooks
WHERE id < $4
    AND ($1::text[] IS NULL OR category = ANY ($1))
    AND ($2::text[] IS NULL OR tags && $2)
    AND ($3::boolean IS NULL OR is_template = $3)
    AND NOT EXISTS (
        SELECT FROM unnest($6::text[]) AS word
        WHERE strpos(lower(concat_ws(' ', title, category, array_to_string(tags, ' '))), lower(word)) = 0
    )
ORDER BY id DESC
LIMIT $5

-- name: count_runbooks
SELECT count(*)
FROM runbooks
WHERE ($1::text[] IS NULL OR category = ANY ($1))
    AND ($2::text[] IS NULL OR tags && $2)
    AND ($3::boolean IS NULL OR is_template = $3)
    AND NOT EXISTS (
        SELECT FROM unnest($4::text[]) AS word
        WHERE strpos(lower(concat_ws(' ', title, category, array_to_string(tags, ' '))), lower(word)) = 0
    )

-- name: load_runbook
SELECT id, title, markdown, category, tags, is_template, revision, created_at, updated_at FROM runbooks WHERE id = $1

-- name: lock_runbook
SELECT id, title, markdown, category, tags, is_template, revision, created_at, updated_at
FROM runbooks
WHERE id = $1
FOR UPDATE

-- name: insert_runbook
INSERT INTO runbooks (id, title, markdown, category, tags, is_template) VALUES ($1, $2, $3, $4, $5, $6)

-- name: update_runbook
UPDATE runbooks
SET title = $2, markdown = $3, category = $4, tags = $5, is_template = $6, revision = revision + 1,
    updated_at = public.clock_now()
WHERE id = $1

-- name: delete_runbook
-- Incidents that name it lose the link.
DELETE FROM runbooks WHERE id = $1
