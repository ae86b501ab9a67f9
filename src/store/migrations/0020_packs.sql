-- Operations that share a transaction: its bytes stand with one of them alone.
ALTER TABLE lockstep.attempt ALTER COLUMN tx DROP NOT NULL;
ALTER TABLE lockstep.attempt_history ALTER COLUMN tx DROP NOT NULL;
