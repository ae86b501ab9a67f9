-- After commits may have been lost an attempt that nobody remembers can hold any nonce's value:
-- each is advanced before anything new is signed under one.
ALTER TABLE lockstep.nonce ADD COLUMN is_suspect boolean NOT NULL DEFAULT false;
