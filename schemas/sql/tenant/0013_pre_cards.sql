-- What Slack shows of an alert: its messages, its threads, and the work that is left to bring them up to date.

CREATE TABLE message_refs (
    conversation  text NOT NULL CHECK (conversation <> ''),
    ts            text NOT NULL CHECK (ts <> ''),
    alert_id      uuid NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    delivery_id   uuid NOT NULL,
    thread_ts     text,
    shown         text,
    ended_reason  text CHECK (ended_reason <> ''),
    posted_at     timestamptz NOT NULL DEFAULT public.clock_now(),
    PRIMARY KEY (conversation, ts)
) WITH (fillfactor = 80);
CREATE INDEX message_refs_alert ON message_refs (alert_id);
COMMENT ON TABLE message_refs IS 'The messages that pages have become in Slack, written in the commit that settles the page. Each is edited to the alert''s present state.';
COMMENT ON COLUMN message_refs.thread_ts IS 'The message under which it stands; null: it stands by itself, or a look-up found it.';
COMMENT ON COLUMN message_refs.shown IS 'Digest of what it shows; an edit that changes nothing is not sent. Null: not known.';
COMMENT ON COLUMN message_refs.ended_reason IS 'Slack''s word when it could not be edited any more: it is left alone from then on.';

CREATE TABLE slack_threads (
    alert_id      uuid NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    conversation  text NOT NULL,
    address       text NOT NULL,
    ts            text NOT NULL,
    told_id       uuid NOT NULL,
    ended_reason  text CHECK (ended_reason <> ''),
    PRIMARY KEY (alert_id, conversation)
);
COMMENT ON TABLE slack_threads IS 'One thread per alert and channel; its first message is the alert''s first page there.';
COMMENT ON COLUMN slack_threads.address IS 'The channel as pages name it; conversation is Slack''s id of it.';
COMMENT ON COLUMN slack_threads.told_id IS 'The last line of the timeline that has become a post, or needed none.';

CREATE TABLE thread_posts (
    alert_id      uuid NOT NULL,
    conversation  text NOT NULL,
    entry_id      uuid NOT NULL,
    status        text NOT NULL DEFAULT 'owed' CHECK (status IN ('owed', 'sending', 'posted', 'failed')),
    ts            text,
    reason        text,
    PRIMARY KEY (alert_id, conversation, entry_id),
    FOREIGN KEY (alert_id, conversation) REFERENCES slack_threads (alert_id, conversation) ON DELETE CASCADE,
    CHECK ((status = 'posted') = (ts IS NOT NULL)),
    CHECK ((status = 'failed') = (reason IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX thread_posts_open ON thread_posts (alert_id) WHERE status IN ('owed', 'sending');
COMMENT ON TABLE thread_posts IS 'Lines of the timeline that are told in a thread, each once, in order. sending: nobody has said yet whether it arrived.';

CREATE TABLE card_work (
    alert_id    uuid PRIMARY KEY REFERENCES alerts (id) ON DELETE CASCADE,
    wanted      integer NOT NULL DEFAULT 0,
    token       integer NOT NULL DEFAULT 0,
    failures    integer NOT NULL DEFAULT 0,
    busy_until  timestamptz NOT NULL
) WITH (fillfactor = 60);
COMMENT ON TABLE card_work IS 'Alerts that Slack shows. While something is owed there is a timer of kind card; it is due when busy_until is over.';
COMMENT ON COLUMN card_work.wanted IS 'Rises with every change: whoever has brought Slack up to date sees whether there was another one meanwhile.';
COMMENT ON COLUMN card_work.busy_until IS 'Somebody''s lease, a pause between two edits, or a wait that Slack asked for.';

ALTER TABLE tenant_config ADD COLUMN quiet_threads boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN tenant_config.quiet_threads IS 'Changes of severity and counts of repeats are shown by the edited message alone.';
