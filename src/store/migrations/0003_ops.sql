-- Operations: live rows, their keys and contents, their attempts, and history apart.
-- States: 0 ready, 1 blocked, 2 leased, 3 submitted, 4 held, 5 failed, 6 done,
-- 7 cancelled, 8 compensated. The lines of include/lockstep/core/op.h are the source.
CREATE SEQUENCE lockstep.op_id;
CREATE SEQUENCE lockstep.token;

-- Live rows only; what never changes (the payload) stands in op_key, so that the many
-- updates of a row copy little.
CREATE TABLE lockstep.op (
    id bigint PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    token bigint NOT NULL DEFAULT 0,
    worker bigint,
    run_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,          -- run_at as first enqueued: lag counts from it
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    state_at timestamptz NOT NULL,        -- since when it has its state: stuck counts from it
    slot bigint NOT NULL DEFAULT 0,
    depends_on bigint,
    compensates bigint,
    attempts_made integer NOT NULL DEFAULT 0,
    attempts_round integer NOT NULL DEFAULT 0,
    attempts_max integer NOT NULL,
    state smallint NOT NULL CHECK (state BETWEEN 0 AND 5),
    sub smallint NOT NULL DEFAULT 0,
    is_gated boolean NOT NULL GENERATED ALWAYS AS (state = 0 AND sub = 4) STORED,
    request smallint NOT NULL DEFAULT 0 CHECK (request BETWEEN 0 AND 2),
    lane smallint NOT NULL CHECK (lane BETWEEN 0 AND 3),
    kind smallint NOT NULL REFERENCES lockstep.kind,
    key text NOT NULL,
    entity text,
    cause text,
    detail text,
    signature text,                       -- of the landed or newest attempt
    original_signature text               -- of what a compensation undoes
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000);

-- No index names sub: a submitted row that only changes it is updated in place (HOT).
CREATE INDEX op_claim ON lockstep.op (lane, run_at, id) WHERE state = 0 AND NOT is_gated;
CREATE INDEX op_owned ON lockstep.op (worker, id) WHERE worker IS NOT NULL;
CREATE INDEX op_orphan ON lockstep.op (id) WHERE state = 3 AND worker IS NULL;
CREATE INDEX op_wish ON lockstep.op (worker) WHERE request <> 0;
CREATE INDEX op_entity ON lockstep.op (entity, id) WHERE entity IS NOT NULL;
CREATE INDEX op_entity_active ON lockstep.op (entity)
    WHERE entity IS NOT NULL AND state IN (0, 2, 3);
CREATE INDEX op_dependant ON lockstep.op (depends_on) WHERE depends_on IS NOT NULL;
CREATE INDEX op_waiting ON lockstep.op (kind, state_at) WHERE state IN (1, 2, 3);
CREATE INDEX op_trouble ON lockstep.op (id) WHERE state IN (4, 5);

-- Idempotency keys with the content as first enqueued; kept longer than history.
CREATE TABLE lockstep.op_key (
    key text PRIMARY KEY,
    op bigint NOT NULL,
    kind smallint NOT NULL,
    outcome smallint,                     -- the terminal state, once it has one
    finished_day date,                    -- history's partition
    entity text,
    fence text,
    mint text,                            -- token.create_mint: the address, once signed
    payload jsonb NOT NULL
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0,
        autovacuum_vacuum_threshold = 50000, autovacuum_analyze_scale_factor = 0,
        autovacuum_analyze_threshold = 50000);
CREATE INDEX op_key_op ON lockstep.op_key (op);

-- Signed transactions. state: 0 live, 1 dead, 2 landed, 3 errored.
CREATE TABLE lockstep.attempt (
    op bigint NOT NULL,
    last_valid_height bigint NOT NULL,
    slot bigint NOT NULL DEFAULT 0,
    worker bigint NOT NULL,
    created_at timestamptz NOT NULL,
    attempt integer NOT NULL,
    state smallint NOT NULL DEFAULT 0,
    signature text NOT NULL,
    blockhash text NOT NULL,
    signer text NOT NULL,
    cause text,
    evidence text,
    tx bytea NOT NULL,
    PRIMARY KEY (op, attempt)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000);
CREATE INDEX attempt_signature ON lockstep.attempt (signature);

-- Entities and operations that promote() must look at; every event that could free one
-- adds a row in its own transaction, so that no wake-up is lost.
CREATE TABLE lockstep.wake (
    entity text,
    op bigint
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE TABLE lockstep.history (
    day date NOT NULL,
    id bigint NOT NULL,
    version bigint NOT NULL,
    run_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    slot bigint NOT NULL,
    depends_on bigint,
    compensates bigint,
    compensated_by bigint,
    attempts_made integer NOT NULL,
    attempts_max integer NOT NULL,
    state smallint NOT NULL CHECK (state BETWEEN 6 AND 8),
    sub smallint NOT NULL DEFAULT 0,
    lane smallint NOT NULL,
    kind smallint NOT NULL,
    key text NOT NULL,
    entity text,
    cause text,
    detail text,
    signature text,
    PRIMARY KEY (id, day)
) PARTITION BY RANGE (day);
CREATE INDEX history_finished ON lockstep.history (finished_at);

CREATE TABLE lockstep.attempt_history (
    day date NOT NULL,
    LIKE lockstep.attempt,
    PRIMARY KEY (op, attempt, day)
) PARTITION BY RANGE (day);
CREATE INDEX attempt_history_signature ON lockstep.attempt_history (signature);

CREATE TABLE lockstep.history_default PARTITION OF lockstep.history DEFAULT;
CREATE TABLE lockstep.attempt_history_default PARTITION OF lockstep.attempt_history DEFAULT;
