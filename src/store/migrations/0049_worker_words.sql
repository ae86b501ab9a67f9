-- What a worker says of itself: whether it still reads what landed before it signs anything, what it
-- is at, what stands in its way ('' for nothing), and since when.
ALTER TABLE lockstep.worker
    ADD COLUMN is_catching_up boolean NOT NULL DEFAULT false,
    ADD COLUMN doing text NOT NULL DEFAULT '',
    ADD COLUMN trouble text NOT NULL DEFAULT '',
    ADD COLUMN doing_since timestamptz NOT NULL DEFAULT now();
