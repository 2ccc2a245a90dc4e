-- Which tenants' own provider accounts an incoming request may be about: it names its workspace or number, not its tenant.

CREATE TABLE public.provider_addresses (
    kind text NOT NULL,
    address text NOT NULL,
    tenant text NOT NULL REFERENCES public.tenants (slug) ON DELETE CASCADE,
    PRIMARY KEY (kind, address, tenant),
    CONSTRAINT provider_addresses_kind_check CHECK (kind IN ('slack', 'twilio')),
    CONSTRAINT provider_addresses_address_check CHECK (address <> '')
);
CREATE INDEX provider_addresses_tenant ON public.provider_addresses (tenant, kind);
COMMENT ON TABLE public.provider_addresses IS 'A claim, no proof: two tenants may name the same one, and the signature on a request tells whose it is.';
COMMENT ON COLUMN public.provider_addresses.address IS 'Slack: the workspace''s id. Twilio: a number, E.164.';
