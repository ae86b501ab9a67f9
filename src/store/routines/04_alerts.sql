-- What gates cover now. Gates on kinds, entities, lanes and batches mark what they cover (sub gated, out of
-- the claim index). everything: nobody may claim anything, by the gate "all" or because
-- every living worker's payer is gated; then nothing is marked, readers derive it. Callers
-- that mark hold the shared lock 7235/5, which a change of gates takes exclusively.
CREATE FUNCTION lockstep.gates_now(OUT everything boolean, OUT kinds smallint[],
                                   OUT entities text[], OUT payers text[], OUT nonces boolean,
                                   OUT lanes smallint[], OUT batches bigint[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT coalesce(bool_or(scope = 0), false),
           coalesce(array_agg(kind) FILTER (WHERE scope = 1), '{}'),
           coalesce(array_agg(entity) FILTER (WHERE scope = 2), '{}'),
           coalesce(array_agg(payer) FILTER (WHERE scope = 3), '{}'),
           coalesce(bool_or(scope = 4), false),
           coalesce(array_agg(lane) FILTER (WHERE scope = 5), '{}'),
           coalesce(array_agg(batch) FILTER (WHERE scope = 6), '{}')
      INTO everything, kinds, entities, payers, nonces, lanes, batches FROM lockstep.gate;
    IF NOT everything AND cardinality(payers) > 0 THEN
        SELECT coalesce(bool_and(payer = ANY (payers)), false) INTO everything
          FROM lockstep.worker WHERE NOT is_lost AND NOT is_gone;
    END IF;
END
$$;

CREATE FUNCTION lockstep.all_gated() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp
AS 'SELECT everything FROM gates_now()';
-- Whether operations of this fence wait behind the gate fence:nonce; readers derive it.
CREATE FUNCTION lockstep.fence_gated(p_fence smallint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp
AS 'SELECT p_fence = 1 AND EXISTS (SELECT FROM gate WHERE scope = 4)';
GRANT EXECUTE ON FUNCTION lockstep.all_gated(), lockstep.fence_gated(smallint)
    TO lockstep_viewer;

-- Make one alert fire, or refresh it. Returns 'fired', 'worse' or NULL. What a silenced rule fires is
-- acknowledged as it fires: it keeps measuring, and is heard when the silence ends.
CREATE FUNCTION lockstep.alert_fire(p_rule text, p_subject text, p_severity smallint,
                                    p_message text) RETURNS text
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    seen alert%ROWTYPE;
    before integer;
    quiet silence%ROWTYPE;
BEGIN
    PERFORM pg_advisory_xact_lock(7236, hashtext(p_rule || chr(10) || p_subject));
    SELECT * INTO quiet FROM silence WHERE rule = p_rule AND until > now();
    SELECT * INTO seen FROM alert WHERE rule = p_rule AND subject = p_subject AND state < 2
       FOR UPDATE;
    IF seen.id IS NULL THEN
        SELECT times INTO before FROM alert WHERE rule = p_rule AND subject = p_subject
         ORDER BY id DESC LIMIT 1;
        INSERT INTO alert (rule, subject, severity, message, times, state, owner, acked_until, note)
        VALUES (p_rule, p_subject, p_severity, p_message, coalesce(before, 0) + 1,
                CASE WHEN quiet.rule IS NULL THEN 0 ELSE 1 END, quiet.login, quiet.until,
                'silenced: ' || quiet.reason);
        RETURN CASE WHEN quiet.rule IS NULL THEN 'fired' END;
    END IF;
    IF (p_severity > seen.severity AND quiet.rule IS NULL) OR (seen.state = 1 AND seen.acked_until <= now()) THEN
        UPDATE alert SET severity = p_severity, message = p_message, state = 0, owner = NULL,
               acked_until = NULL, version = version + 1, changed_at = now() WHERE id = seen.id;
        RETURN 'worse';
    END IF;
    IF p_severity <> seen.severity OR p_message <> seen.message THEN
        UPDATE alert SET severity = p_severity, message = p_message WHERE id = seen.id;
    END IF;
    RETURN NULL;
END
$$;

-- What an alert said is over.
CREATE FUNCTION lockstep.alert_end(p_rule text, p_subject text) RETURNS void
LANGUAGE sql SET search_path = lockstep, pg_temp AS $$
    UPDATE alert SET state = 2, version = version + 1, changed_at = now()
     WHERE rule = p_rule AND subject = p_subject AND state < 2
$$;
