-- Incidents. Lock order: incidents (by id) → alerts → tenant_config; whoever changes content bumps the version last.

-- name: plan_for_these_words
-- How common a word is decides between the two indexes, which only a plan for these very words can know.
SET LOCAL plan_cache_mode = force_custom_plan

-- name: load_incidents
SELECT id, title, fingerprints, severity, category, tags, services, clusters, namespaces, symptoms, error_patterns,
    root_cause, solution, postmortem_url, runbook_id, origin, status, merged_into_id, resolution_count,
    last_resolved_at, last_resolved_by, avg_resolution_mins, helped_count, unhelpful_count, revision, created_at,
    updated_at
FROM incidents
WHERE id = ANY ($1::uuid[])

-- name: lock_incidents
-- In one order for all callers.
SELECT id FROM incidents WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE

-- name: lock_incident_for_removal
SELECT id FROM incidents WHERE id = $1 FOR UPDATE

-- name: list_incident_ids
-- Keyset on id, newest first. Index: incidents_pkey.
SELECT id
FROM incidents
WHERE id < $6
    AND ($1::text[] IS NULL OR severity = ANY ($1))
    AND ($2::text[] IS NULL OR category = ANY ($2))
    AND ($3::text[] IS NULL OR services && $3)
    AND ($4::text[] IS NULL OR tags && $4)
    AND status = ANY ($5::text[])
ORDER BY id DESC
LIMIT $7

-- name: count_incidents
SELECT count(*)
FROM incidents
WHERE ($1::text[] IS NULL OR severity = ANY ($1))
    AND ($2::text[] IS NULL OR category = ANY ($2))
    AND ($3::text[] IS NULL OR services && $3)
    AND ($4::text[] IS NULL OR tags && $4)
    AND status = ANY ($5::text[])

-- name: list_for_export
-- Everything but what is merged. Index: incidents_pkey.
SELECT id FROM incidents WHERE id > $1 AND status <> 'merged' ORDER BY id LIMIT $2

-- name: load_by_fingerprint
SELECT incident_id FROM incident_fingerprints WHERE fingerprint = $1

-- name: load_subject
SELECT a.title, a.severity, a.fingerprint, a.description, a.resolution, a.labels, a.annotations, s.name AS service
FROM alerts AS a LEFT JOIN services AS s ON s.id = a.service_id
WHERE a.id = $1

-- name: find_owners
SELECT fingerprint, incident_id FROM incident_fingerprints WHERE fingerprint = ANY ($1::text[]) ORDER BY fingerprint

-- name: insert_incident
INSERT INTO incidents (
    id, title, fingerprints, severity, category, tags, services, clusters, namespaces, symptoms, error_patterns,
    root_cause, solution, postmortem_url, runbook_id, origin
)
SELECT $1, title, fingerprints, severity, category, tags, services, clusters, namespaces, symptoms, error_patterns,
    root_cause, solution, postmortem_url, runbook_id, $3
FROM json_populate_record(NULL::incidents, $2::json)

-- name: update_incident
-- Locked by this transaction already. What is saved is active.
UPDATE incidents AS i
SET title = n.title, fingerprints = n.fingerprints, severity = n.severity, category = n.category, tags = n.tags,
    services = n.services, clusters = n.clusters, namespaces = n.namespaces, symptoms = n.symptoms,
    error_patterns = n.error_patterns, root_cause = n.root_cause, solution = n.solution,
    postmortem_url = n.postmortem_url, runbook_id = n.runbook_id, status = 'active', revision = i.revision + 1,
    updated_at = public.clock_now()
FROM json_populate_record(NULL::incidents, $2::json) AS n
WHERE i.id = $1

-- name: mark_archived
UPDATE incidents SET status = 'archived', revision = revision + 1, updated_at = public.clock_now() WHERE id = $1

-- name: mark_merged
UPDATE incidents SET status = 'merged', merged_into_id = $2, revision = revision + 1, updated_at = public.clock_now()
WHERE id = $1

-- name: follow_merge
-- What was merged into the source before answers by the target now: an old id is one step away, never a chain.
UPDATE incidents SET merged_into_id = $2 WHERE merged_into_id = $1

-- name: move_resolutions
UPDATE incident_resolutions SET incident_id = $2 WHERE incident_id = $1

-- name: set_statistics
UPDATE incidents
SET resolution_count = $2, avg_resolution_mins = $3, last_resolved_at = $4, last_resolved_by = $5, helped_count = $6,
    unhelpful_count = $7
WHERE id = $1

-- name: delete_incident
DELETE FROM incidents WHERE id = $1

-- name: incident_is_referred_to
SELECT EXISTS (SELECT FROM alerts WHERE matched_incident_id = $1)
    OR EXISTS (SELECT FROM incidents WHERE merged_into_id = $1)
    OR EXISTS (SELECT FROM incident_resolutions WHERE incident_id = $1)
    OR EXISTS (SELECT FROM alert_votes WHERE incident_id = $1)

-- name: release_fingerprints
DELETE FROM incident_fingerprints WHERE incident_id = $1 AND NOT fingerprint = ANY ($2::text[])

-- name: claim_fingerprints
-- In one order for all callers. A fingerprint that another incident has stays with it.
INSERT INTO incident_fingerprints (fingerprint, incident_id)
SELECT f, $1 FROM unnest($2::text[]) AS f ORDER BY f
ON CONFLICT (fingerprint) DO NOTHING

-- name: insert_history
INSERT INTO incident_history (incident_id, revision, actor, action, diff)
SELECT id, revision, $2, $3, $4 FROM incidents WHERE id = $1

-- name: bump_knowledge
-- Milliseconds, so that a tenant that is made anew under its slug meets nothing that workers remember of the old one.
UPDATE tenant_config
SET knowledge_version = greatest(knowledge_version + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)

-- name: list_history
SELECT revision AS id, revision, at, actor, action, diff
FROM incident_history
WHERE incident_id = $1
ORDER BY revision DESC
LIMIT 1000

-- name: read_words
-- The query that the words mean; null when nothing is left of them.
SELECT CASE WHEN numnode(q) > 0 THEN q::text END
FROM (
    SELECT websearch_to_tsquery('pg_catalog.english', $1)
        && coalesce(to_tsquery('pg_catalog.english', $2::text || ':*'), ''::tsquery) AS q
) AS n

-- name: read_title
-- Any of an incident's title words.
SELECT string_agg(quote_literal(w.lexeme), ' | ')
FROM incidents AS i, unnest(to_tsvector('pg_catalog.english', i.title)) AS w
WHERE i.id = $1

-- name: search_incidents
-- Candidates are bounded before any of them is ranked. Indexes: incidents_search for rare words; incidents_proven for
-- common ones, read from its top until enough have matched. Votes that it did not help let one sink.
WITH candidates AS MATERIALIZED (
    SELECT id, search, resolution_count, trust
    FROM incidents
    WHERE status = 'active' AND search @@ $1::tsquery AND id <> $4
    ORDER BY resolution_count DESC, id DESC
    LIMIT $2
)
SELECT id, ts_rank(search, $1::tsquery) * trust AS rank, count(*) OVER () AS total
FROM candidates
ORDER BY rank DESC, resolution_count DESC, id DESC
LIMIT $3

-- name: load_excerpts
-- U+E000 and U+E001 surround what was found; the text's own are taken out.
SELECT i.id, f.field,
    ts_headline('pg_catalog.english', translate(f.body, U&'\E000\E001', ''), $2::tsquery,
        U&'StartSel="\E000",StopSel="\E001",'
        || CASE f.field WHEN 'title' THEN 'HighlightAll=true'
            ELSE 'MaxFragments=2,MaxWords=25,MinWords=8,FragmentDelimiter=" … "' END) AS marked
FROM incidents AS i
CROSS JOIN LATERAL (VALUES (1, 'title', i.title), (2, 'symptoms', i.symptoms), (3, 'root_cause', i.root_cause),
    (4, 'solution', i.solution)) AS f (place, field, body)
WHERE i.id = ANY ($1::uuid[]) AND f.body <> ''
ORDER BY i.id, f.place

-- name: list_patterns
-- The most proven first, bounded. Index: incidents_patterns.
SELECT i.id, i.title, p AS pattern
FROM (
    SELECT id, title, error_patterns, resolution_count FROM incidents
    WHERE status = 'active' AND error_patterns <> '{}'
    ORDER BY resolution_count DESC, id DESC
    LIMIT 2000
) AS i, unnest(i.error_patterns) AS p
ORDER BY i.resolution_count DESC, i.id DESC
LIMIT 2000
