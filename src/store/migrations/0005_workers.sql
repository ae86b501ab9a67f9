-- Workers, leadership, gates, endpoints and alerts.
CREATE TABLE lockstep.worker (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pid bigint NOT NULL,
    lease_ms bigint NOT NULL CHECK (lease_ms BETWEEN 100 AND 3600000),
    started_at timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now(),
    in_flight bigint NOT NULL DEFAULT 0,
    finalized_height bigint NOT NULL DEFAULT 0,
    balance numeric(20),                  -- lamports, unsigned 64 bits
    balance_at timestamptz,
    is_lost boolean NOT NULL DEFAULT false,
    is_gone boolean NOT NULL DEFAULT false, -- said goodbye
    is_paused boolean NOT NULL DEFAULT false,
    is_draining boolean NOT NULL DEFAULT false,
    host text NOT NULL,
    version text NOT NULL,
    payer text NOT NULL,
    signers text[] NOT NULL,
    login text NOT NULL DEFAULT session_user
) WITH (fillfactor = 50);

CREATE TABLE lockstep.leader (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    worker bigint NOT NULL DEFAULT 0,
    term bigint NOT NULL DEFAULT 0,
    until timestamptz NOT NULL DEFAULT '-infinity',
    chores_at timestamptz NOT NULL DEFAULT '-infinity' -- hourly work: partitions, old rows
) WITH (fillfactor = 50);
INSERT INTO lockstep.leader DEFAULT VALUES;

-- scope: 0 all, 1 kind, 2 entity, 3 payer.
CREATE TABLE lockstep.gate (
    selector text PRIMARY KEY,
    scope smallint NOT NULL,
    kind smallint,
    entity text,
    payer text,
    reason text NOT NULL,
    actor text NOT NULL,
    by_worker boolean NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);
-- Where the sweep that marks and unmarks gated operations goes on; NULL when it is done.
CREATE TABLE lockstep.gate_sweep (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    after_id bigint
);
INSERT INTO lockstep.gate_sweep DEFAULT VALUES;

CREATE TABLE lockstep.endpoint (
    name text PRIMARY KEY,
    is_up boolean NOT NULL,
    slot bigint NOT NULL,
    latency_ms bigint NOT NULL,
    error_permille bigint NOT NULL,
    trouble text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- severity: 0 info, 1 warning, 2 critical. state: 0 firing, 1 acked, 2 resolved.
CREATE TABLE lockstep.alert (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    fired_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    acked_until timestamptz,
    times integer NOT NULL DEFAULT 1,
    severity smallint NOT NULL CHECK (severity BETWEEN 0 AND 2),
    state smallint NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
    rule text NOT NULL,
    subject text NOT NULL,
    message text NOT NULL,
    owner text,
    note text
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX alert_open ON lockstep.alert (rule, subject) WHERE state < 2;
CREATE INDEX alert_print ON lockstep.alert (rule, subject, id);

-- What gates cover now. Gates on kinds and entities mark what they cover (sub gated, out of
-- the claim index). everything: nobody may claim anything, by the gate "all" or because
-- every living worker's payer is gated; then nothing is marked, readers derive it. Callers
-- that mark hold the shared lock 7235/5, which a change of gates takes exclusively.
CREATE FUNCTION lockstep.gates_now(OUT everything boolean, OUT kinds smallint[],
                                   OUT entities text[], OUT payers text[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT coalesce(bool_or(scope = 0), false),
           coalesce(array_agg(kind) FILTER (WHERE scope = 1), '{}'),
           coalesce(array_agg(entity) FILTER (WHERE scope = 2), '{}'),
           coalesce(array_agg(payer) FILTER (WHERE scope = 3), '{}')
      INTO everything, kinds, entities, payers FROM lockstep.gate;
    IF NOT everything AND cardinality(payers) > 0 THEN
        SELECT coalesce(bool_and(payer = ANY (payers)), false) INTO everything
          FROM lockstep.worker WHERE NOT is_lost AND NOT is_gone;
    END IF;
END
$$;

CREATE FUNCTION lockstep.all_gated() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp
AS 'SELECT everything FROM gates_now()';
GRANT EXECUTE ON FUNCTION lockstep.all_gated() TO lockstep_viewer;

-- Make one alert fire, or refresh it. Returns 'fired', 'worse' or NULL.
CREATE FUNCTION lockstep.alert_fire(p_rule text, p_subject text, p_severity smallint,
                                    p_message text) RETURNS text
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    seen alert%ROWTYPE;
    before integer;
BEGIN
    PERFORM pg_advisory_xact_lock(7236, hashtext(p_rule || chr(10) || p_subject));
    SELECT * INTO seen FROM alert WHERE rule = p_rule AND subject = p_subject AND state < 2
       FOR UPDATE;
    IF NOT FOUND THEN
        SELECT times INTO before FROM alert WHERE rule = p_rule AND subject = p_subject
         ORDER BY id DESC LIMIT 1;
        INSERT INTO alert (rule, subject, severity, message, times)
        VALUES (p_rule, p_subject, p_severity, p_message, coalesce(before, 0) + 1);
        RETURN 'fired';
    END IF;
    IF p_severity > seen.severity OR (seen.state = 1 AND seen.acked_until <= now()) THEN
        UPDATE alert SET severity = p_severity, message = p_message, state = 0, owner = NULL,
               acked_until = NULL, version = version + 1, changed_at = now() WHERE id = seen.id;
        RETURN 'worse';
    END IF;
    IF p_severity <> seen.severity OR p_message <> seen.message THEN
        UPDATE alert SET severity = p_severity, message = p_message WHERE id = seen.id;
    END IF;
    RETURN NULL;
END
$$;
