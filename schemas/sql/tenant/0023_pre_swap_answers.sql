-- Who asked for a swap is told its answer until they have seen it; and what a rule mutes is asked for by the rule. A roster may
-- say how many weeks in a row are too many.

ALTER TABLE roster_swaps ADD COLUMN seen_at timestamptz CHECK (seen_at IS NULL OR decided_at IS NOT NULL);
COMMENT ON COLUMN roster_swaps.seen_at IS 'When who asked saw the answer, or gave it themself. Null with an answer: they are still to be told.';
UPDATE roster_swaps SET seen_at = decided_at WHERE decided_at IS NOT NULL;
CREATE INDEX roster_swaps_asked ON roster_swaps (colleague_id) WHERE status = 'open';
CREATE INDEX roster_swaps_unseen ON roster_swaps (requester_id) WHERE status <> 'open' AND seen_at IS NULL;

CREATE INDEX alerts_muted_by ON alerts ((muted_by ->> 'id'), id) WHERE escalation_state = 'muted';
COMMENT ON INDEX alerts_muted_by IS 'What a silence, a window, an inhibition rule or a group mutes now.';

ALTER TABLE rosters ADD COLUMN max_weeks integer CHECK (max_weeks BETWEEN 1 AND 52);
COMMENT ON COLUMN rosters.max_weeks IS 'More weeks in a row are too many for one person: previews say so. Null: no bound.';
