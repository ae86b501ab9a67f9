-- The audit log: a hash chain of canonical texts. Everything that a reader sees is taken
-- from the text that the hash covers, so no column can be edited past the chain.
--   hash = SHA-256("lockstep/audit/1" || 0x00 || prev_hash || canonical)
-- and the first prev_hash is SHA-256 of the log id's text (include/lockstep/audit/chain.h).
CREATE TABLE lockstep.audit (
    seq bigint PRIMARY KEY,
    prev_hash bytea NOT NULL UNIQUE,
    hash bytea NOT NULL UNIQUE,
    canonical text NOT NULL
);
-- Which operations an entry is about, to find it by operation.
CREATE TABLE lockstep.audit_op (
    op bigint NOT NULL,
    seq bigint NOT NULL REFERENCES lockstep.audit,
    PRIMARY KEY (op, seq)
);
