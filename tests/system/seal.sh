#!/usr/bin/env bash
# seal.sh BINARY: an attempt's row that is altered past the worker is held and never sent, what
# is whole goes on, and keys can be changed while attempts are under way.
. "$(dirname "$0")/lib.sh"

sql() { psql -qXAt -v ON_ERROR_STOP=1 "$LS_TEST_URL" -c "$1"; }
says() { [ "$(sql "$1")" = "$2" ]; }
sent() { says "SELECT count(*) FROM lockstep.op WHERE state = 3" "$1"; }
seal_of() { "$lockstep" show "$1" | sed -n 's/^  seal  *//p'; }

# kill_worker: it dies with all of its operations submitted.
kill_worker() {
    kill -KILL "$worker_pid"
    wait "$worker_pid" 2>/dev/null
}

start_ledger 0 400 # finality after 13 s: rows are altered before it on any machine
write_config
expect 0 '' "$lockstep" key mac "$work/mac.one"
expect 0 '' "$lockstep" key mac "$work/mac.two"
expect_complaint 4 'never overwritten' "$lockstep" key mac "$work/mac.one"
printf '[kind "memo"]\npack = off\n' >>"$LOCKSTEP_CONFIG" # each row has bytes of its own
cp "$LOCKSTEP_CONFIG" "$work/plain.conf"
sed "s|^lease = .*|&\nmac_key_file = $work/mac.one|" "$work/plain.conf" >"$LOCKSTEP_CONFIG"
expect 0 '' "$lockstep" migrate
fund
chmod 644 "$work/mac.one"
expect_complaint 2 'chmod 600' "$lockstep" worker
chmod 600 "$work/mac.one"
echo nonsense >"$work/bad.mac"
chmod 600 "$work/bad.mac"
sed "s|^lease = .*|&\nmac_key_file = $work/bad.mac|" "$work/plain.conf" >"$work/bad.conf"
expect_complaint 2 'is no mac key' "$lockstep" worker --config "$work/bad.conf"

# Killed at once when all are sent; nothing of them may be final then.
for i in 1 2 3 4 5; do
    expect 0 '' "$lockstep" enqueue memo '{"text":"x"}' --key "k$i"
done
start_worker
wait_until 60 sent 5 || fail "not all are submitted"
kill_worker
sent 5 || fail "some were final before the worker died"
[ "$(seal_of k1)" = verified ] || fail "k1 is $(seal_of k1)"
[ "$("$lockstep" show k1 --config "$work/plain.conf" | sed -n 's/^  seal  *//p')" = unverified ] ||
    fail "without the key k1 is not unverified"
sql "UPDATE lockstep.attempt a SET tx = overlay(tx placing '\\x00'::bytea from 100) FROM lockstep.op_key k
        WHERE k.op = a.op AND k.key = 'k2';
     UPDATE lockstep.attempt a SET last_valid_height = 1 FROM lockstep.op_key k
        WHERE k.op = a.op AND k.key = 'k3';
     UPDATE lockstep.attempt a SET mac = NULL, mac_key = NULL FROM lockstep.op_key k
        WHERE k.op = a.op AND k.key = 'k4';"
for key in k2 k3 k4; do
    [ "$(seal_of $key)" = ALTERED ] || fail "$key is $(seal_of $key)"
done

# The key changes too: the new one seals, the old one still verifies.
sed "s|^lease = .*|&\nmac_key_file = $work/mac.two\nmac_key_file = $work/mac.one|" \
    "$work/plain.conf" >"$LOCKSTEP_CONFIG"
start_worker
wait_until 120 has 'state:held cause:RowAltered' 3 || fail "the altered ones are not held"
wait_until 120 has state:done 2 || fail "the whole ones are not done"
expect 0 'altered' "$lockstep" alert list
expect 0 'op.held' "$lockstep" audit list
expect_complaint 4 'use resolve' "$lockstep" release "$(sql "SELECT op FROM lockstep.op_key
    WHERE key = 'k2'")" --reason 'let it go' --yes
expect 0 '' "$lockstep" enqueue memo '{"text":"x"}' --key k6
wait_until 120 has state:done 3 || fail "a new one is not done"
says "SELECT count(DISTINCT mac_key) FROM lockstep.attempt_history" 2 || fail "the new key seals nothing"
[ "$(seal_of k6)" = verified ] || fail "k6 is $(seal_of k6)"
has 'state:held' 3 || fail "what is held did not stay so"
finish
