#!/usr/bin/env bash
# lockstep reconcile and lockstep verify: the database is changed behind lockstep's back, and
# each sort of difference is found, repaired where it can be, and told by the exit status.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# The owner's hands, past all functions, as a broken restore or a bad script would have them.
tamper() {
    psql -qXAt -v ON_ERROR_STOP=1 "$LS_TEST_URL" -c "SET session_replication_role = replica; $1"
}

start_ledger
write_config
fund
"$lockstep" migrate >/dev/null || fail "migrate"
start_worker
for number in 1 2 3 4; do
    "$lockstep" enqueue event "{\"type\":\"vote\",\"subject\":\"s$number\",\"document\":{\"yes\":$number}}" \
        --key "event:$number" >/dev/null || fail "enqueue"
done
"$lockstep" enqueue sol.transfer '{"to":"4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM","lamports":"1000000"}' \
    --key pay >/dev/null || fail "enqueue pay"
wait_until 60 has state:done 5 || fail "five are done"

expect 0 'the ledger and the database agree' "$lockstep" reconcile --since 1
for key in event:1 event:4 pay; do expect 0 'the same' "$lockstep" verify "$key"; done
expect 0 '"same":true' "$lockstep" verify event:2 --json
expect 3 'no operation has the key' "$lockstep" verify nobody

# A document that is changed after it was anchored.
tamper "UPDATE lockstep.op_key SET payload = jsonb_set(payload, '{document,yes}', '5') WHERE key = 'event:1'"
expect 7 'not what the memo says' "$lockstep" verify event:1

# A row that claims a landing which the ledger has not got.
tamper "INSERT INTO lockstep.attempt_history (day, op, attempt, worker, created_at, signature, blockhash, last_valid_height, slot, signer, state, tx)
    SELECT day, op, 9, worker, created_at, left(signature, -1) || CASE right(signature, 1) WHEN '2' THEN '3' ELSE '2' END, blockhash, last_valid_height, slot, signer, 2, tx
      FROM lockstep.attempt_history JOIN lockstep.op_key k USING (op) WHERE k.key = 'event:2'"
expect 7 'phantom' "$lockstep" reconcile --since 1
tamper "DELETE FROM lockstep.attempt_history WHERE attempt = 9"
expect 0 'agree' "$lockstep" reconcile --since 1

# An operation that is forgotten with all that belongs to it.
tamper "WITH gone AS (DELETE FROM lockstep.op_key WHERE key = 'event:3' RETURNING op),
    rows AS (DELETE FROM lockstep.history WHERE id IN (SELECT op FROM gone))
    DELETE FROM lockstep.attempt_history WHERE op IN (SELECT op FROM gone)"
expect 7 'orphan' "$lockstep" reconcile --since 1
expect 7 ': recorded' "$lockstep" reconcile --since 1 --repair
expect 0 'agree' "$lockstep" reconcile --since 1
"$lockstep" enqueue event '{"type":"vote","subject":"s3","document":{"yes":3}}' --key event:3 >/dev/null
wait_until 30 has state:done 5 || fail "it is adopted when it comes again"
expect 0 'the same' "$lockstep" verify event:3
rpc getSignaturesForAddress "[\"$(cat address)\", {\"limit\": 1000}]" >landed.json
[ "$(json landed.json 'sum(x["memo"].count("ls1:") for x in d if x["memo"])')" -eq 5 ] ||
    fail "nothing was sent again"

# An operation that is back at its beginning although it landed, and no worker to see it.
kill -TERM "$worker_pid"
wait "$worker_pid"
tamper "WITH gone AS (DELETE FROM lockstep.history h USING lockstep.op_key k WHERE h.id = k.op AND k.key = 'pay' RETURNING h.*),
    attempts AS (DELETE FROM lockstep.attempt_history WHERE op IN (SELECT id FROM gone)),
    key AS (UPDATE lockstep.op_key SET outcome = NULL, finished_day = NULL WHERE key = 'pay')
    INSERT INTO lockstep.op (id, run_at, due_at, created_at, updated_at, state_at, attempts_max, state, lane, kind, key)
    SELECT id, run_at, due_at, created_at, now(), now(), attempts_max, 0, lane, kind, key FROM gone"
has state:ready 1 || fail "pay is ready again"
expect 7 'unrecorded' "$lockstep" reconcile --since 1
"$lockstep" reconcile --since 1 --repair --json >repaired.json || fail "repair leaves no difference: $?"
[ "$(json repaired.json 'd["findings"][0]["finding"] + str(d["repaired"])')" = unrecorded1 ] ||
    fail "the repair is told: $(cat repaired.json)"
has state:done 5 || fail "pay is done by adoption"
expect 0 'op.adopted_from_chain' "$lockstep" audit list
expect 0 'is whole' "$lockstep" audit verify
expect 2 'not a whole number' "$lockstep" reconcile --since yesterday

kill "$ledger_pid"
wait "$ledger_pid" 2>/dev/null
expect_complaint 6 'reconcile' "$lockstep" reconcile
expect_complaint 6 'verify' "$lockstep" verify pay
finish
