-- One more kind of obligations: an event that a tenant's subscription is owed.
ALTER TABLE public.timers
    DROP CONSTRAINT timers_kind_check,
    ADD CONSTRAINT timers_kind_check
        CHECK (kind IN ('escalation', 'delivery', 'snooze', 'bulk', 'heartbeat', 'webhook'));
