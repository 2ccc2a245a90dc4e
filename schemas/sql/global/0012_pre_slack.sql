-- What Slack has sent is remembered for a while, so that nothing that comes again does anything again.

CREATE TABLE public.slack_requests (
    digest   bytea PRIMARY KEY CHECK (length(digest) = 32),
    seen_at  timestamptz NOT NULL DEFAULT public.clock_now()
);
CREATE INDEX slack_requests_seen ON public.slack_requests (seen_at);
COMMENT ON TABLE public.slack_requests IS 'SHA-256 of signatures and event ids that came; kept for an hour.';
