-- Resolving what a machine could not decide; undoing what landed.

-- Above the kind's value limit (p_strict) two persons, by their logins, must say the same of an
-- operation that stayed as it was. NULL: it is agreed, go on; else what to tell the first.
CREATE FUNCTION lockstep.two_persons(p_op lockstep.locked_op, p_strict boolean, p_verdict text,
                                     p_reason text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before lockstep.resolution%ROWTYPE;
BEGIN
    IF NOT p_strict THEN
        RETURN NULL;
    END IF;
    SELECT * INTO before FROM lockstep.resolution WHERE op = p_op.id FOR UPDATE;
    IF before.verdict = p_verdict AND before.version = p_op.version THEN
        IF before.login = session_user THEN
            PERFORM lockstep.refuse('LS004', format('op %s is above its kind''s value limit: you said '
                'so already, and a second person must confirm it with a login of their own', p_op.id));
        END IF;
        DELETE FROM lockstep.resolution WHERE op = p_op.id;
        RETURN NULL;
    END IF;
    INSERT INTO lockstep.resolution AS r (op, version, verdict, reason)
    VALUES (p_op.id, p_op.version, p_verdict, p_reason)
    ON CONFLICT (op) DO UPDATE SET version = excluded.version, verdict = excluded.verdict,
        reason = excluded.reason, login = session_user, at = now();
    RETURN format('op %s is above its kind''s value limit: recorded, and it stays as it is until a second '
        'person says the same with a login of their own%s', p_op.id, CASE
        WHEN before.verdict <> p_verdict AND before.version = p_op.version THEN format(' (%s had said '
            'otherwise: %s)', before.login, before.verdict) ELSE '' END);
END
$$;

CREATE FUNCTION lockstep.second_person(p_op lockstep.locked_op, p_verdict text, p_reason text)
RETURNS text LANGUAGE sql AS $$
    SELECT lockstep.two_persons(p_op, EXISTS (
        SELECT FROM lockstep.op_key k JOIN lockstep.kind d ON d.kind = k.kind
         WHERE k.op = p_op.id AND lockstep.is_strict(k.payload, d.value_limit)), p_verdict, p_reason)
$$;

CREATE VIEW lockstep.resolutions AS
    SELECT r.op, o.key, r.verdict, r.reason, r.login, r.at FROM lockstep.resolution r
      JOIN lockstep.op o ON o.id = r.op AND o.version = r.version;
GRANT SELECT ON lockstep.resolutions TO lockstep_viewer;

-- A person says which attempt landed: it is tracked to finality, not believed.
CREATE FUNCTION lockstep.resolve_landed(p_op bigint, p_signature text, p_reason text,
    p_request bytea DEFAULT uuid_send(gen_random_uuid()), p_version bigint DEFAULT 0,
    p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL) RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'resolve.landed', 'op ' || p_op, p_reason);
    o locked_op;
    waits text;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    o := lock_op(p_op, p_version);
    IF o.state <> 4 OR o.sub <> 31 THEN
        PERFORM refuse_state('resolve needs an operation that is held as ambiguous', o);
    END IF;
    IF NOT EXISTS (SELECT FROM attempt WHERE op = p_op AND signature = p_signature) THEN
        PERFORM refuse('LS003', format('signature %s is of no attempt of op %s',
                                coalesce(nullif(left(p_signature, 90), ''), '(none)'), p_op));
    ELSIF EXISTS (SELECT FROM attempt WHERE op = p_op AND signature = p_signature
                     AND state = 3) THEN
        PERFORM refuse('LS004', format('attempt %s of op %s is final with an error: it had no '
            'effect', (SELECT attempt FROM attempt WHERE op = p_op AND signature = p_signature
                        ORDER BY attempt LIMIT 1), p_op));
    ELSIF EXISTS (SELECT FROM attempt WHERE op = p_op AND signature = p_signature AND cancels) THEN
        PERFORM refuse('LS004', format('that transaction only moved the nonce of op %s on: it is '
            'not the operation''s effect', p_op));
    END IF;
    waits := second_person(o, p_signature, p_reason);
    IF waits IS NOT NULL THEN
        RETURN action_end(p_request, 'held(ambiguous)', 'proposed: submitted ' || p_signature,
            p_reason, claims(p_os_user, p_tty), ARRAY[p_op], waits);
    END IF;
    UPDATE attempt SET state = 0 WHERE op = p_op AND signature = p_signature;
    PERFORM operator_move(o, 3, 20, 'resolved as landed; tracked to finality', false);
    UPDATE op SET signature = p_signature, token = nextval('token') WHERE id = p_op;
    RETURN action_end(p_request, 'held(ambiguous)', 'submitted ' || p_signature, p_reason,
        claims(p_os_user, p_tty), ARRAY[p_op],
        format('op %s is tracked by that signature until it is final', p_op));
END
$$;

-- A person vouches that nothing landed: failed, every attempt dead, and who said so kept.
CREATE FUNCTION lockstep.resolve_never(p_op bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_version bigint DEFAULT 0, p_os_user text DEFAULT NULL,
    p_tty text DEFAULT NULL) RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'resolve.never', 'op ' || p_op, p_reason);
    o locked_op;
    waits text;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    o := lock_op(p_op, p_version);
    IF o.state <> 4 OR o.sub <> 31 THEN
        PERFORM refuse_state('resolve needs an operation that is held as ambiguous', o);
    END IF;
    waits := second_person(o, 'never', p_reason);
    IF waits IS NOT NULL THEN
        RETURN action_end(p_request, 'held(ambiguous)', 'proposed: failed', p_reason,
            claims(p_os_user, p_tty), ARRAY[p_op], waits);
    END IF;
    UPDATE attempt SET state = 1, evidence = jsonb_build_object('vouched_by', session_user,
           'reason', p_reason)::text WHERE op = p_op AND state = 0;
    PERFORM operator_move(o, 5, 0, left('resolved as never landed: ' || p_reason, 500), false);
    PERFORM nonce_end(ARRAY[p_op]);
    IF o.compensates IS NOT NULL THEN
        PERFORM compensation_failed(ARRAY[p_op], 'failed');
    END IF;
    RETURN action_end(p_request, 'held(ambiguous)', 'failed', p_reason,
        claims(p_os_user, p_tty), ARRAY[p_op], format('op %s is failed; retry sends it again',
        p_op));
END
$$;

CREATE FUNCTION lockstep.refuse_compensation(p_op bigint, p_why text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lockstep.refuse('LS004', format('op %s cannot be compensated: %s', p_op, p_why));
END
$$;

CREATE FUNCTION lockstep.can_sign(p_address text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM lockstep.worker w WHERE NOT w.is_lost AND NOT w.is_gone
                      AND p_address = ANY (w.signers))
$$;

-- Refused with the reason when no living worker can sign for p_address.
CREATE FUNCTION lockstep.need_signer(p_op bigint, p_address text, p_what text) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT lockstep.can_sign(p_address) THEN
        PERFORM lockstep.refuse_compensation(p_op, format('%s %s, and no living worker can sign '
            'for it; start one with that key as a [signer]', p_what, p_address));
    END IF;
END
$$;

-- A mint is undone by taking the right to mint away from everybody (SetAuthority to none).
CREATE FUNCTION lockstep.undo_mint(p_op lockstep.locked_op, p_key lockstep.op_key, p_sender text)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_key.mint IS NULL THEN
        PERFORM lockstep.refuse_compensation(p_op.id, 'its mint''s address is not known');
    END IF;
    PERFORM lockstep.need_signer(p_op.id, p_sender, 'the authority of its mint is');
    RETURN jsonb_build_object(
        'program', CASE p_key.payload ->> 'program' WHEN 'token-2022'
            THEN 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'
            ELSE 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA' END,
        'accounts', jsonb_build_array(
            jsonb_build_object('address', p_key.mint, 'writable', true),
            jsonb_build_object('address', p_sender, 'signer', true)),
        'data', '{"hex": "060000"}'::jsonb, 'void', p_op.signature);
END
$$;

-- What an account holds can go back while it is the System program's and without data.
CREATE FUNCTION lockstep.undo_account(p_op lockstep.locked_op, p_key lockstep.op_key,
                                      p_sender text)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_key.payload ->> 'owner' <> '11111111111111111111111111111111' THEN
        PERFORM lockstep.refuse_compensation(p_op.id, format('its account belongs to program %s, '
            'which alone can close it', p_key.payload ->> 'owner'));
    ELSIF p_key.payload ->> 'space' <> '0' THEN
        PERFORM lockstep.refuse_compensation(p_op.id, 'its account has data, and the ledger lets '
            'no lamports out of such a one');
    END IF;
    PERFORM lockstep.need_signer(p_op.id, p_sender, 'its account was derived from');
    RETURN jsonb_build_object('from', jsonb_build_object('key', p_op.key), 'to', p_sender,
                              'lamports', 'all', 'void', p_op.signature);
END
$$;

-- The instruction that the payload gives for that.
CREATE FUNCTION lockstep.undo_invoke(p_op lockstep.locked_op, p_key lockstep.op_key)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    undo jsonb := p_key.payload -> 'compensate';
BEGIN
    IF undo IS NULL THEN
        PERFORM lockstep.refuse_compensation(p_op.id, 'its payload gives no instruction for that '
            '("compensate")');
    END IF;
    PERFORM lockstep.need_signer(p_op.id, a ->> 'address', 'it must be signed by')
       FROM jsonb_array_elements(coalesce(undo -> 'accounts', '[]')) AS a
      WHERE a -> 'signer' = 'true';
    RETURN undo || jsonb_build_object('void', p_op.signature);
END
$$;

-- What undoes a landed operation: its kind and payload, or a refusal with the reason.
CREATE FUNCTION lockstep.compensation_of(p_op lockstep.locked_op, OUT kind smallint,
                                         OUT payload jsonb)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    k lockstep.op_key%ROWTYPE;
    sender text;
    mint jsonb;
BEGIN
    SELECT * INTO STRICT k FROM lockstep.op_key WHERE op = p_op.id;
    SELECT signer INTO sender FROM lockstep.attempt_history
     WHERE op = p_op.id AND day = p_op.day ORDER BY state = 2 DESC, attempt DESC LIMIT 1;
    mint := coalesce((SELECT to_jsonb(d.mint) FROM lockstep.op_key d WHERE d.op = p_op.depends_on
                         AND d.mint IS NOT NULL), k.payload -> 'mint');
    CASE p_op.kind
        WHEN 1, 2 THEN
            kind := 1;
            payload := jsonb_build_object('text', 'void ' || coalesce(p_op.signature, p_op.key));
        WHEN 3 THEN
            IF k.payload -> 'from' ? 'key' THEN
                PERFORM lockstep.refuse_compensation(p_op.id, 'it undid another operation itself');
            END IF;
            PERFORM lockstep.need_signer(p_op.id, k.payload ->> 'to',
                                         'the lamports belong now to');
            kind := 3;
            payload := jsonb_build_object('from', k.payload -> 'to', 'to',
                coalesce(k.payload ->> 'from', sender), 'lamports', k.payload -> 'lamports',
                'void', p_op.signature);
        WHEN 4 THEN
            kind := 9;
            payload := lockstep.undo_mint(p_op, k, sender);
        WHEN 8 THEN
            kind := 3;
            payload := lockstep.undo_account(p_op, k, sender);
        WHEN 9 THEN
            kind := 9;
            payload := lockstep.undo_invoke(p_op, k);
        WHEN 10 THEN
            PERFORM lockstep.refuse_compensation(p_op.id, 'accounts of the pool of nonces are '
                'closed by lockstep nonce close');
        WHEN 6 THEN
            PERFORM lockstep.refuse_compensation(p_op.id, 'what was burnt is gone; mint anew '
                'with an operation of its own');
        ELSE
            PERFORM lockstep.need_signer(p_op.id, k.payload ->> 'to', 'the tokens belong now to');
            kind := CASE p_op.kind WHEN 5 THEN 6 ELSE 7 END;
            payload := jsonb_build_object('mint', mint, 'from', k.payload -> 'to',
                                          'amount', k.payload -> 'amount');
            IF kind = 7 THEN
                payload := payload || jsonb_build_object('to',
                    coalesce(k.payload ->> 'from', sender));
            END IF;
    END CASE;
END
$$;

-- Whether another compensation may be made beside those that there are: p_key is its key. One that
-- is cancelled was proved not to have landed; where a failover took the proof with what it was
-- about, it may have.
CREATE FUNCTION lockstep.check_undone(p_op bigint, p_key text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    undo bigint;
    its_day date;
BEGIN
    SELECT c.id INTO undo FROM lockstep.op c WHERE c.compensates = p_op LIMIT 1;
    IF undo IS NOT NULL THEN
        PERFORM lockstep.refuse('LS004', format('the compensation of op %s is op %s: retry or '
                                                'cancel that one', p_op, undo));
    END IF;
    -- Locked as adopt_landed() does: what it wrote meanwhile is seen below.
    SELECT h.id, h.day INTO undo, its_day
      FROM lockstep.op_key k JOIN lockstep.history h ON h.id = k.op AND h.day = k.finished_day
     WHERE k.key = p_key AND k.outcome = 7 FOR UPDATE OF h;
    IF undo IS NOT NULL AND EXISTS (SELECT FROM lockstep.attempt_history a
               WHERE a.op = undo AND a.day = its_day AND a.state = 2) THEN
        PERFORM lockstep.refuse('LS004', format('the compensation of op %s, op %s, was cancelled '
            'and landed all the same: it is undone', p_op, undo));
    END IF;
END
$$;

-- Enqueue what undoes a done operation; its id. Raises LS004 with the reason when it can not.
CREATE FUNCTION lockstep.compensation_start(p_op lockstep.locked_op) RETURNS bigint
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    undo record;
    comp_key text := undo_key(p_op.id, p_op.key);
    new_id bigint;
BEGIN
    PERFORM check_undone(p_op.id, comp_key);
    undo := compensation_of(p_op);
    PERFORM give_up_key(comp_key);
    new_id := insert_op(undo.kind, undo.payload, comp_key, NULL, p_op.lane, now(), NULL, NULL, p_op.id,
                        p_op.signature);
    IF new_id IS NULL THEN
        PERFORM refuse('LS004', format('key %s exists already', comp_key));
    END IF;
    PERFORM compensation_began(p_op.id, new_id);
    RETURN new_id;
END
$$;

CREATE FUNCTION lockstep.compensate(p_op bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_version bigint DEFAULT 0, p_os_user text DEFAULT NULL,
    p_tty text DEFAULT NULL) RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'compensate', 'op ' || p_op, p_reason);
    o locked_op;
    new_id bigint;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    o := lock_op(p_op, p_version);
    IF o.state <> 6 THEN
        PERFORM refuse_state('compensate undoes what landed and needs a done operation', o);
    ELSIF o.sub = 41 THEN
        PERFORM refuse_state('its compensation is already under way', o);
    END IF;
    new_id := compensation_start(o);
    RETURN action_end(p_request, state_text(o.state, o.sub), 'done(compensating)', p_reason,
        claims(p_os_user, p_tty), ARRAY[p_op, new_id],
        format('op %s undoes op %s', new_id, p_op), new_id);
END
$$;

GRANT EXECUTE ON FUNCTION
    lockstep.resolve_landed(bigint, text, text, bytea, bigint, text, text),
    lockstep.resolve_never(bigint, text, bytea, bigint, text, text),
    lockstep.compensate(bigint, text, bytea, bigint, text, text) TO lockstep_operator;
