-- name: insert_rejected
INSERT INTO rejected_payloads (receipt_id, item, source, field, reason, raw, received_at)
SELECT n.receipt_id, n.item, n.source, n.field, n.reason, n.raw, n.received_at
FROM json_to_recordset($1::json) AS n (
    receipt_id uuid, item integer, source text, field text, reason text, raw text, received_at timestamptz
)
ON CONFLICT (receipt_id, item) DO NOTHING

-- name: upsert_payloads
-- A redelivered batch never comes here (the inbox knows it), so the newest is always the last written.
INSERT INTO alert_payloads AS p (alert_id, occasion, receipt_id, item, source, received_at, is_cut, raw)
SELECT n.alert_id, n.occasion, n.receipt_id, n.item, n.source, n.received_at, n.is_cut, n.raw
FROM json_to_recordset($1::json) AS n (
    alert_id uuid, occasion text, receipt_id uuid, item integer, source text, received_at timestamptz, is_cut boolean,
    raw text
)
ON CONFLICT (alert_id, occasion) DO UPDATE
SET receipt_id = excluded.receipt_id, item = excluded.item, source = excluded.source,
    received_at = excluded.received_at, is_cut = excluded.is_cut, raw = excluded.raw

-- name: load_known
-- Always one row at least, for the version. One look-up each in the primary key of incident_fingerprints. JSON and not an
-- array, whose length would make Postgres plan anew for every short one, which costs more than the look-ups.
SELECT c.knowledge_version AS version, k.fingerprint, k.incident_id, k.title
FROM tenant_config AS c
LEFT JOIN (
    SELECT f.fingerprint, f.incident_id, f.title
    FROM json_array_elements_text($1::json) AS wanted (fingerprint) CROSS JOIN LATERAL (
        SELECT f.fingerprint, f.incident_id, i.title
        FROM incident_fingerprints AS f JOIN incidents AS i ON i.id = f.incident_id
        WHERE f.fingerprint = wanted.fingerprint
        LIMIT 1
    ) AS f
) AS k ON true

-- name: plan_for_these_words
-- How common the words are decides between the two indexes, which only a plan for these very words can know.
SET LOCAL plan_cache_mode = force_custom_plan

-- name: plan_as_usual
SET LOCAL plan_cache_mode = auto

-- name: read_words
-- All of the words; null when fewer than two say something.
SELECT CASE WHEN numnode(q) > 2 THEN q::text END FROM plainto_tsquery('pg_catalog.english', $1) AS q

-- name: find_candidates
-- Bounded before any is ranked. Indexes: incidents_search for rare words, incidents_proven for common ones.
WITH candidates AS MATERIALIZED (
    SELECT id, title, search, resolution_count, trust
    FROM incidents
    WHERE status = 'active' AND search @@ $1::tsquery
    ORDER BY resolution_count DESC, id DESC
    LIMIT 50
)
SELECT id AS incident_id, title, ts_rank(search, $1::tsquery)::double precision AS rank, resolution_count, trust
FROM candidates

-- name: list_patterns
-- The most proven first, bounded. Index: incidents_patterns.
SELECT i.id AS incident_id, i.title, p AS pattern
FROM (
    SELECT id, title, error_patterns, resolution_count FROM incidents
    WHERE status = 'active' AND error_patterns <> '{}'
    ORDER BY resolution_count DESC, id DESC
    LIMIT 2000
) AS i, unnest(i.error_patterns) AS p
ORDER BY i.resolution_count DESC, i.id DESC
LIMIT 2000

-- name: load_resolved
-- Without a lock: incidents are locked before alerts, and this alert is over. The fingerprint's own incident comes
-- first, then the matched one, or what that was merged into. No row when the alert is open again.
SELECT a.id, a.fingerprint, a.title, a.description, a.severity, a.labels, a.agent, a.first_fired_at, a.resolved_at,
    a.resolved_by, a.resolution, coalesce(f.incident_id, i.merged_into_id, i.id) AS incident_id
FROM alerts AS a
LEFT JOIN incident_fingerprints AS f ON f.fingerprint = a.fingerprint
LEFT JOIN incidents AS i ON i.id = a.matched_incident_id
WHERE a.id = $1 AND a.status = 'resolved'

-- name: insert_resolution
-- Once per alert, whatever comes again.
INSERT INTO incident_resolutions (alert_id, incident_id, resolved_at, minutes) VALUES ($1, $2, $3, $4)
ON CONFLICT (alert_id) DO NOTHING
RETURNING alert_id

-- name: add_resolution
UPDATE incidents
SET resolution_count = resolution_count + 1,
    avg_resolution_mins = (coalesce(avg_resolution_mins, 0) * resolution_count + $4) / (resolution_count + 1),
    last_resolved_by = CASE WHEN last_resolved_at > $2 THEN last_resolved_by ELSE $3 END,
    last_resolved_at = greatest(last_resolved_at, $2)
WHERE id = $1

-- name: load_watched
-- A disabled one takes its alerts all the same: switching it off must not make a page of each.
SELECT id, matchers FROM heartbeats WHERE matchers IS NOT NULL ORDER BY id

-- name: lock_heartbeats
-- In one order for all callers. Indexes: both unique ones.
SELECT id, name, description, interval_seconds, grace_seconds, severity, labels, is_enabled, last_beat_at, due_at,
    missed_at
FROM heartbeats
WHERE name = ANY ($1::text[]) OR id = ANY ($2::uuid[])
ORDER BY id
FOR NO KEY UPDATE

-- name: lock_heartbeat_or_skip
SELECT id, name, description, interval_seconds, grace_seconds, severity, labels, is_enabled, last_beat_at, due_at,
    missed_at
FROM heartbeats
WHERE id = $1
FOR NO KEY UPDATE SKIP LOCKED

-- name: heartbeat_exists
SELECT EXISTS (SELECT FROM heartbeats WHERE id = $1)

-- name: update_heartbeats
UPDATE heartbeats AS h
SET last_beat_at = n.last_beat_at, due_at = n.due_at, missed_at = n.missed_at
FROM json_to_recordset($1::json) AS n (id uuid, last_beat_at timestamptz, due_at timestamptz, missed_at timestamptz)
WHERE h.id = n.id

