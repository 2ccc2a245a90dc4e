-- Routes, what mutes pages, and groups.

CREATE TABLE routes (
    id             uuid PRIMARY KEY DEFAULT uuidv7(),
    name           text NOT NULL UNIQUE CHECK (name <> ''),
    position       integer NOT NULL,
    matchers       jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(matchers) = 'array'),
    service_id     uuid REFERENCES services ON DELETE SET NULL,
    policy_id      uuid REFERENCES escalation_policies ON DELETE SET NULL,
    slack_channel  text CHECK (slack_channel <> ''),
    pages_from     text CHECK (pages_from IN ('info', 'warning', 'major', 'critical', 'never')),
    continues      boolean NOT NULL DEFAULT false,
    is_enabled     boolean NOT NULL DEFAULT true,
    revision       integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL DEFAULT public.clock_now(),
    updated_at     timestamptz NOT NULL DEFAULT public.clock_now()
);
CREATE INDEX routes_order ON routes (position, id);
COMMENT ON TABLE routes IS 'Read in order of position, then id. The first that fits decides; one that continues lets later ones decide what it left open.';
COMMENT ON COLUMN routes.pages_from IS 'The lowest severity that pages; never: none does; null: left open, which comes to major.';

CREATE TABLE silences (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    matchers    jsonb NOT NULL CHECK (jsonb_typeof(matchers) = 'array' AND jsonb_array_length(matchers) > 0),
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL CHECK (ends_at >= starts_at),
    comment     text NOT NULL CHECK (comment <> ''),
    created_by  jsonb NOT NULL,
    revision    integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT public.clock_now(),
    updated_at  timestamptz NOT NULL DEFAULT public.clock_now()
);
CREATE INDEX silences_ends ON silences (ends_at);
COMMENT ON TABLE silences IS 'Kept when over: who muted what, and when, can be told later. Ending one early moves ends_at.';

CREATE TABLE maintenance_windows (
    id                uuid PRIMARY KEY DEFAULT uuidv7(),
    name              text NOT NULL UNIQUE CHECK (name <> ''),
    matchers          jsonb NOT NULL CHECK (jsonb_typeof(matchers) = 'array' AND jsonb_array_length(matchers) > 0),
    timezone          text NOT NULL,
    starts_at         timestamp NOT NULL,
    duration_minutes  integer NOT NULL CHECK (duration_minutes BETWEEN 1 AND 43200),
    rrule             text CHECK (rrule <> ''),
    is_enabled        boolean NOT NULL DEFAULT true,
    created_by        jsonb NOT NULL,
    revision          integer NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL DEFAULT public.clock_now(),
    updated_at        timestamptz NOT NULL DEFAULT public.clock_now()
);
COMMENT ON COLUMN maintenance_windows.starts_at IS 'Wall-clock time in timezone: a recurring window starts at the same time of day on both sides of a clock change.';
COMMENT ON COLUMN maintenance_windows.rrule IS 'RFC 5545 recurrence of the start; null: once.';

CREATE TABLE inhibition_rules (
    id               uuid PRIMARY KEY DEFAULT uuidv7(),
    name             text NOT NULL UNIQUE CHECK (name <> ''),
    source_matchers  jsonb NOT NULL CHECK (jsonb_typeof(source_matchers) = 'array' AND jsonb_array_length(source_matchers) > 0),
    target_matchers  jsonb NOT NULL CHECK (jsonb_typeof(target_matchers) = 'array' AND jsonb_array_length(target_matchers) > 0),
    equal            text[] NOT NULL DEFAULT '{}',
    is_enabled       boolean NOT NULL DEFAULT true,
    revision         integer NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL DEFAULT public.clock_now(),
    updated_at       timestamptz NOT NULL DEFAULT public.clock_now()
);
COMMENT ON TABLE inhibition_rules IS 'While an alert that fits the source is open, pages of alerts that fit the target and have the same values of the labels in equal are muted.';

CREATE TABLE grouping_rules (
    id              uuid PRIMARY KEY DEFAULT uuidv7(),
    name            text NOT NULL UNIQUE CHECK (name <> ''),
    position        integer NOT NULL,
    matchers        jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(matchers) = 'array'),
    group_by        text[] NOT NULL,
    threshold       integer NOT NULL DEFAULT 1 CHECK (threshold BETWEEN 1 AND 100),
    window_minutes  integer NOT NULL DEFAULT 30 CHECK (window_minutes BETWEEN 1 AND 1440),
    pages           text NOT NULL DEFAULT 'first' CHECK (pages IN ('first', 'each')),
    is_enabled      boolean NOT NULL DEFAULT true,
    revision        integer NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT public.clock_now(),
    updated_at      timestamptz NOT NULL DEFAULT public.clock_now()
);
CREATE INDEX grouping_rules_order ON grouping_rules (position, id);
COMMENT ON COLUMN grouping_rules.threshold IS 'A group begins when so many alerts with one key opened within window_minutes.';
COMMENT ON COLUMN grouping_rules.window_minutes IS 'How long a group whose alerts are all resolved still takes new ones.';
COMMENT ON COLUMN grouping_rules.pages IS 'first: while the lead is open and in somebody''s hands, the others page nobody; each: all page.';

CREATE TABLE alert_groups (
    id             uuid PRIMARY KEY,
    rule_id        uuid REFERENCES grouping_rules ON DELETE SET NULL,
    name           text NOT NULL,
    key            jsonb NOT NULL,
    pages          text NOT NULL CHECK (pages IN ('first', 'each')),
    lead_id        uuid,
    opened_at      timestamptz NOT NULL DEFAULT public.clock_now(),
    last_added_at  timestamptz NOT NULL DEFAULT public.clock_now(),
    closed_at      timestamptz
);
CREATE UNIQUE INDEX alert_groups_one_open ON alert_groups (rule_id, key) WHERE closed_at IS NULL;
COMMENT ON COLUMN alert_groups.lead_id IS 'The alert that pages for the group.';
COMMENT ON COLUMN alert_groups.closed_at IS 'It takes no more alerts. Whether something is wrong is told by its alerts, not by this.';

ALTER TABLE alerts
    ADD COLUMN group_id uuid REFERENCES alert_groups,
    ADD COLUMN pages_from text NOT NULL DEFAULT 'major'
        CHECK (pages_from IN ('info', 'warning', 'major', 'critical', 'never')),
    ADD COLUMN slack_channel text CHECK (slack_channel <> ''),
    ADD COLUMN muted_by jsonb,
    ADD COLUMN ignores_mutes boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT alerts_escalation_state_check,
    ADD CONSTRAINT alerts_escalation_state_check
        CHECK (escalation_state IN ('none', 'pending', 'muted', 'stopped', 'exhausted', 'snoozed')),
    ADD CONSTRAINT alerts_muted_check CHECK ((muted_by IS NOT NULL) = (escalation_state = 'muted')),
    ADD CONSTRAINT alerts_muted_firing_check CHECK (status = 'firing' OR escalation_state <> 'muted');
CREATE INDEX alerts_muted ON alerts ((muted_by ->> 'alert_id')) WHERE escalation_state = 'muted';
CREATE INDEX alerts_muted_newest ON alerts (id) WHERE escalation_state = 'muted';
CREATE INDEX alerts_group ON alerts (group_id, id) WHERE group_id IS NOT NULL;
CREATE INDEX alerts_group_open ON alerts (group_id) WHERE group_id IS NOT NULL AND status <> 'resolved';
COMMENT ON COLUMN alerts.pages_from IS 'What its route said: the lowest severity that pages.';
COMMENT ON COLUMN alerts.slack_channel IS 'What its route said: where slack_channel pages go; null: the tenant''s.';
COMMENT ON COLUMN alerts.muted_by IS 'What keeps the due tier from paging: {kind, id, name, until, alert_id}. Its timer judges it again.';
COMMENT ON COLUMN alerts.ignores_mutes IS 'Somebody escalated it by hand while it was muted: a person''s word beats a rule.';
