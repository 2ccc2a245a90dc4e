-- The audit log, read.

-- name: list_audit
-- Keyset on id, newest first. Indexes: audit_log_pkey, audit_log_entity, audit_log_actor.
SELECT id, seq, at, actor, action, entity, entity_id, changes, address, request_id, encode(hash, 'hex') AS hash
FROM audit_log
WHERE id < $8
    AND ($1::text[] IS NULL OR actor ->> 'id' = ANY ($1))
    AND ($2::text[] IS NULL OR action = ANY ($2))
    AND ($3::text[] IS NULL OR entity = ANY ($3))
    AND ($4::uuid IS NULL OR entity_id = $4)
    AND ($5::timestamptz IS NULL OR at >= $5)
    AND ($6::timestamptz IS NULL OR at < $6)
    AND ($7::text[] IS NULL OR address = ANY ($7))
ORDER BY id DESC
LIMIT $9

-- name: count_audit
-- Counted up to a bound, so that the cost has one too.
SELECT count(*)
FROM (
    SELECT
    FROM audit_log
    WHERE ($1::text[] IS NULL OR actor ->> 'id' = ANY ($1))
        AND ($2::text[] IS NULL OR action = ANY ($2))
        AND ($3::text[] IS NULL OR entity = ANY ($3))
        AND ($4::uuid IS NULL OR entity_id = $4)
        AND ($5::timestamptz IS NULL OR at >= $5)
        AND ($6::timestamptz IS NULL OR at < $6)
        AND ($7::text[] IS NULL OR address = ANY ($7))
    LIMIT $8
) AS counted

-- name: was_noted
-- Index: audit_log_entity.
SELECT EXISTS (SELECT FROM audit_log WHERE action = $1 AND entity = $2 AND entity_id = $3)
