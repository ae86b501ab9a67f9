-- Batches: opened and sealed by applications, moved along by whatever ends an operation of
-- theirs (batch_settle) and, where two transactions missed each other, by the leader's tick.

CREATE FUNCTION lockstep.batch_policy(p_name text) RETURNS smallint
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    policy integer := array_position(ARRAY['best_effort', 'ordered', 'saga', 'atomic'], p_name) - 1;
BEGIN
    IF policy IS NULL THEN
        PERFORM lockstep.refuse('LS003', format('there is no policy "%s"; use best_effort, ordered, '
            'saga or atomic', left(coalesce(p_name, 'NULL'), 60)));
    END IF;
    RETURN policy;
END
$$;

-- The batch of this name: a new one, or the one that was opened before under the same policy,
-- so that an application may repeat its transaction.
CREATE FUNCTION lockstep.batch_open(name text, policy text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    wanted smallint := batch_policy(batch_open.policy);
    b batch%ROWTYPE;
BEGIN
    IF batch_open.name IS NULL OR octet_length(batch_open.name) NOT BETWEEN 1 AND 200
       OR batch_open.name ~ '[[:cntrl:]]' THEN
        PERFORM refuse('LS003', 'a batch''s name must be 1 to 200 bytes without control characters');
    END IF;
    INSERT INTO batch (name, policy) VALUES (batch_open.name, wanted)
    ON CONFLICT ON CONSTRAINT batch_name_key DO NOTHING;
    SELECT * INTO STRICT b FROM batch WHERE batch.name = batch_open.name;
    IF b.policy <> wanted THEN
        PERFORM refuse('LS001', format('batch "%s" was opened before as batch %s under another policy; '
                                       'use a new name', b.name, b.id));
    END IF;
    RETURN b.id;
END
$$;

-- What an operation of an atomic batch adds to its transaction at worst, in bytes: its own
-- instructions, memo and accounts. Programs and what is there once are counted by atomic_bytes().
CREATE FUNCTION lockstep.atomic_part(p_kind smallint, p_payload jsonb) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_kind
        WHEN 1 THEN 31 + octet_length(p_payload ->> 'text')   -- memo "ls1:<tag> text"
        WHEN 2 THEN 82                                        -- memo with a digest
        WHEN 3 THEN 78                                        -- receiver
        WHEN 4 THEN CASE p_payload ->> 'program' WHEN 'token-2022' THEN NULL
                                                 ELSE 240 END -- mint, its creation
        WHEN 5 THEN 150                                       -- account, owner, mint
        WHEN 6 THEN 210                                       -- account, mint, a signing owner
        WHEN 7 THEN 285 END                                   -- two accounts, owner, mint, signer
$$;

-- Signatures, header, payer, blockhash, memo program, a compute budget; programs of tokens.
CREATE FUNCTION lockstep.atomic_bytes(p_batch bigint) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT 218 + CASE WHEN bool_or(k.kind >= 3) THEN 32 ELSE 0 END
               + CASE WHEN bool_or(k.kind >= 4) THEN 64 ELSE 0 END
               + sum(lockstep.atomic_part(k.kind, k.payload))
      FROM lockstep.op_key k WHERE k.batch = p_batch
$$;

CREATE FUNCTION lockstep.check_atomic(p_batch lockstep.batch, p_total bigint) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    bytes bigint := lockstep.atomic_bytes(p_batch.id);
    odd record;
BEGIN
    SELECT k.key, n.name INTO odd FROM lockstep.op_key k JOIN lockstep.kind n ON n.kind = k.kind
     WHERE k.batch = p_batch.id AND lockstep.atomic_part(k.kind, k.payload) IS NULL LIMIT 1;
    IF FOUND THEN
        PERFORM lockstep.refuse('LS004', format('batch %s: kind %s ("%s") cannot be part of an atomic '
            'batch; use a saga', p_batch.id, odd.name, odd.key));
    ELSIF p_total > 32 THEN
        PERFORM lockstep.refuse('LS004', format('batch %s has %s operations, and one transaction takes '
            '32; use a saga, or several batches', p_batch.id, p_total));
    ELSIF bytes > 1232 THEN
        PERFORM lockstep.refuse('LS004', format('batch %s needs up to %s bytes, and one transaction has '
            '1232: %s; use a saga, or several batches', p_batch.id, bytes, (
                SELECT string_agg(format('%s %s (%s)', s.name, s.key, s.bytes), ', ')
                  FROM (SELECT n.name, k.key, lockstep.atomic_part(k.kind, k.payload) AS bytes
                          FROM lockstep.op_key k JOIN lockstep.kind n ON n.kind = k.kind
                         WHERE k.batch = p_batch.id ORDER BY 3 DESC, k.op LIMIT 8) AS s)));
    END IF;
    SELECT o.key INTO odd FROM lockstep.op o JOIN lockstep.op_key d ON d.op = o.depends_on
     WHERE o.batch = p_batch.id AND d.outcome IS DISTINCT FROM 6 LIMIT 1;
    IF FOUND THEN
        PERFORM lockstep.refuse('LS004', format('batch %s: what "%s" names is not done yet, and an '
            'atomic batch waits for nothing; seal it later, or use a saga', p_batch.id, odd.key));
    END IF;
END
$$;

-- From here on its operations may run and none can be added. Sealing again is nothing.
CREATE FUNCTION lockstep.batch_seal(batch bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    b batch%ROWTYPE;
    n bigint;
BEGIN
    SELECT * INTO b FROM lockstep.batch t WHERE t.id = batch_seal.batch FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('P0002', format('there is no batch %s; lockstep batch list shows '
            'them', batch_seal.batch));
    ELSIF b.state <> 0 THEN
        RETURN;
    END IF;
    SELECT count(*) INTO n FROM op_key k WHERE k.batch = b.id;
    IF b.policy = 3 AND n > 0 THEN
        PERFORM check_atomic(b, n);
    END IF;
    UPDATE lockstep.batch t SET state = 1, total = n, sealed_at = now() WHERE t.id = b.id;
    UPDATE alert SET state = 2, version = version + 1, changed_at = now()
     WHERE rule = 'batch' AND subject = 'batch ' || b.id AND state < 2;
    INSERT INTO wake (entity, op)
    SELECT DISTINCT o.entity, CASE WHEN o.entity IS NULL THEN o.id END
      FROM op o WHERE o.batch = b.id AND o.state = 1
       AND (b.policy = 0 OR o.id = (SELECT min(f.id) FROM op f WHERE f.batch = b.id));
    PERFORM batch_settle(ARRAY[b.id]);
    PERFORM promote(1000);
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.batch_open(text, text), lockstep.batch_seal(bigint) TO lockstep_app;

-- Whether what ended already keeps the batch from becoming whole.
CREATE FUNCTION lockstep.batch_is_broken(p_batch bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM lockstep.op o WHERE o.batch = p_batch AND o.state = 5)
        OR EXISTS (SELECT FROM lockstep.op_key k WHERE k.batch = p_batch AND k.outcome = 7)
$$;

-- What has not begun of a batch that turned back is cancelled, also where a person holds it, and
-- what comes back later. What may land is not: it is seen through, and then undone.
CREATE FUNCTION lockstep.batch_cancel_waiting(p_batch lockstep.batch) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    waiting bigint[] := ARRAY(SELECT o.id FROM lockstep.op o
                               WHERE o.batch = p_batch.id AND NOT lockstep.may_land(o.id)
                                 AND (o.state IN (0, 1) OR o.state = 4 AND o.sub = 30)
                               ORDER BY o.id FOR UPDATE);
BEGIN
    IF cardinality(waiting) > 0 THEN
        PERFORM lockstep.finish(ARRAY(
            SELECT ROW (w.id, 7, 'batch', coalesce(p_batch.detail, 'its batch turned back'), NULL,
                        NULL)::lockstep.ending FROM unnest(waiting) AS w (id)));
    END IF;
END
$$;

-- A step failed, or a person asked: what has not begun is cancelled, what landed will be undone.
CREATE FUNCTION lockstep.batch_turn_back(p_batch lockstep.batch, p_why text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE lockstep.batch SET state = 2, detail = left(p_why, 500), ended_at = NULL
     WHERE id = p_batch.id RETURNING * INTO p_batch;
    PERFORM lockstep.batch_cancel_waiting(p_batch);
END
$$;

-- An atomic batch is whole or nothing: when one operation can not land, none will.
CREATE FUNCTION lockstep.batch_fail_rest(p_batch bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    failed bigint[];
BEGIN
    WITH changed AS (
        UPDATE lockstep.op o SET state = 5, sub = 0, version = o.version + 1, updated_at = now(),
               state_at = now(), worker = NULL, request = 0, cause = 'batch',
               detail = 'another operation of its atomic batch failed or was cancelled'
         WHERE o.batch = p_batch AND o.state = 1
        RETURNING o.id
    )
    SELECT array_agg(id ORDER BY id) INTO failed FROM changed;
    IF failed IS NOT NULL THEN
        PERFORM lockstep.audit_append('op.failed', 'batch ' || p_batch, 'blocked', 'failed',
            'another operation of the atomic batch failed or was cancelled', '{}', failed,
            jsonb_build_object('ops', failed));
    END IF;
END
$$;

CREATE FUNCTION lockstep.batch_stuck(p_batch bigint, p_why text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE lockstep.batch SET state = 5, detail = left(p_why, 500) WHERE id = p_batch;
    PERFORM lockstep.alert_fire('batch', 'batch ' || p_batch, 2::smallint,
                                left('its compensation stopped: ' || p_why, 250));
END
$$;

-- Undo the latest of what landed, when nothing is under way and nothing else is being undone: strictly one after the
-- other, last first. p_again: also where it failed before.
CREATE FUNCTION lockstep.batch_undo(p_batch lockstep.batch, p_again boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    o lockstep.locked_op;
    why text;
BEGIN
    IF EXISTS (SELECT FROM lockstep.op l WHERE l.batch = p_batch.id
                  AND (l.state IN (2, 3) OR l.state = 4 AND l.sub = 31
                       OR lockstep.may_land(l.id))) THEN
        RETURN; -- it may still land, and then it is the first to be undone
    END IF;
    SELECT h.id, h.version, h.state, h.sub, h.kind, h.lane, h.entity, h.depends_on, h.compensates,
           h.signature, h.key, h.day, h.batch INTO o
      FROM lockstep.op_key k JOIN lockstep.history h ON h.id = k.op AND h.day = k.finished_day
     WHERE k.batch = p_batch.id AND k.outcome = 6 AND h.state = 6 ORDER BY k.op DESC LIMIT 1
       FOR UPDATE OF h;
    IF NOT FOUND THEN
        UPDATE lockstep.batch SET state = 4, ended_at = now() WHERE id = p_batch.id;
        UPDATE lockstep.alert SET state = 2, version = version + 1, changed_at = now()
         WHERE rule = 'batch' AND subject = 'batch ' || p_batch.id AND state < 2;
    ELSIF o.sub = 41 THEN
        UPDATE lockstep.batch SET state = 2 WHERE id = p_batch.id AND state = 5;
    ELSIF o.sub = 42 AND NOT p_again THEN
        IF p_batch.state <> 5 THEN
            PERFORM lockstep.batch_stuck(p_batch.id, format('what undoes op %s failed', o.id));
        END IF;
    ELSE
        BEGIN
            PERFORM lockstep.compensation_start(o);
            UPDATE lockstep.batch SET state = 2 WHERE id = p_batch.id;
        EXCEPTION WHEN SQLSTATE 'LS004' THEN
            why := SQLERRM;
            UPDATE lockstep.history h SET sub = 42, version = h.version + 1, detail = left(why, 500)
             WHERE h.id = o.id AND h.day = o.day;
            PERFORM lockstep.batch_stuck(p_batch.id, why);
        END;
    END IF;
END
$$;

-- Move these batches along as far as what happened allows. Called by whatever ends, fails or
-- compensates operations; harmless when there is nothing to do.
CREATE FUNCTION lockstep.batch_settle(p_batches bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = lockstep, pg_temp
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    b batch%ROWTYPE;
BEGIN
    FOR b IN SELECT * FROM batch t WHERE t.id = ANY (p_batches) AND t.state IN (1, 2, 5)
                AND (t.policy <> 0 OR t.state <> 1 OR NOT EXISTS (SELECT FROM op o WHERE o.batch = t.id))
              ORDER BY t.id FOR UPDATE LOOP
        IF b.state = 1 AND b.policy = 2 AND batch_is_broken(b.id) THEN
            PERFORM batch_turn_back(b, 'a step failed or was cancelled');
            PERFORM audit_append('batch.compensate', 'batch ' || b.id, 'sealed', 'compensating',
                'a step failed or was cancelled', '{}', '{}', '{}');
            b.state := 2;
        ELSIF b.state = 1 AND b.policy = 3 AND batch_is_broken(b.id) THEN
            PERFORM batch_fail_rest(b.id);
        END IF;
        IF b.state <> 1 THEN
            PERFORM batch_cancel_waiting(b);
            PERFORM batch_undo(b, false);
        ELSIF NOT EXISTS (SELECT FROM op o WHERE o.batch = b.id) THEN
            UPDATE batch SET state = 3, ended_at = now() WHERE id = b.id;
        ELSIF b.policy > 0 THEN
            INSERT INTO wake (entity, op)
            SELECT h.entity, CASE WHEN h.entity IS NULL THEN h.id END
              FROM (SELECT o.id, o.entity, o.state FROM op o WHERE o.batch = b.id ORDER BY o.id LIMIT 1) AS h
             WHERE h.state = 1;
        END IF;
    END LOOP;
END
$$;

-- The leader's look at what is not over: what two transactions left to each other, and
-- batches that nobody seals.
CREATE FUNCTION lockstep.batch_sweep() RETURNS void
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    due bigint[] := ARRAY(
        SELECT b.id FROM batch b WHERE b.state IN (1, 2, 5)
           AND (NOT EXISTS (SELECT FROM op o WHERE o.batch = b.id) OR b.state = 2
                OR (b.policy IN (2, 3) AND batch_is_broken(b.id)))
         ORDER BY b.id LIMIT 1000);
    b record;
BEGIN
    IF cardinality(due) > 0 THEN
        PERFORM batch_settle(due);
    END IF;
    FOR b IN SELECT g.selector FROM gate g JOIN batch t ON t.id = g.batch WHERE t.state IN (3, 4) LOOP
        IF gate_set(b.selector, false, 'the batch is over', session_user, false) THEN
            PERFORM audit_append('gate.off', 'gate ' || b.selector, 'on', 'off', 'the batch is over',
                '{}', '{}', '{}');
        END IF;
    END LOOP;
    FOR b IN SELECT id, name FROM batch WHERE state = 0 AND opened_at < now() - interval '1 hour'
              ORDER BY id LIMIT 100 LOOP
        PERFORM alert_fire('batch', 'batch ' || b.id, 1::smallint, left(format('batch %s ("%s") was '
            'opened over an hour ago and is not sealed: its operations wait', b.id, b.name), 250));
    END LOOP;
END
$$;

CREATE FUNCTION lockstep.batch_lock(p_batch bigint) RETURNS lockstep.batch
LANGUAGE plpgsql AS $$
DECLARE
    b lockstep.batch;
BEGIN
    SELECT * INTO b FROM lockstep.batch WHERE id = p_batch FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM lockstep.refuse('P0002', format('there is no batch %s; lockstep batch list shows '
            'them', p_batch));
    END IF;
    RETURN b;
END
$$;

CREATE FUNCTION lockstep.batch_state_name(p_state smallint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT (ARRAY['open', 'sealed', 'compensating', 'finished', 'compensated',
                  'compensation_failed'])[p_state + 1]
$$;

-- What of a batch may be sent again of what failed: all of it, or p_ops, each as it was seen. Refused
-- where one is not, or where the newest look of one speaks against it; an atomic batch goes whole.
CREATE FUNCTION lockstep.batch_chosen(p_batch lockstep.batch, p_failed bigint[], p_ops bigint[],
                                      p_versions bigint[]) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
    changed record;
    o bigint;
BEGIN
    SELECT c.op, k.op IS NOT NULL AS is_there, t.state, t.sub, t.version INTO changed
      FROM unnest(p_ops, p_versions) AS c (op, version)
      LEFT JOIN lockstep.op_key k ON k.op = c.op AND k.batch = p_batch.id
      LEFT JOIN lockstep.op t ON t.id = k.op
     WHERE c.version IS DISTINCT FROM t.version OR c.op <> ALL (p_failed) ORDER BY c.op LIMIT 1;
    IF FOUND AND NOT changed.is_there THEN
        PERFORM lockstep.refuse('LS003', format('op %s is not part of batch %s', changed.op, p_batch.id));
    ELSIF FOUND THEN
        PERFORM lockstep.refuse('LS005', format('op %s changed meanwhile: it is %s now; look again',
            changed.op, coalesce(lockstep.state_text(changed.state, changed.sub), 'finished')));
    ELSIF p_ops = '{}' THEN
        PERFORM lockstep.refuse('LS004', format('nothing of batch %s was chosen', p_batch.id));
    ELSIF p_batch.policy = 3 AND NOT p_failed <@ coalesce(p_ops, p_failed) THEN
        PERFORM lockstep.refuse('LS004', format('atomic batch %s is tried again as a whole, and op %s '
            'would be left out', p_batch.id, (SELECT min(f) FROM unnest(p_failed) AS f
                                               WHERE f <> ALL (p_ops))));
    END IF;
    FOREACH o IN ARRAY coalesce(p_ops, p_failed) LOOP
        PERFORM lockstep.check_looked(o);
    END LOOP;
    RETURN ARRAY(SELECT DISTINCT c FROM unnest(coalesce(p_ops, p_failed)) AS c ORDER BY 1);
END
$$;

-- What failed of a batch is tried again: all of it, or p_ops in these versions.
CREATE FUNCTION lockstep.batch_retry(p_batch bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL,
    p_ops bigint[] DEFAULT NULL, p_versions bigint[] DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'batch.retry', 'batch ' || p_batch, p_reason);
    b batch;
    failed bigint[];
    chosen bigint[];
    o bigint;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    b := batch_lock(p_batch);
    failed := ARRAY(SELECT t.id FROM op t WHERE t.batch = p_batch AND t.state = 5 ORDER BY t.id FOR UPDATE);
    IF b.state <> 1 THEN
        PERFORM refuse('LS004', format('batch %s is %s; only a sealed one can be retried', p_batch,
                                       batch_state_name(b.state)));
    ELSIF cardinality(failed) = 0 THEN
        PERFORM refuse('LS004', format('nothing of batch %s has failed', p_batch));
    ELSIF b.policy = 3 AND EXISTS (SELECT FROM op_key k WHERE k.batch = p_batch AND k.outcome = 7) THEN
        PERFORM refuse('LS004', format('an operation of atomic batch %s was cancelled: it can not '
            'become whole any more; enqueue it anew', p_batch));
    END IF;
    chosen := batch_chosen(b, failed, p_ops, p_versions);
    FOREACH o IN ARRAY chosen LOOP
        PERFORM supply_again(o);
        PERFORM operator_move(lock_op(o, 0), 0, 0, NULL, true, true);
    END LOOP;
    PERFORM batch_settle(ARRAY[p_batch]);
    PERFORM promote(1000);
    RETURN action_end(p_request, format('%s failed', cardinality(failed)), 'retried', p_reason,
        claims(p_os_user, p_tty), chosen, format('%s operation%s of batch %s %s tried again',
            cardinality(chosen), CASE cardinality(chosen) WHEN 1 THEN '' ELSE 's' END, p_batch,
            CASE cardinality(chosen) WHEN 1 THEN 'is' ELSE 'are' END));
END
$$;

-- What landed of a batch is undone, last first; what has not begun is cancelled.
CREATE FUNCTION lockstep.batch_compensate(p_batch bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'batch.compensate', 'batch ' || p_batch, p_reason);
    b batch;
    busy bigint;
    before text;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    b := batch_lock(p_batch);
    before := batch_state_name(b.state);
    IF b.state NOT IN (1, 3, 5) THEN
        PERFORM refuse('LS004', format('batch %s is %s; one that is sealed, finished or '
            'compensation_failed can be compensated', p_batch, before));
    END IF;
    SELECT count(*) INTO busy FROM op o WHERE o.batch = p_batch 
       AND (o.state IN (2, 3, 4) OR may_land(o.id));
    IF busy > 0 THEN
        PERFORM refuse('LS004', format('%s operations of batch %s are under way or held: whether they '
            'land is not known yet; wait, or hold and resolve them first', busy, p_batch));
    END IF;
    PERFORM batch_turn_back(b, p_reason);
    b := batch_lock(p_batch);
    IF b.state = 2 THEN
        PERFORM batch_undo(b, true);
    END IF;
    SELECT * INTO b FROM batch WHERE id = p_batch;
    RETURN action_end(p_request, before, batch_state_name(b.state), p_reason, claims(p_os_user, p_tty),
        '{}', format('batch %s is %s', p_batch, batch_state_name(b.state)));
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.batch_retry(bigint, text, bytea, text, text, bigint[], bigint[]),
    lockstep.batch_compensate(bigint, text, bytea, text, text) TO lockstep_operator;

CREATE VIEW lockstep.batches AS
    SELECT b.id, b.name, (ARRAY['best_effort', 'ordered', 'saga', 'atomic'])[b.policy + 1] AS policy,
           lockstep.batch_state_name(b.state) AS state, n.total, n.done, l.failed, l.held, l.live,
           n.cancelled, n.compensated, b.opened_at, b.sealed_at, b.ended_at, b.opened_by, b.detail,
           l.unknown, l.sent, EXISTS (SELECT FROM lockstep.gate g WHERE g.batch = b.id) AS is_paused
      FROM lockstep.batch b
     CROSS JOIN LATERAL (
        SELECT count(*) AS total, count(*) FILTER (WHERE k.outcome = 6) AS done,
               count(*) FILTER (WHERE k.outcome = 7) AS cancelled,
               count(*) FILTER (WHERE k.outcome = 8) AS compensated
          FROM lockstep.op_key k WHERE k.batch = b.id) AS n
     CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE o.state = 5) AS failed, count(*) FILTER (WHERE o.state = 4) AS held,
               count(*) FILTER (WHERE o.state < 4) AS live,
               count(*) FILTER (WHERE o.state IN (2, 3)) AS sent,
               count(*) FILTER (WHERE o.state = 4 AND o.sub = 31) AS unknown
          FROM lockstep.op o WHERE o.batch = b.id) AS l;
CREATE FUNCTION lockstep.batch_ops(p_batch bigint)
RETURNS TABLE (id bigint, key text, kind text, state text, sub text, attempt integer, cause text,
               signature text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    SELECT o.id, o.key, o.kind, o.state, o.sub, o.attempt, o.cause, o.signature
      FROM op_key k CROSS JOIN LATERAL (SELECT v.* FROM ops v WHERE v.id = k.op) AS o
     WHERE k.batch = p_batch
$$;
GRANT EXECUTE ON FUNCTION lockstep.batch_ops(bigint) TO lockstep_viewer;
GRANT SELECT ON lockstep.batches TO lockstep_viewer;
GRANT EXECUTE ON FUNCTION lockstep.batch_state_name(smallint) TO lockstep_viewer;

-- How many entities a failed or held operation of the batch stops, and how many later ones wait
-- there; of at most 1,000 entities and 10,000 operations.
CREATE FUNCTION lockstep.batch_behind(p_batch bigint, OUT entities bigint, OUT behind bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    WITH head AS MATERIALIZED (
        SELECT o.entity, min(o.id) AS id FROM op o
         WHERE o.batch = p_batch AND o.state IN (4, 5) AND o.entity IS NOT NULL
         GROUP BY o.entity LIMIT 1000)
    SELECT (SELECT count(*) FROM head), (SELECT count(*) FROM (
        SELECT FROM head h JOIN op w ON w.entity = h.entity AND w.id > h.id LIMIT 10000) AS b)
$$;

-- Operations of the batch that were done in each of the last sixty minutes; ago 0 is the current.
CREATE FUNCTION lockstep.batch_minutes(p_batch bigint) RETURNS TABLE (ago bigint, n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    SELECT ((ms(date_trunc('minute', now())) - ms(date_trunc('minute', h.finished_at))) / 60000)::bigint,
           count(*)
      FROM history h
     WHERE h.batch = p_batch AND h.day >= (now() AT TIME ZONE 'UTC')::date - 1
       AND h.state IN (6, 8) AND h.finished_at > now() - interval '1 hour'
     GROUP BY 1
$$;
GRANT EXECUTE ON FUNCTION lockstep.batch_behind(bigint), lockstep.batch_minutes(bigint)
    TO lockstep_viewer;
