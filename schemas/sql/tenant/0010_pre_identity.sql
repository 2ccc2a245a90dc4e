-- People are edited over the API: a revision, and what each prefers.
ALTER TABLE users
    ADD COLUMN revision     integer NOT NULL DEFAULT 1,
    ADD COLUMN preferences  jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(preferences) = 'object');
COMMENT ON COLUMN users.preferences IS 'What the front end remembers for a person; nothing here decides anything.';
COMMENT ON COLUMN users.external_id IS 'Who the person is elsewhere: issuer and subject of OpenID Connect, or a SCIM id.';
