-- The operation that takes the rent of this one's marker back, when it has been finished for long.
ALTER TABLE lockstep.history ADD COLUMN reclaim bigint;
CREATE INDEX history_marker ON lockstep.history (finished_at)
    WHERE marker IS NOT NULL AND reclaim IS NULL AND state IN (6, 8) AND kind NOT IN (4, 8, 10);
