-- Reading rosters, policies and people. Unqualified names are the tenant's tables.

-- name: list_policies
SELECT p.id, p.name, p.description, v.version, v.tiers, v.repeat_count, v.roster_id, p.created_at
FROM escalation_policies AS p
JOIN escalation_policy_versions AS v ON v.policy_id = p.id AND v.version = p.current_version
WHERE p.id < $1
ORDER BY p.id DESC
LIMIT $2

-- name: count_policies
SELECT count(*) FROM escalation_policies

-- name: load_policy
SELECT p.id, p.name, p.description, v.version, v.tiers, v.repeat_count, v.roster_id, p.created_at
FROM escalation_policies AS p
JOIN escalation_policy_versions AS v ON v.policy_id = p.id AND v.version = p.current_version
WHERE p.id = $1

-- name: list_users
SELECT id, email, display_name, timezone, phone, slack_user_id, role, is_active, external_id, revision, created_at
FROM users
WHERE id < $1
ORDER BY id DESC
LIMIT $2

-- name: count_users
SELECT count(*) FROM users
