-- What the dashboard said at the beginning of each minute, written by the leader: `:at TIME` shows
-- it again. The numbers that make curves stand in columns of their own; facts holds the rest, each
-- part under its name as its view or function gave it.
CREATE TABLE lockstep.sample (
    minute timestamptz PRIMARY KEY,
    in_flight bigint NOT NULL,
    stuck bigint NOT NULL,
    lag_ms bigint NOT NULL,
    timeline bigint NOT NULL,
    balance numeric(20),                  -- of the payer, lamports
    facts jsonb NOT NULL
);
ALTER TABLE lockstep.retention
    ADD COLUMN samples_days integer NOT NULL DEFAULT 8 CHECK (samples_days BETWEEN 1 AND 3650);
