-- What a worker writes about operations that it owns: intents before bytes leave, moves
-- after. Answers one smallint a row: 0 done, 1 stale token, 2 refused by the table, 3 another
-- row of its pack was not done.

-- Make attempts durable and leased operations submitted, in one transaction. Rows of one pack
-- (p_pack > 0) share a signed transaction: all or none of them. Its bytes stand in the pack's
-- first row alone. A submitted one of fence nonce takes further attempts under the nonce that is
-- bound to it.
CREATE FUNCTION lockstep.worker_intent(p_worker bigint, p_op bigint[], p_token bigint[],
    p_attempt integer[], p_signature text[], p_blockhash text[], p_height bigint[],
    p_signer text[], p_tx bytea[], p_mint text[], p_fence smallint[], p_nonce text[],
    p_marker text[], p_pack integer[] DEFAULT '{}', p_cancels boolean[] DEFAULT '{}',
    p_mac_key text[] DEFAULT '{}', p_mac bytea[] DEFAULT '{}')
RETURNS SETOF smallint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off AS $$
DECLARE
    results smallint[];
BEGIN
    PERFORM FROM op WHERE id = ANY (p_op) ORDER BY id FOR UPDATE;
    SELECT array_agg(CASE WHEN o.id IS NULL OR o.token <> r.token THEN 1
                          WHEN NOT (o.state = 2 OR o.state = 3 AND o.fence = 1)
                               OR o.attempts_made + 1 <> r.attempt OR r.again > 1
                          THEN 2
                          WHEN r.fence <> o.fence OR (r.nonce IS NOT NULL) <> (r.fence = 1)
                               OR (r.marker IS NOT NULL) <> (r.fence = 2)
                               OR (coalesce(r.cancels, false) AND r.fence <> 1) THEN 2
                          WHEN r.fence = 1 AND NOT EXISTS (
                                   SELECT FROM nonce n WHERE n.op = o.id AND n.state = 1
                                      AND n.address = r.nonce) THEN 2
                          WHEN (o.signer, o.nonce, o.marker) IS DISTINCT FROM
                               (r.signer, r.nonce, r.marker) AND o.attempts_made > 0 AND EXISTS (
                                   SELECT FROM attempt a WHERE a.op = o.id AND a.state IN (0, 2))
                          THEN 2 ELSE 0 END ORDER BY r.n) INTO results
      FROM (SELECT *, row_number() OVER (PARTITION BY u.op ORDER BY u.n) AS again
              FROM unnest(p_op, p_token, p_attempt, p_signer, p_fence, p_nonce, p_marker, p_cancels)
                   WITH ORDINALITY AS u (op, token, attempt, signer, fence, nonce, marker, cancels,
                                         n)) AS r
      LEFT JOIN op o ON o.id = r.op;
    IF array_remove(results, 0::smallint) <> '{}' THEN
        SELECT array_agg(CASE WHEN r.result = 0 AND r.pack > 0 AND EXISTS (
                   SELECT FROM unnest(p_pack, results) AS f (pack, result)
                    WHERE f.pack = r.pack AND f.result <> 0) THEN 3 ELSE r.result END ORDER BY r.n)
          INTO results FROM unnest(p_pack, results) WITH ORDINALITY AS r (pack, result, n);
    END IF;
    INSERT INTO attempt (op, attempt, worker, created_at, signature, blockhash,
                         last_valid_height, signer, tx, cancels, mac_key, mac)
    SELECT op, attempt, p_worker, clock_timestamp(), signature, blockhash, height, signer, tx,
           coalesce(cancels, false), mac_key, mac
      FROM unnest(p_op, p_attempt, p_signature, p_blockhash, p_height, p_signer, p_tx, p_cancels,
                  p_mac_key, p_mac, results)
           AS r (op, attempt, signature, blockhash, height, signer, tx, cancels, mac_key, mac,
                 result)
     WHERE result = 0;
    IF 1 = ANY (p_fence) THEN
        UPDATE nonce n SET is_used = true, value = r.blockhash
          FROM unnest(p_op, p_fence, p_blockhash, results) AS r (op, fence, blockhash, result)
         WHERE n.op = r.op AND n.state = 1 AND r.fence = 1 AND r.result = 0;
    END IF;
    UPDATE op o SET state = 3, sub = 20, attempts_made = r.attempt, signature = r.signature,
           signer = r.signer, nonce = r.nonce, marker = r.marker,
           version = o.version + 1, updated_at = now(),
           state_at = CASE o.state WHEN 3 THEN o.state_at ELSE now() END,
           -- why it could not be signed before is past
           cause = b.cause, detail = CASE WHEN b.cause = o.cause THEN o.detail END
      FROM unnest(p_op, p_attempt, p_signature, p_signer, p_nonce, p_marker, results)
           AS r (op, attempt, signature, signer, nonce, marker, result)
      LEFT JOIN LATERAL (SELECT a.cause FROM attempt a
                          WHERE r.attempt > 1 AND a.op = r.op AND a.attempt < r.attempt
                          ORDER BY a.attempt DESC LIMIT 1) AS b ON true
     WHERE o.id = r.op AND r.result = 0;
    IF array_remove(p_mint, NULL) <> '{}' THEN
        UPDATE op_key k SET mint = r.mint FROM unnest(p_op, p_mint, results) AS r (op, mint, result)
         WHERE k.op = r.op AND r.result = 0 AND r.mint IS NOT NULL;
    END IF;
    RETURN QUERY SELECT unnest(results);
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.worker_intent(bigint, bigint[], bigint[], integer[], text[],
    text[], bigint[], text[], bytea[], text[], smallint[], text[], text[],
    integer[], boolean[], text[], bytea[]) TO lockstep_worker;

CREATE TYPE lockstep.move_row AS (
    n integer, op bigint, token bigint, state smallint, sub smallint, delay_ms bigint,
    counts boolean, cause text, detail text, attempt integer, attempt_state smallint,
    siblings_dead boolean, signature text, slot bigint, evidence text, nonce smallint);

-- What a move says about attempts.
CREATE FUNCTION lockstep.move_attempts(p_rows lockstep.move_row[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    doubled bigint;
BEGIN
    UPDATE lockstep.attempt a
       SET state = r.attempt_state, slot = greatest(a.slot, coalesce(r.slot, 0)),
           cause = coalesce(r.cause, a.cause), evidence = coalesce(r.evidence, a.evidence)
      FROM unnest(p_rows) AS r
     WHERE r.attempt > 0 AND a.op = r.op AND a.attempt = r.attempt AND a.state IN (0, 1)
       AND (a.state <> r.attempt_state OR r.cause IS NOT NULL OR r.evidence IS NOT NULL);
    UPDATE lockstep.attempt a SET state = 1, evidence = coalesce(r.evidence, a.evidence)
      FROM unnest(p_rows) AS r
     WHERE r.siblings_dead AND a.op = r.op AND a.attempt <> r.attempt AND a.state = 0;
    -- Found by its marker: another attempt than the one that was followed landed.
    UPDATE lockstep.attempt a SET state = 2, slot = greatest(a.slot, coalesce(r.slot, 0))
      FROM unnest(p_rows) AS r
     WHERE r.state = 6 AND r.attempt_state <> 2 AND a.op = r.op AND a.signature = r.signature
       AND a.state IN (0, 1);
    SELECT count(*) INTO doubled FROM unnest(p_rows) AS r
     WHERE r.attempt_state = 2 AND r.attempt > 1
       AND (SELECT count(*) FROM lockstep.attempt a WHERE a.op = r.op AND a.state = 2) > 1;
    IF doubled > 0 THEN
        INSERT INTO lockstep.count_delta (metric, n) VALUES (4, doubled);
    END IF;
END
$$;

-- Failures, holds and accepted certificates: one audit entry for all of a transaction.
CREATE FUNCTION lockstep.move_audit(p_worker bigint, p_rows lockstep.move_row[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    ops bigint[];
    decided jsonb;
    actions text[];
BEGIN
    SELECT array_agg(op ORDER BY n), array_agg(DISTINCT action),
           jsonb_agg(format('%s %s %s', op, action, coalesce(cause, '-')) ORDER BY n)
      INTO ops, actions, decided
      FROM (SELECT r.*, CASE r.state WHEN 5 THEN 'op.failed' WHEN 4 THEN 'op.held'
                                     ELSE 'op.certified' END AS action
              FROM unnest(p_rows) AS r
             WHERE r.state IN (4, 5) OR r.evidence IS NOT NULL) AS d;
    IF ops IS NOT NULL THEN
        PERFORM lockstep.audit_append(
            CASE cardinality(actions) WHEN 1 THEN actions[1] ELSE 'op.decided' END,
            CASE cardinality(ops) WHEN 1 THEN 'op ' || ops[1] ELSE cardinality(ops) || ' operations'
            END, NULL,
            (SELECT string_agg(DISTINCT lockstep.state_text(r.state, CASE r.state
                        WHEN 4 THEN r.sub ELSE 0::smallint END), ', ')
               FROM unnest(p_rows) AS r WHERE r.state IN (4, 5) OR r.evidence IS NOT NULL),
            (SELECT string_agg(DISTINCT coalesce(left(r.cause, 60), 'certificate'), ', ')
               FROM unnest(p_rows) AS r WHERE r.state IN (4, 5) OR r.evidence IS NOT NULL),
            '{}', ops, jsonb_build_object('worker', p_worker, 'decided', decided, 'digest',
                encode(sha256(convert_to(decided::text, 'UTF8')), 'hex')));
    END IF;
END
$$;

CREATE FUNCTION lockstep.is_atomic(p_batch bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT p_batch IS NOT NULL AND EXISTS (
        SELECT FROM lockstep.batch b WHERE b.id = p_batch AND b.policy = 3)
$$;

-- Carry out moves of different operations. What goes again of an atomic batch waits for the
-- rest of it. Locks are taken in order of id.
CREATE FUNCTION lockstep.move_rows(p_worker bigint, p_rows lockstep.move_row[])
RETURNS smallint[] LANGUAGE plpgsql AS $$
DECLARE
    results smallint[];
    good lockstep.move_row[];
    endings lockstep.ending[];
    failed bigint[];
    g record;
BEGIN
    PERFORM FROM lockstep.op WHERE id IN (SELECT r.op FROM unnest(p_rows) AS r)
      ORDER BY id FOR UPDATE;
    SELECT array_agg(v.result ORDER BY v.n), array_agg(v.r ORDER BY v.n) FILTER (WHERE result = 0)
      INTO results, good
      FROM (SELECT r.n, r, CASE WHEN o.id IS NULL OR o.token <> r.token THEN 1
                   WHEN coalesce(t.movers, 0) & 1 = 0 OR r.state IN (1, 2)
                        OR (r.state = 3 AND o.state <> 3) THEN 2 ELSE 0 END::smallint AS result
              FROM unnest(p_rows) AS r
              LEFT JOIN lockstep.op o ON o.id = r.op
              LEFT JOIN lockstep.transition t
                ON t.from_state = o.state AND t.to_state = r.state) AS v;
    IF good IS NULL THEN
        RETURN results;
    END IF;
    IF EXISTS (SELECT FROM unnest(good) AS r WHERE r.state = 0 AND r.sub = 4) THEN
        PERFORM pg_advisory_xact_lock_shared(7235, 5);
        g := lockstep.gates_now();
    ELSE
        SELECT '{}'::smallint[] AS kinds, '{}'::text[] AS entities, '{}'::smallint[] AS lanes,
               '{}'::bigint[] AS batches INTO g;
    END IF;
    IF EXISTS (SELECT FROM unnest(good) AS r WHERE r.attempt_state <> 0 OR r.siblings_dead
                  OR r.cause IS NOT NULL OR r.evidence IS NOT NULL) THEN
        PERFORM lockstep.move_attempts(good);
    END IF;
    IF EXISTS (SELECT FROM unnest(good) AS r WHERE r.nonce <> 0) THEN
        PERFORM lockstep.nonce_settle(array_agg(r.op), array_agg(r.nonce), array_agg(r.slot))
           FROM unnest(good) AS r;
    END IF;
    UPDATE lockstep.op o
       SET state = CASE WHEN r.state = 0 AND lockstep.is_atomic(o.batch) THEN 1 ELSE r.state END,
           version = o.version + 1, updated_at = now(),
           state_at = CASE WHEN o.state = r.state THEN o.state_at ELSE now() END,
           sub = CASE WHEN r.state = 0 AND lockstep.is_atomic(o.batch) THEN 12
                      WHEN r.state = 0 AND r.sub = 4 AND (o.kind = ANY (g.kinds)
                           OR o.lane = ANY (g.lanes)
                           OR coalesce(o.entity = ANY (g.entities), false)
                           OR coalesce(o.batch = ANY (g.batches), false)) THEN 4
                      WHEN r.state IN (0, 5) THEN 0 ELSE r.sub END,
           run_at = CASE WHEN r.state = 0
                         THEN clock_timestamp() + make_interval(secs => r.delay_ms / 1000.0)
                         ELSE o.run_at END,
           attempts_round = o.attempts_round + (r.state = 0 AND r.counts)::integer,
           worker = CASE WHEN r.state = 3 THEN o.worker END,
           request = CASE WHEN r.state IN (4, 5) THEN 0 ELSE o.request END,
           cause = coalesce(r.cause, o.cause), detail = r.detail,
           signature = coalesce(r.signature, o.signature), slot = greatest(o.slot, r.slot)
      FROM unnest(good) AS r WHERE o.id = r.op AND r.state <= 5;
    IF EXISTS (SELECT FROM unnest(good) AS r WHERE r.state = 5) THEN
        PERFORM lockstep.nonce_end(array_agg(r.op)) FROM unnest(good) AS r WHERE r.state = 5;
    END IF;
    SELECT array_agg(o.id) INTO failed FROM unnest(good) AS r
      JOIN lockstep.op o ON o.id = r.op WHERE r.state = 5 AND o.compensates IS NOT NULL;
    IF failed IS NOT NULL THEN
        PERFORM lockstep.compensation_failed(failed, 'failed');
    END IF;
    SELECT array_agg(DISTINCT o.batch) INTO failed FROM unnest(good) AS r
      JOIN lockstep.op o ON o.id = r.op WHERE r.state IN (0, 4, 5) AND o.batch IS NOT NULL;
    IF failed IS NOT NULL THEN
        PERFORM lockstep.batch_settle(failed);
    END IF;
    INSERT INTO lockstep.wake (entity)
    SELECT DISTINCT o.entity FROM unnest(good) AS r JOIN lockstep.op o ON o.id = r.op
     WHERE r.state IN (4, 5) AND o.entity IS NOT NULL;
    SELECT array_agg(ROW (r.op, r.state, r.cause, r.detail, r.signature, r.slot)::lockstep.ending)
      INTO endings FROM unnest(good) AS r WHERE r.state > 5;
    IF endings IS NOT NULL THEN
        PERFORM lockstep.finish(endings);
    END IF;
    PERFORM lockstep.move_audit(p_worker, good);
    RETURN results;
END
$$;

-- Moves; several of one operation in one request happen one after the other.
CREATE FUNCTION lockstep.worker_move(p_worker bigint, p_op bigint[], p_token bigint[],
    p_state smallint[], p_sub smallint[], p_delay_ms bigint[], p_counts boolean[],
    p_cause text[], p_detail text[], p_attempt integer[], p_attempt_state smallint[],
    p_siblings_dead boolean[], p_signature text[], p_slot bigint[], p_evidence text[],
    p_nonce smallint[] DEFAULT '{}')
RETURNS SETOF smallint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off AS $$
DECLARE
    results smallint[] := array_fill(2::smallint, ARRAY[cardinality(p_op)]);
    wave move_row[];
    part smallint[];
    pass integer := 0;
BEGIN
    LOOP
        pass := pass + 1;
        SELECT array_agg(ROW (n, op, token, state, sub, delay_ms, counts, cause, detail, attempt,
                   attempt_state, siblings_dead, signature, slot, evidence, nonce)::move_row ORDER BY n)
          INTO wave
          FROM (SELECT *, row_number() OVER (PARTITION BY u.op ORDER BY u.n) AS turn
                  FROM unnest(p_op, p_token, p_state, p_sub, p_delay_ms, p_counts, p_cause,
                      p_detail, p_attempt, p_attempt_state, p_siblings_dead, p_signature, p_slot,
                      p_evidence, p_nonce) WITH ORDINALITY
                    AS u (op, token, state, sub, delay_ms, counts, cause, detail, attempt,
                          attempt_state, siblings_dead, signature, slot, evidence, nonce, n)) AS rows
         WHERE turn = pass;
        EXIT WHEN wave IS NULL;
        part := move_rows(p_worker, wave);
        FOR i IN 1..cardinality(wave) LOOP
            results[(wave[i]).n] := part[i];
        END LOOP;
        EXIT WHEN cardinality(wave) = cardinality(p_op);
    END LOOP;
    PERFORM promote(1000);
    RETURN QUERY SELECT unnest(results);
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.worker_move(bigint, bigint[], bigint[], smallint[], smallint[],
    bigint[], boolean[], text[], text[], integer[], smallint[], boolean[], text[], bigint[],
    text[], smallint[]) TO lockstep_worker;
