-- What the sender wrote, word for word: of the payload that opened an alert and of the newest one.

CREATE TABLE alert_payloads (
    alert_id     uuid NOT NULL,
    occasion     text NOT NULL CHECK (occasion IN ('opening', 'latest')),
    receipt_id   uuid NOT NULL,
    item         integer NOT NULL,
    source       text NOT NULL,
    received_at  timestamptz NOT NULL,
    is_cut       boolean NOT NULL DEFAULT false,
    raw          text NOT NULL,
    PRIMARY KEY (alert_id, occasion)
) WITH (fillfactor = 85);
COMMENT ON TABLE alert_payloads IS 'At most two rows per alert, however often it repeats. No foreign key: its only writer has just written the alert.';
COMMENT ON COLUMN alert_payloads.is_cut IS 'raw holds only the first 64 KiB.';
