-- Signing in with identity providers.

CREATE TABLE public.oidc_issuers (
    tenant         text PRIMARY KEY REFERENCES public.tenants (slug) ON DELETE CASCADE,
    issuer         text NOT NULL CHECK (issuer ~ '^https?://'),
    client_id      text NOT NULL,
    audience       text,
    role_claim     text,
    roles          jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(roles) = 'object'),
    default_role   text CHECK (default_role IN ('readonly', 'engineer', 'manager', 'admin')),
    email_domains  text[] NOT NULL DEFAULT '{}',
    trusts_email   boolean NOT NULL DEFAULT false,
    creates_users  boolean NOT NULL DEFAULT false,
    revision       integer NOT NULL DEFAULT 1,
    changed_at     timestamptz NOT NULL DEFAULT public.clock_now(),
    changed_by     jsonb NOT NULL,
    UNIQUE (issuer, audience)
);
COMMENT ON TABLE public.oidc_issuers IS 'The identity provider that a tenant has set for itself. Its client secret is in tenant_credentials, sealed.';
COMMENT ON COLUMN public.oidc_issuers.audience IS 'Of access tokens for the API; with the issuer it leads to one tenant. Null: no bearer tokens.';

CREATE TABLE public.tenant_claims (
    value   text PRIMARY KEY CHECK (length(value) BETWEEN 1 AND 500),
    tenant  text NOT NULL REFERENCES public.tenants (slug) ON DELETE CASCADE
);
CREATE INDEX tenant_claims_tenant ON public.tenant_claims (tenant);
COMMENT ON TABLE public.tenant_claims IS 'What the values of the installation''s tenant claim stand for. Written by the operator alone.';

CREATE TABLE public.sign_in_departures (
    state_hash    bytea PRIMARY KEY CHECK (length(state_hash) = 32),
    browser_hash  bytea NOT NULL CHECK (length(browser_hash) = 32),
    tenant        text,
    is_own        boolean NOT NULL,
    issuer        text NOT NULL,
    return_to     text NOT NULL,
    expires_at    timestamptz NOT NULL
);
CREATE INDEX sign_in_departures_expiry ON public.sign_in_departures (expires_at);
COMMENT ON TABLE public.sign_in_departures IS 'Browsers that are away at their identity provider. Deleted when they come back, and after ten minutes.';
COMMENT ON COLUMN public.sign_in_departures.tenant IS 'What the browser has asked for, which may be no tenant: nobody shall learn here which there are.';
COMMENT ON COLUMN public.sign_in_departures.state_hash IS 'SHA-256. State, nonce and PKCE verifier are not here: they are made from the cookie and the state.';
