-- What is sealed of an operation's attempts, for whoever has the key: those that may still land
-- and those that landed, which the operation's pins bind.
CREATE FUNCTION lockstep.seals(p_op bigint)
RETURNS TABLE (attempt integer, signature text, blockhash text, last_valid_height bigint, tx text,
               cancels boolean, mac_key text, mac text, fence smallint, signer text, nonce text,
               marker text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp AS $$
    SELECT a.attempt, a.signature, a.blockhash, a.last_valid_height,
           encode(coalesce(a.tx, packed_tx(a.signature)), 'hex'), a.cancels, a.mac_key,
           encode(a.mac, 'hex'), o.fence, o.signer, o.nonce, o.marker
      FROM attempt a JOIN op o ON o.id = a.op WHERE a.op = p_op AND a.state IN (0, 2)
    UNION ALL
    SELECT a.attempt, a.signature, a.blockhash, a.last_valid_height,
           encode(coalesce(a.tx, packed_tx(a.signature)), 'hex'), a.cancels, a.mac_key,
           encode(a.mac, 'hex'), h.fence, h.signer, h.nonce, h.marker
      FROM op_key k JOIN history h ON h.id = k.op AND h.day = k.finished_day
      JOIN attempt_history a ON a.op = h.id AND a.day = h.day
     WHERE k.op = p_op AND a.state IN (0, 2)
     ORDER BY 1
$$;
GRANT EXECUTE ON FUNCTION lockstep.seals(bigint) TO lockstep_viewer;
