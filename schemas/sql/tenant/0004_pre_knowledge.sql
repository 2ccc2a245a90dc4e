-- The knowledge base: runbooks, incidents, what they answer for, and how alerts point at them.

CREATE TABLE runbooks (
    id           uuid PRIMARY KEY DEFAULT uuidv7(),
    title        text NOT NULL CHECK (title <> ''),
    markdown     text NOT NULL DEFAULT '',
    category     text,
    tags         text[] NOT NULL DEFAULT '{}',
    is_template  boolean NOT NULL DEFAULT false,
    revision     integer NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT public.clock_now(),
    updated_at   timestamptz NOT NULL DEFAULT public.clock_now()
);

CREATE TABLE incidents (
    id                   uuid PRIMARY KEY DEFAULT uuidv7(),
    title                text NOT NULL CHECK (title <> ''),
    fingerprints         text[] NOT NULL DEFAULT '{}',
    severity             text NOT NULL CHECK (severity IN ('info', 'warning', 'major', 'critical')),
    category             text,
    tags                 text[] NOT NULL DEFAULT '{}',
    services             text[] NOT NULL DEFAULT '{}',
    clusters             text[] NOT NULL DEFAULT '{}',
    namespaces           text[] NOT NULL DEFAULT '{}',
    symptoms             text NOT NULL DEFAULT '',
    error_patterns       text[] NOT NULL DEFAULT '{}',
    root_cause           text NOT NULL DEFAULT '',
    solution             text NOT NULL DEFAULT '',
    postmortem_url       text,
    runbook_id           uuid REFERENCES runbooks ON DELETE SET NULL,
    origin               text NOT NULL DEFAULT 'person' CHECK (origin IN ('person', 'agent', 'import')),
    status               text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived', 'merged')),
    merged_into_id       uuid REFERENCES incidents,
    resolution_count     integer NOT NULL DEFAULT 0 CHECK (resolution_count >= 0),
    last_resolved_at     timestamptz,
    last_resolved_by     jsonb,
    avg_resolution_mins  double precision CHECK (avg_resolution_mins >= 0),
    revision             integer NOT NULL DEFAULT 1,
    created_at           timestamptz NOT NULL DEFAULT public.clock_now(),
    updated_at           timestamptz NOT NULL DEFAULT public.clock_now(),
    search               tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('pg_catalog.english', title), 'A')
        || setweight(to_tsvector('pg_catalog.english',
            symptoms || ' ' || public.words(error_patterns) || ' ' || public.words(tags)), 'B')
        || setweight(to_tsvector('pg_catalog.english', root_cause || ' ' || solution), 'C')
        || setweight(to_tsvector('pg_catalog.english',
            public.words(services) || ' ' || public.words(clusters)), 'D')
    ) STORED,
    CHECK ((merged_into_id IS NOT NULL) = (status = 'merged')),
    CHECK (merged_into_id <> id)
);
CREATE INDEX incidents_search ON incidents USING gin (search);
CREATE INDEX incidents_proven ON incidents (resolution_count DESC, id DESC) WHERE status = 'active';
CREATE INDEX incidents_patterns ON incidents (resolution_count DESC, id DESC)
    WHERE status = 'active' AND error_patterns <> '{}';
CREATE INDEX incidents_merged ON incidents (merged_into_id) WHERE merged_into_id IS NOT NULL;
CREATE INDEX incidents_runbook ON incidents (runbook_id) WHERE runbook_id IS NOT NULL;
COMMENT ON COLUMN incidents.search IS 'Title A; symptoms, error patterns and tags B; root cause and solution C; services and clusters D.';
COMMENT ON COLUMN incidents.revision IS 'Rises with every change of content; statistics leave it alone.';
COMMENT ON INDEX incidents_proven IS 'For words that many incidents share: the most proven ones are read until enough match, instead of all matches being ranked.';

CREATE TABLE incident_fingerprints (
    fingerprint  text PRIMARY KEY CHECK (fingerprint <> ''),
    incident_id  uuid NOT NULL REFERENCES incidents ON DELETE CASCADE
);
CREATE INDEX incident_fingerprints_incident ON incident_fingerprints (incident_id);
COMMENT ON TABLE incident_fingerprints IS 'Which active incident answers for a fingerprint: one at most. Kept with incidents.fingerprints in the same transaction.';

CREATE TABLE incident_history (
    incident_id  uuid NOT NULL REFERENCES incidents ON DELETE CASCADE,
    revision     integer NOT NULL,
    at           timestamptz NOT NULL DEFAULT public.clock_now(),
    actor        jsonb NOT NULL,
    action       text NOT NULL CHECK (action IN ('created', 'updated', 'merged', 'archived', 'restored')),
    diff         jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (incident_id, revision)
);
COMMENT ON COLUMN incident_history.diff IS 'Field → [before, after], of the fields that changed.';

ALTER TABLE alerts
    ADD COLUMN matched_incident_id uuid REFERENCES incidents,
    ADD COLUMN match_kind text CHECK (match_kind IN ('fingerprint', 'text', 'pattern', 'learned')),
    ADD COLUMN match_score double precision CHECK (match_score BETWEEN 0 AND 1);
CREATE INDEX alerts_matched ON alerts (matched_incident_id) WHERE matched_incident_id IS NOT NULL;
COMMENT ON COLUMN alerts.match_kind IS 'How the incident was found when the alert opened; learned: it was written from this very alert.';

CREATE TABLE incident_resolutions (
    alert_id     uuid PRIMARY KEY REFERENCES alerts ON DELETE CASCADE,
    incident_id  uuid NOT NULL REFERENCES incidents ON DELETE CASCADE,
    resolved_at  timestamptz NOT NULL,
    minutes      double precision NOT NULL CHECK (minutes >= 0)
);
CREATE INDEX incident_resolutions_incident ON incident_resolutions (incident_id);
COMMENT ON TABLE incident_resolutions IS 'Alerts that an incident''s statistics have counted, each once.';

ALTER TABLE tenant_config ADD COLUMN knowledge_version bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN tenant_config.knowledge_version IS 'Rises with every change of an incident''s content; remembered matches of an older one are void.';
