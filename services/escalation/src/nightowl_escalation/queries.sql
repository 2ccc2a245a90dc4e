-- Escalation's own SQL: shifts that change hands. Unqualified names are the tenant's tables.

-- name: load_roster_names
SELECT id, name FROM rosters

-- name: insert_handoff
-- Whoever writes the row tells the event, in the same commit. Index: roster_handoffs_pkey.
INSERT INTO roster_handoffs (roster_id, boundary_at, outgoing_id, incoming_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (roster_id, boundary_at) DO NOTHING
RETURNING true

-- name: delete_old_handoffs
DELETE FROM roster_handoffs WHERE boundary_at < public.clock_now() - interval '400 days'

-- name: lock_roster_or_skip
-- Workers that watch the same roster: one of them does, the others leave it.
SELECT id FROM rosters WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED

-- name: load_last_warning
-- Index: alerts_episode.
SELECT status <> 'resolved' AS is_open, annotations ->> 'gap_starts_at' AS gap
FROM alerts
WHERE fingerprint = $1
ORDER BY episode DESC
LIMIT 1
