-- The chain of the audit log. Unqualified names are the tenant's tables.

-- name: freeze_snapshot
-- All statements of the transaction see one state: rows that are written or removed meanwhile are no breaks.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY

-- name: load_audit_head
SELECT seq, hash, anchor_seq, anchor_hash FROM audit_head

-- name: load_audit_links
-- The next rows, each with the hash that it should have. Index: audit_log_seq.
SELECT id, seq, hash, public.audit_hash(
        lag(hash, 1, $2::bytea) OVER (ORDER BY seq), seq, id, at, actor, action, entity, entity_id, changes, address,
        request_id
    ) AS expected
FROM (
    SELECT id, seq, hash, at, actor, action, entity, entity_id, changes, address, request_id
    FROM audit_log
    WHERE seq > $1
    ORDER BY seq
    LIMIT $3
) AS part
ORDER BY seq

-- name: find_unchained_audit
-- Committed rows that are outside the chain. Index: audit_log_seq.
SELECT id, seq FROM audit_log WHERE seq IS NULL OR seq <= $1 ORDER BY seq NULLS FIRST, id LIMIT 1

-- name: load_last_trim
-- What the chain itself says about its beginning. Removing old rows is rare, so a walk from the end is short.
SELECT changes FROM audit_log WHERE entity = 'audit_log' AND action = 'trimmed' ORDER BY seq DESC LIMIT 1
