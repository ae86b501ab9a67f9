-- The outcomes feed, and what applications have done for them when an operation is done.

-- Outcomes as the settling transactions write them, without a number: these transactions
-- commit in any order. The leader's tick moves them to outcome_log and numbers them.
CREATE TABLE lockstep.outcome_new (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    op bigint NOT NULL,
    slot bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    state smallint NOT NULL,              -- 3: confirmed, 5 to 8: as an operation's state
    kind smallint NOT NULL,
    key text NOT NULL,
    entity text,
    signature text,
    cause text,
    detail text
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Numbered without gaps; a number is never given before all smaller ones are committed.
CREATE TABLE lockstep.outcome_log (
    seq bigint PRIMARY KEY,
    op bigint NOT NULL,
    slot bigint NOT NULL,
    at timestamptz NOT NULL,
    state smallint NOT NULL,
    kind smallint NOT NULL,
    key text NOT NULL,
    entity text,
    signature text,
    cause text,
    detail text
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000,
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000);

-- One row: the newest number, the newest that retention took, and how many are kept at most
-- for a consumer that does not acknowledge.
CREATE TABLE lockstep.outcome_head (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    last_seq bigint NOT NULL DEFAULT 0,
    trimmed_to bigint NOT NULL DEFAULT 0,
    keep_max bigint NOT NULL DEFAULT 1000000 CHECK (keep_max BETWEEN 1 AND 1000000000)
) WITH (fillfactor = 50);
INSERT INTO lockstep.outcome_head DEFAULT VALUES;

CREATE TABLE lockstep.consumer (
    name text PRIMARY KEY,
    acked bigint NOT NULL,
    login text NOT NULL DEFAULT session_user,
    created_at timestamptz NOT NULL DEFAULT now(),
    acked_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- A kind's on_settled function, as it was when an administrator registered it.
CREATE TABLE lockstep.hook (
    kind smallint PRIMARY KEY REFERENCES lockstep.kind,
    function_schema text NOT NULL,
    function_name text NOT NULL,
    definition bytea NOT NULL CHECK (octet_length(definition) = 32),
    registered_by text NOT NULL DEFAULT session_user,
    registered_at timestamptz NOT NULL DEFAULT now()
);
-- Done operations whose function has not succeeded yet; one that did leaves no row.
CREATE TABLE lockstep.hook_due (
    op bigint PRIMARY KEY,
    day date NOT NULL,
    kind smallint NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    settled_by xid8 NOT NULL DEFAULT pg_current_xact_id(),
    due_at timestamptz NOT NULL DEFAULT now(),
    error text
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX hook_due_at ON lockstep.hook_due (due_at);
CREATE INDEX hook_due_settled ON lockstep.hook_due (settled_by) WHERE tries = 0;
