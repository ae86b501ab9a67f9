-- Compensations and what empties markers have keys that derive from the key of their operation
-- (routines/19_own_keys.sql). Operations up to this id are of before and keep the forms with their
-- id, by which what may have landed for them already is found. No database that holds this number
-- gives one of those ids again.
ALTER TABLE lockstep.meta ADD COLUMN ids_until bigint NOT NULL DEFAULT 0;
UPDATE lockstep.meta SET ids_until = (SELECT coalesce(max(op), 0) FROM lockstep.op_key);
CREATE INDEX op_compensates ON lockstep.op (compensates) WHERE compensates IS NOT NULL;
