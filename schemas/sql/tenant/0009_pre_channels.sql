-- Answers from phones, and endpoints that pages are posted to.

CREATE INDEX deliveries_phone ON deliveries (address, id DESC) WHERE channel IN ('sms', 'phone');
COMMENT ON INDEX deliveries_phone IS 'Whose page somebody answers who texts back. Neither column ever changes, so it costs no update.';

CREATE TABLE endpoints (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    name        text NOT NULL UNIQUE CHECK (name <> ''),
    kind        text NOT NULL CHECK (kind IN ('webhook', 'mattermost', 'teams')),
    url         text NOT NULL CHECK (url ~ '^https?://[^[:space:]]+$'),
    secret      text CHECK (secret <> ''),
    revision    integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT public.clock_now(),
    updated_at  timestamptz NOT NULL DEFAULT public.clock_now(),
    CHECK ((secret IS NOT NULL) = (kind = 'webhook'))
);
COMMENT ON TABLE endpoints IS 'Addresses outside that pages are posted to. A tier names one as the target endpoint:<id>.';
COMMENT ON COLUMN endpoints.kind IS 'The channel that its pages travel over.';
COMMENT ON COLUMN endpoints.url IS 'Whoever has it can post in the room behind it: never shown again.';
COMMENT ON COLUMN endpoints.secret IS 'Signs what is posted to a webhook.';

ALTER TABLE deliveries
    DROP CONSTRAINT deliveries_recipient_check,
    ADD CONSTRAINT deliveries_recipient_check CHECK (recipient ~ '^(user|channel|endpoint):.+') NOT VALID;
ALTER TABLE deliveries VALIDATE CONSTRAINT deliveries_recipient_check;
