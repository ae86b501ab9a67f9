-- What people at their consoles leave for each other: notes, soft claims, silences, presence.
CREATE TABLE lockstep.note (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz,               -- its author took it back
    target text NOT NULL,                 -- "op 17", "batch 3", "alert 12"
    login text NOT NULL DEFAULT session_user,
    body text NOT NULL
);
CREATE INDEX note_target ON lockstep.note (target, id) WHERE removed_at IS NULL;

-- Who has acknowledged an operation or a cause, until when: others are warned, nobody is stopped.
CREATE TABLE lockstep.claim (
    target text PRIMARY KEY,              -- "op 17", "cause InsufficientFunds"
    op bigint,
    since timestamptz NOT NULL DEFAULT now(),
    until timestamptz NOT NULL,
    login text NOT NULL DEFAULT session_user,
    reason text NOT NULL
);
CREATE INDEX claim_op ON lockstep.claim (op) WHERE op IS NOT NULL;

-- A rule whose alerts are acknowledged as they fire, until it ends by itself.
CREATE TABLE lockstep.silence (
    rule text PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT now(),
    until timestamptz NOT NULL,
    login text NOT NULL DEFAULT session_user,
    reason text NOT NULL
);

-- Consoles that are open. A row without a recent beat is nobody.
CREATE TABLE lockstep.presence (
    id bytea PRIMARY KEY CHECK (octet_length(id) = 16),
    since timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    pid bigint NOT NULL,
    login text NOT NULL DEFAULT session_user,
    os_user text NOT NULL,                -- a claim of the client, as host is
    host text NOT NULL,
    screen text NOT NULL
) WITH (fillfactor = 50);

-- The newest acknowledgement, silence, claim or note of each login: what undo takes back, once.
CREATE TABLE lockstep.undo (
    login text PRIMARY KEY DEFAULT session_user,
    seq bigint NOT NULL,                  -- of its audit entry
    action text NOT NULL,
    target text NOT NULL,
    version bigint,                       -- an alert's, as the action left it
    before jsonb NOT NULL                 -- what stood there; {} for nothing
);
