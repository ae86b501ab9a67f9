-- Batches: operations that an application seals together, under a policy.
-- policy: 0 best_effort, 1 ordered, 2 saga, 3 atomic. state: 0 open, 1 sealed, 2 compensating,
-- 3 finished, 4 compensated, 5 compensation_failed.
CREATE TABLE lockstep.batch (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    total bigint,                         -- operations, once it is sealed
    opened_at timestamptz NOT NULL DEFAULT now(),
    sealed_at timestamptz,
    ended_at timestamptz,
    policy smallint NOT NULL CHECK (policy BETWEEN 0 AND 3),
    state smallint NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 5),
    name text NOT NULL UNIQUE,
    opened_by text NOT NULL DEFAULT session_user,
    detail text
) WITH (fillfactor = 70);
CREATE INDEX batch_unended ON lockstep.batch (id) WHERE state IN (0, 1, 2, 5);

ALTER TABLE lockstep.op ADD COLUMN batch bigint;
ALTER TABLE lockstep.op_key ADD COLUMN batch bigint;
ALTER TABLE lockstep.history ADD COLUMN batch bigint;
CREATE INDEX op_batch ON lockstep.op (batch, id) WHERE batch IS NOT NULL;
CREATE INDEX op_key_batch ON lockstep.op_key (batch, op) WHERE batch IS NOT NULL;
