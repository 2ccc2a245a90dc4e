-- An alert and all that follows from it, pages of later tiers included, are one trace.

ALTER TABLE alerts ADD COLUMN trace text;
COMMENT ON COLUMN alerts.trace IS 'W3C traceparent of the work that opened it; what is done for the alert later goes on from there.';
