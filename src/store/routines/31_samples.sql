-- What happened, and what the dashboard said then.

-- The first thing in the quarter of an hour before trouble began that may have to do with it, as
-- the database's own records have it: an endpoint that went down, a payer or another gate, the
-- brake, a lost worker, a failover, an alert of a worker. No row: nothing of that sort is known.
-- A gate that a person put on lets nothing fail: it is named where it is stuck operations that the
-- trouble began with. One that was lifted lets through what may fail.
CREATE FUNCTION lockstep.first_before(p_began_ms bigint, p_is_stuck boolean, OUT at_ms bigint,
                                      OUT kind text, OUT what text, OUT why text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    WITH span AS (
        SELECT to_timestamp(p_began_ms / 1000.0) - interval '15 minutes' AS low,
               to_timestamp(p_began_ms / 1000.0) AS high)
    SELECT ms(e.at), e.kind, e.what, e.why FROM span CROSS JOIN LATERAL (
        SELECT changed_at AS at, 'endpoint' AS kind, name AS what, trouble AS why, 1 AS weight
          FROM endpoint WHERE NOT is_up
        UNION ALL
        SELECT since, CASE WHEN NOT by_worker THEN 'gate' WHEN scope = 3 THEN 'payer' ELSE 'nonce' END,
               selector, actor, 2 FROM gate WHERE by_worker OR p_is_stuck
        UNION ALL
        SELECT heartbeat_at, 'worker', id || ' on ' || host, '', 3 FROM worker WHERE is_lost
        UNION ALL
        SELECT minute, 'failover', '', '', 4 FROM (
            SELECT minute, timeline <> lag(timeline) OVER (ORDER BY minute) AS has_changed
              FROM sample WHERE minute BETWEEN span.low - interval '1 minute' AND span.high) AS s
         WHERE has_changed
        UNION ALL
        SELECT fired_at, rule, subject, message, 5 FROM (
            SELECT * FROM alert ORDER BY id DESC LIMIT 200) AS newest
         WHERE rule IN ('endpoint', 'worker', 'balance', 'brake', 'catchup', 'nonce', 'reconcile',
                        'late_landing', 'altered', 'rollback')
        UNION ALL
        SELECT to_timestamp((j ->> 'at_ms')::bigint / 1000.0),
               CASE WHEN j ->> 'action' = 'gate.off' THEN 'gate.off' WHEN j ->> 'worker' IS NULL THEN 'gate'
                    WHEN j ->> 'target' LIKE 'gate payer:%' THEN 'payer' ELSE 'nonce' END,
               substr(j ->> 'target', 6), j ->> 'actor', 6
          FROM (SELECT canonical::jsonb AS j FROM audit ORDER BY seq DESC LIMIT 200) AS newest
         WHERE CASE WHEN j ->> 'worker' IS NOT NULL THEN j ->> 'action' = 'gate.on'
                    WHEN j ->> 'action' = 'gate.off' THEN j ->> 'reason' <> 'the batch is over'
                    ELSE j ->> 'action' = 'gate.on' AND p_is_stuck END) AS e
     WHERE e.at > span.low AND e.at <= span.high
     ORDER BY e.at, e.weight LIMIT 1
$$;

-- The kinds of which due operations wait: how many, and whether a living worker that is neither
-- paused nor drained may begin them; at most 10,000 are counted where nobody may, else 100. Kind
-- 0: atomic batches of which nobody may begin all, though each of its kinds has somebody.
CREATE TYPE lockstep.kind_waiting AS (kind smallint, waiting bigint, is_attended boolean);
CREATE FUNCTION lockstep.kinds_waiting() RETURNS SETOF lockstep.kind_waiting
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp
SET jit = off SET enable_seqscan = off AS $$
    WITH working AS MATERIALIZED (
        SELECT w.id, w.works_on FROM worker w
         WHERE NOT w.is_lost AND NOT w.is_gone AND NOT w.is_paused AND NOT w.is_draining
           AND NOT w.drain_wanted AND w.heartbeat_at > now() - w.lease_ms * interval '1 ms'
    ), kinds AS MATERIALIZED (
        SELECT k.kind, EXISTS (SELECT FROM working w
                                WHERE w.works_on IS NULL OR k.kind = ANY (w.works_on)) AS is_attended
          FROM kind k
    )
    SELECT k.kind, n.n, k.is_attended FROM kinds k CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM (
            SELECT * FROM (SELECT FROM op o WHERE o.state = 0 AND NOT o.is_gated AND o.fence <> 1
                              AND o.kind = k.kind AND o.run_at <= now()
                            LIMIT CASE WHEN k.is_attended THEN 100 ELSE 10000 END) AS plain
            UNION ALL
            SELECT * FROM (SELECT FROM op o WHERE o.state = 0 AND NOT o.is_gated AND o.fence = 1
                              AND o.kind = k.kind AND o.run_at <= now()
                            LIMIT CASE WHEN k.is_attended THEN 100 ELSE 10000 END) AS nonced
             LIMIT CASE WHEN k.is_attended THEN 100 ELSE 10000 END) AS first) AS n
     WHERE n.n > 0
    UNION ALL
    SELECT 0::smallint, b.n, false FROM (
        SELECT count(*) AS n FROM (
            SELECT FROM batch b WHERE b.state IN (0, 1, 2, 5) AND b.state = 1 AND b.policy = 3
               AND NOT EXISTS (SELECT FROM working WHERE works_on IS NULL)
               AND EXISTS (SELECT FROM op o WHERE o.batch = b.id AND o.state = 0 AND NOT o.is_gated
                              AND o.run_at <= now())
               AND NOT EXISTS (SELECT FROM op o JOIN kinds k ON k.kind = o.kind
                                WHERE o.batch = b.id AND NOT k.is_attended)
               AND NOT EXISTS (SELECT FROM working w WHERE may_begin(b.id, w.works_on))
             LIMIT 10000) AS first) AS b
     WHERE b.n > 0
$$;
GRANT EXECUTE ON FUNCTION lockstep.kinds_waiting() TO lockstep_viewer;

-- One row of the numbers that the dashboard shows beside the lists.
CREATE TYPE lockstep.vitals_row AS (
    now_ms bigint, age_ms bigint, lag_ms bigint, lag_p95_ms bigint, stuck bigint,
    oldest_stuck_ms bigint, first_failed_ms bigint, oldest_trouble_ms bigint, alerts_firing bigint,
    alerts_critical bigint, alerts_acked bigint, everything_gated boolean, first_at_ms bigint,
    first_kind text, first_what text, first_why text);
CREATE FUNCTION lockstep.vitals() RETURNS lockstep.vitals_row
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
    v vitals_row;
BEGIN
    v.now_ms := ms(clock_timestamp());
    v.everything_gated := all_gated();
    SELECT greatest(0, coalesce(ms(now()) - ms(min(d.run_at)), 0)) INTO v.age_ms
      FROM generate_series(0, 3) AS l (lane) CROSS JOIN LATERAL (
        SELECT run_at FROM op WHERE state = 0 AND NOT is_gated AND op.lane = l.lane
           AND run_at <= now() ORDER BY run_at, id LIMIT 1) AS d;
    SELECT coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY d.lag), 0),
           coalesce(percentile_disc(0.95) WITHIN GROUP (ORDER BY d.lag), 0)
      INTO v.lag_ms, v.lag_p95_ms
      FROM (SELECT ms(finished_at) - ms(due_at) AS lag FROM history
             WHERE day >= today - 1 AND finished_at > now() - interval '1 minute'
               AND state IN (6, 8) ORDER BY finished_at DESC LIMIT 2000) AS d;
    SELECT coalesce(sum(cardinality(s.ids)), 0), coalesce(ms(min(s.state_at)), 0),
           ms(min(s.created_at))
      INTO v.stuck, v.oldest_stuck_ms, v.oldest_trouble_ms FROM stuck_groups(10000) AS s;
    SELECT coalesce(ms(min(t.state_at)), 0),
           coalesce(least(ms(min(t.created_at)), v.oldest_trouble_ms), 0)
      INTO v.first_failed_ms, v.oldest_trouble_ms
      FROM (SELECT state_at, created_at FROM op WHERE state IN (4, 5) LIMIT 20000) AS t;
    SELECT count(*) FILTER (WHERE state = 0 OR acked_until <= now()),
           count(*) FILTER (WHERE (state = 0 OR acked_until <= now()) AND severity = 2),
           count(*) FILTER (WHERE state = 1 AND acked_until > now())
      INTO v.alerts_firing, v.alerts_critical, v.alerts_acked FROM alert WHERE state < 2;
    IF greatest(v.first_failed_ms, v.oldest_stuck_ms) > 0 THEN
        SELECT f.at_ms, f.kind, f.what, f.why
          INTO v.first_at_ms, v.first_kind, v.first_what, v.first_why
          FROM first_before(least(nullif(v.first_failed_ms, 0), nullif(v.oldest_stuck_ms, 0)),
                            v.oldest_stuck_ms > 0 AND (v.first_failed_ms = 0
                                                       OR v.oldest_stuck_ms < v.first_failed_ms)) f;
    END IF;
    RETURN v;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.vitals() TO lockstep_viewer;

-- The newest decisions of workers, actions of people and alerts before p_until (NULL: all), the
-- newest first; certificates, of which each expired attempt makes one, are left out. What one did
-- to many operations for one reason, never longer than a minute apart, is one event, as old as the
-- newest of it. Of the audit log 200 entries are looked at.
CREATE FUNCTION lockstep.events(p_until timestamptz, p_limit integer)
RETURNS TABLE (at_ms bigint, who text, action text, target text, reason text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
#variable_conflict use_column
DECLARE
    low bigint := 0;
    high bigint;
    middle bigint;
BEGIN
    SELECT coalesce(max(seq), 0) INTO high FROM audit;
    WHILE p_until IS NOT NULL AND low < high LOOP -- the last entry not behind it; times ascend
        middle := (low + high + 1) / 2;
        IF (SELECT (canonical::jsonb ->> 'at_ms')::bigint FROM audit WHERE seq = middle)
           <= ms(p_until) THEN
            low := middle;
        ELSE
            high := middle - 1;
        END IF;
    END LOOP;
    RETURN QUERY
        WITH entry AS (
            SELECT a.seq, (a.j ->> 'at_ms')::bigint AS at_ms,
                   coalesce('worker ' || (a.j ->> 'worker'), a.j -> 'claims' ->> 'os_user',
                            a.j ->> 'actor') AS who,
                   a.j ->> 'action' AS action,
                   a.j ->> CASE a.j ->> 'action' WHEN 'leader.term' THEN 'after' ELSE 'target' END
                       AS target,
                   coalesce(nullif(a.j ->> 'reason', ''), -- what a look found stands there
                            CASE a.j ->> 'action' WHEN 'verify.result' THEN a.j ->> 'after' END,
                            '') AS reason
              FROM (SELECT seq, canonical::jsonb AS j FROM audit WHERE seq <= high
                     ORDER BY seq DESC LIMIT 200) AS a
             WHERE a.j ->> 'action' <> 'op.certified'
        ), apart AS ( -- whether it begins an event
            SELECT e.*, e.target NOT LIKE 'op %'
                   OR e.at_ms - lag(e.at_ms) OVER same > 60000 AS begins
              FROM entry e WINDOW same AS (PARTITION BY e.who, e.action, e.reason, e.target LIKE 'op %'
                                           ORDER BY e.seq)
        ), numbered AS (
            SELECT a.*, count(*) FILTER (WHERE a.begins) OVER same AS event
              FROM apart a WINDOW same AS (PARTITION BY a.who, a.action, a.reason, a.target LIKE 'op %'
                                           ORDER BY a.seq)
        ), event AS (
            SELECT max(at_ms) AS at_ms, max(seq) AS seq, who, action,
                   CASE count(*) WHEN 1 THEN min(target) ELSE count(*) || ' operations' END AS target,
                   reason
              FROM numbered GROUP BY who, action, reason, target LIKE 'op %', event
        )
        SELECT e.at_ms, e.who, e.action, e.target, e.reason FROM (
            (SELECT at_ms, seq, who, action, target, reason FROM event ORDER BY seq DESC LIMIT p_limit)
            UNION ALL
            (SELECT ms(n.fired_at), 0, 'alert', 'alert.fired',
                    n.rule || CASE n.subject WHEN '' THEN '' ELSE ' ' || n.subject END, n.message
               FROM (SELECT * FROM alert WHERE fired_at <= coalesce(p_until, now())
                      ORDER BY id DESC LIMIT p_limit) AS n)) AS e
         ORDER BY e.at_ms DESC, e.seq DESC LIMIT p_limit;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.events(timestamptz, integer) TO lockstep_viewer;

-- The leader's, in its tick: once a minute. What fails here must not stop heartbeats.
CREATE FUNCTION lockstep.sample_take() RETURNS boolean
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    this timestamptz := date_trunc('minute', now());
    v vitals_row;
BEGIN
    IF EXISTS (SELECT FROM sample WHERE minute >= this) THEN
        RETURN false;
    END IF;
    v := vitals();
    INSERT INTO sample (minute, in_flight, stuck, lag_ms, timeline, balance, facts)
    SELECT this,
           (SELECT coalesce(sum(n), 0) FROM counts WHERE metric = 0 AND state IN (2, 3)),
           v.stuck, v.lag_ms, timeline_now(),
           (SELECT w.balance FROM worker w ORDER BY balance_at DESC NULLS LAST, id DESC LIMIT 1),
           jsonb_build_object(
               'vitals', to_jsonb(v),
               'counts', (SELECT jsonb_agg(c) FROM counts c WHERE metric IN (0, 4) AND n <> 0),
               'workers', (SELECT jsonb_agg(w) FROM (
                   SELECT * FROM workers WHERE NOT is_gone
                      AND (is_alive OR heartbeat_at > now() - interval '1 hour')
                    ORDER BY is_alive DESC, CASE WHEN is_alive THEN id END,
                             heartbeat_at DESC LIMIT 16) AS w),
               'waiting', (SELECT jsonb_agg(k) FROM kinds_waiting() AS k),
               'endpoints', (SELECT jsonb_agg(e) FROM (SELECT * FROM endpoints LIMIT 8) AS e),
               'gates', (SELECT jsonb_agg(g) FROM (
                   SELECT * FROM gates ORDER BY since LIMIT 32) AS g),
               'causes', (SELECT jsonb_agg(c) FROM causes(24) AS c))
    ON CONFLICT DO NOTHING;
    PERFORM alert_end('sample', '');
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    PERFORM alert_fire('sample', '', 1::smallint,
                       left('the minute was not recorded: ' || SQLERRM, 250));
    RETURN false;
END
$$;

-- The samples' curves.
CREATE VIEW lockstep.samples AS
    SELECT minute, in_flight, stuck, lag_ms, balance FROM lockstep.sample;
GRANT SELECT ON lockstep.samples TO lockstep_viewer;

-- A part of a sample; NULL: it has none.
CREATE FUNCTION lockstep.sampled(p_minute timestamptz, p_part text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    SELECT nullif(facts -> p_part, 'null') FROM sample WHERE minute = p_minute
$$;
GRANT EXECUTE ON FUNCTION lockstep.sampled(timestamptz, text) TO lockstep_viewer;

-- The newest sample not behind p_at and not two minutes older; NULL, and then the neighbours.
CREATE FUNCTION lockstep.sample_at(p_at timestamptz, OUT minute timestamptz, OUT before_ms bigint,
                                   OUT after_ms bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    SELECT CASE WHEN b.minute > p_at - interval '2 minutes' THEN b.minute END, ms(b.minute),
           (SELECT ms(min(s.minute)) FROM sample s WHERE s.minute > p_at)
      FROM (SELECT max(s.minute) AS minute FROM sample s WHERE s.minute <= p_at) AS b
$$;
GRANT EXECUTE ON FUNCTION lockstep.sample_at(timestamptz) TO lockstep_viewer;
