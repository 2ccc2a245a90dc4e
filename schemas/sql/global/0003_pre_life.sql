-- Two more kinds of obligations: a snooze that ends, and a bulk job that is not finished.
ALTER TABLE public.timers
    DROP CONSTRAINT timers_kind_check,
    ADD CONSTRAINT timers_kind_check CHECK (kind IN ('escalation', 'delivery', 'snooze', 'bulk'));
