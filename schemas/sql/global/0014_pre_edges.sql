-- What the operator of the installation decides per tenant, and the keys of those who may.

ALTER TABLE public.tenants
    ADD COLUMN limits          jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(limits) = 'object'),
    ADD COLUMN severity_words  jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(severity_words) = 'object');
COMMENT ON COLUMN public.tenants.severity_words IS 'The tenant''s words for severities, in lower case → ours. A setting of the tenant, but here: ingest reads it with the key, and visits no tenant''s schema.';
COMMENT ON COLUMN public.tenants.limits IS 'Calls and alerts per minute that differ from the installation''s: name → number, 0 for no limit.';

CREATE TABLE public.platform_keys (
    id            uuid PRIMARY KEY DEFAULT uuidv7(),
    prefix        text NOT NULL CHECK (length(prefix) = 12),
    key_hash      bytea NOT NULL UNIQUE CHECK (length(key_hash) = 32),
    description   text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT public.clock_now(),
    expires_at    timestamptz,
    revoked_at    timestamptz
);
CREATE INDEX platform_keys_prefix ON public.platform_keys (prefix) WHERE revoked_at IS NULL;
COMMENT ON TABLE public.platform_keys IS 'Of those who run the installation: they make and suspend tenants and see nothing inside them. Made by the command line alone.';
