-- Exact counts without scans: each statement writes what it changed, fold() adds it up.
-- metric: 0 rows by state and sub, 1 the same for what was enqueued, 2 for what was done,
-- 3 failures, 4 duplicates. Rows of 1 and 2 count as 0 too.
CREATE TABLE lockstep.count_delta (
    at timestamptz NOT NULL DEFAULT now(),
    n bigint NOT NULL,
    metric smallint NOT NULL,
    state smallint NOT NULL DEFAULT 0,
    sub smallint NOT NULL DEFAULT 0
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE TABLE lockstep.counter (
    metric smallint NOT NULL,
    state smallint NOT NULL,
    sub smallint NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (metric, state, sub)
) WITH (fillfactor = 50);

CREATE TABLE lockstep.minute (
    minute timestamptz PRIMARY KEY,
    enqueued bigint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    depth bigint
) WITH (fillfactor = 50);
