-- Before a bulk job sends again or undoes, each target is looked up on the ledger, as the dialog for
-- one does (27_looks.sql). Asked and answered looks stand in the database: whoever leads goes on.

CREATE FUNCTION lockstep.bulk_said(p_job lockstep.bulk) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT left(s, greatest(125, 500 - (octet_length(s) - length(s)))) -- 500 bytes
      FROM format('bulk job %s of %s: %s', p_job.id, p_job.actor, p_job.reason) AS s
$$;

-- What the newest look says of a target's turn. verdict: 0 it may be acted on, 5 already landed,
-- 6 in doubt, 7 an answer is awaited, 8 it has to be asked. A look counts for a minute, and only
-- when it was asked after the operation last changed. is_silent: the ledger did not answer.
CREATE FUNCTION lockstep.bulk_look(p_action smallint, p_op bigint, OUT verdict smallint,
                                   OUT is_silent boolean, OUT why text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    since timestamptz := clock_timestamp() - interval '1 minute';
    l lockstep.look;
    asked timestamptz;
BEGIN
    verdict := 0;
    is_silent := false;
    IF p_action > 2 OR NOT EXISTS (SELECT FROM lockstep.op_key k WHERE k.op = p_op) THEN
        RETURN;
    END IF;
    SELECT s.* INTO l FROM lockstep.look s LEFT JOIN lockstep.op o ON o.id = s.op
     WHERE s.op = p_op AND s.answered_at > since AND s.asked_at > coalesce(o.state_at, '-infinity')
     ORDER BY s.answered_at DESC LIMIT 1;
    IF l.outcome <> 5 THEN
        verdict := CASE WHEN p_action = 1 AND l.outcome = 2 THEN 5
                        WHEN l.outcome = 4 OR p_action = 2 AND l.outcome = 1 THEN 6 ELSE 0 END;
        why := CASE WHEN verdict = 5 THEN format('in slot %s, %s: lockstep reconcile --repair adopts it',
                                                 l.slot, l.signature)
                    WHEN verdict = 6 AND p_action = 1 THEN
                        format('it may still land (%s): verify again before a retry', l.detail)
                    WHEN verdict = 6 THEN 'the ledger has not got it: lockstep reconcile first' END;
        RETURN;
    END IF;
    SELECT max(s.asked_at) INTO asked FROM lockstep.look s
     WHERE s.op = p_op AND s.answered_at IS NULL AND s.asked_at > clock_timestamp() - interval '2 minutes';
    is_silent := l.outcome IS NOT NULL OR coalesce(asked < clock_timestamp() - interval '15 seconds', false);
    verdict := CASE WHEN asked IS NULL
                     AND coalesce(l.answered_at < clock_timestamp() - interval '5 seconds', true)
                    THEN 8 ELSE 7 END;
END
$$;

-- So many waiting targets are looked at in a step: those whose turn comes within two seconds, so that
-- the answers are there when it comes. Without a look: those that the rate allows now.
CREATE FUNCTION lockstep.bulk_window(p_job lockstep.bulk, p_allowed integer) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_job.action > 2 THEN greatest(p_allowed, 0)
                WHEN p_job.state = 1
                THEN least(500, greatest(p_job.canary - p_job.sent - p_job.done - p_job.failed, 0))
                ELSE least(500, 2 * p_job.rate + 1) END
$$;

-- Have these looked up, in the name of the job's person.
CREATE FUNCTION lockstep.bulk_ask(p_job lockstep.bulk, p_ops bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    id bytea := uuid_send(gen_random_uuid());
    said text := lockstep.bulk_said(p_job);
BEGIN
    PERFORM lockstep.action_begin(id, 'verify', 'bulk ' || p_job.id, said);
    INSERT INTO lockstep.look (request, op, login) SELECT id, o, p_job.actor FROM unnest(p_ops) AS o;
    PERFORM lockstep.action_end(id, NULL, 'asked', said, lockstep.claims(p_job.os_user, NULL), p_ops,
        format('a worker was asked to look %s operations up on the ledger', cardinality(p_ops)));
END
$$;
