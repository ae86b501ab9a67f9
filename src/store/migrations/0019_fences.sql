-- Fences: what stops a second landing. Chosen per kind or per operation; the first intent
-- pins signer, nonce account and marker on the operation.
CREATE TABLE lockstep.fence_name (
    fence smallint PRIMARY KEY,
    name text NOT NULL UNIQUE
);
ALTER TABLE lockstep.kind
    ADD COLUMN fence smallint NOT NULL DEFAULT 0 CHECK (fence BETWEEN 0 AND 2),
    ADD COLUMN value_limit numeric(20) CHECK (value_limit >= 0); -- NULL: none
ALTER TABLE lockstep.op
    ADD COLUMN fence smallint NOT NULL DEFAULT 0 CHECK (fence BETWEEN 0 AND 2),
    ADD COLUMN signer text,
    ADD COLUMN nonce text,
    ADD COLUMN marker text,
    ADD CHECK (nonce IS NULL OR marker IS NULL);
-- fence is what enqueue was given, fence_used what the operation got.
ALTER TABLE lockstep.op_key ADD COLUMN fence_used smallint NOT NULL DEFAULT 0;
ALTER TABLE lockstep.history
    ADD COLUMN fence smallint NOT NULL DEFAULT 0,
    ADD COLUMN signer text,
    ADD COLUMN nonce text,
    ADD COLUMN marker text;
