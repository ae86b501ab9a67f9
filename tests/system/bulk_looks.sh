#!/usr/bin/env bash
# A bulk job looks each target up on the ledger before it sends it again: what landed already and
# what may still land is left alone and told, nothing is sent while the ledger is silent, and kill -9
# of the worker between question and answer loses neither.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# Behind the back of every rule.
tamper() { psql -qXAt -v ON_ERROR_STOP=1 "$LS_TEST_URL" -c "SET session_replication_role = replica; $1"; }
sql() { psql -qXAt -v ON_ERROR_STOP=1 "$LS_TEST_URL" -c "$1"; }
# job FIELD, and target KEY FIELD, of the job $bulk.
job() { "$lockstep" bulk show "$bulk" --json >job.json && json job.json "d['bulk']['$1']"; }
target() { "$lockstep" bulk show "$bulk" --json >job.json && json job.json "[t['$2'] for t in d['targets'] if t['key'] == '$1'][0]"; }
job_is() { [ "$(job "$1")" = "$2" ]; }

start_ledger
write_config
fund
"$lockstep" migrate >/dev/null || fail "migrate"
"$lockstep" enqueue memo '{"text": "first"}' --key first >/dev/null || fail "enqueue"
start_worker
wait_until 60 has state:done 1 || fail "it is not done"
"$lockstep" gate on kind:memo --reason 'until all stands' >/dev/null || fail "gate"
for i in $(seq 8); do printf '{"key": "f-%d", "payload": {"text": "n%d"}}\n' "$i" "$i"; done |
    "$lockstep" enqueue memo - >/dev/null || fail "enqueue"
tamper "UPDATE lockstep.op SET state = 5, sub = 0, cause = 'Tested', version = version + 1,
    attempts_made = 1, attempts_round = 1"
# All had an attempt that expired. f-2: the ledger has it, though the database takes it for dead. f-4:
# somebody vouched too early.
attempt() {
    tamper "INSERT INTO lockstep.attempt (op, last_valid_height, slot, worker, created_at, attempt, state, signature, blockhash, signer, tx, evidence)
        SELECT (SELECT op FROM lockstep.op_key WHERE key = '$1'), $2, 0, worker, now(), 1, 1, $3, blockhash, signer, tx, '{\"vouched_by\":\"x\"}'
          FROM lockstep.attempt_history LIMIT 1"
}
for i in 1 3 5 6 7 8; do attempt "f-$i" 1 "left(signature, -2) || '${i}z'"; done
attempt f-2 last_valid_height signature
attempt f-4 9000000 "left(signature, -2) || '4z'"

# The ledger is silent: the job waits, and says so. Its worker is killed with the questions open.
kill -STOP "$ledger_pid"
bulk=$("$lockstep" bulk start retry 'state:failed' --expect 8 --rate 100 --canary 0 --abort-above 100 \
    --reason 'INC-551' --json | json /dev/stdin 'd["bulk"]') || fail "start"
wait_until 60 job_is without_answer 8 || fail "it says that the ledger is silent: $(cat job.json)"
[ "$(job waiting)" = 8 ] || fail "nothing is sent without an answer"
expect 0 '8 wait: ledger silent' "$lockstep" bulk show "$bulk"
kill -9 "$worker_pid"
kill -CONT "$ledger_pid"
sleep 1
[ "$(job waiting)" = 8 ] || fail "nothing is sent without a worker"

# Another worker goes on. Six are sent again, each once; two are not.
"$lockstep" gate off kind:memo --reason 'go' >/dev/null || fail "gate"
start_worker
wait_until 120 job_is state finished || fail "another worker goes on: $(cat job.json)"
[ "$(job done)" = 6 ] || fail "six succeeded: $(cat job.json)"
[ "$(job already_landed)" = 1 ] && [ "$(target f-2 state)" = 'already landed' ] || fail "what landed is told: $(cat job.json)"
case $(target f-2 why) in *'lockstep reconcile --repair adopts it'*) ;; *) fail "the cure is named: $(cat job.json)" ;; esac
[ "$(job in_doubt)" = 1 ] && [ "$(target f-4 state)" = 'in doubt' ] || fail "what may land is told: $(cat job.json)"
case $(job why) in *'1 already landed, 1 in doubt'*) ;; *) fail "its end says so: $(job why)" ;; esac
has state:failed 2 || fail "these two were not moved"
[ "$(sql "SELECT count(*), count(DISTINCT target) FROM lockstep.audit_log WHERE action = 'retry'")" = '6|6' ] ||
    fail "each of the six was retried once"
[ "$(sql "SELECT count(*) FROM lockstep.audit_log WHERE action = 'verify' AND target = 'bulk $bulk'")" -ge 1 ] ||
    fail "the looks are on record"
expect 0 'is whole' "$lockstep" audit verify
finish
