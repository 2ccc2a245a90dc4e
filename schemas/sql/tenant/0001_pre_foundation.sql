-- One tenant's tables. Run with search_path set to that tenant's schema alone: no name here may be qualified,
-- but for public.clock_now().

CREATE TABLE users (
    id             uuid PRIMARY KEY DEFAULT uuidv7(),
    external_id    text UNIQUE,
    email          text NOT NULL UNIQUE CHECK (email LIKE '%_@_%'),
    display_name   text NOT NULL CHECK (display_name <> ''),
    timezone       text NOT NULL DEFAULT 'UTC',
    phone          text CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    slack_user_id  text CHECK (slack_user_id <> ''),
    role           text NOT NULL DEFAULT 'engineer' CHECK (role IN ('admin', 'manager', 'engineer', 'readonly')),
    is_active      boolean NOT NULL DEFAULT true,
    created_at     timestamptz NOT NULL DEFAULT public.clock_now(),
    updated_at     timestamptz NOT NULL DEFAULT public.clock_now()
);
COMMENT ON COLUMN users.phone IS 'E.164';

CREATE TABLE rosters (
    id             uuid PRIMARY KEY DEFAULT uuidv7(),
    name           text NOT NULL UNIQUE CHECK (name <> ''),
    description    text NOT NULL DEFAULT '',
    timezone       text NOT NULL,
    rotation_days  integer NOT NULL DEFAULT 7 CHECK (rotation_days BETWEEN 1 AND 366),
    handoff_time   time NOT NULL DEFAULT '09:00',
    start_date     date NOT NULL,
    end_date       date CHECK (end_date >= start_date),
    created_at     timestamptz NOT NULL DEFAULT public.clock_now()
);
COMMENT ON COLUMN rosters.start_date IS 'The first handoff: this day at handoff_time, wall clock of the zone. Its weekday is the handoff day.';
COMMENT ON COLUMN rosters.end_date IS 'The roster ends on this day at handoff_time.';

CREATE TABLE roster_members (
    id         uuid PRIMARY KEY DEFAULT uuidv7(),
    roster_id  uuid NOT NULL REFERENCES rosters ON DELETE CASCADE,
    user_id    uuid NOT NULL REFERENCES users,
    position   integer NOT NULL CHECK (position >= 0),
    UNIQUE (roster_id, user_id),
    UNIQUE (roster_id, position) DEFERRABLE INITIALLY IMMEDIATE
);

CREATE TABLE roster_overrides (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    roster_id   uuid NOT NULL REFERENCES rosters ON DELETE CASCADE,
    user_id     uuid NOT NULL REFERENCES users,
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL CHECK (ends_at > starts_at),
    reason      text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT public.clock_now()
);
CREATE INDEX roster_overrides_span ON roster_overrides (roster_id, ends_at);

CREATE TABLE escalation_policies (
    id               uuid PRIMARY KEY DEFAULT uuidv7(),
    name             text NOT NULL UNIQUE CHECK (name <> ''),
    description      text NOT NULL DEFAULT '',
    current_version  integer NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL DEFAULT public.clock_now()
);

CREATE TABLE escalation_policy_versions (
    policy_id     uuid NOT NULL REFERENCES escalation_policies ON DELETE CASCADE,
    version       integer NOT NULL CHECK (version > 0),
    tiers         jsonb NOT NULL CHECK (jsonb_typeof(tiers) = 'array' AND jsonb_array_length(tiers) > 0),
    repeat_count  integer NOT NULL DEFAULT 0 CHECK (repeat_count BETWEEN 0 AND 100),
    roster_id     uuid REFERENCES rosters,
    created_at    timestamptz NOT NULL DEFAULT public.clock_now(),
    PRIMARY KEY (policy_id, version)
);
COMMENT ON TABLE escalation_policy_versions IS 'Never changed: a running alert keeps the version it started with.';
COMMENT ON COLUMN escalation_policy_versions.roster_id IS 'The roster that oncall_primary and oncall_backup mean.';

CREATE TABLE services (
    id                 uuid PRIMARY KEY DEFAULT uuidv7(),
    name               text NOT NULL UNIQUE CHECK (name <> ''),
    cluster            text,
    namespace          text,
    owner              text,
    tier               text NOT NULL DEFAULT 'standard' CHECK (tier IN ('critical', 'standard', 'best-effort')),
    default_policy_id  uuid REFERENCES escalation_policies,
    created_at         timestamptz NOT NULL DEFAULT public.clock_now()
);

CREATE TABLE tenant_config (
    one_row            boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    timezone           text NOT NULL DEFAULT 'UTC',
    default_policy_id  uuid REFERENCES escalation_policies,
    slack_channel      text
);
INSERT INTO tenant_config DEFAULT VALUES;
COMMENT ON COLUMN tenant_config.default_policy_id IS 'For alerts that no service claims; null: alerts of the tenant page nobody unless a service says so.';
COMMENT ON COLUMN tenant_config.slack_channel IS 'Where slack_channel pages go when a tier names no channel.';

CREATE TABLE alerts (
    id                  uuid PRIMARY KEY,
    fingerprint         text NOT NULL CHECK (fingerprint <> ''),
    episode             integer NOT NULL CHECK (episode > 0),
    previous_id         uuid REFERENCES alerts ON DELETE SET NULL,
    status              text NOT NULL CHECK (status IN ('firing', 'acknowledged', 'investigating', 'resolved')),
    severity            text NOT NULL CHECK (severity IN ('info', 'warning', 'major', 'critical')),
    source              text NOT NULL,
    title               text NOT NULL,
    description         text,
    labels              jsonb NOT NULL DEFAULT '{}',
    annotations         jsonb NOT NULL DEFAULT '{}',
    generator_url       text,
    agent               jsonb,
    service_id          uuid REFERENCES services ON DELETE SET NULL,
    occurrence_count    integer NOT NULL DEFAULT 1 CHECK (occurrence_count > 0),
    starts_at           timestamptz,
    first_fired_at      timestamptz NOT NULL,
    last_fired_at       timestamptz NOT NULL,
    acknowledged_at     timestamptz,
    acknowledged_by     jsonb,
    resolved_at         timestamptz,
    resolved_by         jsonb,
    ended_at            timestamptz,
    resolution          text,
    policy_id           uuid,
    policy_version      integer,
    escalation_state    text NOT NULL CHECK (escalation_state IN ('none', 'pending', 'stopped', 'exhausted')),
    escalation_reason   text NOT NULL,
    escalation_version  integer NOT NULL DEFAULT 0,
    cycle               integer NOT NULL DEFAULT 0,
    tier                integer NOT NULL DEFAULT 0,
    version             integer NOT NULL DEFAULT 1,
    CHECK (acknowledged_at IS NOT NULL OR status NOT IN ('acknowledged', 'investigating')),
    CHECK ((resolved_at IS NOT NULL) = (status = 'resolved')),
    CHECK (status = 'firing' OR escalation_state <> 'pending'),
    CHECK ((policy_id IS NULL) = (policy_version IS NULL)),
    FOREIGN KEY (policy_id, policy_version) REFERENCES escalation_policy_versions
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX alerts_one_open ON alerts (fingerprint) WHERE status <> 'resolved';
CREATE UNIQUE INDEX alerts_episode ON alerts (fingerprint, episode);
CREATE INDEX alerts_open ON alerts (id) WHERE status <> 'resolved';
COMMENT ON INDEX alerts_one_open IS 'The deduplication rule: one open alert per fingerprint, whatever races.';
COMMENT ON COLUMN alerts.ended_at IS 'The end by the source''s own clock, when it told one.';
COMMENT ON COLUMN alerts.escalation_reason IS 'Why the escalation is in its state, in words for people: every open alert without a timer has one.';
COMMENT ON COLUMN alerts.escalation_version IS 'Bumped when what is owed changes (ack, resolve); timers and deliveries of an older one are void.';
COMMENT ON COLUMN alerts.tier IS 'The tier that the pending timer will page, from 0.';

CREATE TABLE alert_timeline (
    alert_id  uuid NOT NULL,
    id        uuid NOT NULL DEFAULT uuidv7(),
    at        timestamptz NOT NULL DEFAULT public.clock_now(),
    kind      text NOT NULL,
    actor     jsonb NOT NULL,
    evidence  jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (alert_id, id)
);
COMMENT ON TABLE alert_timeline IS 'Append only: every decision about the alert, with its evidence. No foreign key: it is the busiest table, and its only writer has just written the alert.';

CREATE TABLE escalation_events (
    alert_id    uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    cycle       integer NOT NULL,
    tier        integer NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('paged', 'nobody', 'exhausted')),
    recipients  text[] NOT NULL DEFAULT '{}',
    due_at      timestamptz NOT NULL,
    fired_at    timestamptz NOT NULL DEFAULT public.clock_now(),
    PRIMARY KEY (alert_id, cycle, tier)
);
COMMENT ON TABLE escalation_events IS 'Each tier once per cycle: when it was due and when it fired.';

CREATE TABLE deliveries (
    id                  uuid PRIMARY KEY,
    alert_id            uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    episode             integer NOT NULL,
    cycle               integer NOT NULL,
    step                integer NOT NULL,
    recipient           text NOT NULL CHECK (recipient ~ '^(user|channel):.+'),
    channel             text NOT NULL,
    address             text NOT NULL CHECK (address <> ''),
    escalation_version  integer NOT NULL,
    status              text NOT NULL DEFAULT 'queued'
                        CHECK (status IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'superseded')),
    attempts            integer NOT NULL DEFAULT 0,
    unclear_attempts    integer NOT NULL DEFAULT 0,
    is_repeat           boolean NOT NULL DEFAULT false,
    token               integer NOT NULL DEFAULT 0,
    lease_until         timestamptz,
    not_before          timestamptz NOT NULL DEFAULT public.clock_now(),
    provider            text,
    provider_id         text,
    provider_status     text,
    reason              text,
    created_at          timestamptz NOT NULL DEFAULT public.clock_now(),
    sent_at             timestamptz,
    settled_at          timestamptz,
    UNIQUE (alert_id, episode, cycle, step, recipient, channel),
    CHECK ((lease_until IS NOT NULL) = (status = 'sending')),
    CHECK (status <> 'failed' OR reason IS NOT NULL)
) WITH (fillfactor = 80);
COMMENT ON TABLE deliveries IS 'One page to one recipient over one channel for one step: written before any provider is called.';
COMMENT ON COLUMN deliveries.token IS 'Fencing token: bumped by each claim; a result with an older one is refused.';
COMMENT ON COLUMN deliveries.unclear_attempts IS 'Attempts of which nobody can say whether they arrived.';

CREATE INDEX deliveries_unsettled ON deliveries (id) WHERE status IN ('queued', 'sending');

CREATE TABLE delivery_attempts (
    delivery_id  uuid NOT NULL REFERENCES deliveries ON DELETE CASCADE,
    token        integer NOT NULL,
    outcome      text NOT NULL CHECK (outcome IN ('sent', 'failed', 'unclear', 'found', 'late', 'superseded')),
    provider     text NOT NULL,
    provider_id  text,
    reason       text,
    detail       text,
    finished_at  timestamptz NOT NULL DEFAULT public.clock_now(),
    PRIMARY KEY (delivery_id, token, outcome)
);

CREATE TABLE local_outbox (
    id           uuid PRIMARY KEY DEFAULT uuidv7(),
    delivery_id  uuid NOT NULL UNIQUE,
    alert_id     uuid NOT NULL,
    channel      text NOT NULL,
    recipient    text NOT NULL,
    address      text NOT NULL,
    body         jsonb NOT NULL,
    written_at   timestamptz NOT NULL DEFAULT public.clock_now()
);
COMMENT ON TABLE local_outbox IS 'What would have been sent: used where no provider is configured and the local outbox is switched on.';

CREATE TABLE rejected_payloads (
    id           uuid PRIMARY KEY DEFAULT uuidv7(),
    receipt_id   uuid NOT NULL,
    item         integer NOT NULL,
    source       text NOT NULL,
    field        text NOT NULL,
    reason       text NOT NULL,
    raw          text NOT NULL,
    received_at  timestamptz NOT NULL,
    UNIQUE (receipt_id, item)
);
COMMENT ON TABLE rejected_payloads IS 'Alerts that could not be read, one by one, with the field and the reason.';

CREATE TABLE audit_log (
    id         uuid PRIMARY KEY DEFAULT uuidv7(),
    at         timestamptz NOT NULL DEFAULT public.clock_now(),
    actor      jsonb NOT NULL,
    action     text NOT NULL,
    entity     text NOT NULL,
    entity_id  uuid,
    changes    jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE audit_log IS 'Written in the transaction of the change it tells of.';
