-- Keys of lockstep's own operations that follow from an application's, as
-- include/lockstep/solana/own_key.h has them: on the ledger an operation is its key, so they derive
-- from the key that the application gave, never from an id, which a failover that lost commits
-- gives to another operation.

-- 'undo' or 'rent', and the key that it follows from; its hash where that is too long for a key.
CREATE FUNCTION lockstep.own_key(p_what text, p_key text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN octet_length('ls:' || p_what || ':' || p_key) <= 200
                THEN 'ls:' || p_what || ':' || p_key
                ELSE 'ls:' || p_what || '#' || encode(sha256(convert_to(p_key, 'UTF8')), 'hex') END
$$;

-- The key of what undoes an operation. One of before migration 50 keeps the form with its id.
CREATE FUNCTION lockstep.undo_key(p_op bigint, p_key text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_op <= m.ids_until THEN 'ls:comp:' || p_op
                ELSE lockstep.own_key('undo', p_key) END FROM lockstep.meta m
$$;

-- And of what empties its marker.
CREATE FUNCTION lockstep.rent_key(p_op bigint, p_key text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_op <= m.ids_until THEN 'ls:reclaim:' || p_op
                ELSE lockstep.own_key('rent', p_key) END FROM lockstep.meta m
$$;

-- A cancelled compensation was proved not to have landed, and gives its key up: whatever undoes an
-- operation is the same on the ledger, so that no failover makes two of them.
CREATE FUNCTION lockstep.give_up_key(p_key text) RETURNS void
LANGUAGE sql AS $$
    WITH given_up AS (
        UPDATE lockstep.op_key SET key = 'ls:cancelled:' || op,
               tag = lockstep.tag_of('ls:cancelled:' || op)
         WHERE key = p_key AND outcome = 7 RETURNING op, key, finished_day
    )
    UPDATE lockstep.history h SET key = g.key, version = h.version + 1
      FROM given_up g WHERE h.id = g.op AND h.day = g.finished_day
$$;
