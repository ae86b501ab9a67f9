-- What lets a listing find rows among millions: keys in byte order, so that a prefix is a range
-- (and comparing them is cheap); an entity's operations by id; what did not simply end as done.
ALTER TABLE lockstep.op_key ALTER COLUMN key TYPE text COLLATE "C";
CREATE INDEX op_key_entity ON lockstep.op_key (entity, op) WHERE entity IS NOT NULL;
CREATE INDEX history_rest ON lockstep.history (state, id) WHERE state <> 6;
