-- Inhibition rules. Unqualified names are the tenant's tables.

-- name: list_rules
-- Keyset on id, newest first. Index: inhibition_rules_pkey.
SELECT id, revision, name, source_matchers, target_matchers, equal, is_enabled, created_at, updated_at
FROM inhibition_rules
WHERE id < $1
ORDER BY id DESC
LIMIT $2

-- name: count_rules
SELECT count(*) FROM inhibition_rules

-- name: load_rule
SELECT id, revision, name, source_matchers, target_matchers, equal, is_enabled, created_at, updated_at
FROM inhibition_rules
WHERE id = $1

-- name: lock_rules
SELECT id FROM inhibition_rules WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE

-- name: insert_rule
INSERT INTO inhibition_rules (id, name, source_matchers, target_matchers, equal, is_enabled)
SELECT n.id, n.name, n.source_matchers, n.target_matchers, n.equal, n.is_enabled
FROM json_populate_record(NULL::inhibition_rules, $1::json) AS n

-- name: update_rule
UPDATE inhibition_rules AS r
SET name = n.name, source_matchers = n.source_matchers, target_matchers = n.target_matchers, equal = n.equal,
    is_enabled = n.is_enabled,
    revision = r.revision + 1, updated_at = public.clock_now()
FROM json_populate_record(NULL::inhibition_rules, $1::json) AS n
WHERE r.id = n.id

-- name: delete_rule
DELETE FROM inhibition_rules WHERE id = $1
