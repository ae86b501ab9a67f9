-- Seals on attempts: a keyed hash that the worker makes, and the key's name.
ALTER TABLE lockstep.attempt ADD COLUMN mac_key text, ADD COLUMN mac bytea;
ALTER TABLE lockstep.attempt_history ADD COLUMN mac_key text, ADD COLUMN mac bytea;
