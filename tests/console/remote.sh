#!/usr/bin/env bash
# A worker elsewhere, in a process of its own: what it says of itself stands in the database, so
# that every console and `lockstep status` tells it; and it is led from a console without one.
# shellcheck source=tests/console/lib.sh
. "$(dirname "$0")/lib.sh"

sql() { psql -qXAt "$LS_TEST_URL" -c "$1"; }
says() { # TEXT: the status of any process
    "$lockstep" status --plain >"$work/plain" && grep -qF -- "$1" "$work/plain"
}
enqueue() { "$lockstep" enqueue memo "{\"text\": \"$1\"}" --key "$1" >/dev/null || fail "enqueue"; }

start_ledger 0 250
write_config
"$lockstep" migrate >/dev/null || fail "migrate"
fund
start_worker
enqueue one
wait_until 60 has state:done 1 || fail "one is done"
kill "$worker_pid"
wait_until 20 test "$(sql 'SELECT count(*) FROM lockstep.workers WHERE is_alive')" -eq 0

# Without its watermark the ledger alone can tell that this is no new database: what is on its
# way must land or expire before anything is signed, 200 slots of 250 ms.
sql 'TRUNCATE lockstep.watermark, lockstep.place'
enqueue two
open_console 140 36 --no-worker
sees 20 LIVE
shows 'no worker here' || fail "the header says that no worker is here"
start_worker
wait_until 20 test "$(sql 'SELECT count(*) FROM lockstep.workers WHERE is_alive')" -eq 1
began=$(date +%s%N)
wait_until 20 says 'othing is signed yet (worker 2 is catching up)' || fail "the verdict says it: $(cat plain)"
wait_until 10 says ' catching up, leader' || fail "the worker's line says it"
echo "the status says it $((($(date +%s%N) - began) / 1000000)) ms after the worker came"
sees 10 'othing is signed yet (worker 2 is catching up)'
sees 4 'no worker here, 2 is catching up'
expect 0 'catching up' "$lockstep" worker list
wait_until 20 says 's left, until height' || fail "how long it takes is said: $(cat plain)"
"$lockstep" status --json >status.json
[ "$(json status.json 'd["workers"][0]["catching_up"]')" = True ] || fail "the document says it"
[ "$(json status.json '"s left" in d["workers"][0]["doing"] and "s left" in d["since"]')" = True ] ||
    fail "the document says how long"
wait_until 20 says 'ATTENTION: Nothing is signed yet' || fail "a long one is attention: $(cat plain)"
keys 8
sees 10 'CATCH-UP LEADER'
sees 10 'worker 2: catching up for'
wait_until 90 has state:done 2 || fail "two are done"
sees 10 'WORKING  LEADER'
sees 10 'leads bulk jobs'

# It is paused, resumed, told its kinds and drained from here.
enqueue three
wait_until 60 has state:done 3 || fail "three are done"
keys P
sees 10 'PAUSE worker 2'
typed 'stock-taking'
keys Tab
typed yes
sees 10 '[ Go ]'
keys Enter
sees 20 'PAUSED   LEADER'
wait_until 10 says ' paused, leader' || fail "the status says paused"
enqueue four
keys 1
sees 20 'very worker is paused or draining'
keys 8
keys P
sees 10 'RESUME worker 2'
typed 'done'
keys Tab
typed yes
sees 10 '[ Go ]'
keys Enter
sees 20 'WORKING  LEADER'
wait_until 60 has state:done 4 || fail "four are done"

# What stands in its way is told, too, and that it is over.
kill -STOP "$ledger_pid"
sees 40 'TROUBLE'
wait_until 10 says 'in trouble' || fail "the status says in trouble"
grep -q 'says, for .*: ledger: ' plain || fail "and what: $(cat plain)"
kill -CONT "$ledger_pid"
sees 40 'WORKING  LEADER'

keys D
sees 10 'DRAIN worker 2'
typed 'new machine'
keys Tab
typed yes
sees 10 '[ Go ]'
keys Enter
over() { ! kill -0 "$worker_pid" 2>/dev/null; }
wait_until 20 over || fail "it drains and ends"
keys q
keys q
wait_until 20 test -s "$work/status" || fail "the console ends"
finish
