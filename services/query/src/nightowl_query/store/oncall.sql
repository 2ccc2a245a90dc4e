-- Reading rosters and people. Unqualified names are the tenant's tables.

-- name: list_rosters
SELECT r.id, r.name, r.description, r.timezone, r.rotation_days, r.handoff_time::text AS handoff_time,
    r.start_date::text AS start_date, r.end_date::text AS end_date, coalesce(m.members, '[]') AS members
FROM rosters AS r
LEFT JOIN LATERAL (
    SELECT jsonb_agg(
        jsonb_build_object('id', u.id, 'display_name', u.display_name, 'timezone', u.timezone) ORDER BY t.position
    ) AS members
    FROM roster_members AS t JOIN users AS u ON u.id = t.user_id AND u.is_active
    WHERE t.roster_id = r.id
) AS m ON true
WHERE r.id < $1
ORDER BY r.id DESC
LIMIT $2

-- name: count_rosters
SELECT count(*) FROM rosters

-- name: list_users
SELECT id, email, display_name, timezone, phone, slack_user_id, role, is_active, created_at
FROM users
WHERE id < $1
ORDER BY id DESC
LIMIT $2

-- name: count_users
SELECT count(*) FROM users
