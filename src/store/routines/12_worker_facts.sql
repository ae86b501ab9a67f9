-- What a worker tells besides operations: gates, what it sees, alerts. And gates for all.

-- Put a gate on or off; false when nothing changed. An operator's gate is not a worker's to
-- take off. Whoever calls this writes the audit entry.
CREATE FUNCTION lockstep.gate_set(p_selector text, p_on boolean, p_reason text, p_actor text,
                                  p_by_worker boolean) RETURNS boolean
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    what text := split_part(p_selector, ':', 1);
    value text := substr(p_selector, length(what) + 2);
    its_kind smallint;
    its_batch bigint := CASE WHEN what = 'batch' AND value ~ '^[1-9][0-9]{0,17}$' THEN value::bigint END;
    its_scope smallint := CASE what WHEN 'all' THEN 0 WHEN 'kind' THEN 1 WHEN 'entity' THEN 2
                                    WHEN 'payer' THEN 3 WHEN 'fence' THEN 4 WHEN 'lane' THEN 5
                                    WHEN 'batch' THEN 6 END;
BEGIN
    SELECT k.kind INTO its_kind FROM kind k WHERE k.name = value AND its_scope = 1;
    IF its_scope IS NULL OR (its_scope = 0) <> (p_selector = 'all')
       OR octet_length(p_selector) > 255 OR (its_scope > 0 AND value = '')
       OR (its_scope = 1 AND its_kind IS NULL) OR (its_scope = 3 AND NOT is_address(value))
       OR (its_scope = 4 AND value <> 'nonce') OR (its_scope = 5 AND value !~ '^[0-3]$')
       OR (its_scope = 6 AND its_batch IS NULL) THEN
        PERFORM refuse('LS003', format('gate "%s": write kind:KIND, lane:0 to lane:3, '
            'entity:ENTITY, batch:ID, payer:ADDRESS, fence:nonce or all', left(p_selector, 100)));
    END IF;
    IF its_scope = 6 AND p_on THEN
        PERFORM refuse(CASE WHEN b.id IS NULL THEN 'P0002' ELSE 'LS004' END, CASE WHEN b.id IS NULL
            THEN format('there is no batch %s; lockstep batch list shows them', its_batch) ELSE format('batch %s is %s: nothing of it is '
            'sent any more', its_batch, batch_state_name(b.state)) END)
           FROM (SELECT) AS one LEFT JOIN batch b ON b.id = its_batch
          WHERE b.id IS NULL OR b.state IN (3, 4);
    END IF;
    PERFORM pg_advisory_xact_lock(7235, 5);
    IF p_on THEN
        IF (SELECT count(*) FROM gate) >= 256 THEN
            PERFORM refuse('LS004', '256 gates are on, which is the most: take one off first');
        END IF;
        INSERT INTO gate (selector, scope, kind, entity, payer, lane, batch, reason, actor, by_worker)
        VALUES (p_selector, its_scope, its_kind, CASE its_scope WHEN 2 THEN value END,
                CASE its_scope WHEN 3 THEN value END, CASE its_scope WHEN 5 THEN value::smallint END,
                its_batch, p_reason, p_actor, p_by_worker)
        ON CONFLICT (selector) DO UPDATE
           SET by_worker = false, reason = excluded.reason, actor = excluded.actor
         WHERE gate.by_worker AND NOT excluded.by_worker;
    ELSE
        DELETE FROM gate WHERE selector = p_selector AND (by_worker OR NOT p_by_worker);
    END IF;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF its_scope IN (1, 2, 5, 6) THEN
        UPDATE gate_sweep SET after_id = 0;
    END IF;
    RETURN true;
END
$$;

CREATE FUNCTION lockstep.worker_gate(p_worker bigint, p_selector text, p_on boolean,
                                     p_reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
BEGIN
    IF NOT gate_set(p_selector, p_on, left(coalesce(p_reason, ''), 500), 'worker ' || p_worker,
                    true) THEN
        RETURN false;
    END IF;
    PERFORM audit_append(CASE WHEN p_on THEN 'gate.on' ELSE 'gate.off' END, 'gate ' || p_selector,
        CASE WHEN p_on THEN 'off' ELSE 'on' END, CASE WHEN p_on THEN 'on' ELSE 'off' END,
        left(coalesce(p_reason, ''), 500), '{}', '{}', jsonb_build_object('worker', p_worker));
    RETURN true;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.worker_gate(bigint, text, boolean, text) TO lockstep_worker;

-- What a worker sees, and its own words. It is at the same thing while the words before the colon are
-- the same and it is in trouble, or is not, as before. An endpoint is as the leader sees it, or who
-- else has it where the leader has not: two views in turns would be one that flaps.
CREATE FUNCTION lockstep.worker_observe(p_worker bigint, p_balance text, p_height bigint,
    p_in_flight bigint, p_draining boolean, p_name text[], p_up boolean[], p_slot bigint[],
    p_latency bigint[], p_errors bigint[], p_trouble text[], p_catching_up boolean, p_doing text,
    p_in_the_way text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
BEGIN
    UPDATE worker SET in_flight = p_in_flight, is_draining = p_draining,
           is_catching_up = p_catching_up, doing = left(p_doing, 119), trouble = left(p_in_the_way, 159),
           doing_since = CASE WHEN split_part(doing, ':', 1) = split_part(p_doing, ':', 1)
                               AND (trouble = '') = (p_in_the_way = '')
                              THEN doing_since ELSE clock_timestamp() END,
           finalized_height = greatest(finalized_height, p_height),
           balance = coalesce(p_balance::numeric, balance),
           balance_at = CASE WHEN p_balance IS NULL THEN balance_at ELSE now() END
     WHERE id = p_worker;
    INSERT INTO endpoint AS e (name, is_up, slot, latency_ms, error_permille, trouble)
    SELECT DISTINCT ON (name) name, up, slot, latency, errors, coalesce(trouble, '')
      FROM unnest(p_name, p_up, p_slot, p_latency, p_errors, p_trouble)
           AS r (name, up, slot, latency, errors, trouble)
     ORDER BY name
    ON CONFLICT (name) DO UPDATE SET is_up = excluded.is_up, slot = excluded.slot,
        latency_ms = excluded.latency_ms, error_permille = excluded.error_permille,
        trouble = excluded.trouble, seen_at = now(),
        changed_at = CASE WHEN e.is_up = excluded.is_up THEN e.changed_at ELSE now() END
     WHERE e.seen_at < now() - interval '10 seconds'
        OR EXISTS (SELECT FROM leader l WHERE l.worker = p_worker AND l.until > now());
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.worker_observe(bigint, text, bigint, bigint, boolean, text[],
    boolean[], bigint[], bigint[], bigint[], text[], boolean, text, text) TO lockstep_worker;

CREATE FUNCTION lockstep.worker_raise(p_worker bigint, p_rule text, p_subject text,
                                      p_severity smallint, p_message text,
                                      p_is_over boolean DEFAULT false) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    news text;
BEGIN
    IF p_is_over THEN
        PERFORM alert_end(left(p_rule, 31), left(p_subject, 200));
        RETURN NULL;
    END IF;
    news := alert_fire(left(p_rule, 31), left(p_subject, 200), p_severity, left(p_message, 250));
    IF p_rule = 'rollback' AND news IS NOT NULL THEN
        PERFORM audit_append('op.rollback', left(p_subject, 200), 'submitted(confirmed)',
            'submitted(sent)', left(p_message, 250), '{}',
            ARRAY[substring(p_subject FROM '^op ([0-9]{1,18})$')::bigint],
            jsonb_build_object('worker', p_worker));
    END IF;
    RETURN news;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.worker_raise(bigint, text, text, smallint, text, boolean)
    TO lockstep_worker;
