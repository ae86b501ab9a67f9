#!/usr/bin/env bash
# Fence marker from end to end: the marker stands on the ledger, the operation shows it, an
# attempt that the database lost is found by it, and its rent comes back when it is due.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/psql 2>/dev/null | tail -n 1)")
[ -x "$bin/psql" ] || bin=$(pg_config --bindir)
sql() { "$bin/psql" -XAtq -v ON_ERROR_STOP=1 -c "$1" "$LS_TEST_URL"; }
lamports() { rpc getBalance "[\"$1\", {\"commitment\": \"finalized\"}]" | python3 -c 'import json,sys; print(json.load(sys.stdin)["value"])'; }
holds() { [ "$(lamports "$1")" -eq "$2" ]; }

start_ledger
write_config
printf '[kind "event"]\nfence = marker\n[retention]\nmarkers = 30d\n' >>"$LOCKSTEP_CONFIG"
fund
expect 0 'retention: set as configured' "$lockstep" migrate
to=$("$lockstep" key new "$work/other.json")
pay="{\"to\":\"$to\",\"lamports\":\"1000000\"}"
event='{"type":"t","subject":"s","document":{"n":1}}'
expect 0 '' "$lockstep" enqueue sol.transfer "$pay" --key pay:1 --fence marker
expect 0 '' "$lockstep" enqueue sol.transfer "$pay" --key pay:2 --fence marker
expect 0 '' "$lockstep" enqueue event "$event" --key event:1
expect 0 '' "$lockstep" enqueue token.create_mint '{"decimals":0}' --key mint:1 --fence marker
expect_complaint 4 'with another fence' "$lockstep" enqueue sol.transfer "$pay" --key pay:1

start_worker
wait_until 60 has state:done 4 || fail "four are done"
for key in pay:1 pay:2 event:1 mint:1; do
    "$lockstep" show "$key" --json >"$key.json"
    [ "$(json "$key.json" "d['fence']")" = marker ] || fail "$key has fence marker"
done
marker=$(json pay:1.json "d['marker']")
expect 0 "$marker" "$lockstep" show pay:1
holds "$marker" 890880 || fail "the marker holds the rent of an account without data"
[ "$(json mint:1.json "d['marker']")" = "$(json mint:1.json "d['mint']")" ] || fail "a mint is its own marker"
holds "$to" 2000000 || fail "both payments are there"

# A restore that knows nothing of pay:1's landing: its next attempt runs into the marker.
kill -STOP "$worker_pid"
sql "INSERT INTO lockstep.op (id, run_at, due_at, created_at, updated_at, state_at, attempts_max, state, lane, kind, key, fence)
     SELECT id, now(), due_at, created_at, now(), now(), 12, 0, lane, kind, key, fence FROM lockstep.history WHERE key = 'pay:1';
     DELETE FROM lockstep.attempt_history WHERE op = (SELECT id FROM lockstep.history WHERE key = 'pay:1');
     DELETE FROM lockstep.history WHERE key = 'pay:1';
     UPDATE lockstep.op_key SET outcome = NULL, finished_day = NULL WHERE key = 'pay:1'" || fail "pay:1 is forgotten"
kill -CONT "$worker_pid"
wait_until 60 has 'key:pay:1 state:done' 1 || fail "pay:1 is found by its marker"
[ "$(sql "SELECT signature FROM lockstep.history WHERE key = 'pay:1'")" = "$(json pay:1.json "d['signature']")" ] ||
    fail "pay:1 is done with the signature that landed"
holds "$to" 2000000 || fail "nothing was paid twice"

# Nothing is due yet; then all but the mint are.
[ "$(sql 'SELECT lockstep.reclaim_markers(100)')" -eq 0 ] || fail "a young marker stays"
sql "UPDATE lockstep.history SET finished_at = now() - interval '31 days'" || fail "time passes"
[ "$(sql 'SELECT lockstep.reclaim_markers(100)')" -eq 3 ] || fail "three markers are due"
[ "$(sql 'SELECT lockstep.reclaim_markers(100)')" -eq 0 ] || fail "each is due once"
wait_until 60 has 'key:ls:rent:* state:done' 3 || fail "three markers are emptied"
holds "$marker" 0 || fail "the marker is gone"
holds "$(json mint:1.json "d['mint']")" 1461600 || fail "the mint stays"
expect 0 'emptied by op' "$lockstep" show pay:1
expect 0 'marker.reclaim' "$lockstep" audit list
expect 0 '' "$lockstep" audit verify
[ "$(sql "SELECT count(DISTINCT signature) FROM lockstep.history WHERE key LIKE 'ls:rent:%'")" -eq 1 ] ||
    fail "the three share a transaction"
finish
