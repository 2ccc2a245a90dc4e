-- Two things that silence means: a heartbeat that is missed, and an alert that is over.

CREATE TABLE heartbeats (
    id                uuid PRIMARY KEY,
    name              text NOT NULL UNIQUE CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),
    description       text NOT NULL DEFAULT '',
    interval_seconds  integer NOT NULL CHECK (interval_seconds BETWEEN 30 AND 2678400),
    grace_seconds     integer NOT NULL DEFAULT 0 CHECK (grace_seconds BETWEEN 0 AND 2678400),
    severity          text NOT NULL DEFAULT 'critical' CHECK (severity IN ('info', 'warning', 'major', 'critical')),
    labels            jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(labels) = 'object'),
    matchers          jsonb CHECK (jsonb_typeof(matchers) = 'array' AND matchers <> '[]'),
    is_enabled        boolean NOT NULL DEFAULT true,
    last_beat_at      timestamptz,
    due_at            timestamptz,
    missed_at         timestamptz,
    revision          integer NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL DEFAULT public.clock_now(),
    updated_at        timestamptz NOT NULL DEFAULT public.clock_now(),
    CHECK ((due_at IS NOT NULL) = (is_enabled AND last_beat_at IS NOT NULL AND missed_at IS NULL)),
    CHECK (missed_at IS NULL OR (is_enabled AND last_beat_at IS NOT NULL))
) WITH (fillfactor = 70);
COMMENT ON TABLE heartbeats IS 'Who must be heard of every so often. A miss opens the alert of fingerprint heartbeat:<name>, the next beat resolves it.';
COMMENT ON COLUMN heartbeats.matchers IS 'Firing alerts whose labels fit all of them are beats; null: none are.';
COMMENT ON COLUMN heartbeats.due_at IS 'Missed when nothing is heard before; a timer of kind heartbeat stands for it. Null: nothing is awaited (never heard of, missed already, or disabled).';
COMMENT ON COLUMN heartbeats.revision IS 'Rises with every change by people; beats leave it alone.';

ALTER TABLE tenant_config
    ADD COLUMN auto_close_minutes integer CHECK (auto_close_minutes BETWEEN 5 AND 129600),
    ADD COLUMN revision integer NOT NULL DEFAULT 1;
COMMENT ON COLUMN tenant_config.auto_close_minutes IS 'Open alerts that nothing was heard of for so long are resolved; null: never.';
COMMENT ON COLUMN tenant_config.revision IS 'Rises with every change by people.';
