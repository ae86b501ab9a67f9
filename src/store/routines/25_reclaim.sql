-- The rent of markers comes back: a duty of the leader. Each marker is emptied by an operation
-- of its own, so that it is durable before it is sent, proved and settled like any other; many
-- share a transaction. How long markers stay is retention's: no shorter than the oldest backup
-- that could be restored, since what that one holds as unfinished is kept from landing again by
-- its marker alone.

-- Begin to empty at most p_max markers that are due and whose base a living worker signs for,
-- the oldest first. A mint, an account of account.create
-- and one of the pool of nonces (kinds 4, 8 and 10) are what their operation was for, and stay.
CREATE FUNCTION lockstep.reclaim_markers(p_max integer) RETURNS integer
LANGUAGE plpgsql SET search_path = lockstep, pg_temp AS $$
DECLARE
    due record;
    new_id bigint;
    emptied bigint[] := '{}'::bigint[];
    made bigint[] := '{}'::bigint[];
BEGIN
    FOR due IN
        SELECT h.id, h.day, h.key, h.signer FROM history h
         WHERE h.marker IS NOT NULL AND h.reclaim IS NULL AND h.state IN (6, 8)
           AND h.kind NOT IN (4, 8, 10)
           AND h.finished_at < now() - (SELECT markers_days FROM retention) * interval '1 day'
           AND can_sign(h.signer)
         ORDER BY h.finished_at LIMIT p_max FOR UPDATE SKIP LOCKED
    LOOP
        new_id := insert_op(3::smallint, jsonb_build_object('from',
            jsonb_build_object('marker', due.key), 'to', due.signer, 'lamports', 'all'),
            rent_key(due.id, due.key), NULL, 3::smallint, now(), 'expiry', NULL, NULL, NULL);
        UPDATE history SET reclaim = coalesce(new_id,
                   (SELECT op FROM op_key WHERE key = rent_key(due.id, due.key))),
               version = version + 1
         WHERE id = due.id AND day = due.day;
        emptied := emptied || due.id;
        made := made || new_id;
    END LOOP;
    IF emptied <> '{}' THEN
        PERFORM audit_append('marker.reclaim', format('%s markers', cardinality(emptied)), NULL,
            NULL, 'their operations have been finished for long', '{}', emptied,
            jsonb_build_object('ops', emptied, 'by', array_remove(made, NULL)));
    END IF;
    RETURN cardinality(emptied);
END
$$;
