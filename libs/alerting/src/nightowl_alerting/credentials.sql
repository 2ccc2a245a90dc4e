-- A tenant's provider credentials. Unqualified names are the tenant's tables.

-- name: load_credentials
SELECT kind, sealed, key_id, shown, hints, revision, changed_at, changed_by FROM tenant_credentials WHERE kind = $1

-- name: lock_credentials
SELECT kind, sealed, key_id, shown, hints, revision, changed_at, changed_by
FROM tenant_credentials
WHERE kind = $1
FOR NO KEY UPDATE

-- name: save_credentials
INSERT INTO tenant_credentials AS c (kind, sealed, key_id, shown, hints, changed_by) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (kind) DO UPDATE
SET sealed = excluded.sealed, key_id = excluded.key_id, shown = excluded.shown, hints = excluded.hints,
    revision = c.revision + 1, changed_at = public.clock_now(), changed_by = excluded.changed_by

-- name: lock_sealed_otherwise
-- What is not under a master key.
SELECT kind, sealed, key_id FROM tenant_credentials WHERE key_id <> $1 ORDER BY kind FOR NO KEY UPDATE

-- name: replace_seal
UPDATE tenant_credentials SET sealed = $2, key_id = $3 WHERE kind = $1

-- name: delete_addresses
DELETE FROM public.provider_addresses WHERE tenant = $1 AND kind = $2

-- name: insert_addresses
INSERT INTO public.provider_addresses (kind, address, tenant) SELECT DISTINCT $2, unnest($3::text[]), $1

-- name: load_holders
-- Index: the primary key.
SELECT a.tenant
FROM public.provider_addresses AS a JOIN public.tenants AS t ON t.slug = a.tenant
WHERE a.kind = $1 AND a.address = $2 AND t.status = 'active'
ORDER BY a.tenant

-- name: load_sharing
-- Tenants that have no account of their own.
SELECT t.slug
FROM public.tenants AS t
WHERE t.status = 'active'
    AND NOT EXISTS (SELECT FROM public.provider_addresses AS a WHERE a.tenant = t.slug AND a.kind = $1)
ORDER BY t.slug
