-- Notes, soft claims, silences, presence, and undo of the last of them. None moves an operation.

-- "op 17" and so on, as written by a person: checked to exist.
CREATE FUNCTION lockstep.desk_target(p_target text, p_kinds text[]) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    what text := split_part(p_target, ' ', 1);
    value text := substr(p_target, length(what) + 2);
    its_id bigint;
BEGIN
    IF NOT coalesce(what = ANY (p_kinds), false) OR value = '' OR octet_length(p_target) > 220
       OR (what <> 'cause' AND value !~ '^[1-9][0-9]{0,17}$') THEN
        PERFORM lockstep.refuse('LS003', format('"%s": write %s', left(p_target, 60),
            array_to_string(ARRAY(SELECT k || CASE k WHEN 'cause' THEN ':TEXT' ELSE ':ID' END
                                    FROM unnest(p_kinds) AS k), ' or ')));
    END IF;
    IF what = 'cause' THEN RETURN p_target; END IF;
    its_id := value::bigint;
    IF NOT (CASE what WHEN 'op' THEN EXISTS (SELECT FROM lockstep.op_key k WHERE k.op = its_id)
                     WHEN 'batch' THEN EXISTS (SELECT FROM lockstep.batch b WHERE b.id = its_id)
                     ELSE EXISTS (SELECT FROM lockstep.alert a WHERE a.id = its_id) END) THEN
        PERFORM lockstep.refuse('P0002', format('there is no %s %s; lockstep %s shows them',
            CASE what WHEN 'op' THEN 'operation' ELSE what END, its_id, CASE what
            WHEN 'op' THEN 'ops' WHEN 'alert' THEN 'alert list --all' ELSE 'batch list' END));
    END IF;
    RETURN p_target;
END
$$;

CREATE FUNCTION lockstep.op_of_target(p_target text) RETURNS bigint[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_target ~ '^op [0-9]{1,18}$' THEN ARRAY[substr(p_target, 4)::bigint]
                ELSE '{}'::bigint[] END
$$;

-- The end of an action that its author can take back once.
CREATE FUNCTION lockstep.desk_end(p_request bytea, p_before text, p_after text, p_reason text,
    p_claims jsonb, p_message text, p_version bigint, p_stood jsonb) RETURNS lockstep.action_result
LANGUAGE plpgsql AS $$
DECLARE
    r lockstep.request%ROWTYPE;
    done lockstep.action_result;
BEGIN
    SELECT * INTO STRICT r FROM lockstep.request WHERE id = p_request;
    done := lockstep.action_end(p_request, p_before, p_after, p_reason, p_claims,
                                lockstep.op_of_target(r.target), p_message);
    INSERT INTO lockstep.undo AS u (seq, action, target, version, before)
    VALUES (done.audit_seq, r.action, r.target, p_version, coalesce(p_stood, '{}'))
    ON CONFLICT (login) DO UPDATE SET seq = excluded.seq, action = excluded.action,
        target = excluded.target, version = excluded.version, before = excluded.before;
    RETURN done;
END
$$;

CREATE FUNCTION lockstep.note_add(p_target text, p_text text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'note', p_target, p_text);
    new_id bigint;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    PERFORM desk_target(p_target, '{op,batch,alert}');
    INSERT INTO note (target, body) VALUES (p_target, p_text) RETURNING id INTO new_id;
    RETURN desk_end(p_request, NULL, 'note ' || new_id, p_text, claims(p_os_user, p_tty),
        format('noted on %s', p_target), NULL, jsonb_build_object('note', new_id));
END
$$;

CREATE FUNCTION lockstep.claim_take(p_target text, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL,
    p_duration_ms bigint DEFAULT 0) RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'claim', p_target, p_reason);
    stood claim%ROWTYPE;
    ends timestamptz := now() + make_interval(secs =>
        CASE WHEN p_duration_ms > 0 THEN least(p_duration_ms, 2592000000) ELSE 3600000 END / 1000.0);
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    PERFORM desk_target(p_target, '{op,cause}');
    DELETE FROM claim WHERE until <= now();
    SELECT * INTO stood FROM claim WHERE target = p_target FOR UPDATE;
    INSERT INTO claim (target, op, until, reason)
    VALUES (p_target, (op_of_target(p_target))[1], ends, p_reason)
    ON CONFLICT (target) DO UPDATE SET since = now(), until = excluded.until,
        login = session_user, reason = excluded.reason;
    RETURN desk_end(p_request, CASE WHEN stood.target IS NULL THEN 'nobody''s'
            ELSE format('%s''s', stood.login) END, format('%s''s', session_user), p_reason,
        claims(p_os_user, p_tty), format('%s is acknowledged by %s%s', p_target, session_user,
            CASE WHEN stood.login <> session_user THEN format(', it was %s''s', stood.login) ELSE '' END),
        NULL, CASE WHEN stood.target IS NULL THEN '{}' ELSE to_jsonb(stood) END);
END
$$;

CREATE FUNCTION lockstep.claim_release(p_target text, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'claim.release', p_target, p_reason);
    stood claim%ROWTYPE;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    DELETE FROM claim WHERE target = p_target RETURNING * INTO stood;
    IF stood.target IS NULL OR stood.until <= now() THEN
        PERFORM refuse('LS004', format('%s is acknowledged by nobody', p_target));
    END IF;
    RETURN action_end(p_request, format('%s''s', stood.login), 'nobody''s', p_reason,
        claims(p_os_user, p_tty), op_of_target(p_target),
        format('%s is nobody''s: it needs a person again', p_target));
END
$$;

-- What fires of the rule is acknowledged as it fires; what fires already, now.
CREATE FUNCTION lockstep.alert_silence(p_rule text, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL,
    p_duration_ms bigint DEFAULT 0) RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'alert.silence', 'rule ' || p_rule, p_reason);
    stood silence%ROWTYPE;
    ends timestamptz := now() + make_interval(secs =>
        CASE WHEN p_duration_ms > 0 THEN least(p_duration_ms, 2592000000) ELSE 3600000 END / 1000.0);
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    IF p_rule !~ '^[a-z][a-z0-9._-]{0,30}$' THEN
        PERFORM refuse('LS003', format('"%s" is no alert rule; lockstep alert list shows them',
                                       left(p_rule, 60)));
    END IF;
    DELETE FROM silence WHERE until <= now();
    SELECT * INTO stood FROM silence WHERE rule = p_rule FOR UPDATE;
    INSERT INTO silence (rule, until, reason) VALUES (p_rule, ends, p_reason)
    ON CONFLICT (rule) DO UPDATE SET since = now(), until = excluded.until, login = session_user,
        reason = excluded.reason;
    UPDATE alert SET state = 1, owner = session_user, acked_until = ends,
           note = 'silenced: ' || p_reason, version = version + 1, changed_at = now()
     WHERE rule = p_rule AND (state = 0 OR state = 1 AND note LIKE 'silenced: %');
    RETURN desk_end(p_request, CASE WHEN stood.rule IS NULL THEN 'heard' ELSE 'silenced' END, 'silenced',
        p_reason, claims(p_os_user, p_tty), format('rule %s is silenced until %s UTC; it keeps '
            'measuring', p_rule, to_char(ends AT TIME ZONE 'UTC', 'HH24:MI:SS')), NULL,
        CASE WHEN stood.rule IS NULL THEN '{}' ELSE to_jsonb(stood) END);
END
$$;

-- Its alerts fire again, those that a silence had acknowledged.
CREATE FUNCTION lockstep.silence_end(p_rule text) RETURNS void
LANGUAGE sql SET search_path = lockstep, pg_temp AS $$
    UPDATE alert SET state = 0, owner = NULL, acked_until = NULL, note = NULL,
           version = version + 1, changed_at = now()
     WHERE rule = p_rule AND state = 1 AND note LIKE 'silenced: %';
    DELETE FROM silence WHERE rule = p_rule
$$;

CREATE FUNCTION lockstep.alert_unsilence(p_rule text, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'alert.unsilence', 'rule ' || p_rule, p_reason);
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    IF NOT EXISTS (SELECT FROM silence WHERE rule = p_rule AND until > now()) THEN
        PERFORM refuse('LS004', format('rule %s is not silenced', p_rule));
    END IF;
    PERFORM silence_end(p_rule);
    RETURN action_end(p_request, 'silenced', 'heard', p_reason, claims(p_os_user, p_tty), '{}',
        format('rule %s is heard again', p_rule));
END
$$;

-- An alert's row as its acknowledgement is about to change it, for undo.
CREATE FUNCTION lockstep.undo_alert_text(p_alert lockstep.alert) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('state', (p_alert).state, 'owner', (p_alert).owner, 'note', (p_alert).note,
                              'acked_until', (p_alert).acked_until)
$$;

-- Take one action back; raises LS004 where something else happened since.
CREATE FUNCTION lockstep.undo_one(p_undo lockstep.undo) RETURNS text
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    stood jsonb := p_undo.before;
    its_rule text := substr(p_undo.target, 6);
    is_there boolean := stood <> '{}';
BEGIN
    CASE p_undo.action
        WHEN 'note' THEN
            UPDATE note SET removed_at = now() WHERE id = (stood ->> 'note')::bigint AND removed_at IS NULL;
        WHEN 'alert.ack' THEN
            UPDATE alert SET state = (stood ->> 'state')::smallint, owner = stood ->> 'owner',
                   note = stood ->> 'note', acked_until = (stood ->> 'acked_until')::timestamptz,
                   version = version + 1, changed_at = now()
             WHERE id = substr(p_undo.target, 7)::bigint AND version = p_undo.version AND state = 1;
        WHEN 'claim' THEN
            DELETE FROM claim WHERE target = p_undo.target AND login = session_user;
            IF FOUND AND is_there THEN
                INSERT INTO claim SELECT * FROM jsonb_populate_record(NULL::claim, stood);
            END IF;
        WHEN 'alert.silence' THEN
            IF NOT EXISTS (SELECT FROM silence WHERE rule = its_rule AND login = session_user) THEN
                PERFORM refuse('LS004', format('%s was changed since by somebody else', p_undo.target));
            END IF;
            PERFORM silence_end(its_rule);
            IF is_there THEN
                INSERT INTO silence SELECT * FROM jsonb_populate_record(NULL::silence, stood);
                UPDATE alert SET state = 1, owner = stood ->> 'login', note = 'silenced: ' || (stood ->> 'reason'),
                       acked_until = (stood ->> 'until')::timestamptz, version = version + 1
                 WHERE rule = its_rule AND state = 0;
            END IF;
            RETURN 'undone';
    END CASE;
    IF NOT FOUND THEN
        PERFORM refuse('LS004', format('%s was changed since: it is not as you left it', p_undo.target));
    END IF;
    RETURN 'undone';
END
$$;

-- p_seq: the audit entry that the caller has seen as the last; 0: whatever it is.
CREATE FUNCTION lockstep.undo_last(p_seq bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    u undo%ROWTYPE;
    done action_result := (SELECT ROW (r.audit_seq, r.new_op, r.message, true)::action_result
                             FROM request r WHERE r.id = p_request AND r.action = 'undo');
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    SELECT * INTO u FROM undo WHERE login = session_user FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse('LS004', 'you have no acknowledgement, silence or note to undo');
    ELSIF p_seq > 0 AND p_seq <> u.seq THEN
        PERFORM refuse('LS005', format('your last action is another one now: %s of %s', u.action, u.target));
    END IF;
    done := action_begin(p_request, 'undo', u.target, p_reason);
    IF done.was_repeat THEN RETURN done; END IF;
    PERFORM undo_one(u);
    DELETE FROM undo WHERE login = session_user;
    RETURN action_end(p_request, format('%s, entry %s', u.action, u.seq), 'undone', p_reason,
        claims(p_os_user, p_tty), op_of_target(u.target),
        format('%s of %s is undone', u.action, u.target));
END
$$;

GRANT EXECUTE ON FUNCTION
    lockstep.note_add(text, text, bytea, text, text),
    lockstep.claim_take(text, text, bytea, text, text, bigint),
    lockstep.claim_release(text, text, bytea, text, text),
    lockstep.alert_silence(text, text, bytea, text, text, bigint),
    lockstep.alert_unsilence(text, text, bytea, text, text),
    lockstep.undo_last(bigint, text, bytea, text, text) TO lockstep_operator;

-- A console says that it is there; 20 seconds after its last word it is not.
CREATE FUNCTION lockstep.presence_beat(p_id bytea, p_os_user text, p_host text, p_pid bigint,
                                       p_screen text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    DELETE FROM presence WHERE seen_at < now() - interval '1 minute';
    INSERT INTO presence AS p (id, pid, os_user, host, screen)
    VALUES (p_id, p_pid, left(p_os_user, 63), left(p_host, 63), left(p_screen, 31))
    ON CONFLICT (id) DO UPDATE SET seen_at = now(), screen = excluded.screen
     WHERE p.login = session_user
$$;
CREATE FUNCTION lockstep.presence_end(p_id bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = lockstep, pg_temp
AS $$ DELETE FROM presence WHERE id = p_id AND login = session_user $$;
GRANT EXECUTE ON FUNCTION lockstep.presence_beat(bytea, text, text, bigint, text),
    lockstep.presence_end(bytea) TO lockstep_viewer;

CREATE VIEW lockstep.notes AS
    SELECT id, target, at, login, body FROM lockstep.note WHERE removed_at IS NULL;
CREATE VIEW lockstep.claims_now AS
    SELECT target, op, since, until, login, reason FROM lockstep.claim WHERE until > now();
CREATE VIEW lockstep.silences AS
    SELECT rule, since, until, login, reason FROM lockstep.silence WHERE until > now();
CREATE VIEW lockstep.presences AS
    SELECT encode(id, 'hex') AS id, login, os_user, host, pid, screen, since, seen_at
      FROM lockstep.presence WHERE seen_at > now() - interval '20 seconds';
CREATE VIEW lockstep.undoable AS
    SELECT seq, action, target FROM lockstep.undo WHERE login = session_user;
GRANT SELECT ON lockstep.notes, lockstep.claims_now, lockstep.silences, lockstep.presences,
    lockstep.undoable TO lockstep_viewer;

-- All of it in one reading: what, five texts, three numbers.
CREATE FUNCTION lockstep.desk()
RETURNS TABLE (what text, name text, login text, other text, more text, reason text, since_ms bigint,
               until_ms bigint, number bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    (SELECT 'presence', p.id, p.login, p.os_user, p.host, p.screen, ms(p.since), ms(p.seen_at), p.pid
       FROM presences p ORDER BY p.since LIMIT 16)
    UNION ALL (SELECT 'claim', c.target, c.login, CASE c.login WHEN session_user THEN 'mine' END, NULL, c.reason, ms(c.since), ms(c.until),
                      coalesce(c.op, 0) FROM claims_now c ORDER BY c.until DESC LIMIT 64)
    UNION ALL (SELECT 'silence', s.rule, s.login, CASE s.login WHEN session_user THEN 'mine' END, NULL, s.reason, ms(s.since), ms(s.until), 0
                 FROM silences s ORDER BY s.until LIMIT 16)
    UNION ALL (SELECT 'note', n.target, n.login, NULL, NULL, n.body, ms(n.at), 0, n.id FROM note n
                WHERE n.removed_at IS NULL AND n.target LIKE 'alert %' ORDER BY n.id DESC LIMIT 16)
    UNION ALL (SELECT 'note', n.target, n.login, NULL, NULL, n.body, ms(n.at), 0, n.id FROM note n
                WHERE n.removed_at IS NULL AND n.target LIKE 'batch %' ORDER BY n.id DESC LIMIT 16)
    UNION ALL (SELECT 'undo', u.target, session_user, u.action, NULL, NULL, 0, 0, u.seq FROM undo u
                WHERE u.login = session_user)
$$;
GRANT EXECUTE ON FUNCTION lockstep.desk() TO lockstep_viewer;
