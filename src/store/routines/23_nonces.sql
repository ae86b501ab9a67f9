-- The pool of nonce accounts: operators make, advance and close accounts by operations of the
-- kind "nonce", which go the way of all others: durable before they are sent, found again by
-- whoever adopts them.

-- An operation of the kind nonce; its key is reserved. Returns its id.
CREATE FUNCTION lockstep.nonce_op(p_key text, p_payload jsonb) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    id bigint := lockstep.insert_op(10::smallint, p_payload, p_key, NULL, 0::smallint, now(),
                                    'expiry', NULL, NULL, NULL);
BEGIN
    IF id IS NULL THEN
        PERFORM lockstep.refuse('LS004', format('key %s exists already', p_key));
    END IF;
    RETURN id;
END
$$;

-- Where the account stands is derived from the operation's key, so that one that was made
-- without anybody learning of it stands where it is looked for.
CREATE FUNCTION lockstep.nonce_create(p_count integer, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'nonce.create', 'nonce pool', p_reason);
    there bigint;
    ids bigint[] := '{}';
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    SELECT (SELECT count(*) FROM nonce)
         + (SELECT count(*) FROM op o JOIN op_key k ON k.key = o.key
             WHERE o.kind = 10 AND k.payload ->> 'do' = 'create') INTO there;
    IF p_count IS NULL OR p_count NOT BETWEEN 1 AND 256 THEN
        PERFORM refuse('LS003', format('%s accounts: 1 to 256 at a time', p_count));
    ELSIF there + p_count > 1024 THEN
        PERFORM refuse('LS004', format('the pool has %s accounts, made or being made, and may '
                                       'have 1024', there));
    END IF;
    FOR i IN 1..p_count LOOP
        ids := ids || nonce_op('ls:nonce:' || nextval('nonce_number'), '{"do": "create"}');
    END LOOP;
    RETURN action_end(p_request, there || ' accounts', (there + p_count) || ' accounts', p_reason,
        claims(p_os_user, p_tty), ids,
        CASE p_count WHEN 1 THEN format('op %s makes a nonce account', ids[1])
        ELSE format('ops %s to %s make %s nonce accounts', ids[1], ids[p_count], p_count) END,
        ids[1]);
END
$$;

-- The account, locked, in one of the states of p_states.
CREATE FUNCTION lockstep.nonce_lock(p_address text, p_states smallint[], p_need text)
RETURNS lockstep.nonce LANGUAGE plpgsql AS $$
DECLARE
    n lockstep.nonce;
BEGIN
    SELECT * INTO n FROM lockstep.nonce WHERE address = p_address FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM lockstep.refuse('P0002', format('the pool has no nonce account %s',
                                                left(coalesce(p_address, ''), 60)));
    ELSIF n.state = 1 THEN
        PERFORM lockstep.refuse('LS004', format('%s; it is bound to op %s: cancel or hold that '
            'operation, which moves the nonce on', p_need, n.op));
    ELSIF n.state <> ALL (p_states) THEN
        PERFORM lockstep.refuse('LS004', format('%s; it is %s', p_need,
            (ARRAY['free', 'bound', 'broken', 'being closed'])[n.state + 1]));
    END IF;
    RETURN n;
END
$$;

CREATE FUNCTION lockstep.nonce_advance(p_address text, p_reason text, p_request bytea
    DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL, p_tty text DEFAULT NULL)
RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'nonce.advance', 'nonce ' || p_address, p_reason);
    n nonce;
    live bigint;
    id bigint;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    n := nonce_lock(p_address, '{0,2}', 'advance needs a free or broken account');
    SELECT o.id INTO live FROM op o JOIN op_key k ON k.key = o.key
     WHERE o.kind = 10 AND k.payload ->> 'do' = 'advance' AND k.payload ->> 'address' = p_address;
    IF live IS NOT NULL THEN
        PERFORM refuse('LS004', format('op %s advances it already', live));
    END IF;
    id := nonce_op('ls:nonce:advance:' || nextval('nonce_number'),
                   jsonb_build_object('do', 'advance', 'address', p_address));
    UPDATE nonce SET state = 2, changed_at = clock_timestamp() WHERE address = p_address;
    RETURN action_end(p_request, (ARRAY['free', 'bound', 'broken'])[n.state + 1], 'broken',
        p_reason, claims(p_os_user, p_tty), ARRAY[id],
        format('op %s advances it; it is free when that is done', id), id);
END
$$;

-- p_lamports: all that the account holds; the ledger refuses less.
CREATE FUNCTION lockstep.nonce_close(p_address text, p_lamports numeric, p_reason text,
    p_request bytea DEFAULT uuid_send(gen_random_uuid()), p_os_user text DEFAULT NULL,
    p_tty text DEFAULT NULL) RETURNS lockstep.action_result
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    done action_result := action_begin(p_request, 'nonce.close', 'nonce ' || p_address, p_reason);
    n nonce;
    id bigint;
BEGIN
    IF done.was_repeat THEN RETURN done; END IF;
    IF p_lamports IS NULL OR p_lamports NOT BETWEEN 1 AND 18446744073709551615::numeric THEN
        PERFORM refuse('LS003', 'close needs the lamports that the account holds');
    END IF;
    n := nonce_lock(p_address, '{0}', 'close needs a free account');
    id := nonce_op('ls:nonce:close:' || nextval('nonce_number'), jsonb_build_object('do', 'close',
                   'address', p_address, 'lamports', trunc(p_lamports)::text));
    UPDATE nonce SET state = 3, op = id, changed_at = clock_timestamp() WHERE address = p_address;
    RETURN action_end(p_request, 'free', 'being closed', p_reason, claims(p_os_user, p_tty),
        ARRAY[id], format('op %s closes it; its lamports go back to the payer', id), id);
END
$$;

GRANT EXECUTE ON FUNCTION
    lockstep.nonce_create(integer, text, bytea, text, text),
    lockstep.nonce_advance(text, text, bytea, text, text),
    lockstep.nonce_close(text, numeric, text, bytea, text, text) TO lockstep_operator;

-- What the ends of operations of the kind nonce mean for the pool; before they leave op.
CREATE FUNCTION lockstep.nonce_finished(p_endings lockstep.ending[]) RETURNS void
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    e record;
BEGIN
    FOR e IN SELECT o.id, o.signer, k.mint, k.key, k.payload ->> 'do' AS what,
                    k.payload ->> 'address' AS address, r.state, coalesce(r.slot, 0) AS slot
               FROM unnest(p_endings) AS r JOIN op o ON o.id = r.op JOIN op_key k ON k.key = o.key
              WHERE o.kind = 10 LOOP
        IF e.state = 6 AND e.what = 'create' THEN
            INSERT INTO nonce (address, number, authority, slot)
            VALUES (e.mint, substring(e.key FROM '^ls:nonce:([0-9]{1,18})$')::bigint, e.signer,
                    e.slot) ON CONFLICT (address) DO NOTHING;
        ELSIF e.state = 6 AND e.what = 'advance' THEN
            UPDATE nonce SET state = 0, is_suspect = false, slot = greatest(slot, e.slot),
                   changed_at = clock_timestamp()
             WHERE address = e.address AND state = 2;
        ELSIF e.state = 6 THEN
            DELETE FROM nonce WHERE address = e.address AND state = 3 AND op = e.id;
        ELSE
            UPDATE nonce SET state = 0, op = NULL, changed_at = clock_timestamp()
             WHERE address = e.address AND state = 3 AND op = e.id;
        END IF;
    END LOOP;
END
$$;

-- Commits may have been lost: an attempt of one that is forgotten may hold any nonce's value.
CREATE FUNCTION lockstep.nonce_suspect() RETURNS void
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    n bigint;
BEGIN
    UPDATE nonce SET is_suspect = true WHERE NOT is_suspect;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n > 0 THEN
        PERFORM audit_append('nonce.suspect', 'nonce pool', NULL, n || ' accounts',
            'commits may have been lost: each account is advanced before it is used again', '{}',
            '{}', '{}');
    END IF;
END
$$;

-- Suspect accounts that no attempt is known to use are advanced; those in use once they are not.
CREATE FUNCTION lockstep.nonce_mend(p_max integer) RETURNS void
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    n record;
BEGIN
    IF NOT EXISTS (SELECT FROM nonce WHERE is_suspect) THEN
        RETURN;
    END IF;
    FOR n IN SELECT address FROM nonce s WHERE is_suspect
                AND (state IN (0, 2) OR (state = 1 AND NOT is_used))
                AND NOT EXISTS (SELECT FROM op o JOIN op_key k ON k.key = o.key
                                 WHERE o.kind = 10 AND k.payload ->> 'do' = 'advance'
                                   AND k.payload ->> 'address' = s.address)
              ORDER BY number LIMIT p_max FOR UPDATE SKIP LOCKED LOOP
        UPDATE nonce SET state = 2, op = NULL, changed_at = clock_timestamp()
         WHERE address = n.address;
        PERFORM nonce_op('ls:nonce:advance:' || nextval('nonce_number'),
                         jsonb_build_object('do', 'advance', 'address', n.address));
    END LOOP;
END
$$;

CREATE VIEW lockstep.nonces AS
    SELECT n.number, n.address, (ARRAY['free', 'bound', 'broken', 'closing'])[n.state + 1] AS state,
           n.op, n.is_used, n.value, n.authority, nullif(n.slot, 0) AS slot, n.created_at,
           n.changed_at
      FROM lockstep.nonce n;
GRANT SELECT ON lockstep.nonces TO lockstep_viewer;
