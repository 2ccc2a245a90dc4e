-- An end that was on its way for longer than the firing after it must not close what fires: each firing of an open alert moves
-- what ends are compared with.

ALTER TABLE alerts ADD COLUMN last_started_at timestamptz, ADD COLUMN last_received_at timestamptz;
COMMENT ON COLUMN alerts.last_started_at IS 'The latest start that its source told of. Null: its last firing told of none.';
COMMENT ON COLUMN alerts.last_received_at IS 'When the latest of its firings was received. Null: before there was this column.';
