-- A worker's life: hello, tick, bye, and what recovers from its death.

-- Give back what a worker holds: leased operations become ready, submitted ones orphans.
-- Each gets a new token, so that the old owner's writes are stale. At most p_max of each.
CREATE FUNCTION lockstep.release_ops(p_worker bigint, p_leased boolean, p_submitted boolean,
                                     p_max integer) RETURNS integer
LANGUAGE plpgsql SET search_path = lockstep, pg_temp
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off AS $$
DECLARE
    released integer := 0;
    batches bigint[];
BEGIN
    WITH mine AS MATERIALIZED (
        SELECT id FROM op WHERE worker = p_worker
           AND ((p_leased AND state = 2) OR (p_submitted AND state = 3))
         ORDER BY id LIMIT p_max FOR UPDATE SKIP LOCKED
    ), freed AS (
        UPDATE op o SET worker = NULL, token = nextval('token'), version = o.version + 1,
               updated_at = now(),
               state = CASE WHEN o.state <> 2 THEN o.state WHEN is_atomic(o.batch) THEN 1 ELSE 0 END,
               sub = CASE WHEN o.state <> 2 THEN o.sub WHEN is_atomic(o.batch) THEN 12 ELSE 0 END,
               run_at = CASE o.state WHEN 2 THEN now() ELSE o.run_at END,
               state_at = CASE o.state WHEN 2 THEN now() ELSE o.state_at END
          FROM mine WHERE o.id = mine.id
        RETURNING o.batch
    )
    SELECT count(*), array_agg(DISTINCT batch) FILTER (WHERE batch IS NOT NULL)
      INTO released, batches FROM freed;
    IF batches IS NOT NULL THEN
        PERFORM batch_settle(batches);
    END IF;
    RETURN released;
END
$$;

-- The lock that the session of a living worker holds.
CREATE FUNCTION lockstep.session_lock(p_worker bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT 7237000000000000 + p_worker $$;

-- Register a worker. p_before: the id of the same process before it lost the store, 0 for
-- none; what that one leased returns to ready, what it submitted becomes orphaned, at once, and
-- what people made of it meanwhile stays: whether it is paused, and what it may begin, which is
-- else p_works_on (NULL or none: all).
CREATE FUNCTION lockstep.worker_hello(p_before bigint, p_host text, p_pid bigint,
                                      p_version text, p_lease_ms bigint, p_genesis text,
                                      p_payer text, p_signers text[],
                                      p_heartbeat_ms bigint DEFAULT NULL,
                                      p_works_on smallint[] DEFAULT NULL)
RETURNS TABLE (worker_id bigint, tag_key bytea, genesis text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    me bigint;
    pinned text;
    was worker%ROWTYPE;
BEGIN
    SELECT m.genesis INTO STRICT pinned FROM meta m FOR UPDATE;
    IF pinned IS NULL THEN
        UPDATE meta m SET genesis = p_genesis;
        PERFORM audit_append('ledger.pin', 'ledger ' || p_genesis, NULL, p_genesis,
            'the first worker that connected named this ledger', '{}', '{}', '{}');
    ELSIF pinned <> p_genesis THEN
        PERFORM refuse('LS004', format('this database is pinned to the ledger with genesis hash '
            '%s, but the endpoints answer for %s: mend [ledger] endpoint, or use a database of '
            'its own for that ledger', pinned, p_genesis));
    END IF;
    PERFORM fill_tags(1000000);
    INSERT INTO watermark (payer) VALUES (p_payer) ON CONFLICT DO NOTHING;
    IF p_before > 0 THEN
        PERFORM worker_bye(p_before);
    END IF;
    SELECT * INTO was FROM worker w WHERE w.id = p_before AND w.host = p_host AND w.pid = p_pid;
    INSERT INTO worker (host, pid, version, lease_ms, heartbeat_ms, payer, signers, login, is_paused,
                        works_on)
    VALUES (p_host, p_pid, p_version, p_lease_ms, coalesce(p_heartbeat_ms, p_lease_ms), p_payer, p_signers,
            session_user, coalesce(was.is_paused, false),
            CASE WHEN was.id IS NULL THEN nullif(p_works_on, '{}') ELSE was.works_on END)
    RETURNING id INTO me;
    PERFORM pg_advisory_lock(session_lock(me)); -- ends with the session: recover_lost() looks
    RETURN QUERY SELECT me, m.tag_key, m.genesis FROM meta m;
END
$$;
GRANT EXECUTE ON FUNCTION
    lockstep.worker_hello(bigint, text, bigint, text, bigint, text, text, text[], bigint, smallint[])
    TO lockstep_worker;

CREATE FUNCTION lockstep.worker_bye(p_worker bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
BEGIN
    UPDATE worker SET is_gone = true, in_flight = 0 WHERE id = p_worker;
    UPDATE leader SET until = '-infinity' WHERE worker = p_worker;
    PERFORM alert_end('brake', 'worker ' || p_worker);
    PERFORM alert_end('catchup', 'worker ' || p_worker);
    RETURN release_ops(p_worker, true, true, 100000);
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.worker_bye(bigint) TO lockstep_worker;

-- Workers whose heartbeat is older than their lease are lost; and at once, after two missed
-- heartbeats, those whose session has ended: a process that died need not be waited for. One
-- that lives and only lost its connection is no danger, its tokens are old now. What the lost
-- still hold is given back, again at each tick, since a claim of theirs may commit late.
CREATE FUNCTION lockstep.recover_lost(p_worker bigint) RETURNS integer
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    dead bigint;
    released integer := 0;
BEGIN
    FOR dead IN UPDATE worker SET is_lost = true, in_flight = 0
     WHERE NOT is_lost AND NOT is_gone AND id <> p_worker
       AND (heartbeat_at < clock_timestamp() - make_interval(secs => lease_ms / 1000.0)
            OR (heartbeat_at < clock_timestamp() - make_interval(secs => heartbeat_ms / 500.0)
                AND pg_try_advisory_xact_lock_shared(session_lock(id))))
    RETURNING id LOOP
        PERFORM alert_end('brake', 'worker ' || dead);
        PERFORM alert_end('catchup', 'worker ' || dead);
    END LOOP;
    FOR dead IN SELECT id FROM worker w WHERE (is_lost OR is_gone)
                   AND EXISTS (SELECT FROM op WHERE op.worker = w.id) LOOP
        released := released + release_ops(dead, true, true, 5000);
    END LOOP;
    RETURN released;
END
$$;

-- After gates changed: mark the ready operations that they cover now, unmark the others, in
-- chunks by id.
CREATE FUNCTION lockstep.sweep_gates(p_max integer) RETURNS integer
LANGUAGE plpgsql SET search_path = lockstep, pg_temp SET jit = off SET enable_seqscan = off AS $$
DECLARE
    start bigint;
    seen integer;
    last bigint;
    g record;
BEGIN
    IF NOT EXISTS (SELECT FROM gate_sweep WHERE after_id IS NOT NULL) THEN
        RETURN 0;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(7235, 5);
    SELECT after_id INTO start FROM gate_sweep WHERE after_id IS NOT NULL FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    g := gates_now();
    WITH chunk AS MATERIALIZED (
        SELECT id, kind, entity, CASE WHEN kind = ANY (g.kinds) OR lane = ANY (g.lanes)
                   OR coalesce(entity = ANY (g.entities), false)
                   OR coalesce(batch = ANY (g.batches), false) THEN 4 ELSE 0 END AS sub
          FROM op WHERE state = 0 AND id > start ORDER BY id LIMIT p_max
    ), marked AS (
        UPDATE op o SET sub = c.sub, version = o.version + 1, updated_at = now(),
               run_at = greatest(o.run_at, now()) FROM chunk c
         WHERE o.id = c.id AND o.state = 0 AND o.sub <> c.sub
    )
    SELECT count(*), max(id) INTO seen, last FROM chunk;
    UPDATE gate_sweep SET after_id = CASE WHEN seen = p_max THEN last END;
    RETURN seen;
END
$$;

-- The pool of nonces has no account that anybody could have while operations wait for one: the
-- gate fence:nonce goes on, with one alert, and off by itself when the pool has one again.
CREATE FUNCTION lockstep.nonce_gate(p_worker bigint) RETURNS void
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    is_usable boolean := nonce_usable(NULL);
BEGIN
    IF is_usable = NOT EXISTS (SELECT FROM gate WHERE scope = 4 AND by_worker) THEN
        RETURN;
    END IF;
    IF NOT is_usable AND NOT EXISTS (SELECT FROM op o WHERE o.state = 0 AND NOT o.is_gated
                                        AND o.fence = 1) THEN
        RETURN;
    END IF;
    IF is_usable THEN
        UPDATE alert SET state = 2, note = 'the pool has an account again',
               version = version + 1, changed_at = now()
         WHERE rule = 'nonce' AND subject = 'pool' AND state < 2;
        PERFORM worker_gate(p_worker, 'fence:nonce', false, 'the nonce pool has an account again');
    ELSE
        PERFORM worker_gate(p_worker, 'fence:nonce', true, 'nonce pool empty');
        PERFORM alert_fire('nonce', 'pool', 1::smallint, 'nonce pool empty: operations of fence '
                           'nonce wait; make accounts with lockstep nonce create N');
    END IF;
END
$$;

-- The leader's hourly work. What fails here must not stop heartbeats: it raises an alert.
CREATE FUNCTION lockstep.chores() RETURNS void
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
BEGIN
    PERFORM ensure_partitions();
    PERFORM reclaim_markers(5000);
    DELETE FROM minute WHERE minute < now() - (SELECT samples_days FROM retention) * interval '1 day';
    DELETE FROM sample WHERE minute < now() - (SELECT samples_days FROM retention) * interval '1 day';
    DELETE FROM request WHERE at < now() - interval '30 days';
    DELETE FROM edit e WHERE NOT EXISTS (SELECT FROM op_key k WHERE k.op = e.op);
    DELETE FROM look WHERE asked_at < now() - interval '30 days';
    DELETE FROM bulk WHERE ended_at < now() - interval '90 days';
    DELETE FROM endpoint WHERE seen_at < now() - interval '1 day';
    DELETE FROM worker w WHERE (is_lost OR is_gone) AND heartbeat_at < now() - interval '1 day'
       AND NOT EXISTS (SELECT FROM op WHERE op.worker = w.id);
EXCEPTION WHEN OTHERS THEN
    PERFORM alert_fire('chores', '', 1::smallint, left('hourly work failed: ' || SQLERRM, 250));
END
$$;

-- Heartbeat and housekeeping. Rows: what = 0 the state (a: bits 1 lost, 2 leader, 4 paused, 8
-- kinds have on_settled functions, 16 a person wants this worker to drain, 32 bulk jobs are under way;
-- b: ready operations; c: orphans), 1 a gate (t: selector; a: by a worker), 2 a wish of an
-- operator for an operation of this worker (a: op; b: request), 3 the place (a: timeline; b: write
-- position; c: landings whose operation has come; t: system identifier and start), 4 what it may
-- begin (a: a bit for each kind, 0: all).
CREATE FUNCTION lockstep.worker_tick(p_worker bigint)
RETURNS TABLE (what smallint, a bigint, b bigint, c bigint, t text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    me worker%ROWTYPE;
    boss leader%ROWTYPE;
    before leader%ROWTYPE;
BEGIN
    UPDATE worker w SET heartbeat_at = clock_timestamp()
     WHERE w.id = p_worker AND NOT w.is_lost AND NOT w.is_gone RETURNING * INTO me;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 0::smallint, 1::bigint, 0::bigint, 0::bigint, NULL::text;
        RETURN;
    END IF;
    SELECT * INTO before FROM leader;
    UPDATE leader SET worker = p_worker, term = term + (worker <> p_worker)::integer,
           until = clock_timestamp() + make_interval(secs => me.lease_ms / 1000.0)
     WHERE worker = p_worker OR until < clock_timestamp() RETURNING * INTO boss;
    PERFORM recover_lost(p_worker);
    PERFORM promote(1000);
    IF boss.worker = p_worker THEN
        PERFORM sweep_gates(5000);
        PERFORM batch_sweep();
        PERFORM nonce_mend(64);
        PERFORM nonce_gate(p_worker);
        PERFORM fold(50000);
        PERFORM sample_take();
        PERFORM outcomes_keep(20000);
        PERFORM retain(5000);
        IF boss.chores_at < now() - interval '1 hour' THEN
            UPDATE leader SET chores_at = now();
            PERFORM chores();
        END IF;
    END IF;
    IF boss.term > before.term THEN
        PERFORM audit_append('leader.term', 'term ' || boss.term, 'worker ' || before.worker,
            'worker ' || p_worker, 'the lease was free', '{}', '{}', '{}');
    END IF;
    RETURN QUERY SELECT 0::smallint,
        ((boss.worker IS NOT NULL)::integer * 2 + me.is_paused::integer * 4
            + (EXISTS (SELECT FROM hook))::integer * 8 + me.drain_wanted::integer * 16
            + (EXISTS (SELECT FROM bulk WHERE state IN (0, 1) OR sent > 0))::integer * 32)::bigint,
        greatest(0, (SELECT coalesce(sum(n), 0) FROM counter
                      WHERE metric = 0 AND state = 0 AND sub <> 4))::bigint,
        (SELECT count(*) FROM (SELECT FROM op WHERE state = 3 AND worker IS NULL
                                LIMIT 100000) AS orphans), NULL::text;
    RETURN QUERY SELECT 1::smallint, g.by_worker::integer::bigint, 0::bigint, 0::bigint, g.selector
        FROM gate g ORDER BY g.since LIMIT 256;
    RETURN QUERY SELECT 2::smallint, o.id, o.request::bigint, 0::bigint, NULL::text
        FROM op o WHERE o.worker = p_worker AND o.request <> 0 ORDER BY o.id LIMIT 256;
    RETURN QUERY SELECT 3::smallint, timeline_now(), (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint,
        (SELECT count(*) FROM landings_due(64)),
        (SELECT system_identifier::text FROM pg_control_system()) || ' ' || started_us();
    RETURN QUERY SELECT 4::smallint, coalesce(sum(1 << k), 0), 0::bigint, 0::bigint, NULL::text
        FROM unnest(me.works_on) AS k;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.worker_tick(bigint) TO lockstep_worker;
