-- What the ledger's own list of our transactions is compared with. tag: the first 16 bytes of
-- SHA-256(tag_key || genesis || SHA-256(key)), as it stands in the transaction's memo; NULL until
-- the ledger is pinned. Not unique, although no two are equal: the key alone decides conflicts.
ALTER TABLE lockstep.meta
    ADD COLUMN genesis_hash bytea CHECK (octet_length(genesis_hash) = 32);
ALTER TABLE lockstep.op_key ADD COLUMN tag bytea CHECK (octet_length(tag) = 16);
CREATE INDEX op_key_tag ON lockstep.op_key (tag);
CREATE INDEX op_key_untagged ON lockstep.op_key (op) WHERE tag IS NULL;
CREATE INDEX attempt_history_landed ON lockstep.attempt_history (slot) WHERE state = 2;

-- Every address that ever paid for operations of this database. What landed at the slot or before
-- is accounted for in this same database's state, so a restored copy has the mark of its own age.
CREATE TABLE lockstep.watermark (
    payer text PRIMARY KEY,
    slot bigint NOT NULL DEFAULT 0,
    signature_slot bigint NOT NULL DEFAULT 0,
    signature text,
    registered_at timestamptz NOT NULL DEFAULT now(),
    read_at timestamptz
);

-- Where the cluster was when a worker had last caught up. A clean start compares with it.
CREATE TABLE lockstep.place (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    system_id text NOT NULL,
    timeline bigint NOT NULL,
    position bigint NOT NULL,
    started_us bigint NOT NULL,
    worker bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

-- Transactions of ours that landed and that no operation accounts for. finding: 3 orphan,
-- 4 mismatch. Open until an operation with the tag came and took it over.
CREATE TABLE lockstep.landing (
    signature text NOT NULL,
    tag bytea NOT NULL CHECK (octet_length(tag) = 16),
    payer text NOT NULL,
    slot bigint NOT NULL,
    finding smallint NOT NULL CHECK (finding IN (3, 4)),
    seen_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    op bigint,
    tx bytea NOT NULL,
    PRIMARY KEY (signature, tag)
);
CREATE INDEX landing_open ON lockstep.landing (tag) WHERE settled_at IS NULL;
