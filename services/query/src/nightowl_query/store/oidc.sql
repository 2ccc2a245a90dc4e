-- Departures to sign in at a provider, the tenant's own issuer, and whom a provider's person is here.

-- name: insert_departure
INSERT INTO public.sign_in_departures (state_hash, browser_hash, tenant, is_own, issuer, return_to, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, public.clock_now() + $7::interval)

-- name: take_departure
-- Once: of two that come at the same time, one finds nothing. Trials return nowhere, and are no departures to sign in.
DELETE FROM public.sign_in_departures
WHERE state_hash = $1 AND browser_hash = $2 AND expires_at > public.clock_now() AND (return_to = '') = $3
RETURNING tenant, is_own, issuer, return_to

-- name: is_trial
SELECT EXISTS (
    SELECT FROM public.sign_in_departures
    WHERE state_hash = $1 AND browser_hash = $2 AND expires_at > public.clock_now() AND return_to = ''
)

-- name: delete_old_departures
-- Index: sign_in_departures_expiry.
DELETE FROM public.sign_in_departures WHERE expires_at <= public.clock_now()

-- name: find_by_external_id
SELECT id, display_name, role, is_active, external_id FROM users WHERE external_id = $1 FOR NO KEY UPDATE

-- name: find_by_email
SELECT id, display_name, role, is_active, external_id FROM users WHERE lower(email) = lower($1) ORDER BY id LIMIT 2 FOR NO KEY UPDATE

-- name: admit_user
UPDATE users
SET external_id = $2, role = $3, revision = revision + 1, updated_at = public.clock_now()
WHERE id = $1 AND (external_id IS DISTINCT FROM $2 OR role <> $3)

-- name: load_issuer
SELECT issuer, client_id, audience, role_claim, roles, default_role, email_domains, trusts_email, creates_users, revision,
    changed_at, changed_by
FROM public.oidc_issuers
WHERE tenant = $1

-- name: lock_issuer
SELECT issuer, client_id, audience, role_claim, roles, default_role, email_domains, trusts_email, creates_users, revision,
    changed_at, changed_by
FROM public.oidc_issuers
WHERE tenant = $1
FOR NO KEY UPDATE

-- name: save_issuer
INSERT INTO public.oidc_issuers AS i (tenant, issuer, client_id, audience, role_claim, roles, default_role, email_domains,
    trusts_email, creates_users, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (tenant) DO UPDATE
SET issuer = excluded.issuer, client_id = excluded.client_id, audience = excluded.audience, role_claim = excluded.role_claim,
    roles = excluded.roles, default_role = excluded.default_role, email_domains = excluded.email_domains,
    trusts_email = excluded.trusts_email, creates_users = excluded.creates_users, revision = i.revision + 1,
    changed_at = public.clock_now(), changed_by = excluded.changed_by

-- name: delete_issuer
DELETE FROM public.oidc_issuers WHERE tenant = $1
