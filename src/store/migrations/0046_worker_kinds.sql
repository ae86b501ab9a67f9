-- What a worker may begin: kinds of operations, NULL for all; and due operations by kind.
ALTER TABLE lockstep.worker ADD COLUMN works_on smallint[] CHECK (works_on <> '{}');
CREATE INDEX op_claim_kind ON lockstep.op (kind, lane, run_at, id)
    WHERE state = 0 AND NOT is_gated AND fence <> 1;
CREATE INDEX op_claim_nonce_kind ON lockstep.op (kind, lane, run_at, id)
    WHERE state = 0 AND NOT is_gated AND fence = 1;
