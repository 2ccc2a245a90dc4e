-- Policies as people edit them, how a person wants to be reached, and handoffs that were told.

ALTER TABLE escalation_policies
    ADD COLUMN archived_at timestamptz,
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT public.clock_now(),
    DROP CONSTRAINT escalation_policies_name_key;
CREATE UNIQUE INDEX escalation_policies_name ON escalation_policies (name) WHERE archived_at IS NULL;
COMMENT ON COLUMN escalation_policies.archived_at IS 'Deleted for people, kept for the alerts that ran under it.';

ALTER TABLE escalation_policy_versions
    ADD COLUMN lead_id uuid REFERENCES users,
    ADD COLUMN created_by jsonb,
    ADD COLUMN change text NOT NULL DEFAULT 'created' CHECK (change <> '');
COMMENT ON COLUMN escalation_policy_versions.lead_id IS 'The person whom team_lead means.';
COMMENT ON COLUMN escalation_policy_versions.change IS 'created, updated, or rolled back to an older version.';

CREATE TABLE contact_methods (
    id           uuid PRIMARY KEY DEFAULT uuidv7(),
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    kind         text NOT NULL CHECK (kind IN ('slack_dm', 'sms', 'phone', 'email')),
    address      text NOT NULL CHECK (address <> ''),
    position     integer NOT NULL DEFAULT 0 CHECK (position >= 0),
    verified_at  timestamptz,
    revision     integer NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT public.clock_now(),
    UNIQUE (user_id, kind, address)
);
COMMENT ON TABLE contact_methods IS 'Where a person can be reached beside what their own row says. Only verified ones are paged: of one kind the first by position, before the address in users.';

CREATE TABLE notification_rules (
    user_id     uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    high        jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(high) = 'array'),
    low         jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(low) = 'array'),
    revision    integer NOT NULL DEFAULT 1,
    updated_at  timestamptz NOT NULL DEFAULT public.clock_now()
);
COMMENT ON TABLE notification_rules IS 'How a person wants to be paged, by urgency: channels in order, each so many minutes after the page. An empty list: as the tier says.';

ALTER TABLE escalation_events
    DROP CONSTRAINT escalation_events_outcome_check,
    ADD CONSTRAINT escalation_events_outcome_check CHECK (outcome IN ('paged', 'nobody', 'exhausted', 'handed_over'));
CREATE INDEX escalation_events_fired ON escalation_events (fired_at);
COMMENT ON COLUMN escalation_events.tier IS 'From 0; from 1000 on, pages to a person to whom the alert was handed over.';

CREATE TABLE roster_handoffs (
    roster_id    uuid NOT NULL REFERENCES rosters ON DELETE CASCADE,
    boundary_at  timestamptz NOT NULL,
    outgoing_id  uuid,
    incoming_id  uuid,
    told_at      timestamptz NOT NULL DEFAULT public.clock_now(),
    PRIMARY KEY (roster_id, boundary_at)
);
COMMENT ON TABLE roster_handoffs IS 'Shift changes that were told: the row makes it once, however many workers look.';
