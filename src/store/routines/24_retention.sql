-- Retention: the leader drops days of history and then keys, a bounded piece a tick. The audit
-- log is never cut: its chain covers all of it.

CREATE FUNCTION lockstep.retention_configure(p_history_days integer, p_keys_days integer,
                                             p_markers_days integer, p_samples_days integer,
                                             p_outcomes bigint)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    old retention%ROWTYPE;
    kept bigint;
BEGIN
    IF p_keys_days < p_markers_days OR p_keys_days < p_history_days THEN
        PERFORM refuse('LS003', format('keys are kept for %s days, which must be at least as long as '
            'history (%s) and markers (%s): a key that is forgotten earlier could be enqueued again',
            p_keys_days, p_history_days, p_markers_days));
    END IF;
    IF p_history_days < p_markers_days THEN
        PERFORM refuse('LS003', format('history is kept for %s days, which must be at least as long as '
            'markers (%s): a marker whose operation is forgotten is never given back',
            p_history_days, p_markers_days));
    END IF;
    SELECT * INTO STRICT old FROM retention FOR UPDATE;
    SELECT keep_max INTO STRICT kept FROM outcome_head FOR UPDATE;
    IF (old.history_days, old.keys_days, old.markers_days, old.samples_days, kept)
       = (p_history_days, p_keys_days, p_markers_days, p_samples_days, p_outcomes) THEN
        RETURN false;
    END IF;
    UPDATE outcome_head SET keep_max = p_outcomes WHERE keep_max <> p_outcomes;
    UPDATE retention SET history_days = p_history_days, keys_days = p_keys_days,
           markers_days = p_markers_days, samples_days = p_samples_days, next_at = '-infinity';
    PERFORM audit_append('retention.configure', 'retention',
        format('history %s days, keys %s, markers %s, samples %s; %s outcomes', old.history_days,
               old.keys_days, old.markers_days, old.samples_days, kept),
        format('history %s days, keys %s, markers %s, samples %s; %s outcomes', p_history_days,
               p_keys_days, p_markers_days, p_samples_days, p_outcomes),
        'configuration', '{}', '{}', '{}');
    RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.retention_configure(integer, integer, integer, integer,
                                                       bigint)
    TO lockstep_admin;

-- The oldest day of history before p_before that has a partition; NULL.
CREATE FUNCTION lockstep.oldest_day(p_before date) RETURNS date
LANGUAGE sql STABLE AS $$
    SELECT min(to_date(right(c.relname, 8), 'YYYYMMDD'))
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent IN ('lockstep.history'::regclass, 'lockstep.attempt_history'::regclass)
       AND c.relname ~ '^(attempt_)?history_[0-9]{8}$'
       AND right(c.relname, 8) < to_char(p_before, 'YYYYMMDD')
$$;

-- Drop one day. The lock that this needs stops readers and writers of history, so it is waited
-- for a tenth of a second and else tried again: a long report must not halt settlements.
CREATE FUNCTION lockstep.drop_day(p_day date) RETURNS boolean
LANGUAGE plpgsql SET search_path = lockstep, pg_temp SET lock_timeout = '100ms' AS $$
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS %I, %I', 'history' || to_char(p_day, '_YYYYMMDD'),
                   'attempt_history' || to_char(p_day, '_YYYYMMDD'));
    PERFORM audit_append('retention.drop', 'history of ' || p_day, NULL, 'dropped',
        'it is older than the policy keeps', '{}', '{}', '{}');
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END
$$;

-- Forget keys of operations that finished before p_before, looking at p_max from behind the
-- cursor on. Ids follow time closely enough: the pass ends where all that finished is younger.
-- A key stays while a live operation depends on its operation or undoes it, and as long as that of
-- what undid it or emptied its marker: enqueued anew it would be taken for undone already.
CREATE FUNCTION lockstep.purge_keys(p_before date, p_max integer) RETURNS integer
LANGUAGE plpgsql SET search_path = lockstep, pg_temp SET enable_seqscan = off AS $$
DECLARE
    start bigint;
    seen record;
    gone integer;
BEGIN
    SELECT keys_after INTO start FROM retention;
    SELECT count(*) AS n, max(c.op) AS last, min(c.finished_day) AS oldest INTO seen
      FROM (SELECT op, finished_day FROM op_key WHERE op > start ORDER BY op LIMIT p_max) AS c;
    DELETE FROM op_key k
     WHERE k.op > start AND k.op <= seen.last AND k.finished_day < p_before
       AND NOT EXISTS (SELECT FROM op o WHERE o.depends_on = k.op)
       AND NOT EXISTS (SELECT FROM op o WHERE o.compensates = k.op)
       AND NOT EXISTS (SELECT FROM op_key c
                        WHERE c.key IN (undo_key(k.op, k.key), rent_key(k.op, k.key)));
    GET DIAGNOSTICS gone = ROW_COUNT;
    UPDATE retention SET keys_after =
        CASE WHEN seen.n = p_max AND NOT coalesce(seen.oldest >= p_before, false) THEN seen.last END;
    RETURN gone;
END
$$;

-- One piece of the work, for the leader's tick: a day of history, or keys, or rest for an hour.
-- What fails here must not stop heartbeats: it raises an alert.
CREATE FUNCTION lockstep.retain(p_max integer) RETURNS integer
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    r retention%ROWTYPE;
    today date := (now() AT TIME ZONE 'UTC')::date;
    oldest date;
BEGIN
    SELECT * INTO STRICT r FROM retention;
    IF r.next_at > now() THEN
        RETURN 0;
    END IF;
    IF r.keys_after IS NOT NULL THEN
        RETURN purge_keys(today - r.keys_days, p_max);
    END IF;
    oldest := oldest_day(today - r.history_days);
    IF oldest IS NULL THEN
        PERFORM alert_end('retention', '');
        UPDATE retention SET next_at = now() + interval '1 hour', keys_after = 0;
        RETURN 0;
    ELSIF EXISTS (SELECT FROM hook_due d WHERE d.day <= oldest) THEN
        PERFORM alert_fire('retention', '', 1::smallint, format('history of %s stays: on_settled '
            'functions of its operations have not succeeded yet', oldest));
    ELSIF drop_day(oldest) THEN
        RETURN 1;
    ELSIF oldest < today - r.history_days - 2 THEN
        PERFORM alert_fire('retention', '', 1::smallint, format('history of %s stays: somebody reads '
            'history all the time (pg_stat_activity), so it cannot be dropped', oldest));
    END IF;
    UPDATE retention SET next_at = now() + interval '10 seconds';
    RETURN 0;
EXCEPTION WHEN OTHERS THEN
    PERFORM alert_fire('retention', '', 1::smallint, left('retention failed: ' || SQLERRM, 250));
    UPDATE retention SET next_at = now() + interval '1 minute';
    RETURN 0;
END
$$;
