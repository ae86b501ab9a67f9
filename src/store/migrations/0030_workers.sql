-- Drain by a person's word, early notice of dead sessions, gates on lanes.
ALTER TABLE lockstep.worker
    ADD COLUMN drain_wanted boolean NOT NULL DEFAULT false,
    ADD COLUMN heartbeat_ms bigint NOT NULL DEFAULT 1000 CHECK (heartbeat_ms BETWEEN 1 AND 3600000);
-- scope: 0 all, 1 kind, 2 entity, 3 payer, 4 fence, 5 lane.
ALTER TABLE lockstep.gate ADD COLUMN lane smallint;
