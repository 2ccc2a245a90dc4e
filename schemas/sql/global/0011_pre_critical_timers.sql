-- What is critical is paid first, and people may try their contact methods.
ALTER TABLE public.timers
    ADD COLUMN is_critical boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT timers_kind_check,
    ADD CONSTRAINT timers_kind_check
        CHECK (kind IN ('escalation', 'delivery', 'snooze', 'bulk', 'heartbeat', 'webhook', 'card', 'test_page'));
CREATE INDEX timers_critical ON public.timers (kind, due_at) WHERE is_critical;
COMMENT ON COLUMN public.timers.is_critical IS 'A page of a critical alert: it never stands behind a storm of others.';
