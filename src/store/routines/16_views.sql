-- What people and panels read. Views of the owner: readers need no right on tables.

-- What each blocked operation waits for: since when that stands as it does, and whether it moves or
-- waits by itself (its turn, its run_at, a gate, a batch that is not sealed), so that nothing behind
-- it is stuck. No row where nothing is left to wait for. The first of an entity or an ordered batch
-- that is blocked by that very order waits for nobody but the next promotion.
CREATE VIEW lockstep.waits AS
    SELECT o.id, h.moves, h.state_at
      FROM lockstep.op o CROSS JOIN LATERAL (
        SELECT e.state = 0 OR (e.state = 1 AND e.sub <> 10) AS moves, e.state_at
          FROM (SELECT p.state, p.sub, p.state_at FROM lockstep.op p
                 WHERE o.sub = 10 AND p.entity = o.entity ORDER BY p.id LIMIT 1) AS e
        UNION ALL
        SELECT d.state < 2, d.state_at FROM lockstep.op d WHERE o.sub = 11 AND d.id = o.depends_on
        UNION ALL
        SELECT true, b.opened_at FROM lockstep.batch b
         WHERE o.sub = 12 AND b.id = o.batch AND b.state = 0
        UNION ALL
        SELECT m.state = 0 OR (m.state = 1 AND m.sub <> 12), m.state_at
          FROM lockstep.batch b CROSS JOIN LATERAL (
            SELECT p.state, p.sub, p.state_at FROM lockstep.op p
             WHERE p.batch = b.id ORDER BY p.id LIMIT 1) AS m
         WHERE o.sub = 12 AND b.id = o.batch AND b.state <> 0 AND b.policy <> 3
        UNION ALL -- an atomic one: those of it that are not blocked
        SELECT a.state = 0, a.state_at
          FROM lockstep.batch b CROSS JOIN LATERAL (
            SELECT p.state, p.state_at FROM lockstep.op p
             WHERE p.batch = b.id AND p.state <> 1 ORDER BY p.id LIMIT 1) AS a
         WHERE o.sub = 12 AND b.id = o.batch AND b.state <> 0 AND b.policy = 3) AS h
     WHERE o.state = 1;

-- What is stuck, those that are blocked behind the same one as one row: one look at what they wait
-- for is enough. Of each kind the p_max are looked at that have waited longest; NULL: all.
CREATE FUNCTION lockstep.stuck_groups(p_max integer)
RETURNS TABLE (ids bigint[], state_at timestamptz, created_at timestamptz)
LANGUAGE sql STABLE SET search_path = lockstep, pg_temp SET jit = off AS $$
    SELECT ARRAY[u.id], u.state_at, u.created_at
      FROM kind k CROSS JOIN LATERAL (
        SELECT o.id, o.state_at, o.created_at FROM op o
         WHERE o.kind = k.kind AND o.state IN (2, 3)
           AND o.state_at < now() - k.stuck_after_ms * interval '1 ms'
         ORDER BY o.state_at LIMIT p_max) AS u
    UNION ALL
    SELECT g.ids, greatest(g.state_at, w.state_at), g.created_at
      FROM (SELECT k.stuck_after_ms, array_agg(b.id) AS ids, min(b.id) AS one,
                   min(b.state_at) AS state_at, min(b.created_at) AS created_at
              FROM kind k CROSS JOIN LATERAL (
                SELECT o.id, o.state_at, o.created_at, o.sub, o.entity, o.batch, o.depends_on
                  FROM op o
                 WHERE o.kind = k.kind AND o.state = 1
                   AND o.state_at < now() - k.stuck_after_ms * interval '1 ms'
                 ORDER BY o.state_at LIMIT p_max) AS b
             GROUP BY k.kind, k.stuck_after_ms, b.sub, CASE b.sub WHEN 10 THEN b.entity END,
                      CASE b.sub WHEN 11 THEN b.depends_on WHEN 12 THEN b.batch END) AS g
      LEFT JOIN LATERAL (SELECT * FROM waits t WHERE t.id = g.one LIMIT 1) AS w ON true
     WHERE w.id IS NULL OR (NOT w.moves
                            AND w.state_at < now() - g.stuck_after_ms * interval '1 ms')
$$;
-- The same by id, all of it: what live_facts calls stuck, without a look for each row.
CREATE FUNCTION lockstep.stuck_ids() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    SELECT coalesce(array_agg(i.id), '{}')
      FROM stuck_groups(NULL) AS g CROSS JOIN LATERAL unnest(g.ids) AS i (id)
$$;
GRANT EXECUTE ON FUNCTION lockstep.stuck_ids() TO lockstep_viewer;

-- Numbers and times as the binary reads them, live rows and history apart: whoever reads
-- past_facts bounds `day`, so that old partitions are not touched.
CREATE VIEW lockstep.live_facts AS
    SELECT o.id, o.version, o.key, o.entity, o.kind, o.state,
           lockstep.shown_sub(o.state, o.sub, o.attempts_made, o.run_at,
                              (SELECT lockstep.all_gated())
                              OR (o.fence = 1 AND (SELECT lockstep.fence_gated(1::smallint)))) AS sub, o.request, o.lane,
           o.attempts_made, o.attempts_max, o.created_at, o.updated_at, o.run_at,
           o.state IN (1, 2, 3) AND o.state_at < now() - interval '1 ms' *
               (SELECT k.stuck_after_ms FROM lockstep.kind k WHERE k.kind = o.kind)
               AND (o.state <> 1 OR coalesce((
                   SELECT NOT w.moves AND w.state_at < now() - interval '1 ms' *
                       (SELECT k.stuck_after_ms FROM lockstep.kind k WHERE k.kind = o.kind)
                     FROM lockstep.waits w WHERE w.id = o.id), true)) AS is_stuck,
           o.cause, o.detail, o.signature, o.slot, o.depends_on, o.compensates,
           NULL::bigint AS compensated_by, o.fence, o.signer, o.nonce, o.marker, NULL::date AS day,
           o.batch, NULL::bigint AS reclaim
      FROM lockstep.op o;
CREATE VIEW lockstep.past_facts AS
    SELECT h.id, h.version, h.key, h.entity, h.kind, h.state, h.sub, 0::smallint AS request,
           h.lane, h.attempts_made, h.attempts_max, h.created_at, h.finished_at AS updated_at,
           h.run_at, false AS is_stuck, h.cause, h.detail, h.signature, h.slot, h.depends_on,
           h.compensates, h.compensated_by, h.fence, h.signer, h.nonce, h.marker, h.day, h.batch,
           h.reclaim
      FROM lockstep.history h;
-- Where an operation stands by its key, entity or batch: the partition's day once it is finished.
CREATE VIEW lockstep.key_facts AS
    SELECT k.op, k.key, k.entity, k.batch, k.finished_day AS day FROM lockstep.op_key k;

CREATE VIEW lockstep.op_facts AS
    SELECT * FROM lockstep.live_facts UNION ALL SELECT * FROM lockstep.past_facts;

CREATE VIEW lockstep.ops AS
    SELECT f.id, f.key, k.name AS kind, f.entity, s.name AS state, b.name AS sub, f.lane,
           f.attempts_made AS attempt, f.batch, f.created_at, f.updated_at, f.cause,
           f.signature, nullif(f.slot, 0) AS slot, n.name AS fence
      FROM lockstep.op_facts f
      JOIN lockstep.fence_name n ON n.fence = f.fence
      JOIN lockstep.kind k ON k.kind = f.kind
      JOIN lockstep.state_name s ON s.state = f.state
      JOIN lockstep.sub_name b ON b.sub = f.sub;

CREATE VIEW lockstep.attempt_facts AS
    SELECT op, attempt, state, signature, blockhash, last_valid_height, signer, created_at, slot,
           cause, evidence, cancels, NULL::date AS day FROM lockstep.attempt
    UNION ALL
    SELECT op, attempt, state, signature, blockhash, last_valid_height, signer, created_at, slot,
           cause, evidence, cancels, day FROM lockstep.attempt_history;

CREATE VIEW lockstep.attempts AS
    SELECT a.op, a.attempt, n.name AS state, a.signature, a.blockhash, a.last_valid_height,
           a.signer, a.created_at, nullif(a.slot, 0) AS slot, a.cause, a.evidence, a.cancels
      FROM lockstep.attempt_facts a JOIN lockstep.attempt_state_name n ON n.state = a.state;

CREATE VIEW lockstep.alerts AS
    SELECT id, rule, subject, (ARRAY['info', 'warning', 'critical'])[severity + 1] AS severity,
           (ARRAY['firing', 'acked', 'resolved'])[
               CASE WHEN state = 1 AND acked_until <= now() THEN 0 ELSE state END + 1] AS state,
           message, fired_at, changed_at, owner, acked_until, note, times, version
      FROM lockstep.alert;

CREATE VIEW lockstep.audit_log AS
    SELECT a.seq, to_timestamp((c.j ->> 'at_ms')::bigint / 1000.0) AS at, c.j ->> 'actor' AS actor,
           c.j -> 'claims' ->> 'os_user' AS os_user, c.j -> 'claims' ->> 'tty' AS tty,
           c.j ->> 'client' AS client, c.j ->> 'action' AS action, c.j ->> 'target' AS target,
           c.j ->> 'before' AS before, c.j ->> 'after' AS after, c.j ->> 'reason' AS reason,
           encode(a.hash, 'hex') AS hash, encode(a.prev_hash, 'hex') AS prev_hash, a.canonical
      FROM lockstep.audit a CROSS JOIN LATERAL (SELECT a.canonical::jsonb AS j) AS c;
CREATE VIEW lockstep.audit_ops AS SELECT op, seq FROM lockstep.audit_op;

CREATE VIEW lockstep.workers AS
    SELECT w.id, w.host, w.pid, w.version, w.started_at, w.heartbeat_at,
           NOT w.is_lost AND NOT w.is_gone
               AND w.heartbeat_at > now() - w.lease_ms * interval '1 ms' AS is_alive,
           w.id = l.worker AND l.until > now() AS is_leader, w.is_paused,
           w.is_draining OR w.drain_wanted AS is_draining,
           w.is_gone, w.in_flight, w.payer, w.signers, w.balance, w.balance_at, w.finalized_height,
           w.login,
           (SELECT array_agg(k.name ORDER BY k.kind) FROM lockstep.kind k
             WHERE k.kind = ANY (w.works_on)) AS works_on,
           w.is_catching_up, w.doing, w.trouble, w.doing_since
      FROM lockstep.worker w CROSS JOIN lockstep.leader l;

CREATE VIEW lockstep.endpoints AS
    SELECT name, is_up, slot, latency_ms, error_permille, trouble, changed_at, seen_at
      FROM lockstep.endpoint;

CREATE VIEW lockstep.gates AS
    SELECT selector, reason, actor, by_worker, since FROM lockstep.gate;

CREATE VIEW lockstep.minutes AS
    SELECT minute, enqueued, done, failed, depth FROM lockstep.minute;

-- Counts that are exact in the reader's snapshot: folded counters and what is not folded.
CREATE VIEW lockstep.counts AS
    SELECT metric, state, sub, sum(n)::bigint AS n FROM (
        SELECT metric, state, sub, n FROM lockstep.counter
        UNION ALL SELECT CASE WHEN metric IN (1, 2) THEN 0::smallint ELSE metric END, state, sub, n
          FROM lockstep.count_delta) AS c
     GROUP BY metric, state, sub;

-- Payload, mint and finished day by operation id or key: what op_facts leaves out.
CREATE FUNCTION lockstep.op_content(p_op bigint, p_key text, OUT op bigint, OUT day date,
                                    OUT payload text, OUT mint text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
BEGIN
    IF p_key IS NOT NULL THEN
        SELECT k.op, k.finished_day, k.payload::text, k.mint INTO op, day, payload, mint
          FROM op_key k WHERE k.key = p_key;
    ELSE
        SELECT k.op, k.finished_day, k.payload::text, k.mint INTO op, day, payload, mint
          FROM op_key k WHERE k.op = p_op;
    END IF;
END
$$;

GRANT SELECT ON lockstep.live_facts, lockstep.past_facts, lockstep.key_facts, lockstep.op_facts, lockstep.ops, lockstep.attempt_facts, lockstep.attempts,
    lockstep.alerts, lockstep.audit_log, lockstep.audit_ops, lockstep.workers, lockstep.endpoints,
    lockstep.gates, lockstep.minutes, lockstep.counts, lockstep.kind, lockstep.state_name,
    lockstep.sub_name, lockstep.fence_name, lockstep.attempt_state_name, lockstep.transition, lockstep.migration
    TO lockstep_viewer;
-- Operations that wait behind one: later ones of its entity and those that depend on it, of each
-- at most p_max.
CREATE FUNCTION lockstep.waiting_behind(p_op bigint, p_max integer) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    SELECT least(p_max, (SELECT count(*) FROM (
               SELECT FROM op o JOIN op mine ON mine.id = p_op AND o.entity = mine.entity
                WHERE o.id > p_op AND o.state = 1 LIMIT p_max) AS behind)
           + (SELECT count(*) FROM (
               SELECT FROM op o WHERE o.depends_on = p_op AND o.state = 1
                  AND o.entity IS DISTINCT FROM (SELECT m.entity FROM op m WHERE m.id = p_op)
                LIMIT p_max) AS after))
$$;
GRANT EXECUTE ON FUNCTION lockstep.waiting_behind(bigint, integer) TO lockstep_viewer;
GRANT EXECUTE ON FUNCTION lockstep.op_content(bigint, text) TO lockstep_viewer;
GRANT EXECUTE ON FUNCTION lockstep.ms(timestamptz), lockstep.shown_sub(smallint, smallint,
    integer, timestamptz, boolean) TO lockstep_viewer;

-- Make the given alerts fire and end the others of p_rules; what changed comes back. A
-- worker's alert of a rollback is over when its operation is no longer under way.
CREATE FUNCTION lockstep.alerts_apply(p_rules text[], p_rule text[], p_subject text[],
                                      p_severity smallint[], p_message text[])
RETURNS TABLE (event text, id bigint, rule text, subject text, severity text, state text,
               message text, fired_at timestamptz, changed_at timestamptz, owner text,
               acked_until timestamptz, note text, times integer, version bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
#variable_conflict use_column
DECLARE
    due record;
    news text;
    ids bigint[] := '{}'::bigint[];
    events text[] := '{}'::text[];
    over bigint[];
BEGIN
    PERFORM pg_advisory_xact_lock(7235, 6);
    FOR due IN SELECT d.* FROM unnest(p_rule, p_subject, p_severity, p_message)
                   AS d (rule, subject, severity, message) ORDER BY d.rule, d.subject LOOP
        news := alert_fire(due.rule, due.subject, due.severity, due.message);
        IF news IS NOT NULL THEN
            ids := ids || (SELECT a.id FROM alert a WHERE a.rule = due.rule
                              AND a.subject = due.subject AND a.state < 2);
            events := events || news;
        END IF;
    END LOOP;
    WITH ended AS (
        UPDATE alert a SET state = 2, version = a.version + 1, changed_at = now()
         WHERE a.state < 2
           AND (a.rule = ANY (p_rules) AND NOT EXISTS (
                    SELECT FROM unnest(p_rule, p_subject) AS d (rule, subject)
                     WHERE d.rule = a.rule AND d.subject = a.subject)
                OR a.rule = 'rollback' AND a.subject ~ '^op [0-9]{1,18}$' AND NOT EXISTS (
                    SELECT FROM op WHERE op.id = substr(a.subject, 4)::bigint AND op.state = 3))
        RETURNING a.id
    )
    SELECT array_agg(ended.id) INTO over FROM ended;
    RETURN QUERY
        SELECT n.event, a.* FROM (
            SELECT * FROM unnest(ids, events) AS u (id, event)
            UNION ALL SELECT o, 'resolved' FROM unnest(over) AS o) AS n
          JOIN alerts a ON a.id = n.id ORDER BY n.event, a.id;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.alerts_apply(text[], text[], text[], smallint[], text[])
    TO lockstep_worker, lockstep_operator;
