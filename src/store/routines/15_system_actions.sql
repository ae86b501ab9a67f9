-- Operators' actions on alerts, gates and workers.
CREATE FUNCTION lockstep.lock_alert(p_alert bigint, p_version bigint) RETURNS lockstep.alert
LANGUAGE plpgsql AS $$
DECLARE
    a lockstep.alert;
BEGIN
    SELECT * INTO a FROM lockstep.alert WHERE id = p_alert FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM lockstep.refuse('P0002', format('there is no alert %s', p_alert));
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
    RETURN action_end(p_request, CASE a.state WHEN 0 THEN 'firing' ELSE 'acked' END, 'acked',
        p_reason, claims(p_os_user, p_tty), '{}',
        format('alert %s (%s) is acknowledged by %s', p_alert, a.rule, session_user));
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

CREATE FUNCTION lockstep.pause_action(p_action text, p_worker bigint, p_reason text,
    p_request bytea, p_os_user text, p_tty text) RETURNS lockstep.action_result
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, p_action, 'worker ' || p_worker, p_reason);
    pause boolean := p_action = 'worker.pause';
    w worker;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    SELECT * INTO w FROM worker WHERE id = p_worker FOR UPDATE;
    IF NOT FOUND OR w.is_gone OR w.is_lost THEN
        PERFORM refuse('P0002', format('there is no living worker %s', p_worker));
    ELSIF w.is_paused = pause THEN
        PERFORM refuse('LS004', format('worker %s is %s already', p_worker,
                                       CASE WHEN pause THEN 'paused' ELSE 'running' END));
    END IF;
    UPDATE worker SET is_paused = pause WHERE id = p_worker;
    RETURN action_end(p_request, CASE WHEN pause THEN 'running' ELSE 'paused' END,
        CASE WHEN pause THEN 'paused' ELSE 'running' END, p_reason, claims(p_os_user, p_tty), '{}',
        format('worker %s is %s', p_worker, CASE WHEN pause THEN 'paused: it claims nothing more'
                                                 ELSE 'running' END));
END
$$;

CREATE FUNCTION lockstep.worker_pause(p_worker bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE sql SECURITY DEFINER SET search_path = lockstep, pg_temp
AS $$ SELECT pause_action('worker.pause', p_worker, p_reason, p_request, p_os_user, p_tty) $$;

CREATE FUNCTION lockstep.worker_resume(p_worker bigint, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE sql SECURITY DEFINER SET search_path = lockstep, pg_temp
AS $$ SELECT pause_action('worker.resume', p_worker, p_reason, p_request, p_os_user, p_tty) $$;

GRANT EXECUTE ON FUNCTION
    lockstep.alert_ack(bigint, text, bigint, bytea, bigint, text, text),
    lockstep.alert_resolve(bigint, text, bytea, bigint, text, text),
    lockstep.gate_on(text, text, bytea, text, text),
    lockstep.gate_off(text, text, bytea, text, text),
    lockstep.worker_pause(bigint, text, bytea, text, text),
    lockstep.worker_resume(bigint, text, bytea, text, text) TO lockstep_operator;
