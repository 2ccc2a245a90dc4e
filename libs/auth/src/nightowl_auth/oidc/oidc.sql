-- Issuers, tenants by claims, and the people behind tokens. Unqualified names are the tenant's tables.

-- name: load_own_issuer
-- The one that an active tenant's admin has set.
SELECT i.tenant, i.issuer, i.client_id, i.audience, i.role_claim, i.roles, i.default_role, i.email_domains, i.trusts_email,
    i.creates_users, true AS is_own
FROM public.oidc_issuers AS i JOIN public.tenants AS t ON t.slug = i.tenant AND t.status = 'active'
WHERE i.tenant = $1

-- name: load_issuer_of_token
-- Also of suspended tenants, as for keys. Index: oidc_issuers_issuer_audience_key.
SELECT tenant, issuer, client_id, audience, role_claim, roles, default_role, email_domains, trusts_email, creates_users,
    true AS is_own
FROM public.oidc_issuers
WHERE issuer = $1 AND audience = ANY ($2::text[])
LIMIT 2

-- name: load_tenants_of_values
SELECT DISTINCT tenant FROM public.tenant_claims WHERE value = ANY ($1::text[]) ORDER BY tenant

-- name: load_token_person
SELECT id, display_name, role FROM users WHERE external_id = $1 AND is_active

-- name: list_tenant_claims
SELECT value, tenant FROM public.tenant_claims ORDER BY tenant, value

-- name: insert_tenant_claim
INSERT INTO public.tenant_claims (value, tenant) VALUES ($1, $2) ON CONFLICT (value) DO NOTHING RETURNING tenant

-- name: delete_tenant_claim
DELETE FROM public.tenant_claims WHERE value = $1 AND tenant = $2
