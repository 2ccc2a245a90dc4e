-- Votes whether what was known for an alert helped. Lock order: incidents (by id) → alerts; a vote's rows come last.

-- name: load_ballot
-- What is known for an alert, and what the voter has said. Indexes: the primary keys.
SELECT a.matched_incident_id AS incident_id, i.title, v.incident_id AS voted_for, v.voter, v.helped, v.reason, v.at
FROM alerts AS a
LEFT JOIN incidents AS i ON i.id = a.matched_incident_id
LEFT JOIN alert_votes AS v ON v.alert_id = a.id AND v.voter_id = $2
WHERE a.id = $1

-- name: put_vote
INSERT INTO alert_votes (alert_id, voter_id, incident_id, voter, helped, reason) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (alert_id, voter_id) DO UPDATE
SET incident_id = excluded.incident_id, voter = excluded.voter, helped = excluded.helped, reason = excluded.reason,
    at = public.clock_now()
RETURNING incident_id, voter, helped, reason, at

-- name: delete_vote
DELETE FROM alert_votes WHERE alert_id = $1 AND voter_id = $2

-- name: count_votes
-- Adds to the counts of a locked incident, or takes away. The revision stays, as with all statistics.
UPDATE incidents SET helped_count = helped_count + $2, unhelpful_count = unhelpful_count + $3 WHERE id = $1

-- name: move_votes
-- Index: alert_votes_incident.
UPDATE alert_votes SET incident_id = $2 WHERE incident_id = $1

-- name: list_votes
-- As many as the people who had one alert. Index: the primary key, which begins with alert_id.
SELECT incident_id, voter, helped, reason, at, count(*) OVER () AS total
FROM alert_votes
WHERE alert_id = $1
ORDER BY at DESC, voter_id
LIMIT $2
