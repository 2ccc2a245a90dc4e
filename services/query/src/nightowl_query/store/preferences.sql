-- Preferences of people and local admins. Unqualified names are the tenant's tables.

-- name: load_of_person
SELECT timezone, preferences FROM users WHERE id = $1

-- name: lock_of_person
SELECT timezone, preferences FROM users WHERE id = $1 FOR NO KEY UPDATE

-- name: keep_of_person
-- What other clients keep there stays.
UPDATE users
SET preferences = preferences || $2, revision = revision + 1, updated_at = public.clock_now()
WHERE id = $1

-- name: load_of_admin
SELECT preferences FROM admin_preferences WHERE local_admin_id = $1

-- name: keep_of_admin
INSERT INTO admin_preferences (local_admin_id, preferences) VALUES ($1, $2)
ON CONFLICT (local_admin_id) DO UPDATE SET preferences = excluded.preferences, updated_at = public.clock_now()
