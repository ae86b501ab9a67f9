#!/usr/bin/env bash
# drain.sh BINARY: a worker under load that is told to end, by a signal or by a person, ends
# within five seconds, leaves nothing leased, and the next one finishes what it sent.
. "$(dirname "$0")/lib.sh"
ops=3000

sql() { psql -qXAt "$LS_TEST_URL" -c "$1"; }
is_over() { ! kill -0 "$1" 2>/dev/null; }
# A living worker owns some of the load.
is_busy() {
    [ "$(sql 'SELECT count(*) FROM lockstep.op o JOIN lockstep.worker w ON w.id = o.worker
              WHERE NOT w.is_gone AND NOT w.is_lost')" -gt 100 ]
}
left() { sql "SELECT count(*) FROM lockstep.op WHERE state = 2"; }
all_done() { [ "$(sql 'SELECT count(*) FROM lockstep.history WHERE state = 6')" -eq "$ops" ]; }

# ends WHAT PID: within five seconds, with status 0, nothing leased, session gone.
ends() {
    local began ended status=0
    began=$(date +%s%N)
    if ! wait_until 15 is_over "$2"; then
        fail "$1: does not end"
        kill -KILL "$2"
    fi
    ended=$(date +%s%N)
    [ $(((ended - began) / 1000000)) -lt 5000 ] || fail "$1: takes $(((ended - began) / 1000000)) ms"
    wait "$2" || status=$?
    [ "$status" -eq 0 ] || fail "$1: status $status"
    [ "$(left)" -eq 0 ] || fail "$1: $(left) operations stay leased"
    echo "$1: ended in $(((ended - began) / 1000000)) ms"
}

start_ledger
write_config
expect 0 '' "$lockstep" migrate
fund
for i in $(seq $ops); do echo "{\"key\":\"k$i\",\"payload\":{\"text\":\"x\"}}"; done >"$work/load"
"$lockstep" enqueue memo - <"$work/load" >/dev/null || fail "enqueue"

start_worker
wait_until 30 is_busy || fail "the first worker is not busy"
kill -TERM "$worker_pid"
ends SIGTERM "$worker_pid"

start_worker
wait_until 30 is_busy || fail "the second worker is not busy"
expect 0 'to drain' "$lockstep" worker drain all --reason 'new machine'
ends 'worker drain all' "$worker_pid"
expect_complaint 3 'no living worker' "$lockstep" worker drain all --reason again
expect_complaint 3 'no living worker' "$lockstep" worker pause 999 --reason test
expect_complaint 2 "is no worker's number" "$lockstep" worker drain some --reason test

start_worker
wait_until 90 all_done || fail "not all are done: $(sql 'SELECT state, count(*) FROM lockstep.op GROUP BY 1')"
[ "$(sql "SELECT coalesce(sum(n), 0) FROM lockstep.counts WHERE metric = 4")" -eq 0 ] || fail "duplicates"
expect 0 'paused' "$lockstep" worker pause all --reason 'stock-taking'
expect_complaint 4 'already' "$lockstep" worker pause all --reason 'stock-taking'
expect 0 'paused' "$lockstep" worker list
expect 0 'running' "$lockstep" worker resume all --reason 'done'
expect 0 'worker.drain' "$lockstep" audit list
finish
