-- Signing in without keys: admins with a password, and sessions of browsers.

CREATE INDEX api_keys_user ON public.api_keys (tenant, user_id) WHERE user_id IS NOT NULL;
COMMENT ON COLUMN public.api_keys.scopes IS 'Empty: all that the role may. {ingest}: to post webhooks and beats, and nothing else.';

CREATE TABLE public.local_admins (
    id             uuid PRIMARY KEY DEFAULT uuidv7(),
    tenant         text NOT NULL REFERENCES public.tenants (slug) ON DELETE CASCADE,
    username       text NOT NULL CHECK (username ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    password_hash  text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
    must_change    boolean NOT NULL DEFAULT true,
    failures       integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    locked_until   timestamptz,
    created_at     timestamptz NOT NULL DEFAULT public.clock_now(),
    changed_at     timestamptz NOT NULL DEFAULT public.clock_now(),
    UNIQUE (tenant, username)
);
COMMENT ON TABLE public.local_admins IS 'Who can sign in when no identity provider answers. An admin of the tenant, and nobody who can be on call.';
COMMENT ON COLUMN public.local_admins.must_change IS 'The password was chosen for them: it opens nothing but its own change.';

CREATE TABLE public.sessions (
    id              uuid PRIMARY KEY DEFAULT uuidv7(),
    token_hash      bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    tenant          text NOT NULL REFERENCES public.tenants (slug) ON DELETE CASCADE,
    local_admin_id  uuid REFERENCES public.local_admins ON DELETE CASCADE,
    user_id         uuid,
    created_at      timestamptz NOT NULL DEFAULT public.clock_now(),
    seen_at         timestamptz NOT NULL DEFAULT public.clock_now(),
    expires_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    CHECK ((local_admin_id IS NULL) <> (user_id IS NULL))
);
CREATE INDEX sessions_user ON public.sessions (tenant, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX sessions_local_admin ON public.sessions (local_admin_id) WHERE local_admin_id IS NOT NULL;
CREATE INDEX sessions_expiry ON public.sessions (expires_at);
COMMENT ON TABLE public.sessions IS 'Browsers that are signed in. A row is deleted a day after it expires.';
COMMENT ON COLUMN public.sessions.token_hash IS 'SHA-256 of the cookie; it carries 256 random bits, so no slow hash is needed.';
COMMENT ON COLUMN public.sessions.seen_at IS 'Written every few seconds at most; a session that is idle for too long is over.';
