-- max_supply of mints: what operations have claimed of it. claimed is written under the row's lock
-- alone; releases are added beside it, so that a worker never waits for an application.
CREATE TABLE lockstep.supply (
    mint bigint PRIMARY KEY,              -- the operation that creates the mint
    key text NOT NULL,
    max numeric(20) NOT NULL,
    claimed numeric(30) NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
CREATE TABLE lockstep.supply_delta (
    mint bigint NOT NULL,
    amount numeric(20) NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX supply_delta_mint ON lockstep.supply_delta (mint);
-- The share of each live token.mint_to of such a mint.
CREATE TABLE lockstep.supply_share (
    op bigint PRIMARY KEY,
    mint bigint NOT NULL,
    amount numeric(20) NOT NULL,
    is_released boolean NOT NULL DEFAULT false
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
CREATE INDEX op_key_mint ON lockstep.op_key (mint) WHERE mint IS NOT NULL;
