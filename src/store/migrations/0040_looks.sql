-- What people asked a worker to look up on the ledger, and what it found: evidence, which moves no
-- operation. outcome: as enum ls_look (include/lockstep/core/look.h), NULL: not answered yet.
CREATE TABLE lockstep.look (
    request bytea NOT NULL CHECK (octet_length(request) = 16),
    op bigint NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    taken_at timestamptz,                 -- when a worker began; again when it took too long
    answered_at timestamptz,
    slot bigint,
    height bigint,                        -- finalized, of the ledger that was asked
    outcome smallint CHECK (outcome BETWEEN 0 AND 5),
    signature text,                       -- of what was found
    detail text,
    login text NOT NULL DEFAULT session_user,
    PRIMARY KEY (request, op)
) WITH (fillfactor = 70);
CREATE INDEX look_open ON lockstep.look (asked_at) WHERE answered_at IS NULL;
CREATE INDEX look_op ON lockstep.look (op, answered_at DESC);
