-- The chain of the audit logs, one per tenant. The functions are shared; the tables are the tenants'.

CREATE FUNCTION public.audit_hash(
    previous bytea, seq bigint, id uuid, at timestamptz, actor jsonb, action text, entity text, entity_id uuid,
    changes jsonb, address text, request_id text
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT sha256(previous || convert_to(jsonb_build_array(
        seq, id, (extract(epoch FROM at) * 1000000)::bigint, actor, action, entity, entity_id, changes, address, request_id
    )::text, 'UTF8'))
$$;
COMMENT ON FUNCTION public.audit_hash IS 'SHA-256 of the hash before and the row in its one form: a JSON array, the time in microseconds since 1970.';

-- Runs at COMMIT, when nothing else is waited for: so whoever holds the head waits for nobody, whatever was locked before.
-- The search path may be another tenant's by then: the table says whose chain it is.
CREATE FUNCTION public.chain_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head record;
    made bytea;
BEGIN
    EXECUTE format('SELECT seq + 1 AS seq, hash FROM %I.audit_head FOR UPDATE', TG_TABLE_SCHEMA) INTO STRICT head;
    made := public.audit_hash(
        head.hash, head.seq, NEW.id, NEW.at, NEW.actor, NEW.action, NEW.entity, NEW.entity_id, NEW.changes, NEW.address,
        NEW.request_id
    );
    EXECUTE format('UPDATE %I.audit_log SET seq = $1, hash = $2 WHERE id = $3', TG_TABLE_SCHEMA)
        USING head.seq, made, NEW.id;
    EXECUTE format('UPDATE %I.audit_head SET seq = $1, hash = $2', TG_TABLE_SCHEMA) USING head.seq, made;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION public.chain_audit IS 'Gives an audit row its number and its hash, at the end of the transaction that wrote it.';

-- A suspended tenant owes nothing until it is resumed.

ALTER TABLE public.tenants ADD COLUMN resumed_at timestamptz;
CREATE INDEX tenants_suspended ON public.tenants (slug) WHERE status = 'suspended';
COMMENT ON COLUMN public.tenants.resumed_at IS 'The end of the last suspension: what was silent before it could not be heard.';
COMMENT ON INDEX public.tenants_suspended IS 'Every look for due timers asks it whose timers wait.';
