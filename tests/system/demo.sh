#!/usr/bin/env bash
# The demonstration without a screen, with a worker that is killed half-way and a ledger
# that has a bad day: nothing lost, nothing twice, nothing left behind.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# Whether no process names the folder any more.
is_gone() { ! pgrep -f "$1"; }

"$lockstep" demo --headless 6 --rate 10 --slot-ms 50 --kill-worker-at 3 --faults "${2:-none}" \
    --dir "$work/demo" >demo.json 2>demo.err || fail "the demo ends with status $?"
for check in 'd["enqueued"] > 30' 'd["refused"] == 0' 'd["done"] > 0' 'd["duplicates"] == 0' \
    'd["lost"] == 0' 'd["unwanted"] == 0' 'd["strangers"] == 0' 'd["live"] == 0' \
    'd["worker_restarts"] >= 1' 'd["ops_per_second"] > 0'; do
    [ "$(json demo.json "$check")" = True ] || fail "$check: $(cat demo.json)"
done
[ -e "$work/demo" ] && fail "the demo leaves its folder"

# Told to stop, it stops everything that it started.
start stopped "$lockstep" demo --headless 600 --dir "$work/stopped" --keep
demo_pid=$started
wait_until 60 test -s "$work/stopped/lockstep.log" || fail "a worker starts"
kill -TERM "$demo_pid"
wait "$demo_pid" && fail "stopped before its audit, it does not end with 0"
left=$(pgrep -f "$work/stopped" || true)
[ -z "$left" ] || fail "it leaves processes: $left"

# Killed without a chance, its children still end.
start killed "$lockstep" demo --headless 600 --dir "$work/killed"
demo_pid=$started
wait_until 60 test -s "$work/killed/lockstep.log" || fail "a worker starts"
kill -KILL "$demo_pid"
wait "$demo_pid" 2>/dev/null
wait_until 20 is_gone "$work/killed" || fail "killed, it leaves processes: $(pgrep -fa "$work/killed")"

expect_complaint 2 'no new or empty folder' "$lockstep" demo --headless 1 --dir /usr
expect_complaint 2 'needs --headless' "$lockstep" demo --kill-worker-at 1
expect_complaint 5 'no folder can be made there' env TMPDIR=/nonexistent "$lockstep" demo --headless 1

# Where there is no room it says so before it begins, and leaves nothing.
mkdir small
own=-m
[ "$(id -u)" = 0 ] || own=-rm
if unshare $own mount -t tmpfs tmpfs small 2>/dev/null; then
    expect_complaint 1 'has room for 20 MB' unshare $own sh -c '
        mount -t tmpfs -o size=20m tmpfs small && TMPDIR=$PWD/small "$1" demo --headless 1
        status=$?
        rmdir small/* 2>/dev/null && echo "lockstep: something is left" >&2
        exit $status' - "$lockstep"
fi
finish
