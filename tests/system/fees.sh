#!/usr/bin/env bash
# A congested ledger: a price is offered, within the cap, with a limit that was simulated;
# what can not succeed fails before anything is sent.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

budget='ComputeBudget111111111111111111111111111111'

# The finalized transaction of an operation.
landed() { # KEY
    local signature
    signature=$("$lockstep" ops --jsonl "key:$1" | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["signature"])')
    rpc getTransaction "[\"$signature\", {\"encoding\": \"json\", \"commitment\": \"finalized\"}]"
}

start ledger "$lockstep" sim listen --port 0 --slot-ms 40 --faults congested
wait_until 20 grep -q http ledger.out || { fail "the simulated ledger does not start"; finish; }
ledger_url=$(head -n 1 ledger.out)
write_config
cat >>"$LOCKSTEP_CONFIG" <<END
[fees]
cap = 1500
[kind "event"]
price = 3000
[kind "sol.transfer"]
price = off
END
"$lockstep" migrate >/dev/null || fail "the schema is installed"
fund
start_worker
address=$(cat address)
enqueue_event() { # NUMBER
    "$lockstep" enqueue event '{"type":"t","subject":"s","document":{}}' --key "event:$1" >/dev/null
}
enqueue_event 1 # its shape is simulated
wait_until 60 has state:done 1 || fail "the first is done: $("$lockstep" ops)"
enqueue_event 3
"$lockstep" enqueue sol.transfer "{\"to\":\"$address\",\"lamports\":\"5\"}" --key plain >/dev/null
wait_until 60 has state:done 3 || fail "all are done: $("$lockstep" ops)"
landed event:3 >landed.json
[ "$(json landed.json "d['transaction']['message']['accountKeys'].count('$budget')")" = 1 ] ||
    fail "an event offers a price: $(cat landed.json)"
landed plain >plain.json
[ "$(json plain.json "d['transaction']['message']['accountKeys'].count('$budget')")" = 0 ] ||
    fail "a transfer offers none"
# The cap is below what the kind names: 1500 a unit, for less than the 200,000 of no limit.
[ "$(json landed.json "d['meta']['fee'] - 5000 > 0 and d['meta']['fee'] - 5000 < 1500 * 200000 / 1000000")" = True ] ||
    fail "the price is capped and the units are limited: $(json landed.json "d['meta']['fee']")"

# More than the payer has: two simulations say so, nothing is sent, it fails at once.
begun=$(date +%s)
sed -i 's/^price = off/price = 100/' "$LOCKSTEP_CONFIG"
kill -TERM "$worker_pid"
wait "$worker_pid" || fail "the worker ends with status $?"
start_worker
"$lockstep" enqueue sol.transfer "{\"to\":\"11111111111111111111111111111112\",\"lamports\":\"900000000000000\"}" --key hopeless >/dev/null
wait_until 60 has 'state:failed key:hopeless' 1 || fail "the hopeless one fails: $("$lockstep" show hopeless)"
"$lockstep" show hopeless --json >hopeless.json
[ "$(json hopeless.json "d['attempts'], d['cause']")" = "(0, 'system:ResultWithNegativeLamports')" ] || fail "nothing was sent for it: $(cat hopeless.json)"
[ $(($(date +%s) - begun)) -lt 30 ] || fail "it took too long"
finish
