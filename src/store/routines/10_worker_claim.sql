-- Taking operations: claim leases what is due, adopt takes over what was submitted.
-- Four sets of kinds meet here. p_gated_kinds: gates are on for them, for every worker;
-- p_works_on: all that this worker may begin, NULL for everything; p_pack_kinds: of these the
-- worker packs, chains are made of them. Adoption asks for none of them: what was signed once
-- is followed to its end by whoever lives.

-- Whether a payload's lamports or amount is above the value limit of its kind; inlined.
CREATE FUNCTION lockstep.is_strict(p_payload jsonb, p_limit numeric) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_payload ->> 'lamports'
           WHEN 'all' THEN p_limit IS NOT NULL -- how much is the ledger's to say
           ELSE coalesce(coalesce(p_payload ->> 'lamports', p_payload ->> 'amount')::numeric
                         > p_limit, false) END
$$;

-- Whether the pool has an account that could ever be bound for this payer (NULL: any).
CREATE FUNCTION lockstep.nonce_usable(p_payer text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    SELECT EXISTS (SELECT FROM nonce WHERE state IN (0, 1) AND (p_payer IS NULL OR authority = p_payer))
$$;
GRANT EXECUTE ON FUNCTION lockstep.nonce_usable(text) TO lockstep_viewer;

-- Whether a worker of these kinds may begin something of this batch: of an atomic one all is
-- signed together, so it must be allowed all of it.
CREATE FUNCTION lockstep.may_begin(p_batch bigint, p_works_on smallint[]) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT p_batch IS NULL OR NOT EXISTS (
        SELECT FROM lockstep.batch b JOIN lockstep.op o ON o.batch = b.id
         WHERE b.id = p_batch AND b.policy = 3 AND o.kind <> ALL (p_works_on))
$$;

-- Lease due operations of fence nonce, each with an account of the pool: the one that is
-- bound to it already, or a free one. Those for which none is free stay as they are.
CREATE FUNCTION lockstep.claim_nonces(p_worker bigint, p_payer text, p_limit integer,
                                      p_gated_kinds smallint[], p_lanes smallint[],
                                      p_entities text[], p_batches bigint[],
                                      p_of_lanes smallint[], p_works_on smallint[])
RETURNS bigint[]
LANGUAGE plpgsql SET search_path = lockstep, pg_temp
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    due bigint[];
    part bigint[];
    taken bigint[] := '{}';
    free text[];
BEGIN
    IF p_works_on IS NULL THEN
        due := ARRAY(SELECT o.id FROM op o
                      WHERE o.state = 0 AND NOT o.is_gated AND o.fence = 1 AND o.run_at <= now()
                        AND o.lane = ANY (p_of_lanes)
                      ORDER BY o.lane, o.run_at, o.id LIMIT p_limit FOR UPDATE SKIP LOCKED);
    ELSE
        due := ARRAY(SELECT l.id FROM (
            SELECT d.id FROM unnest(p_works_on) AS k (kind) CROSS JOIN unnest(p_of_lanes) AS l (lane)
             CROSS JOIN LATERAL (
                SELECT o.id, o.run_at FROM op o
                 WHERE o.state = 0 AND NOT o.is_gated AND o.fence = 1 AND o.kind = k.kind
                   AND o.lane = l.lane AND o.run_at <= now() AND may_begin(o.batch, p_works_on)
                 ORDER BY o.run_at, o.id LIMIT p_limit) AS d
             ORDER BY l.lane, d.run_at, d.id) AS c
         CROSS JOIN LATERAL (
            SELECT o.id FROM op o WHERE o.id = c.id AND o.state = 0 AND NOT o.is_gated
               FOR UPDATE SKIP LOCKED) AS l LIMIT p_limit);
    END IF;
    IF due = '{}' OR EXISTS (SELECT FROM nonce WHERE is_suspect) THEN
        RETURN '{}';
    END IF;
    UPDATE op o SET sub = 4, version = o.version + 1, updated_at = now()
     WHERE o.id = ANY (due) AND (o.kind = ANY (p_gated_kinds) OR o.lane = ANY (p_lanes)
           OR coalesce(o.entity = ANY (p_entities), false)
           OR coalesce(o.batch = ANY (p_batches), false));
    due := ARRAY(SELECT o.id FROM op o WHERE o.id = ANY (due) AND NOT o.is_gated
                  ORDER BY o.lane, o.run_at, o.id);
    UPDATE nonce n SET state = 0, op = NULL, changed_at = now() -- of a payer of before
     WHERE n.op = ANY (due) AND n.state = 1 AND NOT n.is_used AND n.authority <> p_payer;
    taken := ARRAY(SELECT n.op FROM nonce n WHERE n.op = ANY (due) AND n.state = 1);
    part := ARRAY(SELECT d.id FROM unnest(due) WITH ORDINALITY AS d (id, n)
                   WHERE d.id <> ALL (taken) ORDER BY d.n);
    free := ARRAY(SELECT n.address FROM nonce n WHERE n.state = 0 AND n.authority = p_payer
                   ORDER BY n.changed_at LIMIT cardinality(part) FOR UPDATE SKIP LOCKED);
    part := part[1:cardinality(free)];
    UPDATE nonce n SET state = 1, op = b.op, is_used = false, changed_at = clock_timestamp()
      FROM unnest(free, part) AS b (address, op) WHERE n.address = b.address;
    taken := taken || part;
    UPDATE op o SET state = 2, sub = 0, worker = p_worker, token = nextval('token'),
           version = o.version + 1, updated_at = now(), state_at = now()
     WHERE o.id = ANY (taken);
    RETURN taken;
END
$$;

-- What a move says of the account that is bound to its operation; kept while an attempt is live.
CREATE FUNCTION lockstep.nonce_settle(p_op bigint[], p_fate smallint[], p_slot bigint[])
RETURNS void LANGUAGE sql AS $$
    UPDATE lockstep.nonce n
       SET state = CASE r.fate WHEN 1 THEN 0 ELSE 2 END, op = NULL, is_used = false,
           slot = greatest(n.slot, coalesce(r.slot, 0)), changed_at = clock_timestamp()
      FROM unnest(p_op, p_fate, p_slot) AS r (op, fate, slot)
     WHERE n.op = r.op AND n.state = 1 AND r.fate > 0
       AND NOT EXISTS (SELECT FROM lockstep.attempt a WHERE a.op = r.op AND a.state = 0)
$$;

-- What is not leased any more gives back the account that no attempt of it was signed with:
-- whoever comes next needs one, and this one may be held for long.
CREATE FUNCTION lockstep.nonce_give_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE lockstep.nonce SET state = 0, op = NULL, changed_at = clock_timestamp()
     WHERE op = NEW.id AND state = 1 AND NOT is_used;
    RETURN NULL;
END
$$;
CREATE TRIGGER op_nonce AFTER UPDATE OF state ON lockstep.op FOR EACH ROW
    WHEN (OLD.state = 2 AND NEW.state NOT IN (2, 3) AND NEW.fence = 1)
    EXECUTE FUNCTION lockstep.nonce_give_back();

-- Operations ended: an account that is still bound was not shown to have moved.
CREATE FUNCTION lockstep.nonce_end(p_ops bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE lockstep.nonce n
       SET state = CASE WHEN n.is_used THEN 2 ELSE 0 END, op = NULL, is_used = false,
           changed_at = clock_timestamp()
     WHERE n.op = ANY (p_ops) AND n.state = 1
$$;

-- Of what was leased just now the first of an atomic batch stands for all of it: lease the
-- others too, in the place of other operations where p_room is short; or give it back where
-- one of them is gated, is not waiting, or they are too many. What is leased then.
CREATE FUNCTION lockstep.claim_whole(p_worker bigint, p_taken bigint[], p_room integer,
                                     p_gated_kinds smallint[]) RETURNS bigint[]
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    h record;
    whole bigint[];
    victims bigint[];
    over integer;
    waits boolean;
    gated boolean;
BEGIN
    FOR h IN SELECT o.id, o.batch FROM op o JOIN batch b ON b.id = o.batch
              WHERE o.id = ANY (p_taken) AND b.policy = 3 ORDER BY o.id LOOP
        PERFORM FROM op o WHERE o.batch = h.batch ORDER BY o.id FOR UPDATE;
        SELECT array_agg(o.id ORDER BY o.id) FILTER (WHERE o.id <> h.id),
               bool_and(o.state = 1 OR o.id = h.id), bool_or(o.kind = ANY (p_gated_kinds))
          INTO whole, waits, gated FROM op o WHERE o.batch = h.batch;
        over := greatest(0, cardinality(p_taken || whole) - p_room);
        victims := ARRAY(SELECT o.id FROM op o LEFT JOIN batch b ON b.id = o.batch
                          WHERE o.id = ANY (p_taken) AND b.policy IS DISTINCT FROM 3
                          ORDER BY o.id DESC LIMIT over);
        IF NOT waits OR gated OR cardinality(victims) < over THEN
            UPDATE op o SET worker = NULL, token = nextval('token'), version = o.version + 1,
                   updated_at = now(), state_at = now(), run_at = greatest(o.run_at, now()),
                   state = CASE WHEN waits THEN 0 ELSE 1 END,
                   sub = CASE WHEN NOT waits THEN 12 WHEN gated THEN 4 ELSE 0 END
             WHERE o.id = h.id;
            p_taken := array_remove(p_taken, h.id);
            CONTINUE;
        END IF;
        UPDATE op o SET state = 2, sub = 0, worker = p_worker, token = nextval('token'),
               version = o.version + 1, updated_at = now(), state_at = now()
         WHERE o.id = ANY (whole);
        UPDATE op o SET state = 0, sub = 0, worker = NULL, token = nextval('token'),
               version = o.version + 1, updated_at = now(), state_at = now(),
               run_at = greatest(o.run_at, now())
         WHERE o.id = ANY (victims);
        p_taken := ARRAY(SELECT t FROM unnest(p_taken) AS t WHERE t <> ALL (victims)) || whole;
    END LOOP;
    RETURN p_taken;
END
$$;

-- Lease with those of p_heads that have an entity what stands right behind them in it, where all
-- are of p_pack_kinds, were never attempted, are kept by nothing else and fit into one transaction at
-- worst. Each goes right behind the one that `after` names.
CREATE FUNCTION lockstep.claim_chains(p_worker bigint, p_heads bigint[], p_room integer,
                                      p_pack_kinds smallint[], p_gated_kinds smallint[],
                                      p_lanes smallint[])
RETURNS TABLE (op bigint, chain bigint, after bigint)
LANGUAGE plpgsql SET search_path = lockstep, pg_temp
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH line AS MATERIALIZED (
        SELECT h.id AS chain, f.*
          FROM op h CROSS JOIN LATERAL (
            SELECT o.id, o.key, o.kind, o.depends_on,
                   o.kind = ANY (p_pack_kinds) AND o.kind <> ALL (p_gated_kinds) AND o.lane <> ALL (p_lanes)
                   AND o.fence = 0 AND o.batch IS NULL AND o.compensates IS NULL
                   AND o.attempts_made = 0
                   AND (o.id = h.id OR o.state = 1 AND o.sub = 10 AND o.run_at <= now()) AS may
              FROM op o WHERE o.entity = h.entity AND o.id >= h.id
             ORDER BY o.id LIMIT 32) AS f
         WHERE h.id = ANY (p_heads) AND h.entity IS NOT NULL AND h.kind = ANY (p_pack_kinds)
           AND h.fence = 0 AND h.batch IS NULL AND h.attempts_made = 0
           -- a lower one that was committed late is next
           AND NOT EXISTS (SELECT FROM op b WHERE b.entity = h.entity AND b.id < h.id)
    ), sized AS (
        SELECT l.chain, l.id, lag(l.id) OVER w AS after,
               bool_and(l.may AND p.bytes IS NOT NULL
                        AND (l.depends_on IS NULL OR coalesce(d.outcome = 6, false))) OVER w AS may,
               218 + max(CASE WHEN l.kind >= 4 THEN 96 WHEN l.kind = 3 THEN 32 ELSE 0 END) OVER w
               + sum(p.bytes) OVER w AS bytes
          FROM line l JOIN op_key k ON k.key = l.key LEFT JOIN op_key d ON d.op = l.depends_on
         CROSS JOIN LATERAL (SELECT atomic_part(l.kind, k.payload) AS bytes) AS p
        WINDOW w AS (PARTITION BY l.chain ORDER BY l.id)
    ), wanted AS MATERIALIZED (
        SELECT s.id, s.chain, s.after FROM sized s WHERE s.may AND s.bytes <= 1232 AND s.id <> s.chain
         ORDER BY s.chain, s.id LIMIT greatest(0, p_room)
    ), locked AS MATERIALIZED (
        SELECT o.id FROM op o WHERE o.id = ANY (ARRAY(SELECT w.id FROM wanted w))
           AND o.state = 1 AND o.sub = 10 ORDER BY o.id FOR UPDATE SKIP LOCKED
    ), leased AS (
        UPDATE op o SET state = 2, sub = 0, worker = p_worker, token = nextval('token'),
               version = o.version + 1, updated_at = now(), state_at = now()
          FROM locked WHERE o.id = locked.id RETURNING o.id
    )
    SELECT w.id, w.chain, w.after FROM wanted w JOIN leased l ON l.id = w.id;
END
$$;

-- An atomic batch and how many operations must share its transaction; NULL for another one.
CREATE FUNCTION lockstep.atomic_batch(p_batch bigint, OUT batch bigint, OUT size integer)
LANGUAGE sql STABLE AS $$
    SELECT b.id, b.total::integer FROM lockstep.batch b WHERE b.id = p_batch AND b.policy = 3
$$;

-- Lease at most p_limit due operations, in order of lane, run_at, id; with p_fair each lane
-- gets a share, low lanes first, so that none starves. What a gate covers leaves the claim
-- index as ready(gated) instead.
-- p_low_ms: for each lane the run_at before which the caller found nothing more; 0 looks from
-- the beginning. While somebody holds an old snapshot, the entries of leased rows stay in the
-- index, and each claim would walk over all of them. Whatever becomes ready again gets a
-- run_at of that moment, so only an aborted claim's rows need the caller's look from 0.
-- p_of_lanes: from which lanes it claims.
-- What the worker may begin stands in its row, and counts as of the claim. Where that is not
-- everything each lane's due operations are found by kind, in the same order, and locked one by
-- one, so that neither a claim's cost nor other workers suffer from what is not for this one.
-- made: the newest 16 attempts made before, oldest first, each "number:signature".
CREATE FUNCTION lockstep.worker_claim(p_worker bigint, p_limit integer, p_fair boolean,
                                      p_low_ms bigint[] DEFAULT '{0,0,0,0}',
                                      p_pack_kinds smallint[] DEFAULT '{}',
                                      p_of_lanes smallint[] DEFAULT '{0,1,2,3}')
RETURNS TABLE (op bigint, token bigint, kind smallint, state smallint, sub smallint,
               request smallint, attempts_made integer, attempts_round integer,
               attempts_max integer, age_ms bigint, key text, payload text, mint text,
               mint_program text, original_signature text, fence smallint, is_strict boolean,
               is_pinned boolean, signer text, nonce text, marker text, nonce_slot bigint, batch bigint,
               batch_size integer,
               lane smallint,
               run_at_ms bigint, made text, chain bigint, after bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off AS $$
#variable_conflict use_column
DECLARE
    me worker%ROWTYPE;
    g record;
    fair boolean := p_fair;
    share integer;
    part bigint[];
    taken bigint[] := '{}'::bigint[];
    low timestamptz[] := ARRAY(SELECT to_timestamp(l / 1000.0) FROM unnest(p_low_ms) AS l);
    gated integer;
    behind bigint[] := '{}'::bigint[];
    chains bigint[] := '{}'::bigint[];
    afters bigint[] := '{}'::bigint[];
BEGIN
    SELECT * INTO me FROM worker w WHERE w.id = p_worker;
    IF me.id IS NULL OR me.is_lost OR me.is_gone OR me.is_paused THEN
        RETURN;
    END IF;
    PERFORM promote(1000);
    PERFORM pg_advisory_xact_lock_shared(7235, 5);
    g := gates_now();
    IF g.everything OR me.payer = ANY (g.payers) THEN
        RETURN;
    END IF;
    IF nonce_usable(me.payer) AND NOT g.nonces THEN
        taken := leave_landed(claim_nonces(p_worker, me.payer, greatest(1, p_limit / 2), g.kinds,
                                           g.lanes, g.entities, g.batches, p_of_lanes,
                                           me.works_on));
    END IF;
    FOR round IN 1..8 LOOP
        EXIT WHEN cardinality(taken) >= p_limit;
        share := CASE WHEN fair THEN greatest(1, p_limit / 4) ELSE p_limit END;
        WITH due AS MATERIALIZED (
            SELECT d.id, d.is_gated
              FROM unnest(CASE WHEN fair THEN '{3,2,1,0}'::integer[]
                               ELSE '{0,1,2,3}'::integer[] END) AS l (lane)
             CROSS JOIN LATERAL (
                SELECT * FROM (
                    SELECT o.id, o.kind = ANY (g.kinds) OR l.lane = ANY (g.lanes)
                                 OR coalesce(o.entity = ANY (g.entities), false)
                                 OR coalesce(o.batch = ANY (g.batches), false) AS is_gated
                      FROM op o
                     WHERE o.state = 0 AND NOT o.is_gated AND o.fence <> 1 AND o.lane = l.lane
                       AND o.run_at <= now() AND me.works_on IS NULL
                       AND o.run_at >= low[l.lane + 1]
                     ORDER BY o.run_at, o.id LIMIT share FOR UPDATE SKIP LOCKED) AS of_all
                UNION ALL
                SELECT * FROM (
                    SELECT i.* FROM (
                        SELECT d.id FROM unnest(me.works_on) AS k (kind) CROSS JOIN LATERAL (
                            SELECT o.id, o.run_at FROM op o
                             WHERE o.state = 0 AND NOT o.is_gated AND o.fence <> 1
                               AND o.kind = k.kind AND o.lane = l.lane AND o.run_at <= now()
                               AND o.run_at >= low[l.lane + 1] AND may_begin(o.batch, me.works_on)
                             ORDER BY o.run_at, o.id LIMIT 2 * share) AS d
                         ORDER BY d.run_at, d.id) AS c
                     CROSS JOIN LATERAL (
                        SELECT o.id, o.kind = ANY (g.kinds) OR l.lane = ANY (g.lanes)
                                     OR coalesce(o.entity = ANY (g.entities), false)
                                     OR coalesce(o.batch = ANY (g.batches), false)
                          FROM op o WHERE o.id = c.id AND o.state = 0 AND NOT o.is_gated
                           FOR UPDATE SKIP LOCKED) AS i
                     LIMIT share) AS by_kind) AS d
             WHERE l.lane = ANY (p_of_lanes)
             LIMIT p_limit - cardinality(taken)
        ), changed AS (
            UPDATE op o SET state = CASE WHEN d.is_gated THEN 0 ELSE 2 END,
                   sub = CASE WHEN d.is_gated THEN 4 ELSE 0 END,
                   worker = CASE WHEN d.is_gated THEN NULL ELSE p_worker END,
                   token = CASE WHEN d.is_gated THEN o.token ELSE nextval('token') END,
                   version = o.version + 1, updated_at = now(), state_at = now()
              FROM due d WHERE o.id = d.id
            RETURNING o.id, d.is_gated
        )
        SELECT coalesce(array_agg(c.id) FILTER (WHERE NOT c.is_gated), '{}'),
               count(*) FILTER (WHERE c.is_gated) INTO part, gated FROM changed c;
        IF EXISTS (SELECT FROM op o WHERE o.id = ANY (part) AND o.batch IS NOT NULL) THEN
            part := claim_whole(p_worker, part, p_limit - cardinality(taken), g.kinds);
        END IF;
        gated := gated + cardinality(part);
        part := leave_landed(part);
        gated := gated - cardinality(part);
        taken := taken || part;
        EXIT WHEN cardinality(taken) >= p_limit OR (gated = 0 AND NOT fair);
        fair := false; -- what the shares left over goes in strict order
    END LOOP;
    IF p_pack_kinds <> '{}' AND cardinality(taken) < p_limit
       AND EXISTS (SELECT FROM op o WHERE o.id = ANY (taken) AND o.entity IS NOT NULL) THEN
        SELECT coalesce(array_agg(c.op), '{}'), coalesce(array_agg(c.chain), '{}'),
               coalesce(array_agg(c.after), '{}') INTO behind, chains, afters
          FROM claim_chains(p_worker, taken, p_limit - cardinality(taken), ARRAY(
                                SELECT k FROM unnest(p_pack_kinds) AS k
                                 WHERE me.works_on IS NULL OR k = ANY (me.works_on)),
                            g.kinds, g.lanes) AS c;
        taken := taken || leave_landed(behind);
    END IF;
    RETURN QUERY
        SELECT o.id, o.token, o.kind, o.state, o.sub, o.request, o.attempts_made,
               o.attempts_round, o.attempts_max, ms(now()) - ms(o.created_at), o.key,
               k.payload::text, d.mint, d.payload ->> 'program', o.original_signature, o.fence,
               is_strict(k.payload, kd.value_limit),
               o.attempts_made > 0 AND EXISTS (
                   SELECT FROM attempt a WHERE a.op = o.id AND a.state IN (0, 2)),
               o.signer, CASE o.fence WHEN 1 THEN b.address ELSE o.nonce END, o.marker,
               coalesce(b.slot, 0), w.batch, w.size, o.lane,
               CASE WHEN o.fence = 1 OR c.n IS NOT NULL THEN 0 -- not of the caller's mark
                    ELSE ms(o.run_at) END,
               CASE WHEN o.attempts_made > 0 THEN
                   (SELECT string_agg(a.attempt || ':' || a.signature, ' ' ORDER BY a.attempt)
                      FROM (SELECT t.attempt, t.signature FROM attempt t WHERE t.op = o.id
                             ORDER BY t.attempt DESC LIMIT 16) AS a) END,
               coalesce(chains[c.n], CASE WHEN o.id = ANY (chains) THEN o.id ELSE 0 END),
               coalesce(afters[c.n], 0)
          FROM op o JOIN op_key k ON k.key = o.key JOIN kind kd ON kd.kind = o.kind
         CROSS JOIN LATERAL (SELECT array_position(behind, o.id) AS n) AS c
          LEFT JOIN op_key d ON d.op = o.depends_on
          LEFT JOIN LATERAL atomic_batch(o.batch) AS w ON o.batch IS NOT NULL
          LEFT JOIN nonce b ON b.op = o.id AND b.state = 1
         WHERE o.id = ANY (taken) ORDER BY o.lane, o.run_at, o.id;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.worker_claim(bigint, integer, boolean, bigint[], smallint[],
                                                smallint[])
    TO lockstep_worker;

-- The bytes of a packed attempt stand with one member of its pack, perhaps a finished one.
CREATE FUNCTION lockstep.packed_tx(p_signature text) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT a.tx FROM lockstep.attempt a
          WHERE a.signature = p_signature AND a.tx IS NOT NULL LIMIT 1),
        (SELECT h.tx FROM lockstep.attempt_history h
          WHERE h.signature = p_signature AND h.tx IS NOT NULL LIMIT 1))
$$;

-- Take over at most p_limit submitted operations: orphans, and the worker's own that
-- p_known does not list. One row for each attempt, oldest first, at most 16 an operation.
CREATE FUNCTION lockstep.worker_adopt(p_worker bigint, p_limit integer, p_known bigint[])
RETURNS TABLE (op bigint, token bigint, kind smallint, state smallint, sub smallint,
               request smallint, attempts_made integer, attempts_round integer,
               attempts_max integer, age_ms bigint, key text, payload text, mint text,
               mint_program text, original_signature text, fence smallint, is_strict boolean,
               is_pinned boolean, signer text, nonce text, marker text, nonce_slot bigint, batch bigint,
               batch_size integer, lane smallint, attempt integer, attempt_state smallint, signature text, blockhash text,
               last_valid_height bigint, tx text, cancels boolean, mac_key text, mac text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp
SET jit = off SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    orphans bigint[];
    own bigint[];
BEGIN
    IF NOT EXISTS (SELECT FROM worker w WHERE w.id = p_worker AND NOT w.is_lost
                      AND NOT w.is_gone) THEN
        RETURN;
    END IF;
    orphans := ARRAY(SELECT o.id FROM op o WHERE o.state = 3 AND o.worker IS NULL
                      ORDER BY o.id LIMIT p_limit FOR UPDATE SKIP LOCKED);
    own := ARRAY(SELECT o.id FROM op o
                  WHERE o.worker = p_worker AND o.state = 3
                    AND o.id NOT IN (SELECT k FROM unnest(p_known) AS k WHERE k IS NOT NULL)
                  ORDER BY o.id LIMIT p_limit - cardinality(orphans));
    UPDATE op o SET worker = p_worker, token = nextval('token'), version = o.version + 1,
           updated_at = now()
     WHERE o.id = ANY (orphans || own);
    IF cardinality(orphans) > 0 THEN
        PERFORM audit_append('op.adopted', CASE cardinality(orphans)
                WHEN 1 THEN 'op ' || orphans[1] ELSE cardinality(orphans) || ' operations' END,
            NULL, 'worker ' || p_worker, 'their worker was lost or said goodbye', '{}', orphans,
            jsonb_build_object('ops', orphans));
    END IF;
    RETURN QUERY
        SELECT o.id, o.token, o.kind, o.state, o.sub, o.request, o.attempts_made,
               o.attempts_round, o.attempts_max, ms(now()) - ms(o.created_at), o.key,
               k.payload::text, d.mint, d.payload ->> 'program', o.original_signature, o.fence,
               is_strict(k.payload, kd.value_limit),
               o.attempts_made > 0 AND EXISTS (
                   SELECT FROM attempt a WHERE a.op = o.id AND a.state IN (0, 2)),
               o.signer, o.nonce, o.marker, coalesce(b.slot, 0), w.batch, w.size, o.lane, t.attempt, t.state,
               t.signature,
               t.blockhash, t.last_valid_height,
               encode(coalesce(t.tx, packed_tx(t.signature)), 'hex'), t.cancels, t.mac_key,
               encode(t.mac, 'hex')
          FROM op o JOIN op_key k ON k.key = o.key JOIN kind kd ON kd.kind = o.kind
          LEFT JOIN op_key d ON d.op = o.depends_on
          LEFT JOIN LATERAL atomic_batch(o.batch) AS w ON o.batch IS NOT NULL
          LEFT JOIN nonce b ON b.op = o.id AND b.state = 1
          LEFT JOIN LATERAL (SELECT * FROM attempt a WHERE a.op = o.id
                              ORDER BY a.attempt DESC LIMIT 16) AS t ON true
         WHERE o.id = ANY (orphans || own) ORDER BY o.id, t.attempt;
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.worker_adopt(bigint, integer, bigint[]) TO lockstep_worker;
