-- How a tenant's senders name their severities.

ALTER TABLE tenant_config
    ADD COLUMN severity_words jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(severity_words) = 'object');
COMMENT ON COLUMN tenant_config.severity_words IS 'A sender''s word, in lower case → our severity. Goes before the words that all tenants share. Read with each key.';
