-- What numbers mean, and the installation's own facts. The name tables are filled by
-- the binary from its own tables each time it migrates: core is the only source.
CREATE TABLE lockstep.state_name (
    state smallint PRIMARY KEY,
    name text NOT NULL UNIQUE
);
CREATE TABLE lockstep.sub_name (
    sub smallint PRIMARY KEY,
    name text NOT NULL UNIQUE
);
CREATE TABLE lockstep.attempt_state_name (
    state smallint PRIMARY KEY,
    name text NOT NULL UNIQUE
);
CREATE TABLE lockstep.kind (
    kind smallint PRIMARY KEY,
    name text NOT NULL UNIQUE,
    max_attempts integer NOT NULL DEFAULT 12 CHECK (max_attempts BETWEEN 1 AND 1000),
    stuck_after_ms bigint NOT NULL DEFAULT 60000 CHECK (stuck_after_ms > 0)
);
-- movers: 1 worker, 2 operator, 4 store, or-ed.
CREATE TABLE lockstep.transition (
    from_state smallint NOT NULL REFERENCES lockstep.state_name,
    to_state smallint NOT NULL REFERENCES lockstep.state_name,
    movers integer NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (from_state, to_state)
);

-- One row. tag_key is the secret K that tags derive from; genesis is pinned by the
-- first worker that says hello; log_id names the audit log.
CREATE TABLE lockstep.meta (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    log_id uuid NOT NULL DEFAULT gen_random_uuid(),
    tag_key bytea NOT NULL CHECK (octet_length(tag_key) = 32),
    genesis text,
    created_at timestamptz NOT NULL DEFAULT now()
);
