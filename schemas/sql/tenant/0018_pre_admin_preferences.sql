-- Local admins have no row in users, and prefer things too.

CREATE TABLE admin_preferences (
    local_admin_id  uuid PRIMARY KEY,
    preferences     jsonb NOT NULL CHECK (jsonb_typeof(preferences) = 'object'),
    updated_at      timestamptz NOT NULL DEFAULT public.clock_now()
);
COMMENT ON TABLE admin_preferences IS 'What users.preferences is for people. Local admins are shared rows, so no foreign key.';
