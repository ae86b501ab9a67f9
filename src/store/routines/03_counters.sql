-- insert_op(), the only writer of new operations, writes its own delta: a statement trigger
-- costs as much as the rest of an enqueue.
CREATE FUNCTION lockstep.count_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO lockstep.count_delta (metric, state, sub, n)
    SELECT 0, state, sub, -count(*) FROM removed GROUP BY state, sub;
    RETURN NULL;
END
$$;
CREATE FUNCTION lockstep.count_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO lockstep.count_delta (metric, state, sub, n)
    SELECT 0, state, sub, sum(n) FROM (
        SELECT state, sub, 1 AS n FROM added
        UNION ALL SELECT state, sub, -1 FROM removed) AS both_sides
    GROUP BY state, sub HAVING sum(n) <> 0
    UNION ALL
    SELECT 3, 0, 0, sum(n) FROM (
        SELECT 1 AS n FROM added WHERE state = 5
        UNION ALL SELECT -1 FROM removed WHERE state = 5) AS failed
    HAVING sum(n) > 0;
    RETURN NULL;
END
$$;
CREATE FUNCTION lockstep.count_finished() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO lockstep.count_delta (metric, state, sub, n)
    SELECT CASE state WHEN 6 THEN 2 ELSE 0 END, state, sub, count(*) FROM added
     GROUP BY state, sub;
    RETURN NULL;
END
$$;

CREATE TRIGGER op_changed AFTER UPDATE ON lockstep.op
    REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION lockstep.count_changed();
CREATE TRIGGER op_removed AFTER DELETE ON lockstep.op
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION lockstep.count_removed();
CREATE TRIGGER history_added AFTER INSERT ON lockstep.history
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION lockstep.count_finished();
CREATE TRIGGER history_changed AFTER UPDATE ON lockstep.history
    REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION lockstep.count_changed();

-- Add up at most p_max deltas; whoever comes while another folds does nothing. Only one
-- folder runs at a time, and deltas are never updated, so reading counter plus deltas in
-- one snapshot is always exact.
CREATE FUNCTION lockstep.fold(p_max integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    folded integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(7235, 2) THEN
        RETURN 0;
    END IF;
    WITH gone AS (
        DELETE FROM count_delta
         WHERE ctid = ANY (ARRAY(SELECT ctid FROM count_delta LIMIT p_max))
        RETURNING *
    ), counted AS (
        INSERT INTO counter AS c (metric, state, sub, n)
        SELECT CASE WHEN metric IN (1, 2) THEN 0 ELSE metric END, state, sub, sum(n)
          FROM gone GROUP BY 1, 2, 3
        ON CONFLICT (metric, state, sub) DO UPDATE SET n = c.n + excluded.n
    ), by_minute AS (
        INSERT INTO minute AS m (minute, enqueued, done, failed)
        SELECT date_trunc('minute', at),
               coalesce(sum(n) FILTER (WHERE metric = 1), 0),
               coalesce(sum(n) FILTER (WHERE metric = 2), 0),
               coalesce(sum(n) FILTER (WHERE metric = 3), 0)
          FROM gone WHERE metric IN (1, 2, 3) GROUP BY 1
        ON CONFLICT (minute) DO UPDATE SET enqueued = m.enqueued + excluded.enqueued,
            done = m.done + excluded.done, failed = m.failed + excluded.failed
    )
    SELECT count(*) INTO folded FROM gone;
    INSERT INTO minute AS m (minute, depth)
    SELECT date_trunc('minute', now()), coalesce(sum(n), 0)
      FROM counter WHERE metric = 0 AND state IN (0, 1)
    ON CONFLICT (minute) DO UPDATE SET depth = excluded.depth;
    RETURN folded;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.fold(integer) TO lockstep_worker;

-- For readers: where no worker folds, many deltas would make every reading slow.
CREATE FUNCTION lockstep.fold_if_many() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
BEGIN
    IF (SELECT count(*) FROM (SELECT FROM count_delta LIMIT 2000) AS few) < 2000 THEN
        RETURN 0;
    END IF;
    RETURN fold(50000);
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.fold_if_many() TO lockstep_viewer;
