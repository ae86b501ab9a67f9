#!/usr/bin/env bash
# What goes away comes back: worker killed, ledger silent and absent, database stopped.
# Nothing is lost, nothing lands twice, nothing fails for good because of it.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# postgres_stop, postgres_start: the private server of with_postgres.sh, as its own user.
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/pg_ctl 2>/dev/null | tail -n 1)")
[ -x "$bin/psql" ] || bin=$(pg_config --bindir)
data=$("$bin/psql" -XAtc 'show data_directory' "$LS_TEST_URL") || exit 1
as_owner() {
    local owner
    owner=$(stat -c %u "$data")
    if [ "$owner" = "$(id -u)" ]; then "$@"; else
        setpriv --reuid="$owner" --regid="$(stat -c %g "$data")" --clear-groups "$@"
    fi
}
postgres_stop() { cd /; as_owner "$bin/pg_ctl" -D "$data" -m "$1" -w stop >/dev/null; cd "$work"; }
postgres_start() {
    cp "$data/postmaster.opts" "$work/options"
    (cd / && eval "as_owner $(cat "$work/options")" >>"$work/postgres.err" 2>&1 &)
    wait_until 30 "$bin/pg_isready" -q -d "$LS_TEST_URL" || fail "PostgreSQL comes back"
}

enqueue() { # FIRST LAST
    for number in $(seq "$1" "$2"); do
        printf '{"key":"memo:%d","payload":{"text":"memo %d"}}\n' "$number" "$number"
    done | "$lockstep" enqueue memo - >/dev/null
}

# Each memo is on the ledger exactly once.
landed_once() {
    rpc getSignaturesForAddress "[\"$(cat address)\", {\"limit\": 1000}]" >landed.json
    json landed.json "(lambda memos: all(sum(1 for m in memos if m.endswith(' memo %d' % n)) == 1 for n in range(1, $1 + 1)))([m for x in d if not x['err'] for m in (x['memo'] or '').split('; ')])"
}

start_ledger
write_config
fund
"$lockstep" migrate >/dev/null || fail "migrate"

start_worker
enqueue 1 10
wait_until 60 has state:done 10 || fail "ten are done"

# kill -9 with operations under way; another worker takes over after the lease.
enqueue 11 30
sleep 0.3
kill -KILL "$worker_pid"
start_worker
wait_until 60 has state:done 30 || fail "thirty are done after a kill"

# The ledger does not answer for a while: operations wait.
kill -STOP "$ledger_pid"
enqueue 31 40
sleep 4
has state:failed 0 || fail "a silent ledger fails nothing"
kill -CONT "$ledger_pid"
wait_until 90 has state:done 40 || fail "forty are done after the ledger's silence"

# The database stops twice under load, once without a goodbye.
enqueue 41 50
sleep 0.2
postgres_stop immediate
expect_complaint 5 'database' "$lockstep" status
sleep 2
kill -0 "$worker_pid" || fail "the worker outlives its database"
postgres_start
enqueue 51 60
postgres_stop fast
sleep 1
postgres_start
wait_until 90 has state:done 60 || fail "sixty are done after the database's outages"

has state:failed 0 || fail "nothing failed"
[ "$(landed_once 60)" = True ] || fail "each memo landed exactly once"
expect 0 'is whole' "$lockstep" audit verify
"$lockstep" status --json >status.json
[ "$(json status.json 'd["duplicates"]')" -eq 0 ] || fail "no duplicates"
kill -TERM "$worker_pid"
wait "$worker_pid" || fail "the worker ends with status $?"

# Another ledger behind the same URL is refused.
kill "$ledger_pid"
wait "$ledger_pid" 2>/dev/null
start other "$lockstep" sim listen --port "${ledger_url##*:}" --slot-ms 40 --seed 4711
wait_until 20 grep -q http other.out || fail "another ledger starts"
expect 4 'is another ledger' "$lockstep" doctor
finish
