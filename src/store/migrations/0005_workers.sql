-- Workers, leadership, gates, endpoints and alerts.
CREATE TABLE lockstep.worker (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pid bigint NOT NULL,
    lease_ms bigint NOT NULL CHECK (lease_ms BETWEEN 100 AND 3600000),
    started_at timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now(),
    in_flight bigint NOT NULL DEFAULT 0,
    finalized_height bigint NOT NULL DEFAULT 0,
    balance numeric(20),                  -- lamports, unsigned 64 bits
    balance_at timestamptz,
    is_lost boolean NOT NULL DEFAULT false,
    is_gone boolean NOT NULL DEFAULT false, -- said goodbye
    is_paused boolean NOT NULL DEFAULT false,
    is_draining boolean NOT NULL DEFAULT false,
    host text NOT NULL,
    version text NOT NULL,
    payer text NOT NULL,
    signers text[] NOT NULL,
    login text NOT NULL DEFAULT session_user
) WITH (fillfactor = 50);

CREATE TABLE lockstep.leader (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    worker bigint NOT NULL DEFAULT 0,
    term bigint NOT NULL DEFAULT 0,
    until timestamptz NOT NULL DEFAULT '-infinity',
    chores_at timestamptz NOT NULL DEFAULT '-infinity' -- hourly work: partitions, old rows
) WITH (fillfactor = 50);
INSERT INTO lockstep.leader DEFAULT VALUES;

-- scope: 0 all, 1 kind, 2 entity, 3 payer.
CREATE TABLE lockstep.gate (
    selector text PRIMARY KEY,
    scope smallint NOT NULL,
    kind smallint,
    entity text,
    payer text,
    reason text NOT NULL,
    actor text NOT NULL,
    by_worker boolean NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);
-- Where the sweep that marks and unmarks gated operations goes on; NULL when it is done.
CREATE TABLE lockstep.gate_sweep (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    after_id bigint
);
INSERT INTO lockstep.gate_sweep DEFAULT VALUES;

CREATE TABLE lockstep.endpoint (
    name text PRIMARY KEY,
    is_up boolean NOT NULL,
    slot bigint NOT NULL,
    latency_ms bigint NOT NULL,
    error_permille bigint NOT NULL,
    trouble text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- severity: 0 info, 1 warning, 2 critical. state: 0 firing, 1 acked, 2 resolved.
CREATE TABLE lockstep.alert (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    fired_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    acked_until timestamptz,
    times integer NOT NULL DEFAULT 1,
    severity smallint NOT NULL CHECK (severity BETWEEN 0 AND 2),
    state smallint NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
    rule text NOT NULL,
    subject text NOT NULL,
    message text NOT NULL,
    owner text,
    note text
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX alert_open ON lockstep.alert (rule, subject) WHERE state < 2;
CREATE INDEX alert_print ON lockstep.alert (rule, subject, id);
