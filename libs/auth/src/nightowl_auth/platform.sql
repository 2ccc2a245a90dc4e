-- The only statements on public.platform_keys.

-- name: load_platform_keys
-- Index: platform_keys_prefix.
SELECT id, key_hash, description
FROM public.platform_keys
WHERE prefix = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > public.clock_now())

-- name: insert_platform_key
INSERT INTO public.platform_keys (prefix, key_hash, description) VALUES ($1, $2, $3)

-- name: list_platform_keys
SELECT id, prefix, description, created_at
FROM public.platform_keys
WHERE revoked_at IS NULL
ORDER BY id

-- name: revoke_platform_key
UPDATE public.platform_keys SET revoked_at = public.clock_now() WHERE prefix = $1 AND revoked_at IS NULL
