-- Maintenance windows. Unqualified names are the tenant's tables.

-- name: list_rules
-- Keyset on id, newest first. Indexes: maintenance_windows_pkey, alerts_muted_by.
SELECT id, revision, name, matchers, timezone, starts_at, duration_minutes, rrule, is_enabled, created_by,
    created_at, updated_at, (
        SELECT count(*) FROM alerts AS a WHERE a.escalation_state = 'muted' AND a.muted_by ->> 'id' = w.id::text
    ) AS muting
FROM maintenance_windows AS w
WHERE id < $1
ORDER BY id DESC
LIMIT $2

-- name: count_rules
SELECT count(*) FROM maintenance_windows

-- name: load_rule
-- Index: alerts_muted_by.
SELECT id, revision, name, matchers, timezone, starts_at, duration_minutes, rrule, is_enabled, created_by,
    created_at, updated_at, (
        SELECT count(*) FROM alerts AS a WHERE a.escalation_state = 'muted' AND a.muted_by ->> 'id' = w.id::text
    ) AS muting
FROM maintenance_windows AS w
WHERE id = $1

-- name: lock_rules
SELECT id FROM maintenance_windows WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE

-- name: insert_rule
INSERT INTO maintenance_windows (id, name, matchers, timezone, starts_at, duration_minutes, rrule, is_enabled,
    created_by)
SELECT n.id, n.name, n.matchers, n.timezone, n.starts_at, n.duration_minutes, n.rrule, n.is_enabled, n.created_by
FROM json_populate_record(NULL::maintenance_windows, $1::json) AS n

-- name: update_rule
UPDATE maintenance_windows AS r
SET name = n.name, matchers = n.matchers, timezone = n.timezone, starts_at = n.starts_at, duration_minutes =
    n.duration_minutes, rrule = n.rrule, is_enabled = n.is_enabled,
    revision = r.revision + 1, updated_at = public.clock_now()
FROM json_populate_record(NULL::maintenance_windows, $1::json) AS n
WHERE r.id = n.id

-- name: delete_rule
DELETE FROM maintenance_windows WHERE id = $1
