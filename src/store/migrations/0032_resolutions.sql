-- What one person said of an operation above its kind's value limit, until a second confirms it.
CREATE TABLE lockstep.resolution (
    op bigint PRIMARY KEY,
    version bigint NOT NULL,               -- of the operation that was looked at
    verdict text NOT NULL,                 -- "never", or the signature that landed
    reason text NOT NULL,
    login text NOT NULL DEFAULT session_user,
    at timestamptz NOT NULL DEFAULT now()
);
