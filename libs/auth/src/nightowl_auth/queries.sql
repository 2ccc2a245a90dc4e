-- The only statements on public.api_keys, public.local_admins and public.sessions.

-- name: load_keys
-- Also of suspended tenants: what those may do is for the edges to say. Index: api_keys_prefix.
SELECT k.id, k.tenant, k.prefix, k.key_hash, k.role, k.scopes, k.description, k.user_id, k.webhook_secret, k.mapping,
    t.severity_words
FROM public.api_keys AS k JOIN public.tenants AS t ON t.slug = k.tenant
WHERE k.prefix = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > public.clock_now())

-- name: insert_key
INSERT INTO public.api_keys (tenant, prefix, key_hash, role, description, scopes, user_id, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (key_hash) DO NOTHING

-- name: list_keys
-- Newest first. Index: api_keys_pkey.
SELECT id, prefix, role, CASE WHEN 'ingest' = ANY (scopes) THEN 'ingest' ELSE 'full' END AS scope, description, user_id,
    created_at, expires_at, last_used_at, webhook_secret IS NOT NULL AS is_signed, mapping
FROM public.api_keys
WHERE tenant = $1 AND revoked_at IS NULL AND id < $2 AND ($4::uuid IS NULL OR user_id = $4)
ORDER BY id DESC
LIMIT $3

-- name: count_keys
SELECT count(*) FROM public.api_keys WHERE tenant = $1 AND revoked_at IS NULL AND ($2::uuid IS NULL OR user_id = $2)

-- name: lock_key
SELECT id, prefix, role, CASE WHEN 'ingest' = ANY (scopes) THEN 'ingest' ELSE 'full' END AS scope, description, user_id,
    created_at, expires_at, last_used_at, webhook_secret IS NOT NULL AS is_signed, mapping
FROM public.api_keys
WHERE tenant = $1 AND (id = $2 OR key_hash = $3) AND revoked_at IS NULL
FOR NO KEY UPDATE

-- name: load_known_key
-- Also one that is revoked.
SELECT id, coalesce(nullif(description, ''), prefix) AS name, revoked_at IS NOT NULL AS is_revoked, mapping
FROM public.api_keys
WHERE tenant = $1 AND id = $2

-- name: revoke_key
UPDATE public.api_keys SET revoked_at = public.clock_now() WHERE id = $1 AND tenant = $2 AND revoked_at IS NULL

-- name: revoke_keys_of
-- Index: api_keys_user.
UPDATE public.api_keys SET revoked_at = public.clock_now() WHERE tenant = $1 AND user_id = $2 AND revoked_at IS NULL

-- name: lower_keys_of
-- Index: api_keys_user.
UPDATE public.api_keys SET role = $3
WHERE tenant = $1 AND user_id = $2 AND revoked_at IS NULL
    AND array_position($4::text[], role) > array_position($4::text[], $3::text)

-- name: load_mapping
SELECT mapping FROM public.api_keys WHERE id = $1 AND tenant = $2 AND revoked_at IS NULL

-- name: update_mapping
UPDATE public.api_keys SET mapping = $3 WHERE id = $1 AND tenant = $2 AND revoked_at IS NULL

-- name: update_webhook_secret
UPDATE public.api_keys SET webhook_secret = $3 WHERE id = $1 AND tenant = $2 AND revoked_at IS NULL

-- name: mark_used
UPDATE public.api_keys SET last_used_at = public.clock_now() WHERE id = ANY ($1::uuid[])
