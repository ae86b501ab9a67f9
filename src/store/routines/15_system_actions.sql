-- Operators' actions on alerts, gates and workers.
CREATE FUNCTION lockstep.lock_alert(p_alert bigint, p_version bigint) RETURNS lockstep.alert
LANGUAGE plpgsql AS $$
DECLARE
    a lockstep.alert;
BEGIN
    SELECT * INTO a FROM lockstep.alert WHERE id = p_alert FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM lockstep.refuse('P0002', format('there is no alert %s; lockstep alert list --all shows '
            'them', p_alert));
    ELSIF p_version > 0 AND p_version <> a.version THEN
        PERFORM lockstep.refuse('LS005', format('alert %s changed meanwhile; look again', p_alert));
    ELSIF a.state = 2 THEN
        PERFORM lockstep.refuse('LS004', format('alert %s is resolved already', p_alert));
    END IF;
    RETURN a;
END
$$;

CREATE FUNCTION lockstep.alert_ack(p_alert bigint, p_reason text, p_duration_ms bigint DEFAULT 0,
    p_request bytea DEFAULT uuid_send(gen_random_uuid()), p_version bigint DEFAULT 0,
    p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL) RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'alert.ack', 'alert ' || p_alert, p_reason);
    a alert;
    ends timestamptz := now() + make_interval(secs =>
        CASE WHEN p_duration_ms > 0 THEN least(p_duration_ms, 2592000000) ELSE 3600000 END / 1000.0);
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    a := lock_alert(p_alert, p_version);
    UPDATE alert SET state = 1, owner = session_user, acked_until = ends, note = p_reason,
           version = version + 1, changed_at = now() WHERE id = p_alert;
    RETURN desk_end(p_request, CASE a.state WHEN 0 THEN 'firing' ELSE 'acked' END, 'acked',
        p_reason, claims(p_os_user, p_tty),
        format('alert %s (%s) is acknowledged by %s', p_alert, a.rule, session_user),
        a.version + 1, undo_alert_text(a));
END
$$;

CREATE FUNCTION lockstep.alert_resolve(p_alert bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_version bigint DEFAULT 0, p_os_user text DEFAULT NULL,
    p_tty text DEFAULT NULL) RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'alert.resolve', 'alert ' || p_alert, p_reason);
    a alert;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    a := lock_alert(p_alert, p_version);
    UPDATE alert SET state = 2, owner = session_user, note = p_reason,
           version = version + 1, changed_at = now() WHERE id = p_alert;
    RETURN action_end(p_request, CASE a.state WHEN 0 THEN 'firing' ELSE 'acked' END, 'resolved',
        p_reason, claims(p_os_user, p_tty), '{}',
        format('alert %s (%s) is resolved; it fires again if its cause stays', p_alert, a.rule));
END
$$;

CREATE FUNCTION lockstep.gate_action(p_action text, p_selector text, p_reason text,
    p_request bytea, p_os_user text, p_tty text) RETURNS lockstep.action_result
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, p_action, 'gate ' || p_selector, p_reason);
    turn_on boolean := p_action = 'gate.on';
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    IF NOT gate_set(p_selector, turn_on, p_reason, session_user, false) THEN
        PERFORM refuse('LS004', format('gate %s is %s already', p_selector,
                                       CASE WHEN turn_on THEN 'on' ELSE 'off' END));
    END IF;
    RETURN action_end(p_request, CASE WHEN turn_on THEN 'off' ELSE 'on' END,
        CASE WHEN turn_on THEN 'on' ELSE 'off' END, p_reason, claims(p_os_user, p_tty), '{}',
        format('gate %s is %s', p_selector, CASE WHEN turn_on THEN 'on' ELSE 'off' END));
END
$$;

CREATE FUNCTION lockstep.gate_on(p_selector text, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE sql SECURITY DEFINER SET search_path = lockstep, pg_temp
AS $$ SELECT gate_action('gate.on', p_selector, p_reason, p_request, p_os_user, p_tty) $$;

CREATE FUNCTION lockstep.gate_off(p_selector text, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE sql SECURITY DEFINER SET search_path = lockstep, pg_temp
AS $$ SELECT gate_action('gate.off', p_selector, p_reason, p_request, p_os_user, p_tty) $$;

-- "; nobody works on memo now (12 waiting)": what an action on workers leaves to nobody; else ''.
CREATE FUNCTION lockstep.left_to_nobody() RETURNS text
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce('; nobody works on ' || string_agg(format('%s now (%s waiting)',
                CASE w.kind WHEN 0 THEN 'all of an atomic batch'
                            ELSE (kind_names(ARRAY[w.kind]))[1] END,
                w.waiting), ', ' ORDER BY w.kind), '')
              FROM kinds_waiting() w WHERE NOT w.is_attended);
END
$$;

-- worker.pause, worker.resume, worker.drain; p_worker 0 means all that live.
CREATE FUNCTION lockstep.worker_action(p_action text, p_worker bigint, p_reason text,
    p_request bytea, p_os_user text, p_tty text) RETURNS lockstep.action_result
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    target text := CASE p_worker WHEN 0 THEN 'all workers' ELSE 'worker ' || p_worker END;
    done action_result := action_begin(p_request, p_action, target, p_reason);
    becomes text := CASE p_action WHEN 'worker.pause' THEN 'paused' WHEN 'worker.drain' THEN 'draining'
                                  ELSE 'running' END;
    living bigint[];
    changed bigint[];
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    living := ARRAY(SELECT id FROM worker WHERE NOT is_gone AND NOT is_lost
                       AND p_worker IN (0, id) ORDER BY id FOR UPDATE);
    IF living = '{}' THEN
        PERFORM refuse('P0002', CASE p_worker WHEN 0 THEN 'there is no living worker; lockstep worker starts one'
                                ELSE format('there is no living worker %s; lockstep worker list shows '
                                             'them', p_worker) END);
    END IF;
    WITH now_is AS (
        UPDATE worker SET is_paused = CASE becomes WHEN 'paused' THEN true WHEN 'running' THEN false
                                                   ELSE is_paused END,
               drain_wanted = drain_wanted OR becomes = 'draining'
         WHERE id = ANY (living) AND CASE becomes WHEN 'paused' THEN NOT is_paused
               WHEN 'running' THEN is_paused ELSE NOT drain_wanted END RETURNING id
    )
    SELECT array_agg(id ORDER BY id) INTO changed FROM now_is;
    IF changed IS NULL THEN
        PERFORM refuse('LS004', format('%s %s %s already', target,
            CASE p_worker WHEN 0 THEN 'are' ELSE 'is' END, becomes));
    END IF;
    RETURN action_end(p_request, NULL, format('%s: %s', becomes, array_to_string(changed, ', ')),
        p_reason, claims(p_os_user, p_tty), '{}',
        format('worker %s %s %s', array_to_string(changed, ', '),
            CASE cardinality(changed) WHEN 1 THEN 'is' ELSE 'are' END,
            CASE becomes WHEN 'paused' THEN 'paused: it claims nothing more'
                WHEN 'draining' THEN 'to drain: it signs nothing more, hands back its leases and ends'
                ELSE 'running' END) || left_to_nobody());
END
$$;

CREATE FUNCTION lockstep.worker_pause(p_worker bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE sql SECURITY DEFINER SET search_path = lockstep, pg_temp
AS $$ SELECT worker_action('worker.pause', p_worker, p_reason, p_request, p_os_user, p_tty) $$;

CREATE FUNCTION lockstep.worker_resume(p_worker bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE sql SECURITY DEFINER SET search_path = lockstep, pg_temp
AS $$ SELECT worker_action('worker.resume', p_worker, p_reason, p_request, p_os_user, p_tty) $$;

CREATE FUNCTION lockstep.worker_drain(p_worker bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE sql SECURITY DEFINER SET search_path = lockstep, pg_temp
AS $$ SELECT worker_action('worker.drain', p_worker, p_reason, p_request, p_os_user, p_tty) $$;

-- worker.kinds: what it may begin from now on; names, or the one word all. p_worker 0 means all
-- that live. What it has claimed or sent already it carries on.
CREATE FUNCTION lockstep.worker_kinds(p_worker bigint, p_kinds text[], p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    target text := CASE p_worker WHEN 0 THEN 'all workers' ELSE 'worker ' || p_worker END;
    done action_result := action_begin(p_request, 'worker.kinds', target, p_reason);
    unknown text := (SELECT coalesce(n, 'NULL') FROM unnest(p_kinds) AS n WHERE n IS NULL OR n NOT IN (
                         SELECT 'all' UNION ALL SELECT k.name FROM kind k) LIMIT 1);
    wanted smallint[] := ARRAY(SELECT k.kind FROM kind k
                                WHERE k.name = ANY (p_kinds) OR 'all' = ANY (p_kinds) ORDER BY k.kind);
    words text;
    living bigint[];
    changed bigint[];
    was smallint[];
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    IF wanted = '{}' OR unknown IS NOT NULL THEN
        PERFORM refuse('LS003', format('%s: use all, or some of %s',
            CASE WHEN wanted = '{}' AND unknown IS NULL THEN 'no kind is named'
                 ELSE format('"%s" is no kind', left(unknown, 40)) END,
            (SELECT string_agg(k.name, ', ' ORDER BY k.kind) FROM kind k)));
    END IF;
    wanted := CASE WHEN cardinality(wanted) < (SELECT count(*) FROM kind) THEN wanted END;
    words := kinds_words(wanted);
    living := ARRAY(SELECT id FROM worker WHERE NOT is_gone AND NOT is_lost
                       AND p_worker IN (0, id) ORDER BY id FOR UPDATE);
    IF living = '{}' THEN
        PERFORM refuse('P0002', CASE p_worker WHEN 0 THEN 'there is no living worker; lockstep worker starts one'
                                ELSE format('there is no living worker %s; lockstep worker list shows '
                                             'them', p_worker) END);
    END IF;
    SELECT works_on INTO was FROM worker WHERE id = p_worker;
    WITH now_is AS (
        UPDATE worker SET works_on = wanted
         WHERE id = ANY (living) AND works_on IS DISTINCT FROM wanted RETURNING id
    )
    SELECT array_agg(id ORDER BY id) INTO changed FROM now_is;
    IF changed IS NULL THEN
        PERFORM refuse('LS004', format('%s %s on %s already', target,
            CASE p_worker WHEN 0 THEN 'work' ELSE 'works' END, words));
    END IF;
    RETURN action_end(p_request, CASE WHEN p_worker > 0 THEN kinds_words(was) END,
        format('%s: %s', words, array_to_string(changed, ', ')), p_reason,
        claims(p_os_user, p_tty), '{}',
        format('worker %s %s on %s%s', array_to_string(changed, ', '),
            CASE cardinality(changed) WHEN 1 THEN 'works' ELSE 'work' END, words,
            CASE WHEN wanted IS NULL THEN '' WHEN cardinality(changed) = 1
                 THEN ' and begins nothing else' ELSE ' and begin nothing else' END)
            || left_to_nobody());
END
$$;

GRANT EXECUTE ON FUNCTION
    lockstep.worker_kinds(bigint, text[], text, bytea, text, text),
    lockstep.alert_ack(bigint, text, bigint, bytea, bigint, text, text),
    lockstep.alert_resolve(bigint, text, bytea, bigint, text, text),
    lockstep.gate_on(text, text, bytea, text, text),
    lockstep.gate_off(text, text, bytea, text, text),
    lockstep.worker_pause(bigint, text, bytea, text, text),
    lockstep.worker_resume(bigint, text, bytea, text, text),
    lockstep.worker_drain(bigint, text, bytea, text, text) TO lockstep_operator;
