-- Gates on batches (scope 6), and a batch's operations in history in order.
ALTER TABLE lockstep.gate ADD COLUMN batch bigint;
CREATE INDEX history_batch ON lockstep.history (batch, id) WHERE batch IS NOT NULL;
