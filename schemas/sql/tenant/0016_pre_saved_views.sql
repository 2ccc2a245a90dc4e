-- Filters of the alert list that somebody keeps under a name.

CREATE TABLE saved_views (
    id          uuid PRIMARY KEY,
    name        text NOT NULL CHECK (name <> ''),
    query       jsonb NOT NULL CHECK (jsonb_typeof(query) = 'object'),
    is_shared   boolean NOT NULL DEFAULT false,
    has_sound   boolean NOT NULL DEFAULT false,
    owner_id    uuid,
    revision    integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT public.clock_now(),
    updated_at  timestamptz NOT NULL DEFAULT public.clock_now(),
    CHECK (is_shared OR owner_id IS NOT NULL)
);
COMMENT ON TABLE saved_views IS 'A private one is seen by its owner alone, a shared one by the whole tenant.';
COMMENT ON COLUMN saved_views.query IS 'Parameter → value or values, as in the address of the list. Nothing here reads them.';
COMMENT ON COLUMN saved_views.owner_id IS 'A person or a local admin, so no foreign key; null: it was made with a key that is nobody''s.';
CREATE INDEX saved_views_owner ON saved_views (owner_id);
