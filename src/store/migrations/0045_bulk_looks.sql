-- What a job found on the ledger before it acted. landed: the ledger has the operation, so it was
-- not sent again (of a target: state 5); doubt: an attempt may land still, or what should be undone
-- is not there (state 6). silent: targets whose turn waits because the ledger did not answer.
ALTER TABLE lockstep.bulk
    ADD COLUMN landed bigint NOT NULL DEFAULT 0,
    ADD COLUMN doubt bigint NOT NULL DEFAULT 0,
    ADD COLUMN silent bigint NOT NULL DEFAULT 0;
ALTER TABLE lockstep.bulk_target DROP CONSTRAINT bulk_target_state_check;
ALTER TABLE lockstep.bulk_target ADD CONSTRAINT bulk_target_state_check CHECK (state BETWEEN 0 AND 6);
