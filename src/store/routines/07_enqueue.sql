-- The application's face: enqueue in its own transaction, ask by key.

-- What is wrong with the arguments beside the payload; raises LS003.
CREATE FUNCTION lockstep.check_arguments(p_kind text, p_key text, p_entity text, p_lane smallint,
                                         p_run_at timestamptz, p_fence text)
RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_key IS NULL OR octet_length(p_key) NOT BETWEEN 1 AND 200 OR p_key ~ '[[:cntrl:]]' THEN
        PERFORM lockstep.refuse('LS003', 'key must be 1 to 200 bytes without control characters');
    ELSIF p_key LIKE 'ls:%' THEN
        PERFORM lockstep.refuse('LS003', format('key "%s": keys that begin with "ls:" are '
                                'reserved for lockstep', p_key));
    ELSIF p_kind = 'nonce' THEN
        PERFORM lockstep.refuse('LS003', 'kind "nonce" is lockstep''s own: use lockstep nonce '
                                'create, advance or close');
    ELSIF NOT EXISTS (SELECT FROM lockstep.kind WHERE name = p_kind) THEN
        PERFORM lockstep.refuse('LS003', format('there is no kind "%s" (kinds: %s)',
            coalesce(left(p_kind, 60), 'NULL'),
            (SELECT string_agg(name, ', ' ORDER BY kind) FROM lockstep.kind)));
    ELSIF octet_length(p_entity) NOT BETWEEN 1 AND 200 OR p_entity ~ '[[:cntrl:]]' THEN
        PERFORM lockstep.refuse('LS003', 'entity must be 1 to 200 bytes without control '
                                'characters, or NULL');
    ELSIF p_lane IS NULL OR p_lane NOT BETWEEN 0 AND 3 THEN
        PERFORM lockstep.refuse('LS003', format('lane %s: lanes are 0 (urgent) to 3 (bulk)',
                                coalesce(p_lane::text, 'NULL')));
    ELSIF p_run_at IS NULL OR NOT isfinite(p_run_at) THEN
        PERFORM lockstep.refuse('LS003', 'run_at must be a time');
    END IF;
    PERFORM lockstep.fence_of(p_fence);
END
$$;

-- Whether an operation may join the batch; its row stays as it is until this transaction ends.
CREATE FUNCTION lockstep.check_batch(p_batch bigint, p_kind text, p_entity text, p_fence text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    b lockstep.batch%ROWTYPE;
BEGIN
    SELECT * INTO b FROM lockstep.batch WHERE id = p_batch FOR SHARE;
    IF NOT FOUND THEN
        PERFORM lockstep.refuse('LS003', format('there is no batch %s; open it first', p_batch));
    ELSIF b.state <> 0 THEN
        PERFORM lockstep.refuse('LS004', format('batch %s ("%s") is sealed: nothing can be added; open '
                                                'another one', b.id, b.name));
    ELSIF b.policy <> 0 AND p_entity IS NOT NULL THEN
        PERFORM lockstep.refuse('LS003', format('batch %s is %s and has an order of its own: leave the '
            'entity away, or use best_effort', b.id,
            (ARRAY['best_effort', 'ordered', 'a saga', 'atomic'])[b.policy + 1]));
    ELSIF b.policy = 3 AND coalesce(lockstep.fence_of(p_fence), (SELECT k.fence FROM lockstep.kind k
                                     WHERE k.name = p_kind)) <> 0 THEN
        PERFORM lockstep.refuse('LS003', format('batch %s is atomic, one transaction for all: its '
            'operations take the fence expiry', b.id));
    END IF;
END
$$;

-- The id under p_key when its content is the same; NULL when there is none; else LS001.
CREATE FUNCTION lockstep.known_key(p_kind text, p_payload jsonb, p_key text, p_entity text,
                                   p_fence text, p_batch bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    k lockstep.op_key%ROWTYPE;
    other text;
BEGIN
    SELECT * INTO k FROM lockstep.op_key WHERE key = p_key;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    other := CASE WHEN (SELECT name FROM lockstep.kind WHERE kind = k.kind)
                       IS DISTINCT FROM p_kind THEN 'kind'
                  WHEN k.payload IS DISTINCT FROM p_payload -- nor as it was before a person edited it
                       AND p_payload IS DISTINCT FROM (SELECT e.payload FROM lockstep.edit e
                           WHERE e.op = k.op ORDER BY e.id LIMIT 1) THEN 'payload'
                  WHEN k.entity IS DISTINCT FROM p_entity THEN 'entity'
                  WHEN k.fence IS DISTINCT FROM p_fence AND k.fence_used <> coalesce(
                       lockstep.fence_of(p_fence),
                       (SELECT fence FROM lockstep.kind WHERE kind = k.kind))
                  THEN 'fence'
                  WHEN k.batch IS DISTINCT FROM p_batch THEN 'batch' END;
    IF other IS NOT NULL THEN
        PERFORM lockstep.refuse('LS001', format('key "%s" was enqueued before as operation %s '
            'with another %s; use a new key for a new effect', p_key, k.op, other));
    END IF;
    RETURN k.op;
END
$$;

-- Insert a checked operation. Also for compensations, whose keys are reserved ones.
CREATE FUNCTION lockstep.insert_op(p_kind smallint, p_payload jsonb, p_key text, p_entity text,
                                   p_lane smallint, p_run_at timestamptz, p_fence text,
                                   p_depends_on bigint, p_compensates bigint,
                                   p_original_signature text, p_batch bigint DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    new_id bigint := nextval('lockstep.op_id');
    at timestamptz := clock_timestamp();
    its_sub smallint := CASE WHEN p_batch IS NOT NULL THEN 12 WHEN p_entity IS NOT NULL THEN 10
                             WHEN p_depends_on IS NOT NULL THEN 11 ELSE 0 END;
    its_state smallint := CASE its_sub WHEN 0 THEN 0 ELSE 1 END;
    fence_used smallint := coalesce(lockstep.fence_of(p_fence),
                                    (SELECT fence FROM lockstep.kind WHERE kind = p_kind));
BEGIN
    INSERT INTO lockstep.op_key (key, op, kind, entity, fence, fence_used, batch, payload, tag)
    VALUES (p_key, new_id, p_kind, p_entity, p_fence, fence_used, p_batch, p_payload,
            lockstep.tag_of(p_key))
    ON CONFLICT (key) DO NOTHING;
    IF NOT FOUND THEN
        RETURN NULL; -- somebody committed the same key meanwhile
    END IF;
    INSERT INTO lockstep.op (id, run_at, due_at, created_at, updated_at, state_at, depends_on,
        compensates, attempts_max, state, sub, lane, kind, key, entity, original_signature, fence,
        batch)
    VALUES (new_id, greatest(p_run_at, at), greatest(p_run_at, at), at, at, at, p_depends_on, p_compensates,
        (SELECT max_attempts FROM lockstep.kind WHERE kind = p_kind),
        its_state, its_sub, p_lane, p_kind, p_key, p_entity, p_original_signature, fence_used, p_batch);
    INSERT INTO lockstep.count_delta (metric, state, sub, n)
    VALUES (1, its_state, its_sub, 1);
    IF its_state = 1 AND p_batch IS NULL THEN -- a batch wakes its own when it is sealed
        INSERT INTO lockstep.wake (entity, op)
        VALUES (p_entity, CASE WHEN p_entity IS NULL THEN new_id END);
    END IF;
    RETURN new_id;
END
$$;

CREATE FUNCTION lockstep.enqueue(kind text, payload jsonb, key text, entity text DEFAULT NULL,
                                 lane smallint DEFAULT 1, run_at timestamptz DEFAULT now(),
                                 fence text DEFAULT NULL, batch bigint DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
DECLARE
    known bigint;
    depends_on bigint;
BEGIN
    PERFORM check_arguments(kind, key, entity, lane, run_at, fence);
    known := known_key(kind, payload, key, entity, fence, batch);
    IF known IS NOT NULL THEN
        RETURN known;
    END IF;
    IF batch IS NOT NULL THEN
        PERFORM check_batch(batch, kind, entity, fence);
    END IF;
    depends_on := check_payload(kind, payload);
    known := insert_op((SELECT k.kind FROM lockstep.kind k WHERE k.name = enqueue.kind), payload,
                       key, entity, lane, run_at, fence, depends_on, NULL, NULL, batch);
    IF known IS NOT NULL THEN
        PERFORM supply_begin(known, kind, key, payload);
    END IF;
    RETURN coalesce(known, known_key(kind, payload, key, entity, fence, batch));
END
$$;
GRANT EXECUTE ON FUNCTION
    lockstep.enqueue(text, jsonb, text, text, smallint, timestamptz, text, bigint)
    TO lockstep_app;

-- The derived sub of a ready operation (include/lockstep/core/op.h); others as stored.
CREATE FUNCTION lockstep.shown_sub(p_state smallint, p_sub smallint, p_attempts integer,
                                   p_run_at timestamptz, p_all_gated boolean) RETURNS smallint
LANGUAGE sql STABLE
AS $$ SELECT CASE WHEN p_state <> 0 OR p_sub = 4 THEN p_sub
                  WHEN p_all_gated THEN 4::smallint
                  WHEN p_attempts > 0 THEN 3::smallint
                  WHEN p_run_at > now() THEN 2::smallint ELSE 1::smallint END $$;

CREATE FUNCTION lockstep.status(key text, OUT id bigint, OUT state text, OUT sub text,
                                OUT signature text, OUT slot bigint, OUT cause text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    SELECT found.id, s.name, b.name, found.signature, nullif(found.slot, 0), found.cause FROM (
        SELECT o.id, o.state, shown_sub(o.state, o.sub, o.attempts_made, o.run_at,
                                        all_gated() OR fence_gated(o.fence)) AS sub,
               o.signature, o.slot, o.cause
          FROM op_key k JOIN op o ON o.id = k.op WHERE k.key = status.key
        UNION ALL
        SELECT h.id, h.state, h.sub, h.signature, h.slot, h.cause
          FROM op_key k JOIN history h ON h.id = k.op AND h.day = k.finished_day
         WHERE k.key = status.key
        UNION ALL -- finished so long ago that only its key is kept
        SELECT k.op, k.outcome, 0::smallint, NULL, NULL, 'HistoryDropped' FROM op_key k
         WHERE k.key = status.key AND k.outcome IS NOT NULL AND NOT EXISTS (
            SELECT FROM history h WHERE h.id = k.op AND h.day = k.finished_day)) AS found
      JOIN state_name s ON s.state = found.state
      JOIN sub_name b ON b.sub = found.sub
$$;
GRANT EXECUTE ON FUNCTION lockstep.status(text) TO lockstep_app, lockstep_viewer;
