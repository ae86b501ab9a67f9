-- Ends and beginnings: moving finished rows to history, and freeing what waited for them.

-- Whether an attempt of a live operation may still land, or did.
CREATE FUNCTION lockstep.may_land(p_op bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM lockstep.attempt a WHERE a.op = p_op AND a.state IN (0, 2))
$$;

-- Whether its batch lets a blocked operation go on: sealed, and in an ordered batch or a saga
-- its turn. An atomic batch goes when none of it is under way: its first stands for all. What
-- may land of a batch that turned back goes on as well, to be undone then.
CREATE FUNCTION lockstep.batch_lets(p_batch bigint, p_op bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT b.state = 1 AND (b.policy = 0 OR NOT EXISTS (
               SELECT FROM lockstep.op o WHERE o.batch = b.id AND o.id < p_op)
           AND (b.policy <> 3 OR NOT EXISTS (
               SELECT FROM lockstep.op o WHERE o.batch = b.id AND o.state <> 1)))
        OR b.state IN (2, 5) AND lockstep.may_land(p_op)
      FROM lockstep.batch b WHERE b.id = p_batch
$$;

-- Look at what wake names and promote it. One promoter at a time: whoever finds another at
-- work leaves, and the rows stay for the next. A wake row is written in the transaction of
-- the event, and is deleted in an earlier snapshot than the one that decides, so the
-- decision always sees the event. Called by claim, tick, move and the operator's actions.
CREATE FUNCTION lockstep.promote(p_max integer) RETURNS integer
LANGUAGE plpgsql SET search_path = lockstep, pg_temp
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off AS $$
DECLARE
    entities text[];
    singles bigint[];
    moved integer;
    failed bigint[];
    batches bigint[];
BEGIN
    IF NOT EXISTS (SELECT FROM wake) OR NOT pg_try_advisory_xact_lock(7235, 4) THEN
        RETURN 0;
    END IF;
    WITH gone AS (
        DELETE FROM wake WHERE ctid = ANY (ARRAY(SELECT ctid FROM wake LIMIT p_max))
        RETURNING entity, op
    )
    SELECT array_agg(DISTINCT entity) FILTER (WHERE entity IS NOT NULL),
           array_agg(DISTINCT op) FILTER (WHERE entity IS NULL AND op IS NOT NULL)
      INTO entities, singles FROM gone;
    WITH head AS (
        SELECT h.* FROM unnest(entities) AS e (entity) CROSS JOIN LATERAL
            (SELECT id, state, sub, depends_on, batch FROM op WHERE op.entity = e.entity
              ORDER BY id LIMIT 1) AS h
         WHERE h.state = 1 AND NOT EXISTS (
            SELECT FROM op a WHERE a.entity = e.entity
               -- or held as ambiguous: it may have landed, or land
               AND (a.state IN (0, 2, 3) OR a.state = 4 AND a.sub = 31))
        UNION ALL
        SELECT o.id, o.state, o.sub, o.depends_on, o.batch FROM unnest(singles) AS s (id)
          JOIN op o ON o.id = s.id AND o.entity IS NULL AND o.state = 1
    ), verdict AS (
        SELECT h.id, h.sub AS old_sub, CASE
               WHEN h.batch IS NOT NULL AND NOT batch_lets(h.batch, h.id) THEN 1
               WHEN h.depends_on IS NULL OR k.outcome = 6 THEN 0
               WHEN k.outcome IN (7, 8) THEN 5 ELSE 1 END AS state, k.key,
               CASE WHEN h.batch IS NOT NULL AND NOT batch_lets(h.batch, h.id) THEN 12
                    ELSE 11 END AS wait_sub
          FROM head h LEFT JOIN op_key k ON k.op = h.depends_on
    ), changed AS (
        UPDATE op o SET state = v.state, version = o.version + 1, updated_at = now(),
               run_at = CASE v.state WHEN 0 THEN greatest(o.run_at, now()) ELSE o.run_at END,
               sub = CASE v.state WHEN 1 THEN v.wait_sub ELSE 0 END,
               state_at = CASE WHEN v.state = 1 THEN o.state_at ELSE now() END,
               cause = CASE WHEN v.state = 5 THEN 'dependency' ELSE o.cause END,
               detail = CASE WHEN v.state = 5 THEN format('what it depends on ("%s") was '
                        'cancelled or compensated', v.key) ELSE o.detail END
          FROM verdict v
         WHERE o.id = v.id AND o.state = 1 AND NOT (v.state = 1 AND v.old_sub = v.wait_sub)
        RETURNING o.id, o.state, o.batch
    )
    SELECT count(*), array_agg(id ORDER BY id) FILTER (WHERE state = 5),
           array_agg(DISTINCT batch) FILTER (WHERE state = 5 AND batch IS NOT NULL)
      INTO moved, failed, batches FROM changed;
    IF batches IS NOT NULL THEN
        PERFORM batch_settle(batches);
    END IF;
    IF failed IS NOT NULL THEN
        PERFORM audit_append('op.failed', format('%s operations', cardinality(failed)), 'blocked',
            'failed', 'what they depend on was cancelled or compensated', '{}', failed,
            jsonb_build_object('ops', failed));
    END IF;
    RETURN moved;
END
$$;

-- What goes again while an earlier one of its entity is not finished waits for it: it was in
-- one transaction with it, or what it was given with is given back. Wherever an operation
-- becomes ready this looks; the wake makes sure that an end which commits beside it is seen.
CREATE FUNCTION lockstep.keep_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM lockstep.op o WHERE o.entity = NEW.entity AND o.id < NEW.id) THEN
        NEW.state := 1;
        NEW.sub := 10;
        INSERT INTO lockstep.wake (entity) VALUES (NEW.entity);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER op_order BEFORE UPDATE OF state ON lockstep.op FOR EACH ROW
    WHEN (NEW.state = 0 AND OLD.state <> 0 AND NEW.entity IS NOT NULL)
    EXECUTE FUNCTION lockstep.keep_order();

-- The compensations among p_ops failed or were cancelled: their originals show it.
CREATE FUNCTION lockstep.compensation_failed(p_ops bigint[], p_how text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE lockstep.history h
       SET sub = 42, version = h.version + 1,
           detail = format('its compensation, operation %s, %s', c.id, p_how)
      FROM lockstep.op c JOIN lockstep.op_key k ON k.op = c.compensates
     WHERE c.id = ANY (p_ops) AND h.id = c.compensates AND h.day = k.finished_day
       AND h.state = 6;
    PERFORM lockstep.batch_settle(ARRAY(SELECT DISTINCT k.batch FROM lockstep.op c
        JOIN lockstep.op_key k ON k.op = c.compensates
       WHERE c.id = ANY (p_ops) AND k.batch IS NOT NULL));
END
$$;

-- The compensation p_op is to run (again): its original shows it.
CREATE FUNCTION lockstep.compensation_began(p_original bigint, p_op bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE lockstep.history h
       SET sub = 41, version = h.version + 1, compensated_by = p_op, detail = NULL
      FROM lockstep.op_key k
     WHERE k.op = p_original AND h.id = p_original AND h.day = k.finished_day AND h.state = 6;
END
$$;

-- How an operation ends; parallel arrays travel as one array of these.
CREATE TYPE lockstep.ending AS (
    op bigint, state smallint, cause text, detail text, signature text, slot bigint);

-- Move live operations to history (states 6 done, 7 cancelled), with their attempts; free
-- what waited for them; settle the originals of finished compensations.
CREATE FUNCTION lockstep.finish(p_endings lockstep.ending[]) RETURNS void
LANGUAGE plpgsql SET search_path = lockstep, pg_temp
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_material = off AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
    ids bigint[] := ARRAY(SELECT e.op FROM unnest(p_endings) AS e);
    compensations bigint[];
    batches bigint[];
BEGIN
    SELECT array_agg(o.id) INTO compensations
      FROM unnest(p_endings) AS e JOIN op o ON o.id = e.op
     WHERE e.state = 7 AND o.compensates IS NOT NULL;
    IF compensations IS NOT NULL THEN
        PERFORM compensation_failed(compensations, 'was cancelled');
    END IF;
    PERFORM nonce_end(ids);
    IF EXISTS (SELECT FROM supply_share) THEN
        PERFORM supply_end(p_endings);
    END IF;
    PERFORM nonce_finished(p_endings);
    WITH gone AS (
        DELETE FROM op o USING unnest(p_endings) AS e WHERE o.id = e.op
        RETURNING o.*, e.state AS end_state, e.cause AS end_cause, e.detail AS end_detail,
                  e.signature AS end_signature, e.slot AS end_slot
    ), kept AS (
        INSERT INTO history (day, id, version, run_at, due_at, created_at, finished_at, slot,
            depends_on, compensates, attempts_made, attempts_max, state, sub, lane, kind, key,
            entity, cause, detail, signature, fence, signer, nonce, marker, batch)
        SELECT today, id, version + 1, run_at, due_at, created_at, now(), coalesce(end_slot, slot),
               depends_on, compensates, attempts_made, attempts_max, end_state,
               -- done(hook_failed) until the kind's function succeeded (21_hooks.sql)
               CASE WHEN end_state = 6 AND kind IN (SELECT h.kind FROM hook h) THEN 43 ELSE 0 END,
               lane, kind, key, entity, coalesce(end_cause, cause), end_detail,
               coalesce(end_signature, signature), fence, signer, nonce, marker, batch
          FROM gone
    ), remembered AS (
        UPDATE op_key k SET outcome = gone.end_state, finished_day = today
          FROM gone WHERE k.key = gone.key
    ), woken AS (
        INSERT INTO wake (entity) SELECT DISTINCT entity FROM gone WHERE entity IS NOT NULL
    )
    SELECT array_agg(id) FILTER (WHERE compensates IS NOT NULL AND end_state = 6),
           array_agg(DISTINCT batch) FILTER (WHERE batch IS NOT NULL)
      INTO compensations, batches FROM gone;
    WITH gone AS (DELETE FROM attempt WHERE op = ANY (ids) RETURNING *)
    INSERT INTO attempt_history (day, op, last_valid_height, slot, worker, created_at, attempt,
        state, signature, blockhash, signer, cause, evidence, tx, cancels, mac_key, mac)
    SELECT today, op, last_valid_height, slot, worker, created_at, attempt, state, signature,
           blockhash, signer, cause, evidence, tx, cancels, mac_key, mac FROM gone;
    INSERT INTO wake (entity, op)
    SELECT o.entity, CASE WHEN o.entity IS NULL THEN o.id END
      FROM unnest(ids) AS e (id) JOIN op o ON o.depends_on = e.id AND o.state = 1;
    IF compensations IS NOT NULL THEN
        PERFORM compensated(compensations);
    END IF;
    IF batches IS NOT NULL THEN
        PERFORM batch_settle(batches);
    END IF;
END
$$;

-- The compensations p_ops are done and in history: their originals are compensated.
CREATE FUNCTION lockstep.compensated(p_ops bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    WITH undone AS (
        UPDATE lockstep.history h
           SET state = 8, sub = 0, version = h.version + 1, compensated_by = c.id, detail = NULL
          FROM lockstep.op_key ck
          JOIN lockstep.history c ON c.id = ck.op AND c.day = ck.finished_day
          JOIN lockstep.op_key k ON k.op = c.compensates
         WHERE ck.op = ANY (p_ops) AND h.id = c.compensates AND h.day = k.finished_day
           AND h.state = 6
        RETURNING h.id, h.key
    ), remembered AS (
        UPDATE lockstep.op_key k SET outcome = 8 FROM undone WHERE k.key = undone.key
    )
    INSERT INTO lockstep.wake (entity, op)
    SELECT o.entity, CASE WHEN o.entity IS NULL THEN o.id END
      FROM undone JOIN lockstep.op o ON o.depends_on = undone.id AND o.state = 1;
    PERFORM lockstep.batch_settle(ARRAY(SELECT DISTINCT k.batch FROM lockstep.op_key ck
        JOIN lockstep.history c ON c.id = ck.op AND c.day = ck.finished_day
        JOIN lockstep.op_key k ON k.op = c.compensates
       WHERE ck.op = ANY (p_ops) AND k.batch IS NOT NULL));
END
$$;
