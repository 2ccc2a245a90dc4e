-- One more kind of obligations: what Slack shows of an alert is brought up to date.
ALTER TABLE public.timers
    DROP CONSTRAINT timers_kind_check,
    ADD CONSTRAINT timers_kind_check CHECK (kind IN ('escalation', 'delivery', 'snooze', 'bulk', 'heartbeat', 'webhook', 'card'));
