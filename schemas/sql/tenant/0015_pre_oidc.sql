-- The client secret of the tenant's own identity provider is sealed like other credentials.
ALTER TABLE tenant_credentials
    DROP CONSTRAINT tenant_credentials_kind_check,
    ADD CONSTRAINT tenant_credentials_kind_check CHECK (kind IN ('slack', 'twilio', 'smtp', 'oidc'));
