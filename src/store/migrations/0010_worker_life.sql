-- A worker's life: hello, tick, bye, and what recovers from its death.

-- What gates cover now. everything: all claims of everybody are stopped, by the gate "all"
-- or because every living worker's payer is gated. Callers that act on the answer hold the
-- shared lock 7235/5, which a change of gates takes exclusively.
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

-- Give back what a worker holds: leased operations become ready, submitted ones orphans.
-- Each gets a new token, so that the old owner's writes are stale. At most p_max of each.
CREATE FUNCTION lockstep.release_ops(p_worker bigint, p_leased boolean, p_submitted boolean,
                                     p_max integer) RETURNS integer
LANGUAGE plpgsql SET search_path = lockstep, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    released integer := 0;
BEGIN
    WITH mine AS MATERIALIZED (
        SELECT id FROM op WHERE worker = p_worker
           AND ((p_leased AND state = 2) OR (p_submitted AND state = 3))
         ORDER BY id LIMIT p_max FOR UPDATE SKIP LOCKED
    ), freed AS (
        UPDATE op o SET worker = NULL, token = nextval('token'), version = o.version + 1,
               updated_at = now(), state = CASE o.state WHEN 2 THEN 0 ELSE o.state END,
               sub = CASE o.state WHEN 2 THEN 0 ELSE o.sub END,
               state_at = CASE o.state WHEN 2 THEN now() ELSE o.state_at END
          FROM mine WHERE o.id = mine.id
        RETURNING 1
    )
    SELECT count(*) INTO released FROM freed;
    RETURN released;
END
$$;

-- Register a worker, or take the same one up again after its connection was lost (p_before:
-- its id, 0 for none). Leases that it may not know of return to ready.
CREATE FUNCTION lockstep.worker_hello(p_before bigint, p_host text, p_pid bigint,
                                      p_version text, p_lease_ms bigint, p_genesis text,
                                      p_payer text, p_signers text[])
RETURNS TABLE (worker_id bigint, tag_key bytea, genesis text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    me bigint;
    pinned text;
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
    UPDATE worker w SET heartbeat_at = clock_timestamp(), host = p_host, pid = p_pid,
           version = p_version, lease_ms = p_lease_ms, payer = p_payer, signers = p_signers,
           login = session_user, is_draining = false
     WHERE w.id = p_before AND NOT w.is_lost AND NOT w.is_gone RETURNING w.id INTO me;
    IF p_before > 0 THEN
        PERFORM release_ops(p_before, true, me IS NULL, 100000);
    END IF;
    IF me IS NULL THEN
        UPDATE worker w SET is_lost = true WHERE w.id = p_before AND NOT w.is_gone;
        INSERT INTO worker (host, pid, version, lease_ms, payer, signers, login)
        VALUES (p_host, p_pid, p_version, p_lease_ms, p_payer, p_signers, session_user)
        RETURNING id INTO me;
    END IF;
    UPDATE ungate SET after_id = 0;
    RETURN QUERY SELECT me, m.tag_key, m.genesis FROM meta m;
END
$$;
GRANT EXECUTE ON FUNCTION
    lockstep.worker_hello(bigint, text, bigint, text, bigint, text, text, text[])
    TO lockstep_worker;

CREATE FUNCTION lockstep.worker_bye(p_worker bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
BEGIN
    UPDATE worker SET is_gone = true, in_flight = 0 WHERE id = p_worker;
    UPDATE leader SET until = '-infinity' WHERE worker = p_worker;
    UPDATE ungate SET after_id = 0;
    RETURN release_ops(p_worker, true, true, 100000);
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.worker_bye(bigint) TO lockstep_worker;

-- Workers whose heartbeat is older than their lease are lost; what the lost still hold is
-- given back, again at each tick, since a claim of theirs may commit late.
CREATE FUNCTION lockstep.recover_lost(p_worker bigint) RETURNS integer
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    dead bigint;
    released integer := 0;
BEGIN
    UPDATE worker SET is_lost = true, in_flight = 0
     WHERE NOT is_lost AND NOT is_gone AND id <> p_worker
       AND heartbeat_at < clock_timestamp() - make_interval(secs => lease_ms / 1000.0);
    IF FOUND THEN
        UPDATE ungate SET after_id = 0;
    END IF;
    FOR dead IN SELECT id FROM worker w WHERE (is_lost OR is_gone)
                   AND EXISTS (SELECT FROM op WHERE op.worker = w.id) LOOP
        released := released + release_ops(dead, true, true, 5000);
    END LOOP;
    RETURN released;
END
$$;

-- Return gated operations that no gate covers any more to the claim index, in chunks.
CREATE FUNCTION lockstep.return_gated(p_max integer) RETURNS integer
LANGUAGE plpgsql SET search_path = lockstep, pg_temp SET enable_seqscan = off AS $$
DECLARE
    start bigint;
    seen integer;
    last bigint;
    g record;
BEGIN
    IF NOT EXISTS (SELECT FROM ungate WHERE after_id IS NOT NULL) THEN
        RETURN 0;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(7235, 5);
    SELECT after_id INTO start FROM ungate WHERE after_id IS NOT NULL FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    g := gates_now();
    WITH chunk AS MATERIALIZED (
        SELECT id, kind, entity FROM op WHERE state = 0 AND sub = 4 AND id > start
         ORDER BY id LIMIT p_max FOR UPDATE
    ), freed AS (
        UPDATE op o SET sub = 0, version = o.version + 1, updated_at = now() FROM chunk c
         WHERE o.id = c.id AND NOT g.everything AND c.kind <> ALL (g.kinds)
           AND (c.entity IS NULL OR c.entity <> ALL (g.entities))
    )
    SELECT count(*), max(id) INTO seen, last FROM chunk;
    UPDATE ungate SET after_id = CASE WHEN seen = p_max THEN last END;
    RETURN seen;
END
$$;

-- The leader's hourly work.
CREATE FUNCTION lockstep.chores() RETURNS void
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
BEGIN
    PERFORM ensure_partitions();
    DELETE FROM minute WHERE minute < now() - interval '8 days';
    DELETE FROM request WHERE at < now() - interval '30 days';
    DELETE FROM endpoint WHERE seen_at < now() - interval '1 day';
    DELETE FROM worker w WHERE (is_lost OR is_gone) AND heartbeat_at < now() - interval '1 day'
       AND NOT EXISTS (SELECT FROM op WHERE op.worker = w.id);
END
$$;

-- Heartbeat and housekeeping. Rows: what = 0 the state (a: bits 1 lost, 2 leader, 4 paused;
-- b: ready operations; c: orphans), 1 a gate (t: selector; a: by a worker), 2 a wish of an
-- operator for an operation of this worker (a: op; b: request).
CREATE FUNCTION lockstep.worker_tick(p_worker bigint)
RETURNS TABLE (what smallint, a bigint, b bigint, c bigint, t text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    me worker%ROWTYPE;
    boss leader%ROWTYPE;
BEGIN
    UPDATE worker w SET heartbeat_at = clock_timestamp()
     WHERE w.id = p_worker AND NOT w.is_lost AND NOT w.is_gone RETURNING * INTO me;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 0::smallint, 1::bigint, 0::bigint, 0::bigint, NULL::text;
        RETURN;
    END IF;
    UPDATE leader SET worker = p_worker, term = term + (worker <> p_worker)::integer,
           until = clock_timestamp() + make_interval(secs => me.lease_ms / 1000.0)
     WHERE worker = p_worker OR until < clock_timestamp() RETURNING * INTO boss;
    PERFORM recover_lost(p_worker);
    PERFORM promote(1000);
    IF boss.worker = p_worker THEN
        PERFORM return_gated(5000);
        PERFORM fold(50000);
        IF boss.chores_at < now() - interval '1 hour' THEN
            UPDATE leader SET chores_at = now();
            PERFORM chores();
        END IF;
    END IF;
    RETURN QUERY SELECT 0::smallint,
        ((boss.worker IS NOT NULL)::integer * 2 + me.is_paused::integer * 4)::bigint,
        greatest(0, (SELECT coalesce(sum(n), 0) FROM counter
                      WHERE metric = 0 AND state = 0 AND sub <> 4))::bigint,
        (SELECT count(*) FROM (SELECT FROM op WHERE state = 3 AND worker IS NULL
                                LIMIT 100000) AS orphans), NULL::text;
    RETURN QUERY SELECT 1::smallint, g.by_worker::integer::bigint, 0::bigint, 0::bigint, g.selector
        FROM gate g ORDER BY g.since LIMIT 256;
    RETURN QUERY SELECT 2::smallint, o.id, o.request::bigint, 0::bigint, NULL::text
        FROM op o WHERE o.worker = p_worker AND o.request <> 0 ORDER BY o.id LIMIT 256;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.worker_tick(bigint) TO lockstep_worker;
