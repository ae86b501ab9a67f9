-- The outcomes feed. Settling transactions write rows without a number; the leader's tick
-- numbers what is committed; readers see numbered rows only. So a cursor never passes a row
-- that commits later: such a row gets a later number. Nothing is written while nobody reads.

-- Which changes of operations are outcomes: failed, and confirmed (which is provisional).
CREATE FUNCTION lockstep.outcome_of_change() RETURNS trigger
LANGUAGE plpgsql SET enable_hashjoin = on AS $$
BEGIN
    IF EXISTS (SELECT FROM lockstep.consumer) THEN
        INSERT INTO lockstep.outcome_new (op, slot, state, kind, key, entity, signature, cause, detail)
        SELECT a.id, a.slot, a.state, a.kind, a.key, a.entity, a.signature,
               CASE a.state WHEN 5 THEN a.cause END, CASE a.state WHEN 5 THEN a.detail END
          FROM added a JOIN removed r ON r.id = a.id
         WHERE (a.state = 5 AND r.state <> 5)
            OR (a.state = 3 AND a.sub = 21 AND NOT (r.state = 3 AND r.sub = 21));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER op_outcome AFTER UPDATE ON lockstep.op
    REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION lockstep.outcome_of_change();

-- Done and cancelled.
CREATE FUNCTION lockstep.outcome_of_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM lockstep.consumer) THEN
        INSERT INTO lockstep.outcome_new (op, slot, state, kind, key, entity, signature, cause, detail)
        SELECT id, slot, state, kind, key, entity, signature, CASE state WHEN 7 THEN cause END, detail
          FROM added;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER history_outcome AFTER INSERT ON lockstep.history
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION lockstep.outcome_of_end();

-- Compensated: the undone operation's own row changes.
CREATE FUNCTION lockstep.outcome_of_undoing() RETURNS trigger
LANGUAGE plpgsql SET enable_hashjoin = on AS $$
BEGIN
    IF EXISTS (SELECT FROM lockstep.consumer) THEN
        INSERT INTO lockstep.outcome_new (op, slot, state, kind, key, entity, signature, detail)
        SELECT a.id, a.slot, a.state, a.kind, a.key, a.entity, a.signature, a.detail
          FROM added a JOIN removed r ON r.id = a.id WHERE a.state = 8 AND r.state <> 8;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER history_undone AFTER UPDATE ON lockstep.history
    REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION lockstep.outcome_of_undoing();

-- Number at most p_max outcomes that are committed, in the order in which they were written.
-- The head's row is locked to the end of the transaction, so whoever numbers next waits for
-- this commit: number N is never visible without N-1.
CREATE FUNCTION lockstep.outcomes_number(p_max integer) RETURNS integer
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    head outcome_head%ROWTYPE;
    numbered integer;
BEGIN
    IF NOT EXISTS (SELECT FROM outcome_new) THEN
        RETURN 0;
    END IF;
    SELECT * INTO STRICT head FROM outcome_head FOR UPDATE;
    WITH gone AS (
        DELETE FROM outcome_new
         WHERE n = ANY (ARRAY(SELECT n FROM outcome_new ORDER BY n LIMIT p_max)) RETURNING *
    )
    INSERT INTO outcome_log (seq, op, slot, at, state, kind, key, entity, signature, cause, detail)
    SELECT head.last_seq + row_number() OVER (ORDER BY n), op, slot, at, state, kind, key, entity,
           signature, cause, detail FROM gone;
    GET DIAGNOSTICS numbered = ROW_COUNT;
    UPDATE outcome_head SET last_seq = last_seq + numbered;
    RETURN numbered;
END
$$;

-- Take away at most p_max outcomes that every consumer has acknowledged, and beyond keep_max
-- also those that one has not; alerts say who lags. A consumer that lost some is told so when
-- it reads next.
CREATE FUNCTION lockstep.outcomes_trim(p_max integer) RETURNS integer
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    head outcome_head%ROWTYPE;
    floor_seq bigint;
    lag record;
BEGIN
    SELECT * INTO STRICT head FROM outcome_head;
    floor_seq := greatest(head.last_seq - head.keep_max,
                          coalesce((SELECT min(acked) FROM consumer), head.last_seq));
    floor_seq := least(floor_seq, head.trimmed_to + p_max);
    FOR lag IN SELECT c.name, head.last_seq - c.acked AS n, c.acked < greatest(floor_seq,
                      head.trimmed_to) AS has_lost FROM consumer c LOOP
        IF lag.has_lost OR lag.n > head.keep_max / 2 THEN
            PERFORM alert_fire('outcomes', 'consumer ' || lag.name,
                CASE WHEN lag.has_lost THEN 2 ELSE 1 END::smallint,
                CASE WHEN lag.has_lost THEN format('consumer %s lost outcomes: it has not '
                    'acknowledged, and more than %s are not kept', lag.name, head.keep_max)
                ELSE format('consumer %s is %s outcomes behind; from %s on it loses some',
                    lag.name, lag.n, head.keep_max) END);
        ELSE
            PERFORM alert_end('outcomes', 'consumer ' || lag.name);
        END IF;
    END LOOP;
    IF floor_seq <= head.trimmed_to THEN
        RETURN 0;
    END IF;
    DELETE FROM outcome_log WHERE seq > head.trimmed_to AND seq <= floor_seq;
    UPDATE outcome_head SET trimmed_to = floor_seq;
    RETURN floor_seq - head.trimmed_to;
END
$$;

-- The leader's tick. What fails here must not stop heartbeats: it raises an alert.
CREATE FUNCTION lockstep.outcomes_keep(p_max integer) RETURNS void
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
BEGIN
    PERFORM outcomes_number(p_max);
    PERFORM outcomes_trim(p_max);
EXCEPTION WHEN OTHERS THEN
    PERFORM alert_fire('outcomes', '', 2::smallint, left('the feed stands still: ' || SQLERRM, 250));
END
$$;

CREATE TYPE lockstep.outcome AS (
    seq bigint, op bigint, key text, kind text, entity text, outcome text, signature text,
    slot bigint, cause text, detail text, at timestamptz);

-- The consumer p_consumer, if this login may use it; NULL when there is none.
CREATE FUNCTION lockstep.own_consumer(p_consumer text) RETURNS lockstep.consumer
LANGUAGE plpgsql AS $$
DECLARE
    c lockstep.consumer;
BEGIN
    IF p_consumer IS NULL OR octet_length(p_consumer) NOT BETWEEN 1 AND 100
       OR p_consumer ~ '[[:cntrl:]]' THEN
        PERFORM lockstep.refuse('LS003', 'a consumer''s name is 1 to 100 bytes without control '
                                'characters');
    END IF;
    SELECT * INTO c FROM lockstep.consumer WHERE name = p_consumer;
    IF FOUND AND c.login <> session_user AND NOT pg_has_role(session_user, 'lockstep_admin', 'MEMBER')
       AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = c.login
                          AND pg_has_role(session_user, r.oid, 'MEMBER')) THEN
        PERFORM lockstep.refuse('LS004', format('consumer "%s" belongs to login %s: use a name of '
                                'your own', p_consumer, c.login));
    END IF;
    RETURN c;
END
$$;

-- At most `max` outcomes after the consumer's cursor, oldest first; the cursor stays, so what
-- is not acknowledged comes again. The first call makes the consumer: it gets the outcome of
-- whatever settles in a transaction that begins after that call was committed.
CREATE FUNCTION lockstep.outcomes(consumer text, max integer) RETURNS SETOF lockstep.outcome
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    c lockstep.consumer := own_consumer(consumer);
    head outcome_head%ROWTYPE;
BEGIN
    IF max IS NULL OR max NOT BETWEEN 1 AND 10000 THEN
        PERFORM refuse('LS003', 'max is 1 to 10000 outcomes');
    END IF;
    SELECT * INTO STRICT head FROM outcome_head;
    IF c.name IS NULL THEN
        INSERT INTO consumer (name, acked) VALUES (outcomes.consumer, head.last_seq)
        ON CONFLICT (name) DO NOTHING;
        RETURN;
    END IF;
    IF c.acked < head.trimmed_to THEN
        PERFORM refuse('LS004', format('consumer "%s" lost outcomes %s to %s, which were kept no '
            'longer: read the states of your operations, then SELECT lockstep.outcomes_ack(%L, %s)',
            c.name, c.acked + 1, head.trimmed_to, c.name, head.trimmed_to));
    END IF;
    RETURN QUERY
        SELECT l.seq, l.op, l.key, k.name, l.entity,
               CASE l.state WHEN 3 THEN 'confirmed' ELSE s.name END, l.signature,
               nullif(l.slot, 0), l.cause, l.detail, l.at
          FROM outcome_log l JOIN kind k ON k.kind = l.kind JOIN state_name s ON s.state = l.state
         WHERE l.seq > c.acked ORDER BY l.seq LIMIT max;
END
$$;

-- Move the consumer's cursor to `upto`; never back.
CREATE FUNCTION lockstep.outcomes_ack(consumer text, upto bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    c lockstep.consumer := own_consumer(consumer);
BEGIN
    IF c.name IS NULL THEN
        PERFORM refuse('LS004', format('there is no consumer "%s": call lockstep.outcomes first',
                                       consumer));
    ELSIF upto IS NULL OR upto > (SELECT last_seq FROM outcome_head) THEN
        PERFORM refuse('LS003', format('outcome %s does not exist yet',
                                       coalesce(upto::text, 'NULL')));
    END IF;
    UPDATE consumer t SET acked = upto, acked_at = now() WHERE t.name = c.name AND t.acked < upto;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.outcomes(text, integer), lockstep.outcomes_ack(text, bigint)
    TO lockstep_app;

CREATE VIEW lockstep.consumers AS
    SELECT c.name, c.login, c.acked, h.last_seq - c.acked AS lag,
           greatest(0, h.trimmed_to - c.acked) AS lost, c.created_at, c.acked_at,
           (SELECT l.at FROM lockstep.outcome_log l WHERE l.seq > c.acked ORDER BY l.seq LIMIT 1)
               AS oldest_at
      FROM lockstep.consumer c CROSS JOIN lockstep.outcome_head h;
GRANT SELECT ON lockstep.consumers TO lockstep_viewer;

-- Forget a consumer, so that nothing is kept for it any more.
CREATE FUNCTION lockstep.consumer_drop(p_consumer text, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'consumer.drop', 'consumer ' || p_consumer, p_reason);
    c consumer%ROWTYPE;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    DELETE FROM consumer WHERE name = p_consumer RETURNING * INTO c;
    IF NOT FOUND THEN
        PERFORM refuse('P0002', format('there is no consumer "%s"', p_consumer));
    END IF;
    PERFORM alert_end('outcomes', 'consumer ' || p_consumer);
    RETURN action_end(p_request, 'acknowledged ' || c.acked, 'dropped', p_reason,
        claims(p_os_user, p_tty), '{}', format('consumer %s is dropped', p_consumer));
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.consumer_drop(text, text, bytea, text, text) TO lockstep_operator;
