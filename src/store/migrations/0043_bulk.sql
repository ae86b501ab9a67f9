-- Bulk jobs: one action on many operations, frozen by id and version when the job is made, and
-- carried out by the leader in small transactions.
-- action: 1 retry, 2 compensate, 3 hold, 4 release, 5 cancel (enum ls_verb). state: 0 running,
-- 1 canary (the first few act, their outcome is awaited), 2 paused, 3 finished, 4 aborted.
-- The counts are those of its targets, kept by whoever changes a target in the same transaction.
CREATE TABLE lockstep.bulk (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    total bigint NOT NULL,
    waiting bigint NOT NULL,
    sent bigint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    repeats bigint NOT NULL DEFAULT 0,      -- of the failed: with the cause that it had before
    left_out bigint NOT NULL,               -- matched, and the action can not be taken on them
    left_unknown bigint NOT NULL,           -- matched, and whether they landed is unknown
    seen_op bigint NOT NULL DEFAULT 0,      -- where the look at outcomes goes on
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    stepped_at timestamptz NOT NULL DEFAULT '-infinity',
    acted_at timestamptz NOT NULL DEFAULT '-infinity', -- up to when the rate is used up
    rate integer NOT NULL CHECK (rate BETWEEN 1 AND 1000),
    canary integer NOT NULL CHECK (canary >= 0),
    abort_above smallint NOT NULL CHECK (abort_above BETWEEN 0 AND 100), -- percent; 100: never
    action smallint NOT NULL CHECK (action BETWEEN 1 AND 5),
    state smallint NOT NULL CHECK (state BETWEEN 0 AND 4),
    canary_judged boolean NOT NULL,
    filter text NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL DEFAULT session_user,
    os_user text,
    why text,                               -- of the present state
    request bytea NOT NULL UNIQUE
) WITH (fillfactor = 50);
CREATE INDEX bulk_unended ON lockstep.bulk (stepped_at) WHERE state IN (0, 1) OR sent > 0;

-- state: 0 waiting, 1 sent (acted, its outcome is awaited), 2 done, 3 failed again, 4 refused.
CREATE TABLE lockstep.bulk_target (
    bulk bigint NOT NULL REFERENCES lockstep.bulk ON DELETE CASCADE,
    op bigint NOT NULL,
    version bigint NOT NULL,
    new_op bigint,                          -- of compensate: what undoes it
    acted_at timestamptz,
    settled_at timestamptz,
    state smallint NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 4),
    cause text,                             -- that it had when it was acted on
    why text,
    PRIMARY KEY (bulk, op)
) WITH (fillfactor = 70);
CREATE INDEX bulk_target_waiting ON lockstep.bulk_target (bulk, op) WHERE state = 0;
CREATE INDEX bulk_target_sent ON lockstep.bulk_target (bulk, op) WHERE state = 1;
CREATE INDEX bulk_target_acted ON lockstep.bulk_target (op, acted_at) WHERE acted_at IS NOT NULL;
