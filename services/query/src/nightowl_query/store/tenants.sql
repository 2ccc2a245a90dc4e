-- The registry of tenants, for those who run the installation.

-- name: list_tenants
-- Keyset on the slug. Index: tenants_pkey.
SELECT slug, name, status, created_at, limits FROM public.tenants WHERE slug > $1 ORDER BY slug LIMIT $2

-- name: count_tenants
SELECT count(*) FROM public.tenants

-- name: lock_tenant
SELECT slug, name, status, created_at, limits FROM public.tenants WHERE slug = $1 FOR NO KEY UPDATE

-- name: update_limits
UPDATE public.tenants SET limits = $2 WHERE slug = $1
