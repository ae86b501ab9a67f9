#!/usr/bin/env bash
# Verify on chain: whichever worker lives looks operations up on the ledger and answers; it
# adds evidence and moves nothing. Also by the console's v, without a worker of its own.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

tamper() {
    psql -qXAt -v ON_ERROR_STOP=1 "$LS_TEST_URL" -c "SET session_replication_role = replica; $1"
}
ask() { psql -qXAt "$LS_TEST_URL" -c "$1"; }

start_ledger
write_config
fund
"$lockstep" migrate >/dev/null || fail "migrate"
"$lockstep" enqueue memo '{"text": "first"}' --key m:1 >/dev/null || fail "enqueue"

# Nobody lives who could look.
expect_complaint 4 'no worker lives' "$lockstep" verify --chain key:m:1
expect 2 'compares one KEY' "$lockstep" verify a b

start_worker
wait_until 60 has state:done 1 || fail "it is not done"
expect 0 'done in the database, landed on the ledger' "$lockstep" verify --chain key:m:1
expect 0 '"found":"landed"' "$lockstep" verify --chain 1 --json

# Twelve that failed: none landed.
ask "INSERT INTO lockstep.gate (selector, scope, kind, reason, actor, by_worker)
     SELECT 'kind:memo', 1, kind, 'test', 'test', false FROM lockstep.kind WHERE name = 'memo'" >/dev/null
for number in 1 2 3 4 5 6 7 8 9 10 11 12; do
    "$lockstep" enqueue memo "{\"text\": \"n$number\"}" --key "f:$number" >/dev/null || fail "enqueue"
done
tamper "UPDATE lockstep.op SET state = 5, sub = 0, cause = 'Tested'"
expect 0 'nothing sent on the ledger' "$lockstep" verify --chain key:f:1
expect 0 '"unanswered":0' "$lockstep" verify --chain state:failed --json
[ "$(json "$work/out" 'len(d["looked"])')" = 12 ] || fail "not twelve were looked up"
expect 0 'verify.result' "$lockstep" audit list --json
expect 0 '12 nothing sent' "$lockstep" audit list --json

# What the database does not let it do stands in its log, once, and that it goes again.
ask 'ALTER FUNCTION lockstep.look_take(integer) RENAME TO look_taken'
"$lockstep" verify --chain key:f:1 >/dev/null 2>&1 &
asking=$!
wait_until 20 grep -q '"event":"look.failed".*"step":"take"' worker.err worker.out || fail "a look that fails is not in the log"
ask 'ALTER FUNCTION lockstep.look_taken(integer) RENAME TO look_take'
wait "$asking"
wait_until 20 grep -q '"event":"look.again"' worker.err worker.out || fail "that it looks again is not in the log"
[ "$(cat worker.err worker.out | grep -c '"event":"look.failed"')" = 1 ] || fail "it is said more than once"

# An attempt that the database takes for dead and that the ledger has: found, and not sent again.
tamper "INSERT INTO lockstep.attempt (op, last_valid_height, slot, worker, created_at, attempt, state, signature, blockhash, signer, tx)
    SELECT (SELECT op FROM lockstep.op_key WHERE key = 'f:2'), last_valid_height, 0, worker, now(), 1, 1, signature, blockhash, signer, tx
      FROM lockstep.attempt_history LIMIT 1"
expect 7 'failed in the database, landed on the ledger' "$lockstep" verify --chain key:f:2
expect_complaint 4 'is on the ledger in slot' "$lockstep" retry key:f:2 --reason "again"
expect 0 'UTC found it. NOT SAFE TO RETRY: lockstep reconcile --repair adopts it.' "$lockstep" show f:2
expect 0 '"retry":"on chain"' "$lockstep" show f:2 --json
has state:failed 12 || fail "verify moved something"
expect 0 'is ready' "$lockstep" retry key:f:3 --reason "again"

# One that can still land is not sent again either: somebody vouched too early.
tamper "INSERT INTO lockstep.attempt (op, last_valid_height, slot, worker, created_at, attempt, state, signature, blockhash, signer, tx, evidence)
    SELECT (SELECT op FROM lockstep.op_key WHERE key = 'f:4'), 9000000, 0, worker, now(), 1, 1,
           left(signature, -1) || CASE right(signature, 1) WHEN '2' THEN '3' ELSE '2' END, blockhash, signer, tx, '{\"vouched_by\":\"x\"}'
      FROM lockstep.attempt_history LIMIT 1"
expect 0 'may still land' "$lockstep" verify --chain key:f:4
expect 0 'and can still land. NOT SAFE TO RETRY until it is verified again' "$lockstep" show f:4
expect_complaint 4 'may still land' "$lockstep" retry key:f:4 --reason "again"

# A ledger that does not answer is said, and stands in nobody's way.
kill "$ledger_pid"
expect 6 'no answer on the ledger' "$lockstep" verify --chain key:m:1

finish
