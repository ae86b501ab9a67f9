-- What went wrong, by cause.

-- A cause without keys, numbers, addresses, signatures, slots and quoted values: the same as
-- ls_cause_fingerprint() (include/lockstep/core/fingerprint.h), which has the rules.
CREATE FUNCTION lockstep.fingerprint(p_cause text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF p_cause !~ '[0-9\u2026"`'']|\.\.|[A-Za-z]{32}' THEN
        RETURN p_cause;
    END IF;
    p_cause := regexp_replace(p_cause, '"[^"]*"|`[^`]*`|(?<![^ (=:,[])''[^'']*''', '#', 'g');
    RETURN regexp_replace(p_cause,
        '(?<![A-Za-z0-9\u2026_.:,/-])'
        -- a digit, an ellipsis or a gap in it, or long
        '(?=[A-Za-z0-9\u2026_.:,/-]*[0-9\u2026]'
        '|[A-Za-z0-9\u2026_.:,/-]*\.\.[A-Za-z0-9\u2026_.:,/-]*[A-Za-z0-9\u2026]'
        '|[A-Za-z0-9]{32,}(?![A-Za-z0-9\u2026_.:,/-]*[A-Za-z0-9\u2026]))'
        -- no code
        '(?!(?:[a-z]+(?:-2022)?:)?(?:[A-Z][a-z]+)+(?::(?:[A-Z][a-z]+)+)*(?::-?[0-9]{1,10})?'
        '(?![A-Za-z0-9\u2026_.:,/-]*[A-Za-z0-9\u2026]))'
        -- no number of an error
        '(?:(?<!(?:^|[^A-Za-z0-9\u2026_.:,/-])(?:rpc |error:? |code:? |status |HTTP |Custom\())'
        '|(?!-?(?:[0-9]{1,10}|0x[0-9a-fA-F]{1,8})(?![A-Za-z0-9\u2026_.:,/-]*[A-Za-z0-9\u2026])))'
        '[A-Za-z0-9\u2026_.:,/-]*[A-Za-z0-9\u2026]', '#', 'g');
END
$$;
GRANT EXECUTE ON FUNCTION lockstep.fingerprint(text) TO lockstep_viewer;

-- Operations that need a person by cause, the most first: failed and held ones by the fingerprint
-- of their cause (of at most 20,000 of them), then those that are stuck by what they wait for; of the blocked ones
-- of a kind, the 10,000 that have waited longest are looked at.
-- landed, errored, unknown: of how many an attempt had its effect, landed with an error, may still
-- land. signer: who pays for all of them, via: the endpoint that told it of all; NULL where that is
-- not one. example: a cause as written. With p_batch those of one batch, the failed and held alone.
CREATE TYPE lockstep.cause_row AS (
    cause text, example text, state smallint, sub smallint, is_stuck boolean, n bigint,
    oldest_ms bigint, since_ms bigint, landed bigint, errored bigint, unknown bigint, signer text,
    via text);
CREATE FUNCTION lockstep.causes(p_limit integer, p_batch bigint DEFAULT NULL)
RETURNS SETOF lockstep.cause_row
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = lockstep, pg_temp SET jit = off AS $$
    WITH trouble AS (
        (SELECT id, coalesce(o.cause, '') AS cause, o.state, o.sub, false AS is_stuck,
                o.created_at, o.state_at, o.signer,
                substring(o.detail FROM ' [(]via ([^()]+)[)]$') AS via
           FROM op o WHERE o.state IN (4, 5) AND (p_batch IS NULL OR o.batch = p_batch)
            AND (p_batch IS NOT NULL OR o.id <> ALL (ARRAY( -- those that somebody has
               SELECT c.op FROM claim c WHERE c.op IS NOT NULL AND c.until > now()))) LIMIT 20000)
        UNION ALL
        SELECT s.* FROM kind k CROSS JOIN LATERAL (
            SELECT o.id, '', o.state, o.sub, true, o.created_at, o.state_at, o.signer,
                   NULL FROM op o
             WHERE o.kind = k.kind AND o.state IN (2, 3) AND p_batch IS NULL
               AND o.state_at < now() - k.stuck_after_ms * interval '1 ms'
             ORDER BY o.state_at LIMIT 10000) AS s
        UNION ALL
        SELECT s.* FROM kind k CROSS JOIN LATERAL (
            SELECT o.id, '', o.state, o.sub, true, o.created_at, o.state_at, o.signer, NULL
              FROM (SELECT * FROM op o
                     WHERE o.kind = k.kind AND o.state = 1 AND p_batch IS NULL
                       AND o.state_at < now() - k.stuck_after_ms * interval '1 ms'
                     ORDER BY o.state_at LIMIT 10000) AS o
             WHERE coalesce((SELECT NOT w.moves
                                AND w.state_at < now() - k.stuck_after_ms * interval '1 ms'
                               FROM waits w WHERE w.id = o.id), true)) AS s
    ), raw AS ( -- each cause as written once, so that few are made a fingerprint of
        SELECT t.cause, t.state, t.sub, t.is_stuck, count(*) AS n, min(t.created_at) AS oldest,
               min(t.state_at) AS since, count(*) FILTER (WHERE a.landed) AS landed,
               count(*) FILTER (WHERE a.errored AND NOT a.landed) AS errored,
               count(*) FILTER (WHERE a.unknown) AS unknown,
               min(t.signer COLLATE "C") AS first_signer, max(t.signer COLLATE "C") AS last_signer,
               CASE WHEN count(t.via) = count(*) THEN min(t.via COLLATE "C") END AS first_via,
               CASE WHEN count(t.via) = count(*) THEN max(t.via COLLATE "C") END AS last_via
          FROM trouble t
          LEFT JOIN LATERAL (SELECT bool_or(at.state = 2) AS landed,
                                    bool_or(at.state = 3) AS errored,
                                    bool_or(at.state = 0) AS unknown
                               FROM attempt at WHERE at.op = t.id) AS a ON true
         GROUP BY 1, 2, 3, 4
    )
    SELECT fingerprint(r.cause), min(r.cause COLLATE "C"), r.state, r.sub, r.is_stuck,
           sum(r.n)::bigint, ms(min(r.oldest)), ms(min(r.since)), sum(r.landed)::bigint,
           sum(r.errored)::bigint, sum(r.unknown)::bigint,
           CASE WHEN min(r.first_signer) = max(r.last_signer) THEN min(r.first_signer) END,
           CASE WHEN min(r.first_via) = max(r.last_via) AND count(r.first_via) = count(*)
                THEN min(r.first_via) END
      FROM raw r GROUP BY 1, 3, 4, 5 ORDER BY 5, 6 DESC, 1, 3, 4 LIMIT p_limit
$$;
GRANT EXECUTE ON FUNCTION lockstep.causes(integer, bigint) TO lockstep_viewer;
