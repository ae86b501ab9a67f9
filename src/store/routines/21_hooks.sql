-- on_settled: an application's function, called for each operation of its kind that is done,
-- in the transaction that settles it. The worker's connection calls hooks_run() as a statement
-- of its own there, so that no function of an application runs with the owner's rights, and a
-- statement timeout bounds it. What did not succeed stands in hook_due and comes again.

-- What the registered hash covers: the whole definition and whose rights it has. NULL when
-- there is no such function.
CREATE FUNCTION lockstep.hook_definition(p_schema text, p_name text) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    SELECT sha256(convert_to(pg_get_functiondef(p.oid) || chr(10) || r.rolname, 'UTF8'))
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner
     WHERE n.nspname = p_schema AND p.proname = p_name AND p.prokind = 'f' AND p.proretset = false
       AND p.proargtypes::text = 'jsonb'::regtype::oid::text
$$;
GRANT EXECUTE ON FUNCTION lockstep.hook_definition(text, text) TO lockstep_worker;

-- Raise LS003 unless p_schema.p_name(jsonb) may be a hook.
CREATE FUNCTION lockstep.hook_check(p_schema text, p_name text) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    f record;
    shown text := format('%I.%I(jsonb)', p_schema, p_name);
    trouble text;
BEGIN
    SELECT p.oid, p.prosecdef, p.proconfig, p.proowner, r.rolname, r.rolsuper, n.oid AS space INTO f
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner
     WHERE n.nspname = p_schema AND p.proname = p_name AND p.prokind = 'f' AND p.proretset = false
       AND p.proargtypes::text = 'jsonb'::regtype::oid::text;
    trouble := CASE
        WHEN f.oid IS NULL THEN 'there is no such function; it takes one jsonb and returns one '
            'value or void'
        WHEN p_schema IN ('lockstep', 'pg_catalog', 'information_schema') OR p_schema LIKE 'pg\_%' THEN
            'it must stand in a schema of the application'
        WHEN NOT f.prosecdef THEN 'it must be SECURITY DEFINER, to run with its owner''s rights '
            'and not the worker''s'
        WHEN NOT coalesce(array_to_string(f.proconfig, ' '), '') ~ '(^| )search_path=' THEN
            'it must pin its names: add SET search_path = ..., pg_temp to it'
        WHEN f.rolsuper OR pg_has_role(f.proowner, 'lockstep_owner', 'MEMBER')
             OR pg_has_role(f.proowner, 'lockstep_worker', 'MEMBER')
             OR pg_has_role(f.proowner, 'lockstep_operator', 'MEMBER') THEN
            format('its owner %s has rights beyond an application''s: give it to a role that is '
                   'a member of lockstep_app alone', f.rolname)
        WHEN NOT pg_has_role(f.proowner, 'lockstep_app', 'MEMBER') THEN
            format('its owner %s is no application: GRANT lockstep_app TO %I', f.rolname, f.rolname)
        WHEN NOT has_schema_privilege('lockstep_worker', f.space, 'USAGE') THEN
            format('workers may not reach it: GRANT USAGE ON SCHEMA %I TO lockstep_worker', p_schema)
        WHEN NOT has_function_privilege('lockstep_worker', f.oid, 'EXECUTE') THEN
            format('workers may not call it: GRANT EXECUTE ON FUNCTION %s TO lockstep_worker', shown)
        END;
    IF trouble IS NOT NULL THEN
        PERFORM lockstep.refuse('LS003', format('function %s: %s', shown, trouble));
    END IF;
END
$$;

CREATE FUNCTION lockstep.hook_add(p_kind text, p_function text, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'hook.add', 'kind ' || p_kind, p_reason);
    old hook%ROWTYPE;
    its_kind smallint;
    parts text[];
    hash bytea;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    SELECT k.kind INTO its_kind FROM kind k WHERE k.name = p_kind FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('LS003', format('there is no kind "%s"', left(p_kind, 60)));
    END IF;
    BEGIN
        parts := parse_ident(regexp_replace(p_function, '\(jsonb\)$', ''));
    EXCEPTION WHEN invalid_parameter_value THEN
        parts := NULL;
    END;
    IF cardinality(parts) IS DISTINCT FROM 2 THEN
        PERFORM refuse('LS003', format('function "%s": write SCHEMA.NAME; it takes one jsonb',
                                       left(p_function, 130)));
    END IF;
    PERFORM hook_check(parts[1], parts[2]);
    hash := hook_definition(parts[1], parts[2]);
    SELECT * INTO old FROM hook WHERE kind = its_kind;
    INSERT INTO hook AS h (kind, function_schema, function_name, definition)
    VALUES (its_kind, parts[1], parts[2], hash)
    ON CONFLICT (kind) DO UPDATE SET function_schema = excluded.function_schema,
        function_name = excluded.function_name, definition = excluded.definition,
        registered_by = session_user, registered_at = now();
    UPDATE hook_due SET due_at = now() WHERE kind = its_kind; -- what failed may succeed now
    RETURN action_end(p_request,
        CASE WHEN old.kind IS NOT NULL THEN format('%I.%I sha256:%s', old.function_schema,
             old.function_name, encode(old.definition, 'hex')) END,
        format('%I.%I sha256:%s', parts[1], parts[2], encode(hash, 'hex')), p_reason,
        claims(p_os_user, p_tty), '{}',
        format('kind %s: %I.%I is called when an operation is done', p_kind, parts[1], parts[2]));
END
$$;

-- What waits for the function will never have it: the audit entry names these operations.
CREATE FUNCTION lockstep.hook_remove(p_kind text, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'hook.remove', 'kind ' || p_kind, p_reason);
    old hook%ROWTYPE;
    left_over bigint[];
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    DELETE FROM hook h USING kind k WHERE k.name = p_kind AND h.kind = k.kind RETURNING h.* INTO old;
    IF NOT FOUND THEN
        PERFORM refuse('P0002', format('kind "%s" has no on_settled function', left(p_kind, 60)));
    END IF;
    WITH gone AS (DELETE FROM hook_due WHERE kind = old.kind RETURNING op, day), told AS (
        UPDATE history h SET detail = 'its on_settled function was removed before it succeeded',
               version = h.version + 1 FROM gone WHERE h.id = gone.op AND h.day = gone.day
    )
    SELECT coalesce(array_agg(op), '{}') INTO left_over FROM gone;
    PERFORM alert_end('hook', 'kind ' || p_kind);
    RETURN action_end(p_request, format('%I.%I', old.function_schema, old.function_name), 'none',
        p_reason, claims(p_os_user, p_tty), left_over, format('kind %s has no on_settled function '
        'now; %s done operations will never have had it', p_kind, cardinality(left_over)));
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.hook_add(text, text, text, bytea, text, text),
    lockstep.hook_remove(text, text, bytea, text, text) TO lockstep_admin;

CREATE VIEW lockstep.hooks AS
    SELECT k.name AS kind, format('%I.%I', h.function_schema, h.function_name) AS function,
           encode(h.definition, 'hex') AS definition,
           h.definition IS NOT DISTINCT FROM
               lockstep.hook_definition(h.function_schema, h.function_name) AS is_current,
           h.registered_by, h.registered_at,
           (SELECT count(*) FROM lockstep.hook_due d WHERE d.kind = h.kind) AS waiting,
           (SELECT d.error FROM lockstep.hook_due d WHERE d.kind = h.kind AND d.error IS NOT NULL
             ORDER BY d.due_at DESC LIMIT 1) AS last_error
      FROM lockstep.hook h JOIN lockstep.kind k ON k.kind = h.kind;
GRANT SELECT ON lockstep.hooks TO lockstep_viewer;
GRANT EXECUTE ON FUNCTION lockstep.hook_definition(text, text) TO lockstep_viewer;

-- Done operations of kinds with a function wait for it from the moment they are settled.
CREATE FUNCTION lockstep.hook_wanted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM lockstep.hook) THEN
        INSERT INTO lockstep.hook_due (op, day, kind)
        SELECT a.id, a.day, a.kind FROM added a WHERE a.state = 6 AND a.sub = 43;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER history_hook AFTER INSERT ON lockstep.history
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION lockstep.hook_wanted();

-- The calls that are due, by kind: all that this transaction settled, else at most p_max that
-- wait, one a row where an earlier try failed. target is NULL, and error says why, when the
-- function is not what was registered.
CREATE FUNCTION lockstep.hooks_take(p_mine boolean, p_max integer)
RETURNS TABLE (kind text, target text, error text, ops bigint[], settled jsonb[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp SET jit = off AS $$
DECLARE
    chosen bigint[];
BEGIN
    IF p_mine THEN
        chosen := ARRAY(SELECT d.op FROM hook_due d
                         WHERE d.settled_by = pg_current_xact_id() AND d.tries = 0);
    ELSE
        chosen := ARRAY(SELECT d.op FROM hook_due d WHERE d.due_at <= now()
                         ORDER BY d.due_at LIMIT p_max FOR UPDATE SKIP LOCKED);
    END IF;
    RETURN QUERY
        WITH due AS MATERIALIZED (SELECT d.* FROM hook_due d WHERE d.op = ANY (chosen))
        SELECT k.name, CASE WHEN now_is.definition = h.definition
                            THEN format('%I.%I', h.function_schema, h.function_name) END,
               CASE WHEN now_is.definition IS NULL THEN format('%I.%I(jsonb) does not exist any more',
                         h.function_schema, h.function_name)
                    WHEN now_is.definition <> h.definition THEN format('%I.%I changed since it was '
                         'registered: lockstep hook add %s %I.%I', h.function_schema,
                         h.function_name, k.name, h.function_schema, h.function_name) END,
               array_agg(due.op ORDER BY due.op),
               array_agg(jsonb_build_object('op', p.id, 'key', p.key, 'kind', k.name,
                   'entity', p.entity, 'outcome', s.name, 'signature', p.signature,
                   'slot', p.slot, 'payload', c.payload, 'mint', c.mint,
                   'attempt', due.tries + 1) ORDER BY due.op)
          FROM due JOIN hook h ON h.kind = due.kind JOIN kind k ON k.kind = due.kind
          JOIN history p ON p.id = due.op AND p.day = due.day
          JOIN state_name s ON s.state = p.state
          LEFT JOIN op_key c ON c.key = p.key
         CROSS JOIN LATERAL (SELECT hook_definition(h.function_schema, h.function_name)
                                    AS definition) AS now_is
         GROUP BY k.name, h.function_schema, h.function_name, h.definition, now_is.definition,
                  CASE WHEN due.tries > 0 THEN due.op END
         ORDER BY min(due.due_at), min(due.op);
END
$$;

-- What came of calls. p_error NULL: they succeeded.
CREATE FUNCTION lockstep.hooks_told(p_kind text, p_ops bigint[], p_error text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    its_kind smallint := (SELECT k.kind FROM kind k WHERE k.name = p_kind);
BEGIN
    IF p_error IS NULL THEN
        WITH gone AS (DELETE FROM hook_due WHERE op = ANY (p_ops) RETURNING op, day)
        UPDATE history h SET sub = 0, version = h.version + 1,
               detail = CASE WHEN h.sub = 43 THEN NULL ELSE h.detail END
          FROM gone WHERE h.id = gone.op AND h.day = gone.day AND h.sub = 43;
        IF NOT EXISTS (SELECT FROM hook_due WHERE kind = its_kind AND tries > 0) THEN
            PERFORM alert_end('hook', 'kind ' || p_kind);
        END IF;
        RETURN;
    END IF;
    WITH failed AS (
        UPDATE hook_due d SET tries = d.tries + 1, error = left(p_error, 400),
               due_at = clock_timestamp() + make_interval(
                   secs => least(300, 0.5 * 2 ^ least(d.tries, 10)) * (0.5 + random()))
         WHERE d.op = ANY (p_ops) RETURNING d.op, d.day
    )
    UPDATE history h SET detail = left('on_settled: ' || p_error, 500), version = h.version + 1
      FROM failed WHERE h.id = failed.op AND h.day = failed.day AND h.sub = 43;
    PERFORM alert_fire('hook', 'kind ' || p_kind, 1::smallint, left(format('on_settled failed for '
        'op %s%s: %s', p_ops[1], CASE WHEN cardinality(p_ops) > 1 THEN format(' and %s others',
        cardinality(p_ops) - 1) ELSE '' END, p_error), 250));
END
$$;
-- Nobody's function, but the calling itself failed.
CREATE FUNCTION lockstep.hooks_trouble(p_error text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
BEGIN
    PERFORM alert_fire('hook', '', 1::smallint,
        left('on_settled functions could not be called: ' || p_error, 250));
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.hooks_take(boolean, integer),
    lockstep.hooks_told(text, bigint[], text), lockstep.hooks_trouble(text) TO lockstep_worker;

-- Call one function for p_settled, all or none. NULL when it succeeded, else what it raised;
-- is_late when the statement timeout struck, after which nothing bounds this statement.
CREATE FUNCTION lockstep.hook_call(p_target text, p_settled jsonb[], OUT error text,
                                   OUT is_late boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    is_late := false;
    FOR i IN 1..cardinality(p_settled) LOOP
        EXECUTE format('SELECT %s($1)', p_target) USING p_settled[i];
    END LOOP;
EXCEPTION
    WHEN query_canceled THEN
        error := 'took longer than its time';
        is_late := true;
    WHEN OTHERS THEN
        error := SQLERRM;
END
$$;

-- Call the functions that are due: the worker's own statement, with the worker's rights. A
-- batch is called at once; when that raises, one by one, and each that raises alone stays
-- done(hook_failed). When the statement timeout strikes, the rest waits for the next call.
CREATE FUNCTION lockstep.hooks_run(p_mine boolean) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    due record;
    came record;
    called integer := 0;
BEGIN
    FOR due IN SELECT * FROM lockstep.hooks_take(p_mine, 100) LOOP
        IF due.target IS NULL THEN
            PERFORM lockstep.hooks_told(due.kind, due.ops, due.error);
            CONTINUE;
        END IF;
        came := lockstep.hook_call(due.target, due.settled);
        IF came.error IS NULL OR came.is_late OR cardinality(due.ops) = 1 THEN
            PERFORM lockstep.hooks_told(due.kind, due.ops, came.error);
            called := called + cardinality(due.ops);
            EXIT WHEN came.is_late;
            CONTINUE;
        END IF;
        FOR i IN 1..cardinality(due.ops) LOOP
            came := lockstep.hook_call(due.target, due.settled[i:i]);
            PERFORM lockstep.hooks_told(due.kind, due.ops[i:i], came.error);
            called := called + 1;
            EXIT WHEN came.is_late;
        END LOOP;
        EXIT WHEN came.is_late;
    END LOOP;
    RETURN called;
EXCEPTION WHEN query_canceled OR OTHERS THEN
    PERFORM lockstep.hooks_trouble(SQLERRM);
    RETURN 0;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.hooks_run(boolean), lockstep.hook_call(text, jsonb[])
    TO lockstep_worker;
