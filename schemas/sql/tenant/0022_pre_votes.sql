-- Whether what was known for an alert helped, and what an incident was counted for last.

ALTER TABLE incidents
    ADD COLUMN helped_count integer NOT NULL DEFAULT 0 CHECK (helped_count >= 0),
    ADD COLUMN unhelpful_count integer NOT NULL DEFAULT 0 CHECK (unhelpful_count >= 0);
ALTER TABLE incidents ADD COLUMN trust double precision
    GENERATED ALWAYS AS ((helped_count + 4)::double precision / (helped_count + unhelpful_count + 4)) VIRTUAL;
COMMENT ON COLUMN incidents.helped_count IS 'Votes that said yes. Like all statistics it stays when retention removes the alerts.';
COMMENT ON COLUMN incidents.unhelpful_count IS 'Votes that said no.';
COMMENT ON COLUMN incidents.trust IS 'What its rank in searches is multiplied by: 1 until somebody says no; four votes more on the good side, so that one no is no end.';

CREATE TABLE alert_votes (
    alert_id     uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    voter_id     text NOT NULL CHECK (voter_id <> ''),
    incident_id  uuid NOT NULL REFERENCES incidents ON DELETE CASCADE,
    voter        jsonb NOT NULL,
    helped       boolean NOT NULL,
    reason       text CHECK (reason <> ''),
    at           timestamptz NOT NULL DEFAULT public.clock_now(),
    PRIMARY KEY (alert_id, voter_id)
);
CREATE INDEX alert_votes_incident ON alert_votes (incident_id);
COMMENT ON TABLE alert_votes IS 'Whether an incident helped with an alert: one answer for each who was asked.';
COMMENT ON COLUMN alert_votes.voter_id IS 'Kind and id of the actor: a person, a local admin or a key, so no foreign key.';
COMMENT ON COLUMN alert_votes.incident_id IS 'What was known for the alert when it was answered.';

CREATE INDEX incident_resolutions_newest ON incident_resolutions (incident_id, resolved_at DESC, alert_id DESC);
DROP INDEX incident_resolutions_incident;
COMMENT ON INDEX incident_resolutions_newest IS 'What an incident was counted for last is read from its top.';
