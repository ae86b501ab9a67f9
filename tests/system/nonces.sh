#!/usr/bin/env bash
# The pool of nonce accounts and operations under them, as a person uses both.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

pool() { # STATE: how many accounts are in it
    "$lockstep" nonce list --jsonl 2>/dev/null | grep -c "\"state\":\"$1\""
}
pool_has() { [ "$(pool "$1")" -eq "$2" ]; }
address_of() { # STATE
    "$lockstep" nonce list --json 2>/dev/null >pool.json
    json pool.json "[n['address'] for n in d if n['state'] == '$1'][0]"
}
balance() {
    rpc getBalance "[\"$(cat address)\", {\"commitment\": \"finalized\"}]" >balance.json
    json balance.json 'd["value"]'
}
memos() { # FIRST LAST
    for number in $(seq "$1" "$2"); do
        printf '{"key":"memo:%d","payload":{"text":"memo %d"}}\n' "$number" "$number"
    done | "$lockstep" enqueue memo --fence nonce - >/dev/null
}
landed_once() { # N
    rpc getSignaturesForAddress "[\"$(cat address)\", {\"limit\": 1000}]" >landed.json
    json landed.json "(lambda memos: all(sum(1 for m in memos if m.endswith(' memo %d' % n)) == 1 for n in range(1, $1 + 1)))([m for x in d if not x['err'] for m in (x['memo'] or '').split('; ')])"
}

start_ledger
write_config
fund
"$lockstep" migrate >/dev/null || fail "migrate"

expect_complaint 2 'no reason is given' "$lockstep" nonce create 3
expect_complaint 2 'at most 256' "$lockstep" nonce create 1000 --reason pool
expect_complaint 2 'is no address' "$lockstep" nonce advance nowhere --reason look
expect_complaint 3 'no nonce account' "$lockstep" nonce advance "$(cat address)" --reason look
expect_complaint 2 'own' "$lockstep" enqueue nonce '{"do": "create"}' --key mine
expect 0 '' "$lockstep" nonce list

# Without an account operations are gated, with one alert, and go on by themselves.
memos 1 5
start_worker
wait_until 30 has state:gated 5 || has 'sub:gated' 5 || "$lockstep" ops --jsonl >ops.out
wait_until 30 sh -c "'$lockstep' gate list | grep -q 'fence:nonce'" || fail "the empty pool is a gate"
expect 0 'nonce pool empty' "$lockstep" alert list
"$lockstep" ops --jsonl >ops.out
grep -q '"sub":"gated"' ops.out || fail "what waits for an account shows as gated"

expect 0 'make 2 nonce accounts' "$lockstep" nonce create 2 --reason 'a pool for the test'
wait_until 60 has 'state:done kind:memo' 5 || fail "five are done once there are accounts"
wait_until 30 pool_has free 2 || fail "both accounts are free again"
expect 0 '' "$lockstep" gate list
! grep -q 'fence:nonce' out || fail "the gate goes off by itself"
expect 0 '1447680' "$lockstep" nonce list
expect 0 'nonce' "$lockstep" show memo:1
grep -q 'fence *nonce' out || fail "show tells the fence"

# More operations than accounts; the worker is killed in the middle.
memos 6 40
sleep 1
kill -KILL "$worker_pid"
start_worker
wait_until 120 has 'state:done kind:memo' 40 || fail "forty are done after a kill"
[ "$(landed_once 40)" = True ] || fail "each memo landed exactly once"

# A refusal for good moves the nonce on, which proves that it can not land: failed at once.
"$lockstep" enqueue sol.transfer "{\"to\": \"$(cat address)\", \"lamports\": \"1000000000000000\"}" \
    --key too-much --fence nonce >/dev/null || fail "enqueue"
wait_until 30 has state:failed 1 || fail "what can not be paid fails"
expect 0 'advanced' "$lockstep" show too-much
grep -q 'used by' out || fail "show tells what used the nonce"
wait_until 30 pool_has free 2 || fail "its account is free again"

# Held and cancelled before anything left: the account goes back.
one=$(address_of free)
expect 0 'advances it' "$lockstep" nonce advance "$one" --reason 'to see it move'
wait_until 30 pool_has free 2 || fail "what was advanced is free"
before=$(balance)
expect 0 'closes it' "$lockstep" nonce close "$one" --reason 'one is enough'
wait_until 30 sh -c "[ \$('$lockstep' nonce list --jsonl | wc -l) -eq 1 ]" || fail "it is closed"
sleep 2
[ "$(balance)" -gt "$before" ] || fail "its rent came back"
expect_complaint 3 'no such account' "$lockstep" nonce close "$one" --reason again

memos 41 45
wait_until 60 has 'state:done kind:memo' 45 || fail "one account serves all"

# Where commits may have been lost, every account is advanced before it is used again.
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/psql 2>/dev/null | tail -n 1)")
"$lockstep" nonce list --jsonl >before.json 2>/dev/null
"$bin/psql" -qXc 'UPDATE lockstep.place SET started_us = started_us - 1' "$LS_TEST_URL" ||
    fail "psql"
kill -KILL "$worker_pid"
start_worker
memos 46 50
wait_until 120 has 'state:done kind:memo' 50 || fail "fifty are done after the doubt"
expect 0 'nonce.suspect' "$lockstep" audit list
has 'state:done kind:nonce' 5 || fail "two were made, one advanced, one closed, one advanced in doubt"

expect 0 'is whole' "$lockstep" audit verify
expect 0 'nonce.create' "$lockstep" audit list
expect 0 'nonce pool' "$lockstep" doctor
kill -TERM "$worker_pid"
finish
