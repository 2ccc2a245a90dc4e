-- The whole life of an alert, bulk jobs, and what the alert list is read by.

-- Both generated columns in one statement: the table is written once.
ALTER TABLE alerts
    ADD COLUMN snoozed_until timestamptz,
    ADD COLUMN assignee_id uuid REFERENCES users ON DELETE SET NULL,
    ADD COLUMN first_cycle integer NOT NULL DEFAULT 0,
    ADD COLUMN urgency smallint NOT NULL GENERATED ALWAYS AS (
        4 * CASE status
            WHEN 'firing' THEN CASE WHEN snoozed_until IS NULL THEN 4 ELSE 3 END
            WHEN 'acknowledged' THEN 2
            WHEN 'investigating' THEN 1
            ELSE 0
        END
        + CASE severity WHEN 'critical' THEN 3 WHEN 'major' THEN 2 WHEN 'warning' THEN 1 ELSE 0 END
    ) STORED,
    ADD COLUMN search tsvector GENERATED ALWAYS AS (
        to_tsvector('pg_catalog.simple', left(title, 4000) || ' ' || left(coalesce(description, ''), 16000))
    ) STORED,
    DROP CONSTRAINT alerts_escalation_state_check,
    ADD CONSTRAINT alerts_escalation_state_check
        CHECK (escalation_state IN ('none', 'pending', 'stopped', 'exhausted', 'snoozed')),
    ADD CONSTRAINT alerts_snoozed_check CHECK ((snoozed_until IS NOT NULL) = (escalation_state = 'snoozed'));
COMMENT ON COLUMN alerts.snoozed_until IS 'Nothing pages until then; a timer of kind snooze ends it.';
COMMENT ON COLUMN alerts.assignee_id IS 'Who is asked to look after it. Says nothing about paging.';
COMMENT ON COLUMN alerts.first_cycle IS 'The cycle that the running escalation began with: a second start goes on counting, so that its pages are new ones.';
COMMENT ON COLUMN alerts.urgency IS 'The order of the list, higher is more urgent: firing, snoozed, acknowledged, investigating, resolved; within each by severity. Status and severity can be told from it.';
COMMENT ON COLUMN alerts.search IS 'Words of title and description, without stemming: alerts are in any language.';

-- Status and severity need no index of their own: both are in urgency, and what is not resolved is alerts_open as well.
-- With urgency inside, counting needs the index alone.
CREATE INDEX alerts_source ON alerts (source, id) INCLUDE (urgency);
CREATE INDEX alerts_service ON alerts (service_id, id) INCLUDE (urgency);
CREATE INDEX alerts_assignee ON alerts (assignee_id, id) WHERE assignee_id IS NOT NULL;
CREATE INDEX alerts_fired ON alerts (first_fired_at);
CREATE INDEX alerts_urgency ON alerts (urgency, id);
CREATE INDEX alerts_search ON alerts USING gin (search);
CREATE INDEX alerts_labels ON alerts USING gin (labels jsonb_path_ops);

CREATE TABLE bulk_jobs (
    id           uuid PRIMARY KEY,
    actor        jsonb NOT NULL,
    command      jsonb NOT NULL,
    total        integer NOT NULL CHECK (total BETWEEN 0 AND 10000),
    created_at   timestamptz NOT NULL DEFAULT public.clock_now(),
    finished_at  timestamptz
);
COMMENT ON TABLE bulk_jobs IS 'One change asked for many alerts. A timer of kind bulk stands for it until it is finished.';

CREATE TABLE bulk_job_items (
    job_id    uuid NOT NULL REFERENCES bulk_jobs ON DELETE CASCADE,
    position  integer NOT NULL,
    alert_id  uuid NOT NULL,
    outcome   text CHECK (outcome IN ('done', 'failed')),
    code      text,
    reason    text,
    PRIMARY KEY (job_id, position),
    UNIQUE (job_id, alert_id),
    CHECK ((outcome IS NOT DISTINCT FROM 'failed') = (code IS NOT NULL))
);
CREATE INDEX bulk_job_items_open ON bulk_job_items (job_id, position) WHERE outcome IS NULL;
COMMENT ON TABLE bulk_job_items IS 'The outcome is written in the commit of the change itself, so each alert is changed once, whoever is killed.';

CREATE TABLE idempotency_keys (
    key      text NOT NULL CHECK (key <> ''),
    route    text NOT NULL,
    actor    text NOT NULL,
    request  bytea NOT NULL CHECK (length(request) = 32),
    answer   jsonb,
    at       timestamptz NOT NULL DEFAULT public.clock_now(),
    PRIMARY KEY (key, route, actor)
);
CREATE INDEX idempotency_keys_at ON idempotency_keys (at);
COMMENT ON TABLE idempotency_keys IS 'What a POST with an Idempotency-Key was answered, for 24 h, written in the commit of its effects.';
COMMENT ON COLUMN idempotency_keys.request IS 'SHA-256 of the request: the same key with another request is refused.';
