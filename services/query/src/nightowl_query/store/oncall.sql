-- Reading people. Unqualified names are the tenant's tables.

-- name: list_users
SELECT id, email, display_name, timezone, phone, slack_user_id, role, is_active, external_id, revision, created_at
FROM users
WHERE id < $1
ORDER BY id DESC
LIMIT $2

-- name: count_users
SELECT count(*) FROM users
