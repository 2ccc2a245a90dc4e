-- Grouping rules. Unqualified names are the tenant's tables.

-- name: list_in_order
-- Keyset on (position, id). Index: grouping_rules_order.
SELECT id, revision, name, position, matchers, group_by, threshold, window_minutes, pages, is_enabled, created_at,
    updated_at
FROM grouping_rules
WHERE (position, id) > ($1, $2)
ORDER BY position, id
LIMIT $3

-- name: count_rules
SELECT count(*) FROM grouping_rules

-- name: load_rule
SELECT id, revision, name, position, matchers, group_by, threshold, window_minutes, pages, is_enabled, created_at,
    updated_at
FROM grouping_rules
WHERE id = $1

-- name: lock_rules
SELECT id FROM grouping_rules WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE

-- name: lock_all_in_order
-- Locked in the order of their ids, for all callers; told in their own order.
WITH locked AS MATERIALIZED (SELECT * FROM grouping_rules ORDER BY id FOR UPDATE)
SELECT id, revision, name, position, matchers, group_by, threshold, window_minutes, pages, is_enabled, created_at,
    updated_at
FROM locked
ORDER BY position, id

-- name: insert_rule
-- Without a position it becomes the last.
INSERT INTO grouping_rules (id, name, position, matchers, group_by, threshold, window_minutes, pages, is_enabled)
SELECT n.id, n.name, coalesce(n.position, (SELECT coalesce(max(position) + 1, 0) FROM grouping_rules)), n.matchers,
    n.group_by, n.threshold, n.window_minutes, n.pages, n.is_enabled
FROM json_populate_record(NULL::grouping_rules, $1::json) AS n

-- name: update_rule
-- Without a position it stays where it is.
UPDATE grouping_rules AS r
SET name = n.name, position = coalesce(n.position, r.position), matchers = n.matchers, group_by = n.group_by,
    threshold = n.threshold, window_minutes = n.window_minutes, pages = n.pages, is_enabled = n.is_enabled,
    revision = r.revision + 1, updated_at = public.clock_now()
FROM json_populate_record(NULL::grouping_rules, $1::json) AS n
WHERE r.id = n.id

-- name: move_rules
UPDATE grouping_rules AS r SET position = n.position, revision = r.revision + 1, updated_at = public.clock_now()
FROM unnest($1::uuid[], $2::integer[]) AS n (id, position)
WHERE r.id = n.id

-- name: delete_rule
DELETE FROM grouping_rules WHERE id = $1
