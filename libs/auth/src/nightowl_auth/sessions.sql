-- Sessions of browsers.

-- name: load_session
-- With the tenant's state and the local admin behind it. Index: sessions_token_hash_key.
SELECT s.id, s.tenant, s.user_id, s.local_admin_id, s.expires_at, a.username, a.must_change
FROM public.sessions AS s
JOIN public.tenants AS t ON t.slug = s.tenant AND t.status = 'active'
LEFT JOIN public.local_admins AS a ON a.id = s.local_admin_id
WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > public.clock_now()
    AND s.seen_at > public.clock_now() - $2::interval

-- name: load_person
SELECT display_name, role FROM users WHERE id = $1 AND is_active

-- name: insert_session
INSERT INTO public.sessions (token_hash, tenant, local_admin_id, user_id, expires_at)
VALUES ($1, $2, $3, $4, public.clock_now() + $5::interval)
RETURNING expires_at

-- name: end_session
UPDATE public.sessions SET ended_at = public.clock_now() WHERE token_hash = $1 AND ended_at IS NULL

-- name: end_sessions_of
UPDATE public.sessions SET ended_at = public.clock_now()
WHERE tenant = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > public.clock_now()

-- name: end_sessions_of_admin
UPDATE public.sessions SET ended_at = public.clock_now()
WHERE local_admin_id = $1 AND ended_at IS NULL AND expires_at > public.clock_now()

-- name: mark_seen
UPDATE public.sessions SET seen_at = public.clock_now() WHERE id = ANY ($1::uuid[])

-- name: delete_old_sessions
-- Index: sessions_expiry.
DELETE FROM public.sessions WHERE expires_at < public.clock_now() - interval '1 day'
