-- Reading people. Unqualified names are the tenant's tables.

-- name: list_users
SELECT id, email, display_name, timezone, phone, slack_user_id, role, is_active, external_id, revision, created_at
FROM users
WHERE id < $1
    AND NOT EXISTS (
        SELECT FROM unnest($3::text[]) AS word WHERE strpos(lower(display_name || ' ' || email), lower(word)) = 0
    )
ORDER BY id DESC
LIMIT $2

-- name: count_users
SELECT count(*) FROM users
WHERE NOT EXISTS (
    SELECT FROM unnest($1::text[]) AS word WHERE strpos(lower(display_name || ' ' || email), lower(word)) = 0
)
