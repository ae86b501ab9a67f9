-- The pool of nonce accounts. state: 0 free, 1 bound, 2 broken, 3 closing (core/op.h).
CREATE SEQUENCE lockstep.nonce_number;
CREATE TABLE lockstep.nonce (
    address text PRIMARY KEY,
    number bigint NOT NULL,               -- its seed derives from it
    authority text NOT NULL,              -- the payer that made it: who may move it
    state smallint NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
    op bigint UNIQUE,                     -- state 1: that it is bound to; 3: that closes it
    is_used boolean NOT NULL DEFAULT false, -- an attempt carries its value
    slot bigint NOT NULL DEFAULT 0,       -- its value is to be read at this slot or later
    value text,                           -- as a worker last read it
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((state IN (1, 3)) = (op IS NOT NULL))
) WITH (fillfactor = 50);
CREATE INDEX nonce_free ON lockstep.nonce (authority, changed_at) WHERE state = 0;

ALTER TABLE lockstep.attempt ADD COLUMN cancels boolean NOT NULL DEFAULT false;
ALTER TABLE lockstep.attempt_history ADD COLUMN cancels boolean NOT NULL DEFAULT false;

-- Operations of fence nonce are claimed by an index of their own: where no account is free,
-- nobody walks over them.
DROP INDEX lockstep.op_claim;
CREATE INDEX op_claim ON lockstep.op (lane, run_at, id)
    WHERE state = 0 AND NOT is_gated AND fence <> 1;
CREATE INDEX op_claim_nonce ON lockstep.op (lane, run_at, id)
    WHERE state = 0 AND NOT is_gated AND fence = 1;
