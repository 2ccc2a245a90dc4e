-- What an API key says about the webhook calls that are made with it.

ALTER TABLE public.api_keys
    ADD COLUMN webhook_secret  text CHECK (length(webhook_secret) BETWEEN 16 AND 200),
    ADD COLUMN mapping         jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(mapping) = 'object');
COMMENT ON COLUMN public.api_keys.webhook_secret IS 'When set, calls must be signed with it (HMAC-SHA256). Plain: it is needed to verify; encrypted once secrets of tenants are.';
COMMENT ON COLUMN public.api_keys.mapping IS 'Field → JMESPath: how generic payloads of this key are read. Checked when it is stored.';
