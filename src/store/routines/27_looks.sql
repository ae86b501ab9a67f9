-- Verify on chain: a person asks, whichever worker's process lives reads the ledger and answers.
-- Nothing here moves an operation; retry() alone is refused while the newest answer speaks against it.

CREATE FUNCTION lockstep.look_ask(p_ops bigint[], p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    wanted bigint[] := ARRAY(SELECT DISTINCT o FROM unnest(p_ops) AS o WHERE o IS NOT NULL ORDER BY 1);
    n integer := cardinality(wanted);
    target text := CASE n WHEN 0 THEN NULL WHEN 1 THEN 'op ' || wanted[1] ELSE n || ' ops' END;
    done action_result := action_begin(p_request, 'verify', target, p_reason);
    missing bigint;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    IF n > 1000 THEN
        PERFORM refuse('LS003', format('%s operations at once: verify at most 1000', n));
    END IF;
    SELECT w INTO missing FROM unnest(wanted) AS w
     WHERE NOT EXISTS (SELECT FROM op_key k WHERE k.op = w) LIMIT 1;
    IF missing IS NOT NULL THEN
        PERFORM refuse('P0002', format('there is no operation %s; lockstep ops lists them', missing));
    ELSIF NOT EXISTS (SELECT FROM workers WHERE is_alive) THEN
        PERFORM refuse('LS004', 'no worker lives, so nobody can look at the ledger; start one: '
                                'lockstep worker');
    END IF;
    INSERT INTO look (request, op) SELECT p_request, w FROM unnest(wanted) AS w;
    RETURN action_end(p_request, NULL, 'asked', p_reason, claims(p_os_user, p_tty), wanted,
        format('a worker was asked to look %s up on the ledger',
               CASE n WHEN 1 THEN 'op ' || wanted[1] ELSE n || ' operations' END));
END
$$;

-- Who waits for looks is woken when what asks for them is committed, once however many it asks for.
CREATE FUNCTION lockstep.look_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('lockstep_look', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER look_asked AFTER INSERT ON lockstep.look
    FOR EACH STATEMENT EXECUTE FUNCTION lockstep.look_asked();

-- This session takes looks: as long as it lives it holds an advisory lock of its own, which the
-- server gives back when its client is gone, however it went. Its number; NULL without a lock.
CREATE FUNCTION lockstep.look_taker() RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    me integer := pg_backend_pid();
BEGIN
    IF current_setting('lockstep.look_taker', true) IS DISTINCT FROM me::text THEN
        IF NOT pg_try_advisory_lock(x'6c6f6f6b'::integer, me) THEN
            RETURN NULL;
        END IF;
        PERFORM set_config('lockstep.look_taker', me::text, false);
    END IF;
    RETURN me;
END
$$;

-- Who holds such a lock now.
CREATE FUNCTION lockstep.look_takers() RETURNS integer[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(l.objid::bigint::integer), '{}') FROM pg_catalog.pg_locks l
     WHERE l.locktype = 'advisory' AND l.classid = x'6c6f6f6b'::integer::oid AND l.objsubid = 2
       AND l.granted AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                                        WHERE d.datname = current_database())
$$;

-- The next operations to look up, with one row an attempt (attempt NULL: nothing was ever signed).
-- Who took one and is gone, or does not answer within 30 seconds, is taken for dead; after two
-- minutes nobody waits any more.
CREATE FUNCTION lockstep.look_take(p_max integer)
RETURNS TABLE (request bytea, op bigint, attempt integer, signature text, last_valid_height bigint,
               is_proved boolean, can_expire boolean, is_cancel boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
#variable_conflict use_column
DECLARE
    me integer := look_taker();
BEGIN
    RETURN QUERY
    WITH next AS (
        SELECT l.request, l.op FROM look l
         WHERE l.answered_at IS NULL AND l.asked_at > now() - interval '2 minutes'
           AND (l.taken_at IS NULL OR l.taken_at < now() - interval '30 seconds'
                OR l.taken_by <> ALL ((SELECT look_takers())::integer[]))
         ORDER BY l.asked_at LIMIT p_max FOR UPDATE SKIP LOCKED
    ), taken AS (
        UPDATE look l SET taken_at = clock_timestamp(), taken_by = me FROM next n
         WHERE l.request = n.request AND l.op = n.op RETURNING l.request, l.op
    )
    SELECT t.request, t.op, a.attempt, a.signature, a.last_valid_height,
           a.state IN (1, 3) AND coalesce(a.evidence, '') NOT LIKE '%"vouched_by"%',
           k.fence_used <> 1, coalesce(a.cancels, false)
      FROM taken t JOIN op_key k ON k.op = t.op
      LEFT JOIN LATERAL (
        SELECT n.attempt, n.signature, n.last_valid_height, n.state, n.evidence, n.cancels
          FROM attempt n WHERE n.op = t.op AND k.finished_day IS NULL
        UNION ALL
        SELECT n.attempt, n.signature, n.last_valid_height, n.state, n.evidence, n.cancels
          FROM attempt_history n WHERE n.op = t.op AND n.day = k.finished_day) AS a ON true
     ORDER BY t.request, t.op, a.attempt;
END
$$;

CREATE FUNCTION lockstep.look_word(p_outcome smallint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT (ARRAY['nothing sent', 'not found', 'landed', 'landed with an error', 'may still land',
                  'no answer'])[p_outcome + 1]
$$;

-- What was found of operations that were taken: element by element, all in one transaction. With the
-- last answer of a request the audit log gets the sum. What somebody else answered stays as it is.
CREATE FUNCTION lockstep.look_answer(p_requests bytea[], p_ops bigint[], p_outcomes smallint[],
    p_signatures text[], p_slots bigint[], p_heights bigint[], p_details text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    r request%ROWTYPE;
    answered bytea[];
    found_text text;
BEGIN
    -- Whoever else answers the same requests waits, and all in the same order.
    PERFORM FROM request q WHERE q.id = ANY (p_requests) ORDER BY q.id FOR UPDATE;
    WITH a AS (
        UPDATE look l SET answered_at = clock_timestamp(), outcome = f.outcome,
               signature = f.signature, slot = f.slot, height = f.height, detail = left(f.detail, 500)
          FROM unnest(p_requests, p_ops, p_outcomes, p_signatures, p_slots, p_heights, p_details)
               AS f (request, op, outcome, signature, slot, height, detail)
         WHERE l.request = f.request AND l.op = f.op AND l.answered_at IS NULL
        RETURNING l.request
    )
    SELECT array_agg(DISTINCT a.request) INTO answered FROM a;
    FOR r IN SELECT q.* FROM request q WHERE q.id = ANY (answered) AND NOT EXISTS (
                 SELECT FROM look l WHERE l.request = q.id AND l.answered_at IS NULL)
              ORDER BY q.id LOOP
        SELECT string_agg(format('%s %s', n, look_word(o)), ', ' ORDER BY o) INTO found_text
          FROM (SELECT outcome AS o, count(*) AS n FROM look WHERE request = r.id GROUP BY 1) AS c;
        PERFORM audit_append('verify.result', r.target, NULL, found_text,
            -- of many operations each has a detail of its own: the row of the look keeps it
            (SELECT CASE count(*) WHEN 1 THEN coalesce(left(min(detail), 500), '') ELSE '' END
               FROM look WHERE request = r.id),
            jsonb_build_object('asked_by', (SELECT login FROM look WHERE request = r.id LIMIT 1)),
            ARRAY(SELECT op FROM look WHERE request = r.id),
            jsonb_build_object('request', encode(r.id, 'hex')));
    END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.look_ask(bigint[], text, bytea, text, text) TO lockstep_operator;
GRANT EXECUTE ON FUNCTION lockstep.look_take(integer),
    lockstep.look_answer(bytea[], bigint[], smallint[], text[], bigint[], bigint[], text[])
    TO lockstep_worker;

CREATE VIEW lockstep.looks AS
    SELECT encode(l.request, 'hex') AS request, l.op, l.asked_at, l.answered_at, l.outcome,
           lockstep.look_word(l.outcome) AS found, l.signature, l.slot, l.height, l.detail, l.login
      FROM lockstep.look l;
GRANT SELECT ON lockstep.looks TO lockstep_viewer;
GRANT EXECUTE ON FUNCTION lockstep.look_word(smallint) TO lockstep_viewer;

-- The newest look of an operation that the ledger answered: where it was silent later on, what it
-- said before stands. Only where it never said anything the silence.
CREATE FUNCTION lockstep.newest_look(p_op bigint) RETURNS SETOF lockstep.look
LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT l.* FROM lockstep.look l WHERE l.op = p_op AND l.answered_at IS NOT NULL
     ORDER BY l.outcome = 5, l.answered_at DESC LIMIT 1
$$;

-- Refused with the reason when the newest look at the ledger speaks against sending again.
CREATE FUNCTION lockstep.check_looked(p_op bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    l lockstep.look%ROWTYPE;
BEGIN
    SELECT * INTO l FROM lockstep.newest_look(p_op);
    IF l.outcome = 2 THEN
        PERFORM lockstep.refuse('LS004', format('op %s is on the ledger in slot %s (%s), as verify saw: '
            'lockstep reconcile --repair adopts it', p_op, l.slot, l.signature));
    ELSIF l.outcome = 4 THEN
        PERFORM lockstep.refuse('LS004', format('op %s may still land, as verify saw (%s): verify again '
            'before a retry', p_op, l.detail));
    END IF;
END
$$;

-- What is known of operations before they are sent again or undone: p_request is the look that was
-- asked for this, whose answers may still be open (is_open), or to which the ledger said nothing
-- (is_silent).
CREATE FUNCTION lockstep.preflight(p_ops bigint[], p_request bytea)
RETURNS TABLE (op bigint, version bigint, state smallint, sub smallint, landed boolean,
               unknown boolean, look smallint, looked_ms bigint, is_open boolean, signer text,
               asset text, decimals integer, amount numeric, receiver text, tx bytea, look_slot bigint,
               is_silent boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    SELECT k.op, f.version, f.state, f.sub, coalesce(a.landed, false), coalesce(a.unknown, false),
           l.outcome, ms(l.answered_at), coalesce(q.is_open, false), coalesce(f.signer, n.signer),
           v.asset,
           CASE WHEN v.asset = 'SOL' THEN 9 ELSE m.decimals END, v.amount,
           coalesce(k.payload ->> 'to', k.payload ->> 'from'), n.tx, coalesce(l.slot, 0),
           coalesce(q.is_silent, false)
      FROM op_key k
      LEFT JOIN LATERAL (
        SELECT o.version, o.state, o.sub, o.signer FROM op o WHERE o.id = k.op
        UNION ALL SELECT h.version, h.state, h.sub, h.signer FROM history h
         WHERE h.id = k.op AND h.day = k.finished_day) AS f ON true
      LEFT JOIN LATERAL (
        SELECT bool_or(t.state = 2) AS landed, bool_or(t.state = 0) AS unknown FROM (
            SELECT n.state FROM attempt n WHERE n.op = k.op AND k.finished_day IS NULL
            UNION ALL SELECT n.state FROM attempt_history n
             WHERE n.op = k.op AND n.day = k.finished_day) AS t) AS a ON true
      LEFT JOIN LATERAL newest_look(k.op) AS l ON true
      LEFT JOIN LATERAL (
        SELECT s.answered_at IS NULL AS is_open, s.outcome = 5 AS is_silent FROM look s
         WHERE s.request = p_request AND s.op = k.op) AS q ON true
      LEFT JOIN LATERAL (
        SELECT t.tx, t.signer FROM attempt t WHERE t.op = k.op AND k.finished_day IS NULL
        UNION ALL SELECT t.tx, t.signer FROM attempt_history t
         WHERE t.op = k.op AND t.day = k.finished_day LIMIT 1) AS n ON true
      LEFT JOIN LATERAL (
        SELECT CASE WHEN k.payload ? 'lamports' THEN 'SOL'
                    WHEN k.payload ? 'amount' THEN coalesce(k.payload -> 'mint' ->> 'key',
                                                            k.payload ->> 'mint') END AS asset,
               CASE WHEN coalesce(k.payload ->> 'lamports', k.payload ->> 'amount') ~ '^[0-9]{1,20}$'
                    THEN coalesce(k.payload ->> 'lamports', k.payload ->> 'amount')::numeric
               END AS amount) AS v ON true
      LEFT JOIN LATERAL (
        SELECT (d.payload ->> 'decimals')::integer AS decimals FROM op_key d
         WHERE d.kind = 4 AND (d.key = k.payload -> 'mint' ->> 'key'
                               OR d.mint = k.payload ->> 'mint') LIMIT 1) AS m ON true
     WHERE k.op = ANY (p_ops) ORDER BY array_position(p_ops, k.op)
$$;
GRANT EXECUTE ON FUNCTION lockstep.preflight(bigint[], bytea) TO lockstep_operator;
