#!/usr/bin/env bash
# The database dies under an action: the console does not know whether it was done, says so,
# asks again with the same request id when it is back, and it was done once.
# shellcheck source=tests/console/lib.sh
. "$(dirname "$0")/lib.sh"

ask() { psql -qXAt "$LS_TEST_URL" -c "$1"; }

ledger_url=http://127.0.0.1:9
write_config
"$lockstep" migrate >/dev/null || fail "migrate"
"$lockstep" enqueue memo '{"text": "x"}' --key lost --run-at 10h >/dev/null || fail "enqueue"
open_console 100 30 --config "$work/lockstep.conf" --no-worker
sees 20 LIVE
keys 4
sees 20 'lost'
keys H
sees 20 'HOLD operation'
keys -l 'before the crash'
keys Tab
keys -l 'yes'
sees 10 '[ Go ]'

# A lock lets the action begin and not end; then the server crashes with it.
psql -qX "$LS_TEST_URL" -c "BEGIN" -c "SELECT FROM lockstep.op FOR UPDATE" -c "SELECT pg_sleep(60)" \
    >/dev/null 2>&1 &
children="$children $!"
wait_until 10 test "$(ask "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()")" = 1
waiting() {
    pid=$(ask "SELECT pid FROM pg_stat_activity WHERE application_name = 'lockstep console' AND wait_event_type = 'Lock'")
    [ -n "$pid" ]
}
keys Enter
wait_until 10 waiting || fail "the action does not wait for the lock"
kill -9 "$pid"

# The crash undid it; asked again it is done, and told.
sees 60 'op 1 is held'
wait_until 20 has state:held 1 || fail "it is held"
[ "$(ask "SELECT count(*) FROM lockstep.audit_log WHERE action = 'hold'")" = 1 ] || fail "not one entry"
shows 'NOT DONE' && fail "it says that it was not done"
keys q
keys q
wait_until 20 test -s "$work/status" || fail "the console ends on q"
finish
