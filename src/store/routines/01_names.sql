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

-- The number of a fence's name, NULL for NULL; raises LS003 for one that there is not.
CREATE FUNCTION lockstep.fence_of(p_name text) RETURNS smallint
LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
    number smallint;
BEGIN
    SELECT fence INTO number FROM lockstep.fence_name WHERE name = p_name;
    IF NOT FOUND THEN
        PERFORM lockstep.refuse('LS003', format('there is no fence "%s" (fences: %s)',
            left(p_name, 60),
            (SELECT string_agg(name, ', ' ORDER BY fence) FROM lockstep.fence_name)));
    END IF;
    RETURN number;
END
$$;

CREATE FUNCTION lockstep.kind_names(p_kinds smallint[]) RETURNS text[]
LANGUAGE sql STABLE STRICT AS $$
    SELECT array_agg(name ORDER BY kind) FROM lockstep.kind WHERE kind = ANY (p_kinds)
$$;

-- "all", "all but memo", "memo, event"; NULL stands for all.
CREATE FUNCTION lockstep.kinds_words(p_kinds smallint[]) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_kinds IS NULL THEN 'all'
                WHEN 2 * cardinality(p_kinds) <= count(*)
                THEN string_agg(name, ', ' ORDER BY kind) FILTER (WHERE kind = ANY (p_kinds))
                ELSE 'all but ' || string_agg(name, ', ' ORDER BY kind)
                                   FILTER (WHERE kind <> ALL (p_kinds)) END
      FROM lockstep.kind
$$;

CREATE FUNCTION lockstep.kind_text(p_kind lockstep.kind) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT format('%s attempts, stuck after %s ms, fence %s, value limit %s', p_kind.max_attempts,
                  p_kind.stuck_after_ms,
                  (SELECT name FROM lockstep.fence_name WHERE fence = p_kind.fence),
                  coalesce(p_kind.value_limit::text, 'none'))
$$;

-- A kind's settings; NULL leaves one as it is, a value limit of -1 takes it away. Audited when
-- something changes. Operations that are enqueued already keep their max_attempts and fence.
CREATE FUNCTION lockstep.kind_configure(p_kind text, p_max_attempts integer,
                                        p_stuck_after_ms bigint, p_fence text DEFAULT NULL,
                                        p_value_limit bigint DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    old kind%ROWTYPE;
    new kind%ROWTYPE;
BEGIN
    SELECT * INTO old FROM kind WHERE name = p_kind FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('LS003', format('there is no kind "%s"', p_kind));
    END IF;
    UPDATE kind SET max_attempts = coalesce(p_max_attempts, max_attempts),
                    stuck_after_ms = coalesce(p_stuck_after_ms, stuck_after_ms),
                    fence = coalesce(fence_of(p_fence), fence),
                    value_limit = CASE WHEN p_value_limit IS NULL THEN value_limit
                                       WHEN p_value_limit >= 0 THEN p_value_limit END
     WHERE name = p_kind RETURNING * INTO new;
    IF new IS NOT DISTINCT FROM old THEN
        RETURN false;
    END IF;
    PERFORM audit_append('kind.configure', 'kind ' || p_kind, kind_text(old), kind_text(new),
                         'configuration', '{}', '{}', '{}');
    RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.kind_configure(text, integer, bigint, text, bigint)
    TO lockstep_worker, lockstep_admin;
