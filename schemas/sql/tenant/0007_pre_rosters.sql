-- Rosters as people edit them: dated members, pins, leave, active hours, links, swaps, feeds, and what was known when.

ALTER TABLE rosters
    ADD COLUMN rotation_hours integer CHECK (rotation_hours BETWEEN 1 AND 8784),
    ADD COLUMN handoff_day smallint CHECK (handoff_day BETWEEN 1 AND 7),
    ADD COLUMN active_from time,
    ADD COLUMN active_until time,
    ADD COLUMN linked_roster_id uuid REFERENCES rosters,
    ADD COLUMN revision integer NOT NULL DEFAULT 1,
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT public.clock_now(),
    ADD CONSTRAINT rosters_active_hours_check
        CHECK ((active_from IS NULL) = (active_until IS NULL) AND (active_from IS NULL OR active_from <> active_until)),
    ADD CONSTRAINT rosters_handoff_day_weeks_check
        CHECK (handoff_day IS NULL OR rotation_hours IS NULL AND rotation_days % 7 = 0),
    ADD CONSTRAINT rosters_linked_roster_id_check CHECK (linked_roster_id <> id);
CREATE INDEX rosters_linked ON rosters (linked_roster_id) WHERE linked_roster_id IS NOT NULL;
COMMENT ON COLUMN rosters.rotation_hours IS 'The length of a turn in hours of the wall clock; when set, rotation_days does not count.';
COMMENT ON COLUMN rosters.handoff_day IS 'ISO weekday of the handoff, for whole weeks; null: the weekday of start_date. The first turn is short.';
COMMENT ON COLUMN rosters.active_from IS 'Active hours, wall clock of the zone; they wrap midnight when active_until is earlier. Null: always.';
COMMENT ON COLUMN rosters.linked_roster_id IS 'Follow-the-sun: who answers outside the active hours, or when nobody is there.';
COMMENT ON COLUMN rosters.revision IS 'Rises with every change of the roster, its members, overrides and pins.';

-- Who left may come back: as another row, so that the first stay goes on telling who had past shifts.
ALTER TABLE roster_members
    ADD COLUMN joined_on date,
    ADD COLUMN left_on date,
    ADD CONSTRAINT roster_members_left_on_check CHECK (left_on >= joined_on),
    DROP CONSTRAINT roster_members_roster_id_user_id_key;
CREATE UNIQUE INDEX roster_members_current ON roster_members (roster_id, user_id) WHERE left_on IS NULL;
COMMENT ON COLUMN roster_members.joined_on IS 'Takes turns from the handoff on this day; null: since the roster began.';
COMMENT ON COLUMN roster_members.left_on IS 'Takes turns until the handoff on this day. Null: stays.';

CREATE TABLE roster_pins (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    roster_id   uuid NOT NULL REFERENCES rosters ON DELETE CASCADE,
    user_id     uuid NOT NULL REFERENCES users,
    turn_at     timestamptz NOT NULL,
    reason      text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT public.clock_now(),
    UNIQUE (roster_id, turn_at)
);
COMMENT ON TABLE roster_pins IS 'A person who has one turn, whoever''s it is: the turn that runs at turn_at.';

CREATE TABLE leave (
    id            uuid PRIMARY KEY DEFAULT uuidv7(),
    user_id       uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL CHECK (ends_at > starts_at),
    note          text NOT NULL DEFAULT '',
    calendar_uid  text CHECK (calendar_uid <> ''),
    created_at    timestamptz NOT NULL DEFAULT public.clock_now(),
    withdrawn_at  timestamptz
);
CREATE INDEX leave_span ON leave (user_id, ends_at);
CREATE UNIQUE INDEX leave_calendar ON leave (user_id, calendar_uid) WHERE withdrawn_at IS NULL AND calendar_uid IS NOT NULL;
COMMENT ON TABLE leave IS 'When somebody is away. Rows are withdrawn, never deleted or changed, so that it can be told what was known when.';
COMMENT ON COLUMN leave.calendar_uid IS 'The event of an imported calendar; importing it again replaces the row.';

CREATE TABLE roster_swaps (
    id              uuid PRIMARY KEY DEFAULT uuidv7(),
    roster_id       uuid NOT NULL REFERENCES rosters ON DELETE CASCADE,
    requester_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    colleague_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE CHECK (colleague_id <> requester_id),
    gives_from      timestamptz NOT NULL,
    gives_until     timestamptz NOT NULL CHECK (gives_until > gives_from),
    takes_from      timestamptz,
    takes_until     timestamptz CHECK (takes_until > takes_from),
    note            text NOT NULL DEFAULT '',
    status          text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'accepted', 'declined', 'withdrawn')),
    created_at      timestamptz NOT NULL DEFAULT public.clock_now(),
    decided_at      timestamptz,
    CHECK ((takes_from IS NULL) = (takes_until IS NULL)),
    CHECK ((decided_at IS NULL) = (status = 'open'))
);
CREATE INDEX roster_swaps_roster ON roster_swaps (roster_id, id);
COMMENT ON TABLE roster_swaps IS 'The colleague takes what the requester gives, and the other way round. Accepting writes the overrides.';

CREATE TABLE feed_tokens (
    id          uuid PRIMARY KEY DEFAULT uuidv7(),
    token_hash  bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    roster_id   uuid REFERENCES rosters ON DELETE CASCADE,
    user_id     uuid REFERENCES users ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT public.clock_now(),
    revoked_at  timestamptz,
    CHECK ((roster_id IS NULL) <> (user_id IS NULL))
);
COMMENT ON TABLE feed_tokens IS 'Who has the token may read one calendar, of a roster or of a person, and nothing else.';
COMMENT ON COLUMN feed_tokens.token_hash IS 'SHA-256 of the whole token; tokens carry 256 random bits, so no slow hash is needed.';

CREATE TABLE roster_revisions (
    roster_id   uuid NOT NULL,
    revision    integer NOT NULL,
    known_from  timestamptz NOT NULL DEFAULT public.clock_now(),
    actor       jsonb NOT NULL,
    change      text NOT NULL CHECK (change <> ''),
    definition  jsonb NOT NULL,
    PRIMARY KEY (roster_id, revision)
);
CREATE INDEX roster_revisions_known ON roster_revisions (roster_id, known_from);
COMMENT ON TABLE roster_revisions IS 'Append only: the whole roster as it stood after each change. No foreign key: it outlives its roster.';
