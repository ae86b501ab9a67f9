#!/usr/bin/env bash
# Several endpoints, of which some are another cluster's or not there: named, never used,
# and the work goes on by the others.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/system/lib.sh
. "$here/lib.sh"

enqueue() { # KEY
    "$lockstep" enqueue memo "{\"text\":\"$1\"}" --key "$1" >/dev/null || fail "$1 is enqueued"
}

configure() { # URL...
    write_config
    local lines=""
    for url in "$@"; do lines="${lines}endpoint = $url\n"; done
    sed -i "s|^endpoint = .*|${lines%\\n}|" "$LOCKSTEP_CONFIG"
}

stop_worker() {
    kill -TERM "$worker_pid"
    wait "$worker_pid" || fail "the worker ends with status $?"
}

start_ledger
start foreign "$lockstep" sim listen --port 0 --slot-ms 40 --seed 4711
wait_until 20 grep -q http foreign.out || fail "the other ledger starts"
foreign_url=$(head -n 1 foreign.out)
absent_url=http://127.0.0.1:1
name() { echo "${1#http://}"; }

# With one good endpoint all is well.
configure "$ledger_url"
expect 0 'applied' "$lockstep" migrate
fund
expect 0 'usable' "$lockstep" endpoint test
"$lockstep" endpoint test --json >test.json
genesis=$(json test.json 'd[0]["genesis"]')

# It answers for its blocks; a plan without them is usable, and it is said what it can not do.
has_blocks() { "$lockstep" endpoint test --json >test.json && [ "$(json test.json 'd[0]["blocks"]')" = "$1" ]; }
wait_until 30 has_blocks yes || fail "a whole node answers for its blocks: $(cat test.json)"
[ -z "$(json test.json 'd[0]["warning"]')" ] || fail "nothing is missing"
start plan python3 "$here/plan.py" "$ledger_url" getBlock getBlocks
wait_until 20 grep -q http plan.out || fail "the plan starts"
configure "$(head -n 1 plan.out)"
expect 0 'usable' "$lockstep" endpoint test
expect 0 'refuses getBlock and getBlocks: after lost commits no catch-up ends' "$lockstep" endpoint test
has_blocks no || fail "the plan is told as JSON"
"$lockstep" doctor >doctor.txt 2>&1
grep -q 'refuses getBlock and getBlocks' doctor.txt || fail "doctor says it too: $(cat doctor.txt)"
start half python3 "$here/plan.py" "$ledger_url" getBlocks
wait_until 20 grep -q http half.out || fail "the half plan starts"
configure "$(head -n 1 half.out)"
expect 0 'refuses getBlocks: ' "$lockstep" endpoint test

# A database that is bound to no cluster yet believes the one that the configuration names, not
# the endpoint that is asked first.
configure "$foreign_url" "$ledger_url"
sed -i "s|^\[ledger\]|&\ngenesis = $genesis|" "$LOCKSTEP_CONFIG"
expect 4 'than the one that the configuration names' "$lockstep" doctor
start_worker
enqueue first
wait_until 60 has 'state:done' 1 || fail "an operation is done with one endpoint"
stop_worker

# The endpoint that is preferred belongs to another cluster, another one is absent.
configure "$foreign_url" "$absent_url" "$ledger_url"
expect 6 'is of another ledger than this database' "$lockstep" endpoint test
expect 6 'does not answer' "$lockstep" endpoint test
"$lockstep" endpoint test --json >test.json
[ "$(json test.json 'len(d), d[1]["usable"], d[0]["slot"] > 0')" = "(3, False, True)" ] ||
    fail "the test tells all three as JSON"
start_worker
enqueue second
wait_until 60 has 'state:done' 2 || fail "an operation is done by the third endpoint"
wait_until 30 sh -c "'$lockstep' endpoint list | grep -q '$(name "$foreign_url").*down.*another cluster'" ||
    fail "the foreign endpoint is named: $("$lockstep" endpoint list)"
expect 0 "$(name "$ledger_url")" "$lockstep" endpoint list
"$lockstep" endpoint list --json >list.json
[ "$(json list.json "[e['up'] for e in d if e['name'] == '$(name "$ledger_url")']")" = "[True]" ] ||
    fail "the good endpoint is up"
[ "$(count 'state:failed')" -eq 0 ] || fail "nothing failed"
stop_worker

# A plan that lists no blocks can prove no list of transactions: where no commit was lost none is
# needed, and the work goes on.
configure "$(head -n 1 plan.out)"
start_worker
enqueue third
wait_until 60 has 'state:done' 3 || fail "an operation is done by a node that lists no blocks"
stop_worker

sed -i '/^endpoint/d' "$LOCKSTEP_CONFIG"
expect_complaint 3 'none is configured' "$lockstep" endpoint test
finish
