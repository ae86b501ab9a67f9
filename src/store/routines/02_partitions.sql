-- Create the partitions of today and the next seven days. Attaching takes no lock that
-- stops writers; when even that must wait too long, the next call tries again. Rows that
-- went to a DEFAULT partition would make its day's creation fail, so that day is left out
-- and an alert says so.
CREATE FUNCTION lockstep.ensure_partitions() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp
SET lock_timeout = '2s' AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
    parent text;
    child text;
    d date;
    made integer := 0;
    strays boolean;
BEGIN
    IF NOT pg_try_advisory_xact_lock(7235, 3) THEN
        RETURN 0;
    END IF;
    FOREACH parent IN ARRAY ARRAY['history', 'attempt_history'] LOOP
        FOR i IN 0..7 LOOP
            d := today + i;
            child := parent || to_char(d, '_YYYYMMDD');
            CONTINUE WHEN to_regclass('lockstep.' || child) IS NOT NULL;
            EXECUTE format('SELECT EXISTS (SELECT FROM lockstep.%I WHERE day = %L)',
                           parent || '_default', d) INTO strays;
            IF strays THEN
                PERFORM alert_fire('partition', child, 1::smallint, format('rows of %s stand in '
                    '%s_default, so that day gets no partition: move them away', d, parent));
                CONTINUE;
            END IF;
            EXECUTE format('CREATE TABLE lockstep.%I (LIKE lockstep.%I INCLUDING DEFAULTS '
                           'INCLUDING CONSTRAINTS INCLUDING INDEXES)', child, parent);
            EXECUTE format('ALTER TABLE lockstep.%I ATTACH PARTITION lockstep.%I '
                           'FOR VALUES FROM (%L) TO (%L)', parent, child, d, d + 1);
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
EXCEPTION WHEN lock_not_available THEN
    RETURN 0;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.ensure_partitions() TO lockstep_worker, lockstep_admin;
