-- How long finished operations are kept, and how far the leader's purge has come.
CREATE TABLE lockstep.retention (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    history_days integer NOT NULL DEFAULT 400 CHECK (history_days BETWEEN 1 AND 36500),
    keys_days integer NOT NULL DEFAULT 800,
    markers_days integer NOT NULL DEFAULT 90 CHECK (markers_days BETWEEN 1 AND 36500),
    next_at timestamptz NOT NULL DEFAULT '-infinity', -- when the leader looks again
    keys_after bigint,                     -- the purge of keys goes on behind this; NULL: it rests
    CHECK (keys_days >= history_days AND keys_days >= markers_days AND keys_days <= 36500)
) WITH (fillfactor = 50);
INSERT INTO lockstep.retention DEFAULT VALUES;
