-- max_supply: the sum of all live and done token.mint_to of a mint stays within it. What is burnt or
-- compensated gives nothing back; what failed or was cancelled does, until it is retried.

-- The operation that made the mint which a payload names, where it has a max_supply.
CREATE FUNCTION lockstep.supply_of(p_payload jsonb) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT s.mint FROM lockstep.op_key k JOIN lockstep.supply s ON s.mint = k.op
     WHERE CASE jsonb_typeof(p_payload -> 'mint')
           WHEN 'object' THEN k.key = p_payload -> 'mint' ->> 'key'
           ELSE k.mint = p_payload ->> 'mint' END LIMIT 1
$$;

-- Claim p_amount under the row's lock, or refuse with LS006. Only the holder of the lock folds
-- the releases, so none is counted twice.
CREATE FUNCTION lockstep.supply_claim(p_mint bigint, p_amount numeric) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    s lockstep.supply%ROWTYPE;
    released numeric;
BEGIN
    SELECT * INTO STRICT s FROM lockstep.supply WHERE mint = p_mint FOR UPDATE;
    WITH gone AS (DELETE FROM lockstep.supply_delta WHERE mint = p_mint RETURNING amount)
    SELECT coalesce(sum(amount), 0) INTO released FROM gone;
    IF s.claimed + released + p_amount > s.max THEN
        PERFORM lockstep.refuse('LS006', format('mint "%s" has a max_supply of %s: %s are minted or '
            'on their way, so %s more are possible, not %s', s.key, s.max, s.claimed + released,
            greatest(s.max - s.claimed - released, 0), p_amount));
    END IF;
    UPDATE lockstep.supply SET claimed = s.claimed + released + p_amount WHERE mint = p_mint;
END
$$;

-- What a newly enqueued operation does to supplies: a mint brings one, a mint_to takes a share.
CREATE FUNCTION lockstep.supply_begin(p_op bigint, p_kind text, p_key text, p_payload jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    of_mint bigint;
BEGIN
    IF p_kind = 'token.create_mint' AND p_payload ? 'max_supply' THEN
        INSERT INTO lockstep.supply (mint, key, max)
        VALUES (p_op, p_key, (p_payload ->> 'max_supply')::numeric);
    ELSIF p_kind = 'token.mint_to' THEN
        of_mint := lockstep.supply_of(p_payload);
        IF of_mint IS NOT NULL THEN
            PERFORM lockstep.supply_claim(of_mint, (p_payload ->> 'amount')::numeric);
            INSERT INTO lockstep.supply_share (op, mint, amount)
            VALUES (p_op, of_mint, (p_payload ->> 'amount')::numeric);
        END IF;
    END IF;
END
$$;

-- A failed operation is to run again: its share is claimed again, or it is refused.
CREATE FUNCTION lockstep.supply_again(p_op bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    share lockstep.supply_share%ROWTYPE;
BEGIN
    SELECT * INTO share FROM lockstep.supply_share WHERE op = p_op AND is_released FOR UPDATE;
    IF FOUND THEN
        PERFORM lockstep.supply_claim(share.mint, share.amount);
        UPDATE lockstep.supply_share SET is_released = false WHERE op = p_op;
    END IF;
END
$$;

-- Whatever makes an operation fail releases its share; what makes it go on without
-- supply_again() is the ledger's truth and takes the share back unasked.
CREATE FUNCTION lockstep.supply_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH moved AS (
        UPDATE lockstep.supply_share SET is_released = (NEW.state = 5)
         WHERE op = NEW.id AND is_released <> (NEW.state = 5) RETURNING mint, amount
    )
    INSERT INTO lockstep.supply_delta (mint, amount)
    SELECT mint, CASE NEW.state WHEN 5 THEN -amount ELSE amount END FROM moved;
    RETURN NULL;
END
$$;
CREATE TRIGGER op_supply AFTER UPDATE OF state ON lockstep.op FOR EACH ROW
    WHEN (NEW.kind = 5 AND (OLD.state = 5) IS DISTINCT FROM (NEW.state = 5))
    EXECUTE FUNCTION lockstep.supply_follow();

-- Operations end: a done one keeps its share for good, a cancelled one gives it back.
CREATE FUNCTION lockstep.supply_end(p_endings lockstep.ending[]) RETURNS void
LANGUAGE sql AS $$
    WITH gone AS (
        DELETE FROM lockstep.supply_share s USING unnest(p_endings) AS e WHERE s.op = e.op
        RETURNING s.mint, s.amount, s.is_released, e.state
    )
    INSERT INTO lockstep.supply_delta (mint, amount)
    SELECT mint, CASE state WHEN 7 THEN -amount ELSE amount END FROM gone
     WHERE is_released <> (state = 7)
$$;

-- A cancelled operation landed after all.
CREATE FUNCTION lockstep.supply_landed(p_op bigint) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO lockstep.supply_delta (mint, amount)
    SELECT s.mint, (k.payload ->> 'amount')::numeric
      FROM lockstep.op_key k, LATERAL (SELECT lockstep.supply_of(k.payload) AS mint) AS s
     WHERE k.op = p_op AND k.kind = 5 AND s.mint IS NOT NULL
$$;

-- What each capped mint may have, and what is minted or on its way of it.
CREATE VIEW lockstep.supplies AS
    SELECT s.key, k.mint, s.max AS max_supply,
           s.claimed + coalesce((SELECT sum(d.amount) FROM lockstep.supply_delta d
                                  WHERE d.mint = s.mint), 0) AS claimed
      FROM lockstep.supply s JOIN lockstep.op_key k ON k.op = s.mint;
GRANT SELECT ON lockstep.supplies TO lockstep_viewer;
