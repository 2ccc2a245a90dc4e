-- Routes. Unqualified names are the tenant's tables.

-- name: list_in_order
-- Keyset on (position, id). Index: routes_order.
SELECT id, revision, name, position, matchers, service_id, policy_id, slack_channel, pages_from, continues,
    is_enabled, created_at, updated_at
FROM routes
WHERE (position, id) > ($1, $2)
ORDER BY position, id
LIMIT $3

-- name: count_rules
SELECT count(*) FROM routes

-- name: load_rule
SELECT id, revision, name, position, matchers, service_id, policy_id, slack_channel, pages_from, continues,
    is_enabled, created_at, updated_at
FROM routes
WHERE id = $1

-- name: lock_rules
SELECT id FROM routes WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE

-- name: lock_all_in_order
-- Locked in the order of their ids, for all callers; told in their own order.
WITH locked AS MATERIALIZED (SELECT * FROM routes ORDER BY id FOR UPDATE)
SELECT id, revision, name, position, matchers, service_id, policy_id, slack_channel, pages_from, continues,
    is_enabled, created_at, updated_at
FROM locked
ORDER BY position, id

-- name: insert_rule
-- Without a position it becomes the last.
INSERT INTO routes (id, name, position, matchers, service_id, policy_id, slack_channel, pages_from, continues,
    is_enabled)
SELECT n.id, n.name, coalesce(n.position, (SELECT coalesce(max(position) + 1, 0) FROM routes)), n.matchers,
    n.service_id, n.policy_id, n.slack_channel, n.pages_from, n.continues, n.is_enabled
FROM json_populate_record(NULL::routes, $1::json) AS n

-- name: update_rule
-- Without a position it stays where it is.
UPDATE routes AS r
SET name = n.name, position = coalesce(n.position, r.position), matchers = n.matchers, service_id = n.service_id,
    policy_id = n.policy_id, slack_channel = n.slack_channel, pages_from = n.pages_from, continues = n.continues,
    is_enabled = n.is_enabled,
    revision = r.revision + 1, updated_at = public.clock_now()
FROM json_populate_record(NULL::routes, $1::json) AS n
WHERE r.id = n.id

-- name: move_rules
UPDATE routes AS r SET position = n.position, revision = r.revision + 1, updated_at = public.clock_now()
FROM unnest($1::uuid[], $2::integer[]) AS n (id, position)
WHERE r.id = n.id

-- name: delete_rule
DELETE FROM routes WHERE id = $1
