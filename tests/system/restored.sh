#!/usr/bin/env bash
# A database restored from a base backup that is older than what landed: nothing is sent
# twice, what landed is adopted, and what the copy has never heard of is kept until its key
# is enqueued again.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/clusters.sh
. "$(dirname "$0")/clusters.sh"

LS_TEST_URL="host=$work/socket port=7001 user=postgres dbname=lockstep"
export LS_TEST_URL
cluster_make first 7001
start_ledger
write_config
fund
"$lockstep" migrate >/dev/null || fail "migrate"

# Ten are done and ten wait behind a gate when the backup is made.
start_worker
enqueue 1 10
wait_until 60 has state:done 10 || fail "ten are done"
"$lockstep" gate on all --reason "the backup" >/dev/null || fail "gate"
enqueue 11 20
cluster_copy backup 7001
"$lockstep" gate off all --reason "the backup is made" >/dev/null || fail "gate off"

# After it all twenty land, and five more that the backup has never heard of.
enqueue 21 25
wait_until 60 has state:done 25 || fail "twenty-five are done"
kill -KILL "$worker_pid"
cluster_stop first immediate

# The same address now leads to the restored copy: same timeline, older position.
cluster_start backup 7001
sql 7001 lockstep "DELETE FROM lockstep.gate; UPDATE lockstep.gate_sweep SET after_id = 0"
has state:done 10 || fail "the copy knows of ten"
start_worker
wait_until 20 grep -q 'other_past' worker.err || fail "the worker sees that the server is another one"
wait_until 60 has state:done 20 || fail "what landed is adopted"
landed_exactly 1 25 || fail "nothing was sent twice"
"$lockstep" audit list --json --limit 100 >audit.json
[ "$(json audit.json 'sum(1 for x in d if x["action"] == "op.adopted_from_chain")')" -eq 10 ] ||
    fail "ten adoptions are audited"
[ "$(sql 7001 lockstep 'SELECT count(*) FROM lockstep.landing WHERE finding = 3')" -eq 5 ] ||
    fail "five orphans are kept"
expect 0 'reconcile' "$lockstep" alert list

# The application enqueues the lost ones again: they are adopted, not sent; new ones are sent.
enqueue 21 30
wait_until 60 has state:done 30 || fail "lost and new ones are done"
landed_exactly 1 30 || fail "the lost ones were not sent again"

# The same once more before any watermark was ever written: nothing but the ledger can tell.
kill -KILL "$worker_pid"
sql 7001 lockstep "TRUNCATE lockstep.watermark, lockstep.place"
start_worker
enqueue 31 35
wait_until 90 has state:done 35 || fail "thirty-five are done"
landed_exactly 1 35 || fail "nothing was sent twice without a watermark"
expect 0 'is whole' "$lockstep" audit verify
"$lockstep" status --json >status.json
[ "$(json status.json 'd["duplicates"]')" -eq 0 ] || fail "no duplicates"
finish
