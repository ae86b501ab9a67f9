-- What operators asked for, by request id: the same id acts once. Versions 8 to 17 held functions
-- only, which are routines now (src/store/routines).
CREATE TABLE lockstep.request (
    id bytea PRIMARY KEY CHECK (octet_length(id) = 16),
    at timestamptz NOT NULL DEFAULT now(),
    action text NOT NULL,
    target text NOT NULL,
    audit_seq bigint,
    new_op bigint,
    message text
);
CREATE INDEX request_at ON lockstep.request (at);
