-- Escalation policies and their versions. Unqualified names are the tenant's tables.

-- name: list_policies
-- Index: escalation_policies_pkey.
SELECT p.id, p.name, p.description, v.version, v.tiers, v.repeat_count, v.roster_id, v.lead_id, p.created_at, p.updated_at
FROM escalation_policies AS p
JOIN escalation_policy_versions AS v ON v.policy_id = p.id AND v.version = p.current_version
WHERE p.id < $1
    AND p.archived_at IS NULL
    AND NOT EXISTS (
        SELECT FROM unnest($3::text[]) AS word WHERE strpos(lower(p.name || ' ' || p.description), lower(word)) = 0
    )
ORDER BY p.id DESC
LIMIT $2

-- name: count_policies
SELECT count(*) FROM escalation_policies
WHERE archived_at IS NULL
    AND NOT EXISTS (
        SELECT FROM unnest($1::text[]) AS word WHERE strpos(lower(name || ' ' || description), lower(word)) = 0
    )

-- name: load_policy
SELECT p.id, p.name, p.description, v.version, v.tiers, v.repeat_count, v.roster_id, v.lead_id, p.created_at,
    p.updated_at, p.archived_at
FROM escalation_policies AS p
JOIN escalation_policy_versions AS v ON v.policy_id = p.id AND v.version = p.current_version
WHERE p.id = $1

-- name: lock_policy
-- Held until the transaction ends; writers of one policy wait for each other.
SELECT id FROM escalation_policies WHERE id = $1 AND archived_at IS NULL FOR UPDATE

-- name: insert_policy
INSERT INTO escalation_policies (id, name, description) VALUES ($1, $2, $3)

-- name: insert_version
INSERT INTO escalation_policy_versions (policy_id, version, tiers, repeat_count, roster_id, lead_id, created_by, change)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: update_policy
UPDATE escalation_policies
SET name = $2, description = $3, current_version = $4, updated_at = public.clock_now()
WHERE id = $1

-- name: archive_policy
UPDATE escalation_policies SET archived_at = public.clock_now() WHERE id = $1

-- name: list_versions
-- Newest first. Index: escalation_policy_versions_pkey.
SELECT v.policy_id, v.version, v.tiers, v.repeat_count, v.roster_id, v.lead_id, v.created_at, v.created_by, v.change,
    v.version = p.current_version AS is_current
FROM escalation_policy_versions AS v JOIN escalation_policies AS p ON p.id = v.policy_id
WHERE v.policy_id = $1 AND v.version < $2
ORDER BY v.version DESC
LIMIT $3

-- name: count_versions
SELECT count(*) FROM escalation_policy_versions WHERE policy_id = $1

-- name: load_version
SELECT v.policy_id, v.version, v.tiers, v.repeat_count, v.roster_id, v.lead_id, v.created_at, v.created_by, v.change,
    v.version = p.current_version AS is_current
FROM escalation_policy_versions AS v JOIN escalation_policies AS p ON p.id = v.policy_id
WHERE v.policy_id = $1 AND v.version = $2

-- name: load_uses
SELECT kind, id, name
FROM (
    SELECT 'service' AS kind, id, name FROM services WHERE default_policy_id = $1
    UNION ALL
    SELECT 'route', id, name FROM routes WHERE policy_id = $1
    UNION ALL
    SELECT 'tenant_default', NULL, 'the tenant''s default' FROM tenant_config WHERE default_policy_id = $1
) AS uses
ORDER BY kind, name
LIMIT 1000
