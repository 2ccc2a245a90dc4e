-- Events that are posted to somebody's HTTP endpoint: who wants which, and what became of each post.

CREATE TABLE webhook_subscriptions (
    id            uuid PRIMARY KEY DEFAULT uuidv7(),
    name          text NOT NULL UNIQUE CHECK (name <> ''),
    endpoint_id   uuid NOT NULL REFERENCES endpoints,
    event_types   text[] NOT NULL CHECK (cardinality(event_types) > 0),
    matchers      jsonb NOT NULL DEFAULT '[]',
    min_severity  text CHECK (min_severity IN ('info', 'warning', 'major', 'critical')),
    is_enabled    boolean NOT NULL DEFAULT true,
    is_gone       boolean NOT NULL DEFAULT false,
    active_from   timestamptz NOT NULL DEFAULT public.clock_now(),
    revision      integer NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT public.clock_now(),
    updated_at    timestamptz NOT NULL DEFAULT public.clock_now(),
    CHECK (NOT (is_enabled AND is_gone))
);
COMMENT ON TABLE webhook_subscriptions IS 'Who gets which events. The endpoint is of the kind webhook.';
COMMENT ON COLUMN webhook_subscriptions.is_gone IS 'Disabled because its receiver answered 410.';
COMMENT ON COLUMN webhook_subscriptions.active_from IS 'When it was made or enabled last: what happened before is not owed.';
CREATE INDEX webhook_subscriptions_endpoint ON webhook_subscriptions (endpoint_id);

CREATE TABLE webhook_deliveries (
    id               uuid PRIMARY KEY,
    subscription_id  uuid NOT NULL REFERENCES webhook_subscriptions ON DELETE CASCADE,
    event_id         uuid NOT NULL,
    replay           integer NOT NULL DEFAULT 0 CHECK (replay >= 0),
    original_id      uuid,
    event_type       text NOT NULL,
    body             text NOT NULL,
    status           text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'sending', 'sent', 'failed')),
    attempts         integer NOT NULL DEFAULT 0,
    token            integer NOT NULL DEFAULT 0,
    due_at           timestamptz,
    status_code      integer,
    reason           text,
    created_at       timestamptz NOT NULL DEFAULT public.clock_now(),
    settled_at       timestamptz,
    UNIQUE (subscription_id, event_id, replay),
    CHECK ((replay > 0) = (original_id IS NOT NULL)),
    CHECK ((due_at IS NOT NULL) = (status IN ('queued', 'sending'))),
    CHECK ((settled_at IS NOT NULL) = (status IN ('sent', 'failed'))),
    CHECK (status <> 'failed' OR reason IS NOT NULL)
) WITH (fillfactor = 80);
COMMENT ON TABLE webhook_deliveries IS 'One event for one subscription: written before anything is posted. Its id is the Idempotency-Key.';
COMMENT ON COLUMN webhook_deliveries.replay IS '0: because the event happened; others because somebody asked for it again, of original_id.';
COMMENT ON COLUMN webhook_deliveries.body IS 'Text, not jsonb: it is posted byte by byte as it stands here.';
COMMENT ON COLUMN webhook_deliveries.token IS 'Fencing token: bumped by each claim; a result with an older one is refused.';
COMMENT ON COLUMN webhook_deliveries.due_at IS 'When its timer is due: the next attempt of a queued one, the end of the lease of one that is being sent.';
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (subscription_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_listed ON webhook_deliveries (subscription_id, id);

CREATE TABLE webhook_attempts (
    delivery_id  uuid NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
    token        integer NOT NULL,
    outcome      text NOT NULL CHECK (outcome IN ('sent', 'failed', 'unclear', 'late')),
    status_code  integer,
    detail       text NOT NULL,
    finished_at  timestamptz NOT NULL DEFAULT public.clock_now(),
    PRIMARY KEY (delivery_id, token, outcome)
);
COMMENT ON TABLE webhook_attempts IS 'What each post came to. Nothing of what the receiver answered but its status.';
