-- Heartbeats. Unqualified names are the tenant's tables.

-- name: list_heartbeats
-- Keyset on id, newest first. Indexes: heartbeats_pkey, alerts_one_open.
SELECT h.id, h.name, h.description, h.interval_seconds, h.grace_seconds, h.severity, h.labels, h.matchers, h.is_enabled,
    CASE WHEN NOT h.is_enabled THEN 'disabled' WHEN h.last_beat_at IS NULL THEN 'waiting'
        WHEN h.missed_at IS NULL THEN 'alive' ELSE 'missed' END AS status,
    h.last_beat_at, h.due_at, h.missed_at, a.id AS alert_id, h.revision, h.created_at, h.updated_at
FROM heartbeats AS h
LEFT JOIN alerts AS a ON a.fingerprint = 'heartbeat:' || h.name AND a.status <> 'resolved'
WHERE h.id < $2
    AND ($1::text[] IS NULL OR CASE WHEN NOT h.is_enabled THEN 'disabled' WHEN h.last_beat_at IS NULL THEN 'waiting'
        WHEN h.missed_at IS NULL THEN 'alive' ELSE 'missed' END = ANY ($1))
ORDER BY h.id DESC
LIMIT $3

-- name: count_heartbeats
SELECT count(*)
FROM heartbeats
WHERE $1::text[] IS NULL
    OR CASE WHEN NOT is_enabled THEN 'disabled' WHEN last_beat_at IS NULL THEN 'waiting'
        WHEN missed_at IS NULL THEN 'alive' ELSE 'missed' END = ANY ($1)

-- name: load_heartbeat
-- Indexes: the unique name, alerts_one_open.
SELECT h.id, h.name, h.description, h.interval_seconds, h.grace_seconds, h.severity, h.labels, h.matchers, h.is_enabled,
    CASE WHEN NOT h.is_enabled THEN 'disabled' WHEN h.last_beat_at IS NULL THEN 'waiting'
        WHEN h.missed_at IS NULL THEN 'alive' ELSE 'missed' END AS status,
    h.last_beat_at, h.due_at, h.missed_at, a.id AS alert_id, h.revision, h.created_at, h.updated_at
FROM heartbeats AS h
LEFT JOIN alerts AS a ON a.fingerprint = 'heartbeat:' || h.name AND a.status <> 'resolved'
WHERE h.name = $1

-- name: lock_heartbeat
-- Beats and misses wait. Without the alert, which is locked later if at all.
SELECT id, name, description, interval_seconds, grace_seconds, severity, labels, matchers, is_enabled, last_beat_at,
    due_at, missed_at, revision
FROM heartbeats
WHERE name = $1
FOR UPDATE

-- name: insert_heartbeat
-- Nothing comes back when the name is taken.
INSERT INTO heartbeats (
    id, name, description, interval_seconds, grace_seconds, severity, labels, matchers, is_enabled
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (name) DO NOTHING
RETURNING id

-- name: update_heartbeat
UPDATE heartbeats
SET description = $2, interval_seconds = $3, grace_seconds = $4, severity = $5, labels = $6, matchers = $7,
    is_enabled = $8, due_at = $9, missed_at = $10, revision = revision + 1, updated_at = public.clock_now()
WHERE id = $1

-- name: delete_heartbeat
DELETE FROM heartbeats WHERE id = $1
