-- Shared tables. They live in `public`, are always named in full, and hold no tenant's data but ids and times.

-- Every statement that needs the time asks this function, so that one replacement moves all clocks in a test.
-- It must stay STABLE: a volatile clock cannot use the index on timers.due_at.
CREATE FUNCTION public.clock_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT now()';

CREATE TABLE public.tenants (
    slug        text PRIMARY KEY CHECK (slug ~ '^[a-z][a-z0-9_]{0,40}$'),
    name        text NOT NULL CHECK (name <> ''),
    status      text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    created_at  timestamptz NOT NULL DEFAULT public.clock_now()
);
COMMENT ON TABLE public.tenants IS 'The registry: the only place a schema name is derived from (tenant_<slug>). A slug never changes.';

CREATE TABLE public.api_keys (
    id            uuid PRIMARY KEY DEFAULT uuidv7(),
    tenant        text NOT NULL REFERENCES public.tenants (slug) ON DELETE CASCADE,
    prefix        text NOT NULL CHECK (length(prefix) = 12),
    key_hash      bytea NOT NULL UNIQUE CHECK (length(key_hash) = 32),
    role          text NOT NULL CHECK (role IN ('admin', 'manager', 'engineer', 'readonly')),
    scopes        text[] NOT NULL DEFAULT '{}',
    description   text NOT NULL DEFAULT '',
    user_id       uuid,
    created_at    timestamptz NOT NULL DEFAULT public.clock_now(),
    expires_at    timestamptz,
    revoked_at    timestamptz,
    last_used_at  timestamptz
);
CREATE INDEX api_keys_prefix ON public.api_keys (prefix);
COMMENT ON COLUMN public.api_keys.key_hash IS 'SHA-256 of the whole key; keys carry 256 random bits, so no slow hash is needed.';

CREATE TABLE public.timers (
    kind     text NOT NULL CHECK (kind IN ('escalation', 'delivery')),
    ref      uuid NOT NULL,
    tenant   text NOT NULL,
    version  integer NOT NULL DEFAULT 0,
    due_at   timestamptz NOT NULL,
    PRIMARY KEY (kind, ref)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
CREATE INDEX timers_due ON public.timers (kind, due_at);
COMMENT ON TABLE public.timers IS 'What is owed and when: at most one per (kind, ref). A row is deleted when paid, never flagged.';

CREATE TABLE public.outbox (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    created_at  timestamptz NOT NULL DEFAULT public.clock_now(),
    messages    text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
CREATE INDEX outbox_created ON public.outbox (created_at);
COMMENT ON TABLE public.outbox IS 'One bundle of messages per commit (JSON array); deleted when every one has its PubAck.';

CREATE TABLE public.inbox (
    event_id      uuid NOT NULL,
    consumer      text NOT NULL,
    tenant        text NOT NULL,
    indexes       integer[] NOT NULL,
    dispositions  text[] NOT NULL,
    alert_ids     uuid[] NOT NULL,
    handled_at    timestamptz NOT NULL DEFAULT public.clock_now(),
    PRIMARY KEY (event_id, consumer)
) PARTITION BY RANGE (event_id);
CREATE TABLE public.inbox_default PARTITION OF public.inbox DEFAULT;
COMMENT ON TABLE public.inbox IS
    'Events already handled, and what became of each alert in them. Hourly partitions by the time inside the UUIDv7, kept 72 h.';

CREATE FUNCTION public.uuidv7_floor(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;
COMMENT ON FUNCTION public.uuidv7_floor IS 'The smallest UUIDv7 of a millisecond (RFC 9562, section 5.7).';

-- Event ids come from the real clock of the receiving host, so partitions follow now(), not clock_now().
-- Rows that came before their hour's partition lie in the default one (nobody called for hours, or a sender's clock is
-- ahead). With them there CREATE TABLE … PARTITION OF would fail for ever, so they move into the new partition first;
-- and attaching leaves writers of other hours alone, where creating in place locks the whole inbox.
CREATE PROCEDURE public.keep_inbox(hours_ahead integer, hours_kept integer) LANGUAGE plpgsql AS $$
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
$$;
CALL public.keep_inbox(3, 72);

CREATE TABLE public.ingest_spool (
    message_id  text PRIMARY KEY,
    tenant      text NOT NULL,
    event_id    uuid NOT NULL,
    alerts      integer NOT NULL,
    body        bytea NOT NULL,
    trace       text,
    spooled_at  timestamptz NOT NULL DEFAULT public.clock_now()
);
CREATE INDEX ingest_spool_order ON public.ingest_spool (spooled_at);
COMMENT ON TABLE public.ingest_spool IS 'Accepted webhook calls that JetStream could not take; published later under the same message ids.';
