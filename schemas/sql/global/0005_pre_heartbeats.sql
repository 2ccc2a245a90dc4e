-- One more kind of obligations: the alert of a heartbeat that is not heard of in time.
ALTER TABLE public.timers
    DROP CONSTRAINT timers_kind_check,
    ADD CONSTRAINT timers_kind_check CHECK (kind IN ('escalation', 'delivery', 'snooze', 'bulk', 'heartbeat'));
