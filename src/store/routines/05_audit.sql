CREATE FUNCTION lockstep.audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'LS004',
        MESSAGE = format('%s is append-only: %s is not allowed', TG_TABLE_NAME, TG_OP);
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lockstep.audit
    FOR EACH STATEMENT EXECUTE FUNCTION lockstep.audit_is_append_only();
CREATE TRIGGER audit_op_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lockstep.audit_op
    FOR EACH STATEMENT EXECUTE FUNCTION lockstep.audit_is_append_only();

-- Append one entry; the last lock that a transaction takes, held to its end. p_ops may be
-- empty. p_more adds members (digest, evidence ...). Identity: the login and its address are
-- facts of the server; os_user and tty are claims of the client and named so.
CREATE FUNCTION lockstep.audit_append(p_action text, p_target text, p_before text, p_after text,
                                      p_reason text, p_claims jsonb, p_ops bigint[],
                                      p_more jsonb) RETURNS bigint
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    last audit%ROWTYPE;
    entry_seq bigint;
    prev bytea;
    log text;
    entry text;
BEGIN
    PERFORM pg_advisory_xact_lock(7235, 1);
    SELECT log_id::text INTO STRICT log FROM meta;
    SELECT * INTO last FROM audit ORDER BY seq DESC LIMIT 1;
    entry_seq := coalesce(last.seq, 0) + 1;
    prev := coalesce(last.hash, sha256(convert_to(log, 'UTF8')));
    entry := (coalesce(p_more, '{}') || jsonb_build_object(
        'log', log, 'seq', entry_seq, 'at_ms', ms(clock_timestamp()),
        'actor', session_user, 'client', coalesce(host(inet_client_addr()), 'local'),
        'claims', coalesce(p_claims, '{}'), 'action', p_action, 'target', p_target,
        'before', p_before, 'after', p_after, 'reason', p_reason, 'signed', false))::text;
    INSERT INTO audit (seq, prev_hash, hash, canonical)
    VALUES (entry_seq, prev,
            sha256(convert_to('lockstep/audit/1', 'UTF8') || '\x00'::bytea || prev
                   || convert_to(entry, 'UTF8')), entry);
    INSERT INTO audit_op (op, seq) SELECT DISTINCT o, entry_seq FROM unnest(p_ops) AS o
     WHERE o IS NOT NULL;
    RETURN entry_seq;
END
$$;
