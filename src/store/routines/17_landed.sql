-- Catch-up and reconciliation: what the ledger has of ours, compared with what stands here.
-- include/lockstep/core/landed.h has the words.

-- Base58 of 32 bytes as bytes; NULL when it is anything else.
CREATE FUNCTION lockstep.base58_bytes(p_text text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    alphabet constant text := '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
    digits integer[] := array_fill(0, ARRAY[32]);
    carry integer;
    bytes bytea := decode(repeat('00', 32), 'hex');
BEGIN
    IF NOT lockstep.is_address(p_text) THEN
        RETURN NULL;
    END IF;
    FOR at IN 1..length(p_text) LOOP
        carry := strpos(alphabet, substr(p_text, at, 1)) - 1;
        FOR i IN REVERSE 32..1 LOOP
            carry := carry + digits[i] * 58;
            digits[i] := carry % 256;
            carry := carry / 256;
        END LOOP;
    END LOOP;
    FOR i IN 1..32 LOOP
        bytes := set_byte(bytes, i - 1, digits[i]);
    END LOOP;
    RETURN bytes;
END
$$;

-- The tag of a key; NULL until the ledger is pinned.
CREATE FUNCTION lockstep.tag_of(p_key text) RETURNS bytea
LANGUAGE sql STABLE
AS $$ SELECT substr(sha256(m.tag_key || m.genesis_hash || sha256(convert_to(p_key, 'UTF8'))), 1, 16)
        FROM lockstep.meta m $$;

-- Keys that were enqueued before the ledger was pinned, or while that was being committed.
CREATE FUNCTION lockstep.fill_tags(p_max integer) RETURNS void
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
BEGIN
    UPDATE meta SET genesis_hash = base58_bytes(genesis)
     WHERE genesis_hash IS NULL AND genesis IS NOT NULL;
    UPDATE op_key SET tag = tag_of(key)
     WHERE op IN (SELECT op FROM op_key WHERE tag IS NULL ORDER BY op LIMIT p_max)
       AND EXISTS (SELECT FROM meta WHERE genesis_hash IS NOT NULL);
END
$$;

CREATE FUNCTION lockstep.timeline_now() RETURNS bigint
LANGUAGE sql VOLATILE
AS $$ SELECT ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint $$;

CREATE FUNCTION lockstep.started_us() RETURNS bigint
LANGUAGE sql STABLE
AS $$ SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint $$;

-- Open landings whose operation has come: at most p_max.
CREATE FUNCTION lockstep.landings_due(p_max integer)
RETURNS TABLE (signature text, tag bytea, slot bigint, tx bytea, op bigint)
LANGUAGE sql STABLE SET search_path = lockstep, pg_temp AS $$
    SELECT l.signature, l.tag, l.slot, l.tx, k.op
      FROM landing l JOIN op_key k ON k.tag = l.tag
     WHERE l.settled_at IS NULL ORDER BY l.slot LIMIT p_max
$$;

-- Where the database is now, and what it remembers. marks: "payer slot signature_slot signature" a
-- line.
CREATE FUNCTION lockstep.worker_past()
RETURNS TABLE (system_id text, timeline bigint, "position" bigint, started_us bigint,
               has_place boolean, was_system_id text, was_timeline bigint, was_position bigint,
               was_started_us bigint, age_ms bigint, marks text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    SELECT (SELECT c.system_identifier::text FROM pg_control_system() c), timeline_now(),
           (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint, lockstep.started_us(),
           p.is_only IS NOT NULL, p.system_id, p.timeline, p.position, p.started_us,
           ms(clock_timestamp()) - ms(m.created_at),
           (SELECT coalesce(string_agg(concat_ws(' ', w.payer, w.slot, w.signature_slot, w.signature), chr(10)), '')
              FROM (SELECT * FROM watermark ORDER BY registered_at DESC LIMIT 16) AS w)
      FROM meta m LEFT JOIN place p ON true
$$;
GRANT EXECUTE ON FUNCTION lockstep.worker_past() TO lockstep_worker;

-- Live attempts of an operation beside the one that landed, at most 8, a line each: signature,
-- blockhash, whether all it does is to move its nonce on.
CREATE FUNCTION lockstep.elders_of(p_op bigint, p_day date, p_signature text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT coalesce(string_agg(concat_ws(' ', e.signature, e.blockhash, e.cancels::integer),
                               chr(10) ORDER BY e.attempt), '')
      FROM (SELECT a.attempt, a.signature, a.blockhash, a.cancels FROM lockstep.attempt a
             WHERE p_day IS NULL AND a.op = p_op AND a.state = 0 AND a.signature <> p_signature
            UNION ALL
            SELECT a.attempt, a.signature, a.blockhash, a.cancels FROM lockstep.attempt_history a
             WHERE a.op = p_op AND a.day = p_day AND a.state = 0 AND a.signature <> p_signature
             ORDER BY 1 LIMIT 8) AS e
$$;

-- What stands here of a page of landed transactions. Rows: what = 0 a landed one that is not
-- plainly known, 1 a phantom. Without rows and p_high: landings whose operation has come.
CREATE FUNCTION lockstep.worker_landed(p_worker bigint, p_payer text, p_low bigint, p_high bigint,
                                       p_signature text[], p_tag bytea[], p_slot bigint[])
RETURNS TABLE (what smallint, n bigint, verdict smallint, op bigint, kind smallint,
               state smallint, key text, payload text, mint text, signature text, tag text,
               slot bigint, tx text, fence smallint, blockhash text, elders text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    PERFORM fill_tags(100000);
    IF p_high = 0 THEN
        RETURN QUERY
            SELECT 0::smallint, row_number() OVER (ORDER BY l.slot) - 1, 1::smallint, l.op, k.kind,
                   coalesce(o.state, k.outcome, 3::smallint), k.key, k.payload::text, d.mint,
                   l.signature, encode(l.tag, 'hex'), l.slot, encode(l.tx, 'hex'), k.fence_used,
                   NULL::text, elders_of(l.op, k.finished_day, l.signature)
              FROM landings_due(64) l JOIN op_key k ON k.op = l.op LEFT JOIN op o ON o.id = l.op
              LEFT JOIN op_key d ON d.op = o.depends_on;
        RETURN;
    END IF;
    RETURN QUERY
        SELECT 0::smallint, r.n - 1,
               CASE WHEN k.op IS NULL THEN 3
                    WHEN coalesce(a.state, h.state) IS NULL THEN 1
                    WHEN a.state = 0 THEN 4 ELSE 2 END::smallint,
               k.op, k.kind, coalesce(o.state, k.outcome, 3::smallint), k.key, k.payload::text,
               d.mint, r.signature, encode(r.tag, 'hex'), r.slot, NULL::text, k.fence_used,
               coalesce(a.blockhash, h.blockhash), elders_of(k.op, k.finished_day, r.signature)
          FROM unnest(p_signature, p_tag, p_slot) WITH ORDINALITY AS r (signature, tag, slot, n)
          LEFT JOIN op_key k ON k.tag = r.tag
          LEFT JOIN op o ON o.id = k.op
          LEFT JOIN op_key d ON d.op = o.depends_on
          LEFT JOIN attempt a ON a.op = k.op AND a.signature = r.signature
          LEFT JOIN attempt_history h
            ON h.op = k.op AND h.day = k.finished_day AND h.signature = r.signature
         WHERE coalesce(a.state IN (1, 5) OR (a.state = 0 AND o.state = 3 AND o.worker IS NULL), true)
           AND coalesce(h.state IN (0, 1, 5), true)
           AND NOT EXISTS (SELECT FROM landing l WHERE l.signature = r.signature AND l.tag = r.tag
                              AND (l.settled_at IS NOT NULL OR k.op IS NULL))
           AND (k.op IS NULL OR k.finished_day IS NULL OR EXISTS (
                SELECT FROM history f WHERE f.id = k.op AND f.day = k.finished_day))
         ORDER BY r.n;
    RETURN QUERY
        SELECT 1::smallint, 0::bigint, 0::smallint, h.op, 0::smallint, 6::smallint, ''::text,
               ''::text, NULL::text, h.signature, ''::text, h.slot, NULL::text, 0::smallint,
               NULL::text, ''::text
          FROM attempt_history h
         WHERE h.state = 2 AND h.slot > p_low AND h.slot <= p_high AND h.signer = p_payer
           AND h.signature <> ALL (p_signature)
         ORDER BY h.slot LIMIT 64;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.worker_landed(bigint, text, bigint, bigint, text[], bytea[],
    bigint[]) TO lockstep_worker;

-- What became of a live attempt beside the one that landed, as the ledger said when it was asked:
-- dead, errored, advanced or undecided, and where it landed.
CREATE TYPE lockstep.elder AS (signature text, state smallint, slot bigint, cause text);

CREATE FUNCTION lockstep.elder_evidence(p_elder lockstep.elder, p_landed text, p_slot bigint,
                                        p_height bigint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('rule', 'found on chain', 'landed', p_landed, 'landed_slot', p_slot,
               'finalized_height', p_height, 'this', CASE (p_elder).state
                   WHEN 1 THEN 'excluded by the one that landed'
                   WHEN 3 THEN 'landed with an error'
                   WHEN 4 THEN 'landed, and only moved the nonce on'
                   ELSE CASE WHEN (p_elder).signature IS NULL THEN 'was not looked for'
                             ELSE 'was looked for, and nothing about it is certain' END END)::text
$$;

-- The attempt that landed becomes a row, or its row says so, and its elders' rows say what became
-- of them. Of one that was not looked for nobody knows: undecided. Should it have landed as well,
-- that is found as a duplicate.
CREATE FUNCTION lockstep.land_attempt(p_op bigint, p_day date, p_signature text, p_slot bigint,
    p_payer text, p_blockhash text, p_tx bytea, p_height bigint, p_worker bigint,
    p_elders lockstep.elder[]) RETURNS void
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    number integer;
BEGIN
    IF p_day IS NULL THEN
        UPDATE attempt SET state = 2, slot = p_slot WHERE op = p_op AND signature = p_signature;
        IF NOT FOUND THEN
            SELECT coalesce(max(attempt), 0) + 1 INTO number FROM attempt WHERE op = p_op;
            INSERT INTO attempt (op, attempt, worker, created_at, signature, blockhash,
                last_valid_height, slot, signer, state, tx, evidence)
            VALUES (p_op, number, p_worker, clock_timestamp(), p_signature, p_blockhash, 0, p_slot,
                p_payer, 2, p_tx, '{"rule":"found on chain"}');
            UPDATE op SET attempts_made = greatest(attempts_made, number) WHERE id = p_op;
        END IF;
        UPDATE attempt a SET state = coalesce((e).state, 5), slot = coalesce((e).slot, 0),
               cause = coalesce((e).cause, a.cause),
               evidence = coalesce(CASE coalesce((e).state, 5) WHEN 5 THEN a.evidence END,
                                   elder_evidence(e, p_signature, p_slot, p_height))
          FROM attempt t LEFT JOIN unnest(p_elders) AS e ON e.signature = t.signature
         WHERE t.op = p_op AND t.state = 0 AND a.op = p_op AND a.attempt = t.attempt;
    ELSE
        UPDATE attempt_history SET state = 2, slot = p_slot
         WHERE op = p_op AND day = p_day AND signature = p_signature;
        IF NOT FOUND THEN
            SELECT coalesce(max(attempt), 0) + 1 INTO number FROM attempt_history
             WHERE op = p_op AND day = p_day;
            INSERT INTO attempt_history (day, op, attempt, worker, created_at, signature,
                blockhash, last_valid_height, slot, signer, state, tx, evidence)
            VALUES (p_day, p_op, number, p_worker, clock_timestamp(), p_signature, p_blockhash, 0,
                p_slot, p_payer, 2, p_tx, '{"rule":"found on chain"}');
        END IF;
        UPDATE attempt_history a SET state = coalesce((e).state, 5), slot = coalesce((e).slot, 0),
               cause = coalesce((e).cause, a.cause),
               evidence = coalesce(CASE coalesce((e).state, 5) WHEN 5 THEN a.evidence END,
                                   elder_evidence(e, p_signature, p_slot, p_height))
          FROM attempt_history t LEFT JOIN unnest(p_elders) AS e ON e.signature = t.signature
         WHERE t.op = p_op AND t.day = p_day AND t.state = 0
           AND a.op = p_op AND a.day = p_day AND a.attempt = t.attempt;
    END IF;
END
$$;

-- A landed transaction of operation p_op: the ledger's truth is adopted. Returns what it was:
-- p_finding, or 6 duplicate, 7 cancelled but landed, 8 known already; NULL where the operation gave
-- its key up after it was looked up, to one that must be compared instead.
CREATE FUNCTION lockstep.adopt_landed(p_worker bigint, p_finding smallint, p_op bigint,
    p_signature text, p_slot bigint, p_payer text, p_blockhash text, p_tx bytea, p_mint text,
    p_height bigint, p_elders lockstep.elder[], p_repair boolean, p_tag bytea) RETURNS smallint
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    o op%ROWTYPE;
    k op_key%ROWTYPE;
    h history%ROWTYPE;
BEGIN
    SELECT * INTO o FROM op WHERE id = p_op FOR UPDATE;
    SELECT * INTO k FROM op_key WHERE op = p_op;
    IF o.id IS NULL THEN
        SELECT * INTO h FROM history WHERE id = p_op AND day = k.finished_day FOR UPDATE;
        IF h.id IS NULL OR EXISTS (SELECT FROM attempt_history a WHERE a.op = p_op
               AND a.day = k.finished_day AND a.signature = p_signature AND a.state IN (2, 3)) THEN
            RETURN 8;
        ELSIF h.state = 7 AND p_tag <> (SELECT c.tag FROM op_key c WHERE c.op = p_op) THEN
            RETURN NULL;
        END IF;
        IF p_repair THEN
            PERFORM land_attempt(p_op, k.finished_day, p_signature, p_slot, p_payer, p_blockhash,
                                 p_tx, p_height, p_worker, p_elders);
            IF h.state <> 7 THEN
                INSERT INTO count_delta (metric, n) VALUES (4, 1);
            ELSE
                PERFORM supply_landed(p_op);
            END IF;
        END IF;
        RETURN CASE h.state WHEN 7 THEN 7 ELSE 6 END;
    END IF;
    IF p_repair THEN
        PERFORM land_attempt(p_op, NULL, p_signature, p_slot, p_payer, p_blockhash, p_tx, p_height,
                             p_worker, p_elders);
        IF p_mint IS NOT NULL THEN
            UPDATE op_key SET mint = p_mint WHERE op = p_op;
        END IF;
        PERFORM finish(ARRAY[ROW (p_op, 6, NULL, 'found landed on the ledger and adopted',
                                  p_signature, p_slot)::ending]);
    END IF;
    RETURN p_finding;
END
$$;

-- A landed transaction that no operation may take: kept, so that a later enqueue of its key is
-- compared with it before anything is signed. The lock is what every claim shares: when this
-- commits, no claim is under way that did not see it.
CREATE FUNCTION lockstep.keep_landing(p_finding smallint, p_op bigint, p_signature text,
    p_tag bytea, p_slot bigint, p_payer text, p_tx bytea) RETURNS smallint
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7235, 5);
    INSERT INTO landing (signature, tag, payer, slot, finding, tx, op, settled_at)
    VALUES (p_signature, p_tag, p_payer, p_slot, p_finding, p_tx, p_op,
            CASE p_finding WHEN 4 THEN now() END)
    ON CONFLICT (signature, tag) DO UPDATE
       SET finding = 4, op = excluded.op, settled_at = now()
     WHERE excluded.finding = 4 AND landing.settled_at IS NULL;
    IF NOT FOUND THEN
        RETURN 8;
    END IF;
    IF p_finding = 4 THEN
        UPDATE op SET state = 4, sub = 31, worker = NULL, token = nextval('token'), request = 0,
               version = version + 1, updated_at = now(), state_at = now(), cause = 'Mismatch',
               detail = 'a transaction of ours with its tag landed and differs from its intent: '
                        'look on chain, then resolve'
         WHERE id = p_op AND state IN (0, 1, 2, 3);
    END IF;
    RETURN p_finding;
END
$$;

CREATE FUNCTION lockstep.finding_says(p_finding smallint, p_op bigint, p_signature text,
                                      p_repaired boolean) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_finding
        WHEN 1 THEN format('op %s had landed as %s, which this database did not know%s', p_op,
            p_signature, CASE WHEN p_repaired THEN ': adopted' ELSE '' END)
        WHEN 2 THEN format('op %s landed as %s although that attempt was called dead%s', p_op,
            p_signature, CASE WHEN p_repaired THEN ': adopted' ELSE '' END)
        WHEN 3 THEN format('%s landed for an operation that this database has not got: enqueue '
            'its key again and it is adopted', p_signature)
        WHEN 4 THEN format('%s landed with the tag of op %s and differs from its intent',
            p_signature, p_op)
        WHEN 5 THEN format('op %s is done here, and the ledger has not got %s', p_op, p_signature)
        WHEN 6 THEN format('op %s landed twice: also as %s', p_op, p_signature)
        WHEN 7 THEN format('op %s was cancelled, and landed as %s', p_op, p_signature) END
$$;

-- Report one finding by an alert, and an audit entry where something changed.
CREATE FUNCTION lockstep.tell_finding(p_worker bigint, p_finding smallint, p_op bigint,
    p_signature text, p_slot bigint, p_repaired boolean, p_before text) RETURNS void
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    says text := finding_says(p_finding, p_op, p_signature, p_repaired);
    names constant text[] := '{unrecorded,late landing,orphan,mismatch,phantom,duplicate,cancelled but landed}';
    news text;
BEGIN
    -- Those that a failover brings by the thousand share one alert.
    news := alert_fire('reconcile', names[p_finding]
            || CASE WHEN p_finding > 3 THEN ' op ' || p_op ELSE '' END,
        CASE WHEN p_finding = 1 OR (p_finding = 2 AND p_repaired) THEN 1 ELSE 2 END::smallint,
        left(says, 250));
    IF p_repaired OR (p_finding = 5 AND news IS NOT NULL) THEN
        PERFORM audit_append(CASE WHEN p_finding IN (1, 2) THEN 'op.adopted_from_chain'
                                  ELSE 'reconcile.' || replace(names[p_finding], ' ', '_') END,
            coalesce('op ' || p_op, 'signature ' || p_signature), p_before,
            CASE WHEN p_finding IN (1, 2) THEN 'done' END, says, '{}',
            ARRAY(SELECT p_op WHERE p_op IS NOT NULL),
            jsonb_build_object('worker', p_worker, 'signature', p_signature, 'slot', p_slot));
    END IF;
END
$$;

-- Findings, one after the other, in one transaction. Answers a row each, in order.
CREATE FUNCTION lockstep.worker_find(p_worker bigint, p_repair boolean, p_finding smallint[],
    p_op bigint[], p_signature text[], p_tag bytea[], p_slot bigint[], p_payer text[],
    p_blockhash text[], p_tx bytea[], p_mint text[], p_height bigint[],
    p_elder_row integer[], p_elder_signature text[], p_elder_state smallint[],
    p_elder_slot bigint[], p_elder_cause text[])
RETURNS TABLE (finding smallint, is_repaired boolean, op bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
#variable_conflict use_column
DECLARE
    id bigint;
    found_as smallint;
    before text;
BEGIN
    FOR i IN 1..cardinality(p_finding) LOOP
        id := nullif(p_op[i], 0);
        before := NULL;
        IF id IS NULL AND p_finding[i] = 3 THEN -- its enqueue may have committed meanwhile
            found_as := CASE WHEN p_repair THEN keep_landing(3::smallint, NULL, p_signature[i],
                p_tag[i], p_slot[i], p_payer[i], p_tx[i]) ELSE 3 END;
        ELSIF p_finding[i] = 4 THEN
            found_as := CASE WHEN p_repair THEN keep_landing(4::smallint, id, p_signature[i],
                p_tag[i], p_slot[i], p_payer[i], p_tx[i]) ELSE 4 END;
        ELSIF p_finding[i] IN (1, 2, 9) THEN
            SELECT state_text(o.state, o.sub) INTO before FROM lockstep.op o WHERE o.id = p_op[i];
            found_as := adopt_landed(p_worker, p_finding[i], id, p_signature[i], p_slot[i],
                p_payer[i], p_blockhash[i], p_tx[i], p_mint[i], p_height[i],
                ARRAY(SELECT ROW (e.signature, e.state, e.slot, e.cause)::elder
                        FROM unnest(p_elder_row, p_elder_signature, p_elder_state, p_elder_slot,
                                    p_elder_cause) AS e (n, signature, state, slot, cause)
                       WHERE e.n = i), p_repair, p_tag[i]);
            IF found_as IS NULL THEN
                found_as := CASE WHEN p_repair THEN keep_landing(3::smallint, NULL,
                    p_signature[i], p_tag[i], p_slot[i], p_payer[i], p_tx[i]) ELSE 3 END;
            ELSIF p_repair THEN
                UPDATE landing l SET settled_at = now(), op = p_op[i]
                 WHERE l.signature = p_signature[i] AND l.tag = p_tag[i] AND l.settled_at IS NULL;
            END IF;
        ELSE
            found_as := 5;
        END IF;
        is_repaired := p_repair AND found_as NOT IN (5, 8);
        IF found_as NOT IN (8, 9) THEN
            PERFORM tell_finding(p_worker, found_as, id, p_signature[i], p_slot[i], is_repaired,
                                 before);
        END IF;
        finding := found_as;
        op := id;
        RETURN NEXT;
    END LOOP;
    PERFORM promote(1000);
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.worker_find(bigint, boolean, smallint[], bigint[], text[],
    bytea[], bigint[], text[], text[], bytea[], text[], bigint[], integer[], text[], smallint[],
    bigint[], text[]) TO lockstep_worker;

-- Everything of p_payer up to p_slot is accounted for; the place is where the cluster was when
-- that reading began.
CREATE FUNCTION lockstep.worker_mark(p_worker bigint, p_payer text, p_slot bigint,
    p_signature_slot bigint, p_signature text, p_system_id text, p_timeline bigint,
    p_position bigint, p_started_us bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
BEGIN
    INSERT INTO watermark AS w (payer, slot, signature_slot, signature, read_at)
    VALUES (p_payer, p_slot, p_signature_slot,
            CASE WHEN p_signature_slot > 0 THEN p_signature END, now())
    ON CONFLICT (payer) DO UPDATE
       SET read_at = now(), slot = greatest(w.slot, excluded.slot),
           signature_slot = greatest(w.signature_slot, excluded.signature_slot),
           signature = CASE WHEN excluded.signature_slot > w.signature_slot
                            THEN excluded.signature ELSE w.signature END;
    IF EXISTS (SELECT FROM place p WHERE p.system_id <> p_system_id
                  OR (p.timeline <= p_timeline AND (p.timeline <> p_timeline
                                                    OR p.started_us <> p_started_us))) THEN
        PERFORM nonce_suspect();
    END IF;
    INSERT INTO place AS p (system_id, timeline, position, started_us, worker)
    VALUES (p_system_id, p_timeline, p_position, p_started_us, p_worker)
    ON CONFLICT (is_only) DO UPDATE
       SET system_id = excluded.system_id, timeline = excluded.timeline,
           position = excluded.position, started_us = excluded.started_us,
           worker = excluded.worker, at = now()
     WHERE p.system_id <> excluded.system_id OR p.timeline <= excluded.timeline;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.worker_mark(bigint, text, bigint, bigint, text, text, bigint,
    bigint, bigint) TO lockstep_worker;

-- Of claimed operations leave out those whose tag has an open landing: they go back to ready, to
-- be compared with it first. Callers hold the shared lock 7235/5.
CREATE FUNCTION lockstep.leave_landed(p_ops bigint[]) RETURNS bigint[]
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    landed bigint[];
BEGIN
    IF NOT EXISTS (SELECT FROM landing WHERE settled_at IS NULL) THEN
        RETURN p_ops;
    END IF;
    PERFORM fill_tags(100000);
    landed := ARRAY(SELECT k.op FROM op_key k JOIN landing l ON l.tag = k.tag
                     WHERE k.op = ANY (p_ops) AND l.settled_at IS NULL);
    UPDATE op SET state = 0, sub = 0, worker = NULL, run_at = now() + interval '1 minute',
           version = version + 1, updated_at = now(), state_at = now(), cause = 'SeenOnChain',
           detail = 'a transaction with its tag landed: it is compared before anything is signed'
     WHERE id = ANY (landed);
    RETURN ARRAY(SELECT id FROM unnest(p_ops) WITH ORDINALITY AS u (id, n)
                  WHERE id <> ALL (landed) ORDER BY n);
END
$$;

-- What `lockstep verify` compares with the ledger: the operation as it stands here, and the
-- attempt that landed.
CREATE FUNCTION lockstep.verify_facts(p_key text)
RETURNS TABLE (op bigint, kind text, state text, payload text, mint text, mint_program text,
               tag text, signature text, slot bigint, signer text, tx text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    SELECT k.op, n.name, s.name, k.payload::text, d.mint, d.payload ->> 'program',
           encode(coalesce(k.tag, tag_of(k.key)), 'hex'), t.signature, t.slot, t.signer,
           encode(t.tx, 'hex')
      FROM op_key k JOIN kind n ON n.kind = k.kind
      LEFT JOIN op o ON o.id = k.op
      LEFT JOIN history h ON h.id = k.op AND h.day = k.finished_day
      JOIN state_name s ON s.state = coalesce(o.state, h.state, k.outcome)
      LEFT JOIN op_key d ON d.op = coalesce(o.depends_on, h.depends_on)
      LEFT JOIN LATERAL (
        SELECT a.signature, a.slot, a.signer, a.tx FROM attempt_history a
         WHERE a.op = k.op AND a.day = k.finished_day AND a.state = 2 ORDER BY a.attempt LIMIT 1
      ) AS t ON true
     WHERE k.key = p_key
$$;
GRANT EXECUTE ON FUNCTION lockstep.verify_facts(text) TO lockstep_viewer;
