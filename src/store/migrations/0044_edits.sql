-- What payload an operation had before each edit; the first as it was enqueued.
CREATE TABLE lockstep.edit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    op bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    login text NOT NULL DEFAULT session_user,
    reason text NOT NULL,
    payload jsonb NOT NULL
);
CREATE INDEX edit_op ON lockstep.edit (op, id);
