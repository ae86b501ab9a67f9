-- What operators do. Each function checks state and version under a lock, acts, and writes
-- its audit entry, all in the caller's one transaction; the same request id acts once.
-- Who may call is decided by EXECUTE alone.
CREATE TYPE lockstep.action_result AS (
    audit_seq bigint, new_op bigint, message text, was_repeat boolean);

-- NULL: go on. Else what the same request did before.
CREATE FUNCTION lockstep.action_begin(p_request bytea, p_action text, p_target text,
                                      p_reason text) RETURNS lockstep.action_result
LANGUAGE plpgsql AS $$
DECLARE
    seen lockstep.request%ROWTYPE;
BEGIN
    IF p_reason IS NULL OR p_reason ~ '^[[:space:]]*$' THEN
        PERFORM lockstep.refuse('LS003', format('%s needs a reason', p_action));
    ELSIF p_target IS NULL THEN
        PERFORM lockstep.refuse('LS003', format('%s needs to be told what to act on', p_action));
    ELSIF p_request IS NULL OR octet_length(p_request) <> 16 THEN
        PERFORM lockstep.refuse('LS003', 'a request id is 16 bytes');
    ELSIF octet_length(p_reason) > 500 THEN
        PERFORM lockstep.refuse('LS003', 'the reason is longer than 500 bytes');
    END IF;
    INSERT INTO lockstep.request (id, action, target) VALUES (p_request, p_action, p_target)
    ON CONFLICT (id) DO NOTHING;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    SELECT * INTO seen FROM lockstep.request WHERE id = p_request;
    IF seen.action <> p_action OR seen.target <> p_target THEN
        PERFORM lockstep.refuse('LS004', format('this request id was used for %s of %s',
                                seen.action, seen.target));
    END IF;
    RETURN ROW (seen.audit_seq, seen.new_op, seen.message, true);
END
$$;

CREATE FUNCTION lockstep.action_end(p_request bytea, p_before text, p_after text, p_reason text,
                                    p_claims jsonb, p_ops bigint[], p_message text,
                                    p_new_op bigint DEFAULT NULL, p_more jsonb DEFAULT '{}')
RETURNS lockstep.action_result
LANGUAGE plpgsql AS $$
DECLARE
    r lockstep.request%ROWTYPE;
    entry_seq bigint;
BEGIN
    SELECT * INTO STRICT r FROM lockstep.request WHERE id = p_request;
    entry_seq := lockstep.audit_append(r.action, r.target, p_before, p_after, p_reason, p_claims,
        p_ops, p_more || jsonb_strip_nulls(jsonb_build_object('request', encode(p_request, 'hex'),
                                                              'new_op', p_new_op)));
    UPDATE lockstep.request SET audit_seq = entry_seq, new_op = p_new_op, message = p_message
     WHERE id = p_request;
    RETURN ROW (entry_seq, p_new_op, p_message, false);
END
$$;

CREATE FUNCTION lockstep.claims(p_os_user text, p_tty text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
AS $$ SELECT jsonb_strip_nulls(jsonb_build_object('os_user', left(p_os_user, 63),
                                                  'tty', left(p_tty, 63))) $$;

-- An operation, live or finished, locked.
CREATE TYPE lockstep.locked_op AS (
    id bigint, version bigint, state smallint, sub smallint, kind smallint, lane smallint,
    entity text, depends_on bigint, compensates bigint, signature text, key text, day date, batch bigint);

CREATE FUNCTION lockstep.lock_op(p_op bigint, p_version bigint) RETURNS lockstep.locked_op
LANGUAGE plpgsql AS $$
DECLARE
    o lockstep.locked_op;
BEGIN
    SELECT l.id, l.version, l.state, l.sub, l.kind, l.lane, l.entity, l.depends_on,
           l.compensates, l.signature, l.key, NULL::date, l.batch INTO o
      FROM lockstep.op l WHERE l.id = p_op FOR UPDATE;
    IF NOT FOUND THEN
        SELECT h.id, h.version, h.state, h.sub, h.kind, h.lane, h.entity, h.depends_on,
               h.compensates, h.signature, h.key, h.day, h.batch INTO o
          FROM lockstep.history h WHERE h.id = p_op AND h.day =
               (SELECT k.finished_day FROM lockstep.op_key k WHERE k.op = p_op) FOR UPDATE;
    END IF;
    IF NOT FOUND THEN
        PERFORM lockstep.refuse('P0002', coalesce((
            SELECT format('op %s ended as %s on %s; its history is kept no longer', p_op, s.name,
                          k.finished_day)
              FROM lockstep.op_key k JOIN lockstep.state_name s ON s.state = k.outcome
             WHERE k.op = p_op), format('there is no operation %s; lockstep ops lists them', p_op)));
    END IF;
    IF p_version > 0 AND p_version <> o.version THEN
        PERFORM lockstep.refuse('LS005', format('op %s changed meanwhile: it is %s now '
            '(version %s, not %s); look again', p_op, lockstep.state_text(o.state, o.sub),
            o.version, p_version));
    END IF;
    RETURN o;
END
$$;

CREATE FUNCTION lockstep.state_text(p_state smallint, p_sub smallint) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT s.name || CASE WHEN b.name = '' THEN '' ELSE '(' || b.name || ')' END
      FROM lockstep.state_name s, lockstep.sub_name b WHERE s.state = p_state AND b.sub = p_sub
$$;

CREATE FUNCTION lockstep.refuse_state(p_need text, p_op lockstep.locked_op) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lockstep.refuse('LS004', format('%s; op %s is %s', p_need, p_op.id,
        (SELECT name FROM lockstep.state_name WHERE state = p_op.state)));
END
$$;

-- Whether its batch lets one of its operations go on by itself.
CREATE FUNCTION lockstep.check_batch_goes_on(p_op lockstep.locked_op) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    b lockstep.batch%ROWTYPE;
BEGIN
    SELECT * INTO STRICT b FROM lockstep.batch WHERE id = p_op.batch FOR UPDATE;
    IF b.state IN (2, 4, 5) AND NOT lockstep.may_land(p_op.id) THEN
        PERFORM lockstep.refuse('LS004', format('op %s is part of batch %s, which is %s: it does not go '
            'on', p_op.id, b.id, lockstep.batch_state_name(b.state)));
    ELSIF b.policy = 3 AND p_op.state = 5 THEN
        PERFORM lockstep.refuse('LS004', format('op %s is part of atomic batch %s, which is tried again '
            'as a whole: lockstep batch retry %s', p_op.id, b.id, b.id));
    END IF;
END
$$;

-- An operator's change of a live operation, by the table. p_state 0 becomes blocked where
-- an entity or a dependency must be asked first; promote() then decides.
CREATE FUNCTION lockstep.operator_move(p_op lockstep.locked_op, p_state integer, p_sub integer,
                                       p_detail text, p_new_round boolean,
                                       p_with_batch boolean DEFAULT false) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    waits boolean := p_state = 0 AND (p_op.entity IS NOT NULL OR p_op.depends_on IS NOT NULL
                                      OR p_op.batch IS NOT NULL);
    next_state smallint := CASE WHEN waits THEN 1 ELSE p_state END;
    next_sub smallint := CASE WHEN NOT waits THEN p_sub WHEN p_op.batch IS NOT NULL THEN 12
                              WHEN p_op.entity IS NULL THEN 11 ELSE 10 END;
BEGIN
    IF p_op.batch IS NOT NULL AND p_state = 0 AND NOT p_with_batch THEN
        PERFORM lockstep.check_batch_goes_on(p_op);
    END IF;
    IF NOT EXISTS (SELECT FROM lockstep.transition WHERE from_state = p_op.state
                      AND to_state = next_state AND movers & 2 <> 0) THEN
        PERFORM lockstep.refuse_state('that is not allowed', p_op);
    END IF;
    UPDATE lockstep.op SET state = next_state, sub = next_sub, worker = NULL, request = 0,
           version = version + 1, updated_at = now(), state_at = now(), detail = p_detail,
           attempts_round = CASE WHEN p_new_round THEN 0 ELSE attempts_round END,
           run_at = CASE WHEN p_new_round THEN now() ELSE greatest(run_at, now()) END
     WHERE id = p_op.id;
    IF p_op.entity IS NOT NULL OR waits THEN
        INSERT INTO lockstep.wake (entity, op)
        VALUES (p_op.entity, CASE WHEN p_op.entity IS NULL THEN p_op.id END);
    END IF;
    IF p_op.batch IS NOT NULL AND NOT p_with_batch THEN
        PERFORM lockstep.batch_settle(ARRAY[p_op.batch]);
    END IF;
    IF p_op.entity IS NOT NULL OR p_op.batch IS NOT NULL OR waits THEN
        PERFORM lockstep.promote(1000);
    END IF;
    RETURN (SELECT lockstep.state_text(state, sub) FROM lockstep.op WHERE id = p_op.id);
END
$$;

CREATE FUNCTION lockstep.retry(p_op bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_version bigint DEFAULT 0, p_os_user text DEFAULT NULL,
    p_tty text DEFAULT NULL) RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'retry', 'op ' || p_op, p_reason);
    o locked_op;
    after text;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    o := lock_op(p_op, p_version);
    IF o.state = 4 AND o.sub = 31 THEN
        PERFORM refuse_state('whether it landed is unknown: verify on chain first, then resolve', o);
    ELSIF o.state <> 5 THEN
        PERFORM refuse_state('retry needs a failed operation', o);
    END IF;
    PERFORM check_looked(p_op);
    PERFORM supply_again(p_op);
    after := operator_move(o, 0, 0, NULL, true);
    IF o.compensates IS NOT NULL THEN
        PERFORM compensation_began(o.compensates, o.id);
    END IF;
    RETURN action_end(p_request, state_text(o.state, o.sub), after, p_reason,
        claims(p_os_user, p_tty), ARRAY[p_op], format('op %s is %s', p_op, after));
END
$$;

CREATE FUNCTION lockstep.hold(p_op bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_version bigint DEFAULT 0, p_os_user text DEFAULT NULL,
    p_tty text DEFAULT NULL) RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'hold', 'op ' || p_op, p_reason);
    o locked_op;
    after text;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    o := lock_op(p_op, p_version);
    IF o.state = 4 THEN
        PERFORM refuse_state('it is held already', o);
    ELSIF o.state > 5 THEN
        PERFORM refuse_state('hold needs an unfinished operation', o);
    ELSIF o.state IN (2, 3) THEN
        UPDATE op SET request = 1, version = version + 1, updated_at = now() WHERE id = p_op;
        RETURN action_end(p_request, state_text(o.state, o.sub), 'hold requested', p_reason,
            claims(p_os_user, p_tty), ARRAY[p_op],
            format('op %s will be held once its attempt is proved dead', p_op));
    END IF;
    IF o.state = 5 THEN
        PERFORM supply_again(p_op); -- released, it goes on without being asked again
    END IF;
    after := operator_move(o, 4, 30, left(p_reason, 500), false);
    RETURN action_end(p_request, state_text(o.state, o.sub), after, p_reason,
        claims(p_os_user, p_tty), ARRAY[p_op], format('op %s is %s', p_op, after));
END
$$;

CREATE FUNCTION lockstep.release(p_op bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_version bigint DEFAULT 0, p_os_user text DEFAULT NULL,
    p_tty text DEFAULT NULL) RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'release', 'op ' || p_op, p_reason);
    o locked_op;
    after text;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    o := lock_op(p_op, p_version);
    IF o.state <> 4 THEN
        PERFORM refuse_state('release needs a held operation', o);
    ELSIF o.sub = 31 THEN
        PERFORM refuse_state('whether it landed is unknown: use resolve, not release', o);
    END IF;
    after := operator_move(o, 0, 0, NULL, false);
    RETURN action_end(p_request, state_text(o.state, o.sub), after, p_reason,
        claims(p_os_user, p_tty), ARRAY[p_op], format('op %s is %s', p_op, after));
END
$$;

CREATE FUNCTION lockstep.cancel(p_op bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_version bigint DEFAULT 0, p_os_user text DEFAULT NULL,
    p_tty text DEFAULT NULL) RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'cancel', 'op ' || p_op, p_reason);
    o locked_op;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    o := lock_op(p_op, p_version);
    IF o.state = 4 AND o.sub = 31 THEN
        PERFORM refuse_state('whether it landed is unknown: resolve it first', o);
    ELSIF o.state > 5 THEN
        PERFORM refuse_state('cancel needs an unfinished operation', o);
    ELSIF o.state IN (2, 3) THEN
        UPDATE op SET request = 2, version = version + 1, updated_at = now() WHERE id = p_op;
        RETURN action_end(p_request, state_text(o.state, o.sub), 'cancel requested', p_reason,
            claims(p_os_user, p_tty), ARRAY[p_op],
            format('op %s will be cancelled once its attempt is proved dead', p_op));
    END IF;
    IF may_land(p_op) THEN
        PERFORM refuse('LS004', format('an attempt of op %s may still land: cancel it when it is '
                                       'submitted again', p_op));
    END IF;
    PERFORM finish(ARRAY[ROW (p_op, 7, NULL, left(p_reason, 500), NULL, NULL)::ending]);
    PERFORM promote(1000);
    RETURN action_end(p_request, state_text(o.state, o.sub), 'cancelled', p_reason,
        claims(p_os_user, p_tty), ARRAY[p_op], format('op %s is cancelled', p_op));
END
$$;

GRANT EXECUTE ON FUNCTION lockstep.retry(bigint, text, bytea, bigint, text, text),
    lockstep.hold(bigint, text, bytea, bigint, text, text),
    lockstep.release(bigint, text, bytea, bigint, text, text),
    lockstep.cancel(bigint, text, bytea, bigint, text, text) TO lockstep_operator;
