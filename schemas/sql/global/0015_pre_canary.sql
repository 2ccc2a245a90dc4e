-- An alert that is fired every minute, goes through everything and pages nobody: the proof that pages come through.

CREATE TABLE public.canary (
    one_row             boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    started_at          timestamptz NOT NULL DEFAULT public.clock_now(),
    fired_at            timestamptz,
    arrived_at          timestamptz,
    round_trip_seconds  double precision CHECK (round_trip_seconds >= 0),
    told_at             timestamptz
);
COMMENT ON TABLE public.canary IS 'One row while the installation has a canary, none else.';
COMMENT ON COLUMN public.canary.fired_at IS 'When the last one was sent to the webhook, whether that took it or not.';
COMMENT ON COLUMN public.canary.told_at IS 'The arrival that the outside watcher was last told of.';
