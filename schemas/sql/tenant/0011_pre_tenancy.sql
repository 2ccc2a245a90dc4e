-- The audit log becomes a chain: each row carries the SHA-256 of the hash before it and of itself.

ALTER TABLE audit_log
    ADD COLUMN address     text,
    ADD COLUMN request_id  text,
    ADD COLUMN seq         bigint,
    ADD COLUMN hash        bytea CHECK (length(hash) = 32);
COMMENT ON COLUMN audit_log.address IS 'Where the API call came from; null when none stands behind it.';
COMMENT ON COLUMN audit_log.seq IS 'The place in the chain, from 1, in the order of commits. Null only inside the transaction that writes the row.';

CREATE TABLE audit_head (
    one_row      boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    seq          bigint NOT NULL DEFAULT 0,
    hash         bytea NOT NULL DEFAULT '',
    anchor_seq   bigint NOT NULL DEFAULT 0,
    anchor_hash  bytea NOT NULL DEFAULT ''
) WITH (fillfactor = 50);
INSERT INTO audit_head DEFAULT VALUES;
COMMENT ON TABLE audit_head IS 'The end of the audit log''s chain, and the last row that retention has removed.';

-- Rows that are there already are chained as they are found.
DO $$
DECLARE
    found audit_log;
    last bytea := '';
    number bigint := 0;
BEGIN
    FOR found IN SELECT * FROM audit_log ORDER BY id LOOP
        number := number + 1;
        last := public.audit_hash(
            last, number, found.id, found.at, found.actor, found.action, found.entity, found.entity_id, found.changes,
            found.address, found.request_id
        );
        UPDATE audit_log SET seq = number, hash = last WHERE id = found.id;
    END LOOP;
    UPDATE audit_head SET seq = number, hash = last;
END
$$;

CREATE UNIQUE INDEX audit_log_seq ON audit_log (seq);
CREATE INDEX audit_log_entity ON audit_log (entity_id, id);
CREATE INDEX audit_log_actor ON audit_log ((actor ->> 'id'), id);
CREATE CONSTRAINT TRIGGER audit_chain AFTER INSERT ON audit_log DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.chain_audit();
COMMENT ON TABLE audit_log IS 'Written in the transaction of the change it tells of, and chained at its commit.';

-- What the tenant's providers know it by. Sealed: a copy of the database opens none of it.

CREATE TABLE tenant_credentials (
    kind        text PRIMARY KEY CHECK (kind IN ('slack', 'twilio', 'smtp')),
    sealed      bytea,
    key_id      text,
    shown       jsonb NOT NULL DEFAULT '{}',
    hints       jsonb NOT NULL DEFAULT '{}',
    revision    integer NOT NULL DEFAULT 1,
    changed_at  timestamptz NOT NULL DEFAULT public.clock_now(),
    changed_by  jsonb NOT NULL,
    CHECK ((sealed IS NULL) = (key_id IS NULL))
);
COMMENT ON COLUMN tenant_credentials.sealed IS 'Under a data key of its own, which is under the master key key_id; tenant and kind are authenticated. Null: taken away.';
COMMENT ON COLUMN tenant_credentials.shown IS 'The fields that are no secret.';
COMMENT ON COLUMN tenant_credentials.hints IS 'The last four characters of each secret, for people to recognise it.';

-- How long the tenant keeps what is over. Null: for ever.

ALTER TABLE tenant_config
    ADD COLUMN keep_alerts_days      integer CHECK (keep_alerts_days BETWEEN 7 AND 3650),
    ADD COLUMN keep_payloads_days    integer CHECK (keep_payloads_days BETWEEN 1 AND 3650),
    ADD COLUMN keep_deliveries_days  integer CHECK (keep_deliveries_days BETWEEN 7 AND 3650),
    ADD COLUMN keep_audit_days       integer CHECK (keep_audit_days BETWEEN 30 AND 3650);
COMMENT ON COLUMN tenant_config.keep_alerts_days IS 'Counted from the resolve; an open alert is kept however old it is.';

CREATE TABLE retention_marks (
    kind         text PRIMARY KEY CHECK (kind IN ('payloads', 'deliveries')),
    resolved_at  timestamptz NOT NULL DEFAULT '-infinity',
    alert_id     uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
);
INSERT INTO retention_marks (kind) VALUES ('payloads'), ('deliveries');
COMMENT ON TABLE retention_marks IS 'The last resolved alert whose payloads or deliveries were removed: the next slice goes on from there.';

CREATE INDEX alerts_resolved ON alerts (resolved_at, id) WHERE status = 'resolved';
CREATE INDEX alerts_previous ON alerts (previous_id) WHERE previous_id IS NOT NULL;
