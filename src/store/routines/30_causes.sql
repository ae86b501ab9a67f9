-- What went wrong, by cause.

-- A cause without its quoted values.
CREATE FUNCTION lockstep.unquoted(p_cause text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN strpos(p_cause, '''') > 0 THEN regexp_replace(p_cause,
                    '"[^"]*"|`[^`]*`|(?<![^ (=:,[])''[^'']*''', '#', 'g')
                WHEN p_cause ~ '["`]' THEN regexp_replace(p_cause, '"[^"]*"|`[^`]*`', '#', 'g')
                ELSE p_cause END
$$;
GRANT EXECUTE ON FUNCTION lockstep.unquoted(text) TO lockstep_viewer;

-- A cause without keys, numbers, addresses, signatures, slots and quoted values: the same as
-- ls_cause_fingerprint() (include/lockstep/core/fingerprint.h), which has the rules.
CREATE FUNCTION lockstep.fingerprint(p_cause text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF p_cause !~ '[0-9\u2026"`'']|\.\.|[A-Za-z]{32}' THEN
        RETURN p_cause;
    END IF;
    RETURN regexp_replace(lockstep.unquoted(p_cause),
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
-- The words of an unquoted cause that may keep their digits in a fingerprint: what follows what names
-- an error or a code, and the version of a program. Causes that are the same but for their words with
-- digits, and have the same of these, have the same fingerprint.
CREATE FUNCTION lockstep.kept_digits(p_cause text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    word text;
    kept text := '';
BEGIN
    LOOP
        word := substring(p_cause FROM
            '(?:rpc |error:? |code:? |status |HTTP |Custom\(|[A-Z][a-z]+:)-?[0-9][0-9A-Za-z]*'
            '|[a-z]-2022:');
        EXIT WHEN word IS NULL;
        kept := kept || ' ' || word;
        p_cause := substr(p_cause, strpos(p_cause, word) + length(word));
    END LOOP;
    RETURN kept;
END
$$;

-- Operations that need a person by cause, the most first: failed and held ones by the fingerprint
-- of their cause (of at most 20,000 of them), then those that are stuck by what they wait for; of
-- the blocked ones of a kind, the 10,000 that have waited longest are looked at.
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
                CASE WHEN right(o.detail, 1) = ')' AND strpos(o.detail, ' (via ') > 0 THEN
                    substring(o.detail FROM ' [(]via ([^()]+)[)]$') END AS via
           FROM op o WHERE o.state IN (4, 5) AND (p_batch IS NULL OR o.batch = p_batch)
            AND (p_batch IS NOT NULL OR o.id <> ALL (ARRAY( -- those that somebody has
               SELECT c.op FROM claim c WHERE c.op IS NOT NULL AND c.until > now()))) LIMIT 20000)
        UNION ALL
        SELECT o.id, '', o.state, o.sub, true, o.created_at, o.state_at, o.signer, NULL
          FROM stuck_groups(10000) AS g CROSS JOIN LATERAL unnest(g.ids) AS i (id)
          JOIN op o ON o.id = i.id
         WHERE p_batch IS NULL
    ), raw AS MATERIALIZED ( -- each cause as written once
        SELECT t.cause, t.state, t.sub, t.is_stuck, count(*) AS n, min(t.created_at) AS oldest,
               min(t.state_at) AS since, count(*) FILTER (WHERE a.landed) AS landed,
               count(*) FILTER (WHERE a.errored AND NOT a.landed) AS errored,
               count(*) FILTER (WHERE a.unknown) AS unknown,
               min(t.signer COLLATE "C") AS first_signer, max(t.signer COLLATE "C") AS last_signer,
               CASE WHEN count(t.via) = count(*) THEN min(t.via COLLATE "C") END AS first_via,
               CASE WHEN count(t.via) = count(*) THEN max(t.via COLLATE "C") END AS last_via,
               regexp_replace(unquoted(t.cause), '[A-Za-z]*[0-9][A-Za-z0-9]*', '0', 'g') AS shape
          FROM trouble t
          LEFT JOIN LATERAL (SELECT bool_or(at.state = 2) AS landed,
                                    bool_or(at.state = 3) AS errored,
                                    bool_or(at.state = 0) AS unknown
                               FROM attempt at WHERE at.op = t.id) AS a ON true
         GROUP BY 1, 2, 3, 4
    ), shapes AS MATERIALIZED ( -- few, so that few fingerprints are made
        SELECT s.shape, fingerprint(s.shape) ~ '[0-9]' AS keeps_digits
          FROM (SELECT DISTINCT shape FROM raw) AS s
    ), shaped AS MATERIALIZED (
        SELECT r.cause, r.shape, CASE WHEN s.keeps_digits OR strpos(r.cause, '-2022:') > 0
                                      THEN kept_digits(unquoted(r.cause)) ELSE '' END AS kept
          FROM (SELECT DISTINCT cause, shape FROM raw) AS r JOIN shapes s ON s.shape = r.shape
    ), prints AS MATERIALIZED (
        SELECT c.cause, p.print FROM shaped c
          JOIN (SELECT shape, kept, fingerprint(min(cause COLLATE "C")) AS print
                  FROM shaped GROUP BY 1, 2) AS p ON p.shape = c.shape AND p.kept = c.kept
    )
    SELECT p.print, min(r.cause COLLATE "C"), r.state, r.sub, r.is_stuck,
           sum(r.n)::bigint, ms(min(r.oldest)), ms(min(r.since)), sum(r.landed)::bigint,
           sum(r.errored)::bigint, sum(r.unknown)::bigint,
           CASE WHEN min(r.first_signer) = max(r.last_signer) THEN min(r.first_signer) END,
           CASE WHEN min(r.first_via) = max(r.last_via) AND count(r.first_via) = count(*)
                THEN min(r.first_via) END
      FROM raw r JOIN prints p ON p.cause = r.cause GROUP BY 1, 3, 4, 5 ORDER BY 5, 6 DESC, 1, 3, 4 LIMIT p_limit
$$;
GRANT EXECUTE ON FUNCTION lockstep.causes(integer, bigint) TO lockstep_viewer;
