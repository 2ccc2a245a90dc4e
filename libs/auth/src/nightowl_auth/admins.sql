-- Local admins: who can sign in with a password.

-- name: load_admin
SELECT a.id, a.tenant, a.username, a.password_hash, a.must_change, a.failures, a.locked_until
FROM public.local_admins AS a JOIN public.tenants AS t ON t.slug = a.tenant AND t.status = 'active'
WHERE a.tenant = $1 AND a.username = $2

-- name: lock_admin
SELECT id, tenant, username, password_hash, must_change, failures, locked_until
FROM public.local_admins
WHERE id = $1
FOR NO KEY UPDATE

-- name: insert_admin
INSERT INTO public.local_admins (tenant, username, password_hash) VALUES ($1, $2, $3)
ON CONFLICT (tenant, username) DO NOTHING
RETURNING id

-- name: update_password
UPDATE public.local_admins
SET password_hash = $2, must_change = $3, failures = 0, locked_until = NULL, changed_at = public.clock_now()
WHERE id = $1

-- name: update_failures
UPDATE public.local_admins SET failures = $2, locked_until = $3 WHERE id = $1
