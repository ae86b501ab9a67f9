-- Bulk jobs: made and steered by persons, carried out by the leader.

CREATE FUNCTION lockstep.bulk_action_name(p_action smallint) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$ SELECT (ARRAY['retry', 'compensate', 'hold', 'release', 'cancel'])[p_action] $$;

CREATE FUNCTION lockstep.bulk_state_name(p_state smallint) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$ SELECT (ARRAY['running', 'canary', 'paused', 'finished', 'aborted'])[p_state + 1] $$;

CREATE FUNCTION lockstep.bulk_target_state_name(p_state smallint) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$ SELECT (ARRAY['waiting', 'sent', 'done', 'failed again', 'refused', 'already landed',
                  'in doubt'])[p_state + 1] $$;

-- Which of what matched the action can be taken on. verdict: 0 yes, 1 not in its state, 2 whether
-- it landed is unknown. The same rules as ls_verb_allowed() of core, and decided again when its
-- turn comes.
CREATE FUNCTION lockstep.bulk_judge(p_action smallint, p_ids bigint[], p_versions bigint[],
                                    p_states smallint[], p_subs smallint[])
RETURNS TABLE (id bigint, version bigint, verdict smallint)
LANGUAGE sql STABLE AS $$
    SELECT t.id, t.version, CASE
           WHEN t.state = 4 AND t.sub = 31 AND p_action <> 3 THEN 2
           WHEN p_action = 1 AND t.state = 5 AND EXISTS (
               SELECT FROM lockstep.attempt a WHERE a.op = t.id AND a.state = 0) THEN 2
           WHEN CASE p_action WHEN 1 THEN t.state = 5
                              WHEN 2 THEN t.state = 6 AND t.sub <> 41
                              WHEN 3 THEN t.state IN (0, 1, 2, 3, 5)
                              WHEN 4 THEN t.state = 4
                              ELSE t.state < 6 END THEN 0
           ELSE 1 END::smallint
      FROM unnest(p_ids, p_versions, p_states, p_subs) AS t (id, version, state, sub)
$$;

-- What a job would act on, before it is made: counts, and what would move if all of it landed.
-- tokens: base units, where it is one mint's (with its decimals, where an operation made it, and as
-- payloads name it); -1: several mints.
CREATE FUNCTION lockstep.bulk_weigh(p_action smallint, p_ids bigint[], p_versions bigint[],
    p_states smallint[], p_subs smallint[], OUT targets bigint, OUT left_out bigint,
    OUT left_unknown bigint, OUT lamports numeric, OUT token_ops bigint, OUT tokens numeric,
    OUT decimals integer, OUT mint text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    WITH j AS MATERIALIZED (SELECT * FROM bulk_judge(p_action, p_ids, p_versions, p_states, p_subs)),
    moved AS (
        SELECT CASE WHEN k.payload ->> 'lamports' ~ '^[0-9]{1,20}$'
                    THEN (k.payload ->> 'lamports')::numeric END AS lamports,
               CASE WHEN k.kind IN (5, 6, 7) AND k.payload ->> 'amount' ~ '^[0-9]{1,20}$'
                    THEN (k.payload ->> 'amount')::numeric END AS tokens,
               coalesce(k.payload -> 'mint' ->> 'key', k.payload ->> 'mint') AS mint
          FROM j JOIN op_key k ON k.op = j.id WHERE j.verdict = 0 AND p_action IN (1, 2, 4))
    SELECT c.n, c.out_n, c.unknown, coalesce(m.lamports, 0), m.token_ops,
           CASE WHEN m.mints > 1 THEN -1 ELSE coalesce(m.tokens, 0) END,
           CASE WHEN m.mints = 1 THEN (
               SELECT (d.payload ->> 'decimals')::integer FROM op_key d
                WHERE d.kind = 4 AND (d.key = m.mint OR d.mint = m.mint) LIMIT 1) END,
           CASE WHEN m.mints = 1 THEN m.mint END
      FROM (SELECT count(*) FILTER (WHERE verdict = 0) AS n, count(*) FILTER (WHERE verdict = 1) AS out_n,
                   count(*) FILTER (WHERE verdict = 2) AS unknown FROM j) AS c,
           (SELECT sum(lamports) AS lamports, count(tokens) AS token_ops, sum(tokens) AS tokens,
                   count(DISTINCT mint) FILTER (WHERE tokens IS NOT NULL) AS mints,
                   min(mint) FILTER (WHERE tokens IS NOT NULL) AS mint FROM moved) AS m
$$;

-- Make a job of what matched, in the transaction and snapshot that found it. p_expect < 0: however
-- many. new_op of the result is the job's number.
CREATE FUNCTION lockstep.bulk_start(p_action smallint, p_filter text, p_ids bigint[],
    p_versions bigint[], p_states smallint[], p_subs smallint[], p_expect bigint, p_rate integer,
    p_canary integer, p_abort_above integer, p_reason text, p_request bytea, p_os_user text DEFAULT NULL,
    p_tty text DEFAULT NULL) RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    word text := bulk_action_name(p_action);
    done action_result := action_begin(p_request, 'bulk.start', left(word || ' of ' || p_filter, 200),
                                       p_reason);
    frozen bigint[];
    versions bigint[];
    n_out bigint;
    n_unknown bigint;
    job bigint;
BEGIN
    IF done.was_repeat THEN
        SELECT id INTO job FROM bulk WHERE request = p_request;
        RETURN ROW (done.audit_seq, job, done.message, true)::action_result;
    ELSIF word IS NULL OR p_rate NOT BETWEEN 1 AND 1000 OR p_abort_above NOT BETWEEN 0 AND 100
       OR p_canary < 0 THEN
        PERFORM refuse('LS003', 'a bulk job retries, compensates, holds, releases or cancels, 1 to 1000 a '
            'second, with a canary of 0 or more, and aborts above 0 to 100 percent');
    ELSIF (SELECT count(*) FROM bulk WHERE state < 3) >= 64 THEN
        PERFORM refuse('LS004', '64 bulk jobs are not over yet, which is the most: abort one first');
    END IF;
    SELECT array_agg(j.id ORDER BY j.id) FILTER (WHERE j.verdict = 0),
           array_agg(j.version ORDER BY j.id) FILTER (WHERE j.verdict = 0),
           count(*) FILTER (WHERE j.verdict = 1), count(*) FILTER (WHERE j.verdict = 2)
      INTO frozen, versions, n_out, n_unknown
      FROM bulk_judge(p_action, p_ids, p_versions, p_states, p_subs) AS j;
    IF p_expect >= 0 AND p_expect <> coalesce(cardinality(frozen), 0) THEN
        PERFORM refuse('LS004', format('%s operations match now that %s can be done on, not %s; nothing '
            'was changed, look again', coalesce(cardinality(frozen), 0), word, p_expect));
    ELSIF frozen IS NULL THEN
        PERFORM refuse('LS004', format('nothing that matches can be acted on by %s: %s are in another '
            'state, of %s it is unknown whether they landed', word, n_out, n_unknown));
    ELSIF cardinality(frozen) > 1000000 THEN
        PERFORM refuse('LS004', 'more than 1,000,000 operations match; narrow the filter');
    END IF;
    INSERT INTO bulk (total, waiting, left_out, left_unknown, rate, canary, abort_above, action, state,
                      canary_judged, filter, reason, os_user, request)
    VALUES (cardinality(frozen), cardinality(frozen), n_out, n_unknown, p_rate, p_canary, p_abort_above,
            p_action, CASE WHEN p_canary > 0 AND p_canary < cardinality(frozen) THEN 1 ELSE 0 END,
            NOT (p_canary > 0 AND p_canary < cardinality(frozen)), p_filter, p_reason,
            left(p_os_user, 63), p_request)
    RETURNING id INTO job;
    INSERT INTO bulk_target (bulk, op, version)
    SELECT job, t.op, t.version FROM unnest(frozen, versions) AS t (op, version);
    done := action_end(p_request, NULL, format('bulk job %s: %s operations', job, cardinality(frozen)),
        p_reason, claims(p_os_user, p_tty), '{}', format('bulk job %s: %s of %s operations, %s a second%s%s',
            job, word, cardinality(frozen), p_rate,
            CASE WHEN n_out > 0 THEN format('; %s left out by their state', n_out) ELSE '' END,
            CASE WHEN n_unknown > 0 THEN format('; %s left out: whether they landed is unknown', n_unknown)
                 ELSE '' END));
    RETURN ROW (done.audit_seq, job, done.message, false)::action_result;
END
$$;

CREATE FUNCTION lockstep.bulk_lock(p_bulk bigint) RETURNS lockstep.bulk
LANGUAGE plpgsql AS $$
DECLARE
    j lockstep.bulk;
BEGIN
    SELECT * INTO j FROM lockstep.bulk WHERE id = p_bulk FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM lockstep.refuse('P0002', format('there is no bulk job %s', p_bulk));
    END IF;
    RETURN j;
END
$$;

-- bulk.pause, bulk.resume, bulk.abort. What was acted on already is followed on.
CREATE FUNCTION lockstep.bulk_change(p_action text, p_bulk bigint, p_reason text, p_request bytea,
    p_os_user text, p_tty text) RETURNS lockstep.action_result
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, p_action, 'bulk ' || p_bulk, p_reason);
    j bulk;
    to_state smallint;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    j := bulk_lock(p_bulk);
    to_state := CASE p_action WHEN 'bulk.pause' THEN 2 WHEN 'bulk.abort' THEN 4
                              ELSE CASE WHEN j.canary_judged THEN 0 ELSE 1 END END;
    IF j.state > 2 OR (to_state = 2) = (j.state = 2) AND to_state <> 4 THEN
        PERFORM refuse('LS004', format('bulk job %s is %s', p_bulk, bulk_state_name(j.state)));
    END IF;
    UPDATE bulk SET state = to_state, version = version + 1, changed_at = now(),
           why = CASE WHEN to_state IN (2, 4) THEN left(format('by %s: %s', session_user, p_reason), 500) END,
           ended_at = CASE to_state WHEN 4 THEN now() END WHERE id = p_bulk;
    PERFORM alert_end('bulk', 'bulk ' || p_bulk);
    RETURN action_end(p_request, bulk_state_name(j.state), bulk_state_name(to_state), p_reason,
        claims(p_os_user, p_tty), '{}', format('bulk job %s is %s; %s of %s were not acted on', p_bulk,
            bulk_state_name(to_state), j.waiting, j.total));
END
$$;

CREATE FUNCTION lockstep.bulk_pause(p_bulk bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE sql SECURITY DEFINER SET search_path = lockstep, pg_temp
AS $$ SELECT bulk_change('bulk.pause', p_bulk, p_reason, p_request, p_os_user, p_tty) $$;

CREATE FUNCTION lockstep.bulk_resume(p_bulk bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE sql SECURITY DEFINER SET search_path = lockstep, pg_temp
AS $$ SELECT bulk_change('bulk.resume', p_bulk, p_reason, p_request, p_os_user, p_tty) $$;

CREATE FUNCTION lockstep.bulk_abort(p_bulk bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE sql SECURITY DEFINER SET search_path = lockstep, pg_temp
AS $$ SELECT bulk_change('bulk.abort', p_bulk, p_reason, p_request, p_os_user, p_tty) $$;

-- Take the action on one target through the function that a person would call, in the name of
-- the job. Its request id is made of the job and the operation: it can not be done twice.
-- outcome: 1 sent, 4 refused; NULL: somebody has it locked, or our locks are in somebody's way.
CREATE FUNCTION lockstep.bulk_act(p_job lockstep.bulk, p_op bigint, p_version bigint,
                                  OUT outcome smallint, OUT made bigint, OUT message text)
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    r action_result;
    id bytea := substr(sha256(convert_to(format('lockstep/bulk %s %s', p_job.id, p_op), 'UTF8')), 1, 16);
    said text := bulk_said(p_job);
BEGIN
    CASE p_job.action
        WHEN 1 THEN r := retry(p_op, said, id, p_version, p_job.os_user, NULL);
        WHEN 2 THEN r := compensate(p_op, said, id, p_version, p_job.os_user, NULL);
        WHEN 3 THEN r := hold(p_op, said, id, p_version, p_job.os_user, NULL);
        WHEN 4 THEN r := release(p_op, said, id, p_version, p_job.os_user, NULL);
        ELSE r := cancel(p_op, said, id, p_version, p_job.os_user, NULL);
    END CASE;
    outcome := 1;
    made := r.new_op;
EXCEPTION
    WHEN lock_not_available OR deadlock_detected OR serialization_failure THEN
        outcome := NULL;
    WHEN OTHERS THEN
        outcome := 4;
        message := left(SQLERRM, 300);
END
$$;

-- What became of targets that were acted on: at most p_max of them a look, and round again.
CREATE FUNCTION lockstep.bulk_follow(p_job lockstep.bulk, p_max integer) RETURNS lockstep.bulk
LANGUAGE plpgsql SET search_path = lockstep, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    last bigint;
    seen integer;
    n_done bigint;
    n_failed bigint;
    n_gone bigint;
    n_repeat bigint;
BEGIN
    WITH looked AS MATERIALIZED (
        SELECT t.op, t.new_op, t.cause FROM bulk_target t
         WHERE t.bulk = p_job.id AND t.state = 1 AND t.op > p_job.seen_op ORDER BY t.op LIMIT p_max
    ), verdict AS (
        SELECT l.op, l.cause, o.cause AS now_cause, CASE
               WHEN k.op IS NULL THEN 4
               WHEN p_job.action = 3 THEN CASE WHEN o.state = 4 THEN 2
                   WHEN k.outcome IS NOT NULL OR o.state = 5 THEN 3 END
               WHEN p_job.action = 5 THEN CASE WHEN k.outcome = 7 THEN 2
                   WHEN k.outcome IS NOT NULL OR o.state = 5 THEN 3 END
               ELSE CASE WHEN k.outcome IN (6, 8) THEN 2
                   WHEN k.outcome IS NOT NULL OR o.state = 5 THEN 3 END END AS state,
               CASE WHEN k.op IS NULL THEN 'its record is kept no longer'
                    WHEN k.outcome = 6 THEN 'it landed'
                    WHEN k.outcome = 7 THEN 'it was cancelled'
                    WHEN k.outcome = 8 THEN 'it was compensated'
                    WHEN o.state = 5 THEN coalesce(o.cause, 'it failed') END AS why
          FROM looked l LEFT JOIN op_key k ON k.op = coalesce(l.new_op, l.op)
          LEFT JOIN op o ON o.id = k.op
    ), changed AS (
        UPDATE bulk_target t SET state = v.state, settled_at = now(), why = v.why
          FROM verdict v WHERE t.bulk = p_job.id AND t.op = v.op AND v.state IS NOT NULL
        RETURNING v.state, v.state = 3 AND v.cause = v.now_cause AS is_repeat
    )
    SELECT (SELECT max(op) FROM looked), (SELECT count(*) FROM looked),
           count(*) FILTER (WHERE state = 2), count(*) FILTER (WHERE state = 3),
           count(*) FILTER (WHERE state = 4), count(*) FILTER (WHERE is_repeat)
      INTO last, seen, n_done, n_failed, n_gone, n_repeat FROM changed;
    UPDATE bulk b SET seen_op = CASE WHEN seen = p_max THEN last ELSE 0 END,
           sent = b.sent - n_done - n_failed - n_gone, done = b.done + n_done,
           failed = b.failed + n_failed, refused = b.refused + n_gone, repeats = b.repeats + n_repeat,
           version = b.version + (n_done + n_failed + n_gone > 0)::integer
     WHERE b.id = p_job.id RETURNING * INTO p_job;
    RETURN p_job;
END
$$;

-- The state follows from the counts: finished, aborted by its own rule, past its canary or
-- stopped by it. Each of these is audited.
CREATE FUNCTION lockstep.bulk_decide(p_job lockstep.bulk) RETURNS lockstep.bulk
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    settled bigint := p_job.done + p_job.failed;
    is_canary_over boolean := NOT p_job.canary_judged AND p_job.sent = 0
        AND (settled >= p_job.canary OR p_job.waiting = 0);
    to_state smallint;
    word text;
    note text;
BEGIN
    IF p_job.state NOT IN (0, 1) THEN
        RETURN p_job;
    ELSIF p_job.abort_above < 100 AND settled >= least(10, p_job.total)
          AND p_job.repeats * 100 > p_job.abort_above * settled AND p_job.waiting > 0 THEN
        to_state := 4;
        word := 'bulk.abort';
        note := format('%s of %s failed again with the cause that they had: above %s%%', p_job.repeats,
                       settled, p_job.abort_above);
    ELSIF p_job.waiting = 0 AND p_job.sent = 0 THEN
        to_state := 3;
        word := 'bulk.end';
        note := format('%s done, %s failed again, %s refused%s%s', p_job.done, p_job.failed, p_job.refused,
            CASE WHEN p_job.landed > 0 THEN format(', %s already landed', p_job.landed) ELSE '' END,
            CASE WHEN p_job.doubt > 0 THEN format(', %s in doubt', p_job.doubt) ELSE '' END);
    ELSIF is_canary_over AND p_job.failed > 0 THEN
        to_state := 2;
        word := 'bulk.pause';
        note := format('canary: %s of %s failed again (%s); look, then resume or abort', p_job.failed,
            settled, (SELECT max(t.why) FROM bulk_target t WHERE t.bulk = p_job.id AND t.state = 3));
    ELSIF is_canary_over THEN
        to_state := 0;
        word := 'bulk.canary';
        note := format('canary: %s of %s succeeded, it goes on', p_job.done, settled);
    ELSE
        RETURN p_job;
    END IF;
    PERFORM audit_append(word, 'bulk ' || p_job.id, bulk_state_name(p_job.state),
        bulk_state_name(to_state), left(note, 500), '{}', '{}', '{}');
    IF to_state IN (2, 4) THEN
        PERFORM alert_fire('bulk', 'bulk ' || p_job.id, 1::smallint, left(format('bulk job %s is %s: %s',
            p_job.id, bulk_state_name(to_state), note), 250));
    END IF;
    UPDATE bulk b SET state = to_state, why = left(note, 500), changed_at = now(), version = b.version + 1,
           canary_judged = b.canary_judged OR is_canary_over,
           ended_at = CASE WHEN to_state > 2 THEN now() END
     WHERE b.id = p_job.id RETURNING * INTO p_job;
    RETURN p_job;
END
$$;

-- Act on as many targets as the rate and the canary allow, at most p_max, and for a tenth of a second:
-- the locks of a step stand in others' way. What would be sent or undone is looked up on the ledger
-- before (35_bulk_looks.sql): what is found landed, or may land still, is not acted on, and where
-- nothing is known yet it waits.
CREATE FUNCTION lockstep.bulk_advance(p_job lockstep.bulk, p_max integer) RETURNS lockstep.bulk
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    began_at timestamptz := clock_timestamp();
    from_at timestamptz := greatest(p_job.acted_at, began_at - interval '1 second');
    allowed integer := floor(p_job.rate * extract(epoch FROM began_at - from_at));
    reach bigint;
    used integer := 0;
    counts bigint[] := array_fill(0, ARRAY[6]); -- by the state that a target came into
    ahead integer := 0; -- looked up and not acted on, or being looked up
    n_silent bigint := 0;
    to_ask bigint[] := '{}';
    t record;
    r record;
BEGIN
    allowed := greatest(least(allowed, p_max), CASE WHEN p_job.acted_at = '-infinity' THEN 1 ELSE 0 END);
    IF p_job.state = 1 THEN
        allowed := least(allowed, p_job.canary - p_job.sent - p_job.done - p_job.failed);
    END IF;
    reach := bulk_window(p_job, allowed);
    FOR t IN SELECT w.op, w.version, o.cause, l.verdict, l.is_silent, l.why
               FROM (SELECT op, version FROM bulk_target WHERE bulk = p_job.id AND state = 0
                      ORDER BY op LIMIT reach) AS w
               LEFT JOIN op o ON o.id = w.op, bulk_look(p_job.action, w.op) AS l ORDER BY w.op LOOP
        n_silent := n_silent + t.is_silent::integer;
        IF t.verdict = 8 THEN
            to_ask := to_ask || t.op;
            CONTINUE;
        ELSIF t.verdict = 7 OR t.verdict = 0 AND (
                  used >= allowed OR clock_timestamp() > began_at + interval '100 ms') THEN
            ahead := ahead + 1;
            CONTINUE;
        ELSIF t.verdict = 0 THEN
            r := bulk_act(p_job, t.op, t.version);
            EXIT WHEN r.outcome IS NULL;
            used := used + 1;
        ELSE
            SELECT t.verdict AS outcome, NULL::bigint AS made, left(t.why, 300) AS message INTO r;
        END IF;
        UPDATE bulk_target w SET state = r.outcome, cause = t.cause, new_op = r.made, why = r.message,
               acted_at = CASE WHEN t.verdict = 0 THEN clock_timestamp() END,
               settled_at = CASE WHEN r.outcome >= 4 THEN clock_timestamp() END
         WHERE w.bulk = p_job.id AND w.op = t.op;
        counts[r.outcome] := counts[r.outcome] + 1;
    END LOOP;
    IF cardinality(to_ask) > 0 AND ahead * 2 <= reach THEN
        PERFORM bulk_ask(p_job, to_ask);
    END IF;
    UPDATE bulk b SET waiting = b.waiting - counts[1] - counts[4] - counts[5] - counts[6],
           sent = b.sent + counts[1], refused = b.refused + counts[4], landed = b.landed + counts[5],
           doubt = b.doubt + counts[6], silent = n_silent, version = b.version + 1,
           acted_at = CASE WHEN used = 0 THEN b.acted_at
                           ELSE from_at + make_interval(secs => used::double precision / b.rate) END
     WHERE b.id = p_job.id AND (counts[1] + counts[4] + counts[5] + counts[6] > 0
                                OR b.silent <> n_silent) RETURNING * INTO r;
    IF FOUND THEN
        p_job := r;
    END IF;
    RETURN p_job;
END
$$;

-- One step of the job that has waited longest: only the leader's, and of its present term. Gives when
-- the next is due, in ms; -1: no job is under way. Locks are waited for shortly: this yields before
-- anybody else's deadlock would be found.
CREATE FUNCTION lockstep.bulk_step(p_worker bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
    j bulk;
    others boolean;
BEGIN
    PERFORM FROM leader WHERE worker = p_worker AND until > clock_timestamp() FOR SHARE;
    IF NOT FOUND THEN
        RETURN -1;
    END IF;
    SELECT * INTO j FROM bulk WHERE state IN (0, 1) OR sent > 0 ORDER BY stepped_at LIMIT 1
       FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN CASE WHEN EXISTS (SELECT FROM bulk WHERE state IN (0, 1) OR sent > 0) THEN 500 ELSE -1 END;
    END IF;
    UPDATE bulk SET stepped_at = clock_timestamp() WHERE id = j.id;
    IF j.sent > 0 THEN
        j := bulk_follow(j, 500);
    END IF;
    j := bulk_decide(j);
    IF j.state IN (0, 1) AND j.waiting > 0 THEN
        j := bulk_advance(j, 250);
        j := bulk_decide(j);
    END IF;
    others := EXISTS (SELECT FROM bulk WHERE (state IN (0, 1) OR sent > 0) AND id <> j.id);
    RETURN CASE WHEN NOT others AND j.silent > 0 AND j.sent = 0 THEN 1000
                WHEN others OR (j.state IN (0, 1) AND j.waiting > 0) THEN
                    CASE WHEN j.rate > 200 THEN 50 ELSE 100 END
                WHEN j.sent > 0 THEN 500 ELSE -1 END;
EXCEPTION
    WHEN lock_not_available OR deadlock_detected THEN
        RETURN 500;
    WHEN OTHERS THEN -- a mistake here must not cost the worker its connection
        PERFORM alert_fire('bulk', 'jobs', 1::smallint, left('bulk jobs do not go on: ' || SQLERRM, 250));
        RETURN 5000;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.bulk_step(bigint) TO lockstep_worker;

CREATE VIEW lockstep.bulks AS
    SELECT b.id, lockstep.bulk_action_name(b.action) AS action, lockstep.bulk_state_name(b.state) AS state,
           b.total, b.waiting, b.sent, b.done, b.failed, b.refused, b.landed, b.doubt,
           CASE WHEN b.state IN (0, 1) THEN b.silent ELSE 0 END AS silent, b.repeats, b.left_out, b.left_unknown,
           b.rate, b.canary, NOT b.canary_judged AS is_canary, b.abort_above, b.filter, b.reason, b.actor,
           b.os_user, coalesce(b.why, '') AS why, b.created_at, b.changed_at, b.ended_at, b.version
      FROM lockstep.bulk b;
CREATE VIEW lockstep.bulk_targets AS
    SELECT t.bulk, t.op, k.key, lockstep.bulk_target_state_name(t.state) AS state, t.version, t.cause,
           coalesce(t.why, CASE WHEN t.state = 0 AND EXISTS (
               SELECT FROM lockstep.look l WHERE l.op = t.op AND l.answered_at IS NULL
                  AND l.asked_at > now() - interval '2 minutes') THEN 'the ledger is asked' END, '') AS why,
           t.new_op, t.acted_at, t.settled_at
      FROM lockstep.bulk_target t LEFT JOIN lockstep.op_key k ON k.op = t.op;
GRANT SELECT ON lockstep.bulks, lockstep.bulk_targets TO lockstep_viewer;
GRANT EXECUTE ON FUNCTION lockstep.bulk_action_name(smallint), lockstep.bulk_state_name(smallint),
    lockstep.bulk_target_state_name(smallint),
    lockstep.bulk_weigh(smallint, bigint[], bigint[], smallint[], smallint[]) TO lockstep_viewer;
GRANT EXECUTE ON FUNCTION
    lockstep.bulk_start(smallint, text, bigint[], bigint[], smallint[], smallint[], bigint, integer,
                        integer, integer, text, bytea, text, text),
    lockstep.bulk_pause(bigint, text, bytea, text, text),
    lockstep.bulk_resume(bigint, text, bytea, text, text),
    lockstep.bulk_abort(bigint, text, bytea, text, text) TO lockstep_operator;
