-- Generated from the global migrations by `nightowl generate`; do not edit, nothing runs it.

CREATE FUNCTION public.audit_hash(previous bytea, seq bigint, id uuid, at timestamp with time zone, actor jsonb, action text, entity text, entity_id uuid, changes jsonb, address text, request_id text) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT sha256(previous || convert_to(jsonb_build_array(
        seq, id, (extract(epoch FROM at) * 1000000)::bigint, actor, action, entity, entity_id, changes, address, request_id
    )::text, 'UTF8'))
$$;

COMMENT ON FUNCTION public.audit_hash(previous bytea, seq bigint, id uuid, at timestamp with time zone, actor jsonb, action text, entity text, entity_id uuid, changes jsonb, address text, request_id text) IS 'SHA-256 of the hash before and the row in its one form: a JSON array, the time in microseconds since 1970.';

CREATE FUNCTION public.chain_audit() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$
DECLARE
    head record;
    made bytea;
BEGIN
    EXECUTE format('SELECT seq + 1 AS seq, hash FROM %I.audit_head FOR UPDATE', TG_TABLE_SCHEMA) INTO STRICT head;
    made := public.audit_hash(
        head.hash, head.seq, NEW.id, NEW.at, NEW.actor, NEW.action, NEW.entity, NEW.entity_id, NEW.changes, NEW.address,
        NEW.request_id
    );
    EXECUTE format('UPDATE %I.audit_log SET seq = $1, hash = $2 WHERE id = $3', TG_TABLE_SCHEMA)
        USING head.seq, made, NEW.id;
    EXECUTE format('UPDATE %I.audit_head SET seq = $1, hash = $2', TG_TABLE_SCHEMA) USING head.seq, made;
    RETURN NULL;
END
$_$;

COMMENT ON FUNCTION public.chain_audit() IS 'Gives an audit row its number and its hash, at the end of the transaction that wrote it.';

CREATE FUNCTION public.clock_now() RETURNS timestamp with time zone
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$SELECT now()$$;

CREATE PROCEDURE public.keep_inbox(IN hours_ahead integer, IN hours_kept integer)
    LANGUAGE plpgsql
    AS $_$
DECLARE
    this_hour timestamptz := date_trunc('hour', now());
    part      text;
    starts    timestamptz;
    lower     uuid;
    upper     uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('public.keep_inbox'));
    FOR i IN -1 .. hours_ahead LOOP
        starts := this_hour + make_interval(hours => i);
        lower := public.uuidv7_floor(starts);
        upper := public.uuidv7_floor(starts + interval '1 hour');
        part := 'inbox_' || to_char(starts AT TIME ZONE 'UTC', 'YYYYMMDDHH24');
        IF to_regclass('public.' || part) IS NULL THEN
            LOCK TABLE public.inbox_default IN ACCESS EXCLUSIVE MODE;
            EXECUTE format('CREATE TABLE public.%I (LIKE public.inbox INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
            EXECUTE format('WITH early AS (DELETE FROM public.inbox_default WHERE event_id >= %L AND event_id < %L RETURNING *)'
                ' INSERT INTO public.%I SELECT * FROM early', lower, upper, part);
            EXECUTE format('ALTER TABLE public.inbox ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)', part, lower, upper);
        END IF;
    END LOOP;
    DELETE FROM public.inbox_default WHERE handled_at < public.clock_now() - make_interval(hours => hours_kept);
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'public.inbox'::regclass AND c.relname ~ '^inbox_\d{10}$'
          AND c.relname < 'inbox_' || to_char((this_hour - make_interval(hours => hours_kept)) AT TIME ZONE 'UTC', 'YYYYMMDDHH24')
    LOOP
        EXECUTE format('DROP TABLE public.%I', part);
    END LOOP;
END
$_$;

CREATE FUNCTION public.uuidv7_floor(at timestamp with time zone) RETURNS uuid
    LANGUAGE sql IMMUTABLE STRICT
    AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

COMMENT ON FUNCTION public.uuidv7_floor(at timestamp with time zone) IS 'The smallest UUIDv7 of a millisecond (RFC 9562, section 5.7).';

CREATE FUNCTION public.words(list text[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT pg_catalog.array_to_string(list, ' ') $$;

CREATE TABLE public.api_keys (
    id uuid DEFAULT uuidv7() NOT NULL,
    tenant text NOT NULL,
    prefix text NOT NULL,
    key_hash bytea NOT NULL,
    role text NOT NULL,
    scopes text[] DEFAULT '{}'::text[] NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    user_id uuid,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    webhook_secret text,
    mapping jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT api_keys_key_hash_check CHECK ((length(key_hash) = 32)),
    CONSTRAINT api_keys_mapping_check CHECK ((jsonb_typeof(mapping) = 'object'::text)),
    CONSTRAINT api_keys_prefix_check CHECK ((length(prefix) = 12)),
    CONSTRAINT api_keys_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'manager'::text, 'engineer'::text, 'readonly'::text]))),
    CONSTRAINT api_keys_webhook_secret_check CHECK (((length(webhook_secret) >= 16) AND (length(webhook_secret) <= 200)))
);

COMMENT ON COLUMN public.api_keys.key_hash IS 'SHA-256 of the whole key; keys carry 256 random bits, so no slow hash is needed.';

COMMENT ON COLUMN public.api_keys.scopes IS 'Empty: all that the role may. {ingest}: to post webhooks and beats, and nothing else.';

COMMENT ON COLUMN public.api_keys.webhook_secret IS 'When set, calls must be signed with it (HMAC-SHA256). Plain: it is needed to verify; encrypted once secrets of tenants are.';

COMMENT ON COLUMN public.api_keys.mapping IS 'Field → JMESPath: how generic payloads of this key are read. Checked when it is stored.';

CREATE TABLE public.canary (
    one_row boolean DEFAULT true NOT NULL,
    started_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    fired_at timestamp with time zone,
    arrived_at timestamp with time zone,
    round_trip_seconds double precision,
    told_at timestamp with time zone,
    CONSTRAINT canary_one_row_check CHECK (one_row),
    CONSTRAINT canary_round_trip_seconds_check CHECK ((round_trip_seconds >= (0)::double precision))
);

COMMENT ON TABLE public.canary IS 'One row while the installation has a canary, none else.';

COMMENT ON COLUMN public.canary.fired_at IS 'When the last one was sent to the webhook, whether that took it or not.';

COMMENT ON COLUMN public.canary.told_at IS 'The arrival that the outside watcher was last told of.';

CREATE TABLE public.inbox (
    event_id uuid NOT NULL,
    consumer text NOT NULL,
    tenant text NOT NULL,
    indexes integer[] NOT NULL,
    dispositions text[] NOT NULL,
    alert_ids uuid[] NOT NULL,
    handled_at timestamp with time zone DEFAULT public.clock_now() NOT NULL
)
PARTITION BY RANGE (event_id);

COMMENT ON TABLE public.inbox IS 'Events already handled, and what became of each alert in them. Hourly partitions by the time inside the UUIDv7, kept 72 h.';

CREATE TABLE public.inbox_default (
    event_id uuid CONSTRAINT inbox_event_id_not_null NOT NULL,
    consumer text CONSTRAINT inbox_consumer_not_null NOT NULL,
    tenant text CONSTRAINT inbox_tenant_not_null NOT NULL,
    indexes integer[] CONSTRAINT inbox_indexes_not_null NOT NULL,
    dispositions text[] CONSTRAINT inbox_dispositions_not_null NOT NULL,
    alert_ids uuid[] CONSTRAINT inbox_alert_ids_not_null NOT NULL,
    handled_at timestamp with time zone DEFAULT public.clock_now() CONSTRAINT inbox_handled_at_not_null NOT NULL
);

CREATE TABLE public.ingest_spool (
    message_id text NOT NULL,
    tenant text NOT NULL,
    event_id uuid NOT NULL,
    alerts integer NOT NULL,
    body bytea NOT NULL,
    trace text,
    spooled_at timestamp with time zone DEFAULT public.clock_now() NOT NULL
);

COMMENT ON TABLE public.ingest_spool IS 'Accepted webhook calls that JetStream could not take; published later under the same message ids.';

CREATE TABLE public.local_admins (
    id uuid DEFAULT uuidv7() NOT NULL,
    tenant text NOT NULL,
    username text NOT NULL,
    password_hash text NOT NULL,
    must_change boolean DEFAULT true NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    locked_until timestamp with time zone,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    changed_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT local_admins_failures_check CHECK ((failures >= 0)),
    CONSTRAINT local_admins_password_hash_check CHECK ((password_hash ~~ '$argon2id$%'::text)),
    CONSTRAINT local_admins_username_check CHECK ((username ~ '^[a-z0-9][a-z0-9._-]{0,63}$'::text))
);

COMMENT ON TABLE public.local_admins IS 'Who can sign in when no identity provider answers. An admin of the tenant, and nobody who can be on call.';

COMMENT ON COLUMN public.local_admins.must_change IS 'The password was chosen for them: it opens nothing but its own change.';

CREATE TABLE public.migrations (
    scope text NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.oidc_issuers (
    tenant text NOT NULL,
    issuer text NOT NULL,
    client_id text NOT NULL,
    audience text,
    role_claim text,
    roles jsonb DEFAULT '{}'::jsonb NOT NULL,
    default_role text,
    email_domains text[] DEFAULT '{}'::text[] NOT NULL,
    trusts_email boolean DEFAULT false NOT NULL,
    creates_users boolean DEFAULT false NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    changed_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    changed_by jsonb NOT NULL,
    CONSTRAINT oidc_issuers_default_role_check CHECK ((default_role = ANY (ARRAY['readonly'::text, 'engineer'::text, 'manager'::text, 'admin'::text]))),
    CONSTRAINT oidc_issuers_issuer_check CHECK ((issuer ~ '^https?://'::text)),
    CONSTRAINT oidc_issuers_roles_check CHECK ((jsonb_typeof(roles) = 'object'::text))
);

COMMENT ON TABLE public.oidc_issuers IS 'The identity provider that a tenant has set for itself. Its client secret is in tenant_credentials, sealed.';

COMMENT ON COLUMN public.oidc_issuers.audience IS 'Of access tokens for the API; with the issuer it leads to one tenant. Null: no bearer tokens.';

CREATE TABLE public.outbox (
    id uuid DEFAULT uuidv7() NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    messages text NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='500');

COMMENT ON TABLE public.outbox IS 'One bundle of messages per commit (JSON array); deleted when every one has its PubAck.';

CREATE TABLE public.platform_keys (
    id uuid DEFAULT uuidv7() NOT NULL,
    prefix text NOT NULL,
    key_hash bytea NOT NULL,
    description text NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT platform_keys_key_hash_check CHECK ((length(key_hash) = 32)),
    CONSTRAINT platform_keys_prefix_check CHECK ((length(prefix) = 12))
);

COMMENT ON TABLE public.platform_keys IS 'Of those who run the installation: they make and suspend tenants and see nothing inside them. Made by the command line alone.';

CREATE TABLE public.provider_addresses (
    kind text NOT NULL,
    address text NOT NULL,
    tenant text NOT NULL,
    CONSTRAINT provider_addresses_address_check CHECK ((address <> ''::text)),
    CONSTRAINT provider_addresses_kind_check CHECK ((kind = ANY (ARRAY['slack'::text, 'twilio'::text])))
);

COMMENT ON TABLE public.provider_addresses IS 'A claim, no proof: two tenants may name the same one, and the signature on a request tells whose it is.';

COMMENT ON COLUMN public.provider_addresses.address IS 'Slack: the workspace''s id. Twilio: a number, E.164.';

CREATE TABLE public.sessions (
    id uuid DEFAULT uuidv7() NOT NULL,
    token_hash bytea NOT NULL,
    tenant text NOT NULL,
    local_admin_id uuid,
    user_id uuid,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    seen_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT sessions_check CHECK (((local_admin_id IS NULL) <> (user_id IS NULL))),
    CONSTRAINT sessions_token_hash_check CHECK ((length(token_hash) = 32))
);

COMMENT ON TABLE public.sessions IS 'Browsers that are signed in. A row is deleted a day after it expires.';

COMMENT ON COLUMN public.sessions.token_hash IS 'SHA-256 of the cookie; it carries 256 random bits, so no slow hash is needed.';

COMMENT ON COLUMN public.sessions.seen_at IS 'Written every few seconds at most; a session that is idle for too long is over.';

CREATE TABLE public.sign_in_departures (
    state_hash bytea NOT NULL,
    browser_hash bytea NOT NULL,
    tenant text,
    is_own boolean NOT NULL,
    issuer text NOT NULL,
    return_to text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT sign_in_departures_browser_hash_check CHECK ((length(browser_hash) = 32)),
    CONSTRAINT sign_in_departures_state_hash_check CHECK ((length(state_hash) = 32))
);

COMMENT ON TABLE public.sign_in_departures IS 'Browsers that are away at their identity provider. Deleted when they come back, and after ten minutes.';

COMMENT ON COLUMN public.sign_in_departures.state_hash IS 'SHA-256. State, nonce and PKCE verifier are not here: they are made from the cookie and the state.';

COMMENT ON COLUMN public.sign_in_departures.tenant IS 'What the browser has asked for, which may be no tenant: nobody shall learn here which there are.';

CREATE TABLE public.slack_requests (
    digest bytea NOT NULL,
    seen_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT slack_requests_digest_check CHECK ((length(digest) = 32))
);

COMMENT ON TABLE public.slack_requests IS 'SHA-256 of signatures and event ids that came; kept for an hour.';

CREATE TABLE public.tenant_claims (
    value text NOT NULL,
    tenant text NOT NULL,
    CONSTRAINT tenant_claims_value_check CHECK (((length(value) >= 1) AND (length(value) <= 500)))
);

COMMENT ON TABLE public.tenant_claims IS 'What the values of the installation''s tenant claim stand for. Written by the operator alone.';

CREATE TABLE public.tenants (
    slug text NOT NULL,
    name text NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    resumed_at timestamp with time zone,
    limits jsonb DEFAULT '{}'::jsonb NOT NULL,
    severity_words jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT tenants_limits_check CHECK ((jsonb_typeof(limits) = 'object'::text)),
    CONSTRAINT tenants_name_check CHECK ((name <> ''::text)),
    CONSTRAINT tenants_severity_words_check CHECK ((jsonb_typeof(severity_words) = 'object'::text)),
    CONSTRAINT tenants_slug_check CHECK ((slug ~ '^[a-z][a-z0-9_]{0,40}$'::text)),
    CONSTRAINT tenants_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text])))
);

COMMENT ON TABLE public.tenants IS 'The registry: the only place a schema name is derived from (tenant_<slug>). A slug never changes.';

COMMENT ON COLUMN public.tenants.resumed_at IS 'The end of the last suspension: what was silent before it could not be heard.';

COMMENT ON COLUMN public.tenants.limits IS 'Calls and alerts per minute that differ from the installation''s: name → number, 0 for no limit.';

COMMENT ON COLUMN public.tenants.severity_words IS 'The tenant''s words for severities, in lower case → ours. A setting of the tenant, but here: ingest reads it with the key, and visits no tenant''s schema.';

CREATE TABLE public.timers (
    kind text NOT NULL,
    ref uuid NOT NULL,
    tenant text NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone NOT NULL,
    is_critical boolean DEFAULT false NOT NULL,
    CONSTRAINT timers_kind_check CHECK ((kind = ANY (ARRAY['escalation'::text, 'delivery'::text, 'snooze'::text, 'bulk'::text, 'heartbeat'::text, 'webhook'::text, 'card'::text, 'test_page'::text])))
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='500');

COMMENT ON TABLE public.timers IS 'What is owed and when: at most one per (kind, ref). A row is deleted when paid, never flagged.';

COMMENT ON COLUMN public.timers.is_critical IS 'A page of a critical alert: it never stands behind a storm of others.';

ALTER TABLE ONLY public.inbox ATTACH PARTITION public.inbox_default DEFAULT;

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_key_hash_key UNIQUE (key_hash);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.canary
    ADD CONSTRAINT canary_pkey PRIMARY KEY (one_row);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (event_id, consumer);

ALTER TABLE ONLY public.inbox_default
    ADD CONSTRAINT inbox_default_pkey PRIMARY KEY (event_id, consumer);

ALTER TABLE ONLY public.ingest_spool
    ADD CONSTRAINT ingest_spool_pkey PRIMARY KEY (message_id);

ALTER TABLE ONLY public.local_admins
    ADD CONSTRAINT local_admins_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.local_admins
    ADD CONSTRAINT local_admins_tenant_username_key UNIQUE (tenant, username);

ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (scope, version);

ALTER TABLE ONLY public.oidc_issuers
    ADD CONSTRAINT oidc_issuers_issuer_audience_key UNIQUE (issuer, audience);

ALTER TABLE ONLY public.oidc_issuers
    ADD CONSTRAINT oidc_issuers_pkey PRIMARY KEY (tenant);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.platform_keys
    ADD CONSTRAINT platform_keys_key_hash_key UNIQUE (key_hash);

ALTER TABLE ONLY public.platform_keys
    ADD CONSTRAINT platform_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.provider_addresses
    ADD CONSTRAINT provider_addresses_pkey PRIMARY KEY (kind, address, tenant);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.sign_in_departures
    ADD CONSTRAINT sign_in_departures_pkey PRIMARY KEY (state_hash);

ALTER TABLE ONLY public.slack_requests
    ADD CONSTRAINT slack_requests_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY public.tenant_claims
    ADD CONSTRAINT tenant_claims_pkey PRIMARY KEY (value);

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (slug);

ALTER TABLE ONLY public.timers
    ADD CONSTRAINT timers_pkey PRIMARY KEY (kind, ref);

CREATE INDEX api_keys_prefix ON public.api_keys USING btree (prefix);

CREATE INDEX api_keys_user ON public.api_keys USING btree (tenant, user_id) WHERE (user_id IS NOT NULL);

CREATE INDEX ingest_spool_order ON public.ingest_spool USING btree (spooled_at);

CREATE INDEX outbox_created ON public.outbox USING btree (created_at);

CREATE INDEX platform_keys_prefix ON public.platform_keys USING btree (prefix) WHERE (revoked_at IS NULL);

CREATE INDEX provider_addresses_tenant ON public.provider_addresses USING btree (tenant, kind);

CREATE INDEX sessions_expiry ON public.sessions USING btree (expires_at);

CREATE INDEX sessions_local_admin ON public.sessions USING btree (local_admin_id) WHERE (local_admin_id IS NOT NULL);

CREATE INDEX sessions_user ON public.sessions USING btree (tenant, user_id) WHERE (user_id IS NOT NULL);

CREATE INDEX sign_in_departures_expiry ON public.sign_in_departures USING btree (expires_at);

CREATE INDEX slack_requests_seen ON public.slack_requests USING btree (seen_at);

CREATE INDEX tenant_claims_tenant ON public.tenant_claims USING btree (tenant);

CREATE INDEX tenants_suspended ON public.tenants USING btree (slug) WHERE (status = 'suspended'::text);

COMMENT ON INDEX public.tenants_suspended IS 'Every look for due timers asks it whose timers wait.';

CREATE INDEX timers_critical ON public.timers USING btree (kind, due_at) WHERE is_critical;

CREATE INDEX timers_due ON public.timers USING btree (kind, due_at);

ALTER INDEX public.inbox_pkey ATTACH PARTITION public.inbox_default_pkey;

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenants(slug) ON DELETE CASCADE;

ALTER TABLE ONLY public.local_admins
    ADD CONSTRAINT local_admins_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenants(slug) ON DELETE CASCADE;

ALTER TABLE ONLY public.oidc_issuers
    ADD CONSTRAINT oidc_issuers_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenants(slug) ON DELETE CASCADE;

ALTER TABLE ONLY public.provider_addresses
    ADD CONSTRAINT provider_addresses_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenants(slug) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_local_admin_id_fkey FOREIGN KEY (local_admin_id) REFERENCES public.local_admins(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenants(slug) ON DELETE CASCADE;

ALTER TABLE ONLY public.tenant_claims
    ADD CONSTRAINT tenant_claims_tenant_fkey FOREIGN KEY (tenant) REFERENCES public.tenants(slug) ON DELETE CASCADE;
