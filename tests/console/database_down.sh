#!/usr/bin/env bash
# With the database down the console opens, says so, and recovers by itself; told to stop
# by SIGTERM or SIGHUP it ends cleanly.
# shellcheck source=tests/console/lib.sh
. "$(dirname "$0")/lib.sh"

start_ledger
write_config
"$lockstep" migrate >/dev/null || fail "migrate"
sed "s|^url = .*|url = host=$work/absent port=5432 user=nobody dbname=none|" lockstep.conf >down.conf
open_console 80 24 --config "$work/down.conf" --no-worker
sees 20 'database'
fits 80
keys q
keys y
wait_until 10 test -s "$work/status" || fail "it ends while the database is down"

# The same console, and a server that goes and comes back.
rm -f "$work/status"
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/pg_ctl 2>/dev/null | tail -n 1)")
data=$("$bin/psql" -XAtc 'show data_directory' "$LS_TEST_URL") || exit 1
postmaster=$(head -n 1 "$data/postmaster.pid")
tmux -S "$socket" kill-server
open_console 80 24 --config "$work/lockstep.conf" --no-worker
sees 20 LIVE
kill -STOP "$postmaster"
pids=$(pgrep -P "$postmaster")
for pid in $pids; do kill -STOP "$pid" 2>/dev/null; done
sees 30 STALE
for pid in $pids; do kill -CONT "$pid" 2>/dev/null; done
kill -CONT "$postmaster"
sees 60 LIVE

console=$(pgrep -f "^$lockstep --config $work/lockstep.conf" | head -n 1)
if [ -n "$console" ]; then kill -TERM "$console"; else fail "the console is gone: $(screen)"; fi
wait_until 10 test -s "$work/status" || fail "SIGTERM ends the console"
finish
