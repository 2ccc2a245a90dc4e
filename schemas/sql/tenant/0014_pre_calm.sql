-- Storms that stay calm: since when a page waits and why, with which message it went out, quiet hours, test pages.

ALTER TABLE deliveries
    ADD COLUMN due_at        timestamptz NOT NULL DEFAULT public.clock_now(),
    ADD COLUMN held_for      text CHECK (held_for IN ('limit', 'quiet_hours')),
    ADD COLUMN bundled_into  uuid;
COMMENT ON COLUMN deliveries.due_at IS 'When it was to go out. From here on failing over to the next contact method is counted.';
COMMENT ON COLUMN deliveries.held_for IS 'Why it is or was held until not_before: a limit per person and channel, or the person''s quiet hours.';
COMMENT ON COLUMN deliveries.bundled_into IS 'The delivery whose message told of this one too; null: it had a message of its own. No foreign key: retention may remove that one first.';

CREATE INDEX deliveries_bundled ON deliveries (bundled_into) WHERE bundled_into IS NOT NULL;
CREATE INDEX deliveries_told ON deliveries (recipient, channel, sent_at) WHERE sent_at IS NOT NULL AND bundled_into IS NULL;
COMMENT ON INDEX deliveries_told IS 'How many messages somebody got lately over a channel.';
CREATE INDEX deliveries_waiting ON deliveries (recipient, channel, id) WHERE status IN ('queued', 'sending');
COMMENT ON INDEX deliveries_waiting IS 'What waits for somebody over a channel, to be told in one message.';

ALTER TABLE notification_rules
    ADD COLUMN quiet_hours jsonb CHECK (jsonb_typeof(quiet_hours) = 'object');
COMMENT ON COLUMN notification_rules.quiet_hours IS 'Pages of low urgency wait until they end, in the time zone of the person; null: there are none.';

ALTER TABLE tenant_config
    ADD COLUMN page_limits jsonb CHECK (jsonb_typeof(page_limits) = 'object');
COMMENT ON COLUMN tenant_config.page_limits IS 'Channel → at most so many messages to one address in so many minutes; null: the defaults.';

CREATE TABLE test_pages (
    id                 uuid PRIMARY KEY DEFAULT uuidv7(),
    user_id            uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    contact_method_id  uuid NOT NULL,
    channel            text NOT NULL,
    address            text NOT NULL CHECK (address <> ''),
    asked_by           jsonb NOT NULL,
    status             text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'unclear')),
    lease_until        timestamptz,
    provider           text,
    provider_id        text,
    reason             text,
    detail             text,
    created_at         timestamptz NOT NULL DEFAULT public.clock_now(),
    settled_at         timestamptz,
    CHECK ((lease_until IS NOT NULL) = (status = 'sending')),
    CHECK ((settled_at IS NOT NULL) = (status IN ('sent', 'failed', 'unclear')))
);
CREATE INDEX test_pages_user ON test_pages (user_id, created_at);
COMMENT ON TABLE test_pages IS 'Pages that somebody sent to try a contact method. They concern no alert and are tried once.';
