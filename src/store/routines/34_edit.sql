-- Edit: a new payload under the same key, where it is certain that nothing of the old one landed.
-- The operation stays the same one: key, tag and fence do, so that the ledger's own guards hold
-- across the edit, and what an application asks by key is answered. What stood there is kept.

-- Whether every attempt is proved dead or final with an error; raises LS004 where it is not so.
CREATE FUNCTION lockstep.check_nothing_landed(p_op bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    seen smallint := (SELECT l.outcome FROM lockstep.look l WHERE l.op = p_op AND l.answered_at IS NOT NULL
                       ORDER BY l.answered_at DESC LIMIT 1);
BEGIN
    IF EXISTS (SELECT FROM lockstep.attempt a WHERE a.op = p_op AND a.state NOT IN (1, 3)) THEN
        PERFORM lockstep.refuse('LS004', format('an attempt of op %s may still land or has landed: its '
                                                'payload stays', p_op));
    END IF;
    PERFORM lockstep.check_looked(p_op);
    IF EXISTS (SELECT FROM lockstep.attempt a WHERE a.op = p_op AND a.state = 1
                  AND coalesce(a.evidence, '') LIKE '%"vouched_by"%')
       AND coalesce(seen, 5) NOT IN (0, 1, 3) THEN
        PERFORM lockstep.refuse('LS004', format('that op %s never landed is a person''s word and no '
            'certificate: verify it on chain first (v, or lockstep verify --chain %s)', p_op, p_op));
    END IF;
END
$$;

-- What the new payload does to supplies: a share is claimed anew, a maximum is moved.
CREATE FUNCTION lockstep.edit_supply(p_op bigint, p_kind text, p_key text, p_old jsonb, p_new jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    s lockstep.supply%ROWTYPE;
BEGIN
    IF p_kind = 'token.mint_to' THEN
        DELETE FROM lockstep.supply_share WHERE op = p_op; -- released when it failed
        PERFORM lockstep.supply_begin(p_op, p_kind, p_key, p_new);
        RETURN;
    ELSIF p_kind <> 'token.create_mint'
          OR p_old ->> 'max_supply' IS NOT DISTINCT FROM p_new ->> 'max_supply' THEN
        RETURN;
    END IF;
    SELECT * INTO s FROM lockstep.supply WHERE mint = p_op FOR UPDATE;
    IF s.mint IS NULL OR NOT p_new ? 'max_supply' THEN
        PERFORM lockstep.refuse('LS004', 'max_supply can be changed by an edit, not added or taken away');
    END IF;
    PERFORM lockstep.supply_claim(p_op, 0);
    IF (p_new ->> 'max_supply')::numeric < (SELECT claimed FROM lockstep.supply WHERE mint = p_op) THEN
        PERFORM lockstep.refuse('LS006', format('mint "%s": more is on its way already than a max_supply '
                                                'of %s', p_key, p_new ->> 'max_supply'));
    END IF;
    UPDATE lockstep.supply SET max = (p_new ->> 'max_supply')::numeric WHERE mint = p_op;
END
$$;

CREATE FUNCTION lockstep.edit(p_op bigint, p_payload jsonb, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_version bigint DEFAULT 0, p_os_user text DEFAULT NULL,
    p_tty text DEFAULT NULL) RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'edit', 'op ' || p_op, p_reason);
    o locked_op;
    k op_key%ROWTYPE;
    kind_name text;
    high numeric;
    waits text;
    after text;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    o := lock_op(p_op, p_version);
    IF o.state = 4 AND o.sub = 31 THEN
        PERFORM refuse_state('whether it landed is unknown: verify on chain first, then resolve', o);
    ELSIF o.state NOT IN (4, 5) THEN
        PERFORM refuse_state('edit needs a failed or held operation', o);
    ELSIF o.compensates IS NOT NULL OR o.kind = 10 THEN
        PERFORM refuse('LS004', format('the payload of op %s is lockstep''s own', p_op));
    END IF;
    PERFORM check_nothing_landed(p_op);
    SELECT * INTO STRICT k FROM op_key WHERE op = p_op FOR UPDATE;
    SELECT name, value_limit INTO STRICT kind_name, high FROM kind WHERE kind.kind = k.kind;
    IF p_payload IS NULL OR p_payload = k.payload THEN
        PERFORM refuse('LS003', format('the payload of op %s is that already: nothing to edit', p_op));
    END IF;
    o.depends_on := check_payload(kind_name, p_payload);
    waits := two_persons(o, is_strict(k.payload, high) OR is_strict(p_payload, high),
        'edit ' || encode(sha256(convert_to(p_payload::text, 'UTF8')), 'hex'), p_reason);
    IF waits IS NOT NULL THEN
        RETURN action_end(p_request, state_text(o.state, o.sub), 'proposed: edited', p_reason,
            claims(p_os_user, p_tty), ARRAY[p_op], waits, NULL,
            jsonb_build_object('payload', k.payload, 'proposed', p_payload));
    END IF;
    PERFORM edit_supply(p_op, kind_name, k.key, k.payload, p_payload);
    INSERT INTO edit (op, reason, payload) VALUES (p_op, p_reason, k.payload);
    UPDATE op_key SET payload = p_payload WHERE op = p_op;
    UPDATE op SET depends_on = o.depends_on WHERE id = p_op;
    after := operator_move(o, 0, 0, NULL, true);
    RETURN action_end(p_request, state_text(o.state, o.sub), after, p_reason,
        claims(p_os_user, p_tty), ARRAY[p_op], format('op %s has its new payload and is %s', p_op, after),
        NULL, jsonb_build_object('payload', k.payload, 'edited', p_payload));
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.edit(bigint, jsonb, text, bytea, bigint, text, text)
    TO lockstep_operator;

-- Whether the new payload is one: what edit() would say of it alone, before a person is asked for a
-- reason. Changes nothing: what it does to supplies is taken back. That nothing landed is a look's
-- business, which comes after.
CREATE FUNCTION lockstep.weigh_edit(p_op bigint, p_payload jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    k op_key%ROWTYPE;
    kind_name text;
BEGIN
    SELECT * INTO k FROM op_key WHERE op = p_op;
    IF k.op IS NULL THEN
        PERFORM refuse('P0002', format('there is no operation %s; lockstep ops lists them', p_op));
    END IF;
    IF p_payload IS NULL OR p_payload = k.payload THEN
        PERFORM refuse('LS003', format('the payload of op %s is that already: nothing to edit', p_op));
    END IF;
    SELECT name INTO STRICT kind_name FROM kind WHERE kind.kind = k.kind;
    PERFORM check_payload(kind_name, p_payload);
    BEGIN
        PERFORM edit_supply(p_op, kind_name, k.key, k.payload, p_payload);
        RAISE EXCEPTION USING ERRCODE = 'LS999';
    EXCEPTION WHEN SQLSTATE 'LS999' THEN
        NULL; -- it would do, and is undone
    END;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.weigh_edit(bigint, jsonb) TO lockstep_operator;

-- What payloads stood under a key before, the first as the application enqueued it.
CREATE VIEW lockstep.edits AS
    SELECT e.op, k.key, e.at, e.login, e.reason, e.payload AS payload_before
      FROM lockstep.edit e JOIN lockstep.op_key k ON k.op = e.op;
GRANT SELECT ON lockstep.edits TO lockstep_viewer;
