-- The refusal that all functions share: SQLSTATE and one line for a person.
CREATE FUNCTION lockstep.refuse(p_code text, p_message text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = p_code, MESSAGE = p_message;
END
$$;

-- STABLE, as extract() is: else the planner could not inline it.
CREATE FUNCTION lockstep.ms(p_at timestamptz) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
AS 'SELECT (extract(epoch FROM p_at) * 1000)::bigint';

CREATE FUNCTION lockstep.tag_key(OUT tag_key bytea, OUT genesis text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp
AS 'SELECT m.tag_key, m.genesis FROM lockstep.meta m';
GRANT EXECUTE ON FUNCTION lockstep.tag_key() TO lockstep_worker, lockstep_admin;

CREATE FUNCTION lockstep.log_id() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp
AS 'SELECT log_id::text FROM lockstep.meta';
GRANT EXECUTE ON FUNCTION lockstep.log_id() TO lockstep_viewer;

-- A kind's settings; NULL leaves one as it is. Audited when something changes. Operations
-- that are enqueued already keep their max_attempts.
CREATE FUNCTION lockstep.kind_configure(p_kind text, p_max_attempts integer,
                                        p_stuck_after_ms bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    old kind%ROWTYPE;
BEGIN
    SELECT * INTO old FROM kind WHERE name = p_kind FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('LS003', format('there is no kind "%s"', p_kind));
    END IF;
    IF coalesce(p_max_attempts, old.max_attempts) = old.max_attempts
       AND coalesce(p_stuck_after_ms, old.stuck_after_ms) = old.stuck_after_ms THEN
        RETURN false;
    END IF;
    UPDATE kind SET max_attempts = coalesce(p_max_attempts, max_attempts),
                    stuck_after_ms = coalesce(p_stuck_after_ms, stuck_after_ms)
     WHERE name = p_kind;
    PERFORM audit_append('kind.configure', 'kind ' || p_kind,
        format('%s attempts, stuck after %s ms', old.max_attempts, old.stuck_after_ms),
        format('%s attempts, stuck after %s ms', coalesce(p_max_attempts, old.max_attempts),
               coalesce(p_stuck_after_ms, old.stuck_after_ms)), 'configuration', '{}', '{}', '{}');
    RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.kind_configure(text, integer, bigint)
    TO lockstep_worker, lockstep_admin;
