-- Browsers that are paged by web push.

ALTER TABLE contact_methods
    DROP CONSTRAINT contact_methods_kind_check,
    ADD CONSTRAINT contact_methods_kind_check CHECK (kind IN ('slack_dm', 'sms', 'phone', 'email', 'push')) NOT VALID;
ALTER TABLE contact_methods VALIDATE CONSTRAINT contact_methods_kind_check;

CREATE TABLE push_subscriptions (
    contact_method_id  uuid PRIMARY KEY REFERENCES contact_methods ON DELETE CASCADE,
    name               text NOT NULL CHECK (name <> ''),
    sealed             bytea NOT NULL,
    key_id             text NOT NULL,
    gone_at            timestamptz
);
COMMENT ON TABLE push_subscriptions IS 'What reaches a browser: a contact method of kind push has one. All browsers of a person are paged together.';
COMMENT ON COLUMN push_subscriptions.sealed IS 'The address at the push service and the keys that the browser decrypts with.';
COMMENT ON COLUMN push_subscriptions.key_id IS 'Which master key opens it.';
COMMENT ON COLUMN push_subscriptions.gone_at IS 'When its push service said that it is over; the contact method is unverified from then on.';
