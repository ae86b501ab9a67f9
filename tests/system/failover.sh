#!/usr/bin/env bash
# failover.sh LOCKSTEP [ROUNDS]
# Streaming replication, the standby behind, the primary dead: the promoted standby has lost
# commits whose transactions landed or are on their way. The worker lives through it, finds
# the new primary by a url of two hosts, and nothing lands twice. What was enqueued and lost
# is enqueued again by the application, as applications must.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/clusters.sh
. "$(dirname "$0")/clusters.sh"
rounds=${2:-1}

LS_TEST_URL="host=$work/socket,$work/socket port=7001,7002 user=postgres dbname=lockstep target_session_attrs=read-write"
export LS_TEST_URL
cluster_make node1 7001
start_ledger
write_config
fund
"$lockstep" migrate >/dev/null || fail "migrate"
start_worker
primary=node1 primary_port=7001 standby_port=7002
last=0 lost_total=0 adopted_total=0 orphans_total=0 longest_ms=0

caught_up() { # the standby has replayed all that the primary wrote
    [ "$(sql "$primary_port" postgres "SELECT count(*) FROM pg_stat_replication WHERE replay_lsn >= pg_current_wal_lsn()")" -ge 1 ]
}

done_count() { sql "$1" lockstep "SELECT count(*) FROM lockstep.history WHERE state = 6"; }

for round in $(seq "$rounds"); do
    standby=node$((round + 1))
    cluster_copy "$standby" "$primary_port" -R
    cluster_start "$standby" "$standby_port"
    enqueue $((last + 1)) $((last + 10))
    wait_until 90 has state:done $((last + 10)) || fail "round $round: ten more are done"
    wait_until 20 caught_up || fail "round $round: the standby follows"

    # From here on the standby hears nothing: what is committed now will be lost.
    sql "$standby_port" postgres "SELECT pg_wal_replay_pause()" >/dev/null
    wait_until 10 test "$(sql "$standby_port" postgres "SELECT pg_get_wal_replay_pause_state()")" = paused
    as_server "$bin/psql" -qXAt -h "$work/socket" -p "$primary_port" -U postgres -d postgres \
        -c "SELECT pg_terminate_backend(pid) FROM pg_stat_replication" >/dev/null
    sql "$standby_port" postgres "ALTER SYSTEM SET primary_conninfo = ''" >/dev/null
    sql "$standby_port" postgres "SELECT pg_reload_conf()" >/dev/null
    wait_until 10 test "$(sql "$primary_port" postgres "SELECT count(*) FROM pg_stat_replication")" -eq 0
    enqueue $((last + 11)) $((last + 30))
    # Some of them are done, some sent, some not yet, when the primary dies.
    wait_until 60 test "$(done_count "$primary_port")" -ge $((last + 11 + RANDOM % 20))
    before=$(done_count "$primary_port")
    cluster_stop "$primary" immediate
    began=$(date +%s%3N)
    cluster_promote "$standby"
    sql "$standby_port" postgres "SELECT 1" >/dev/null || fail "round $round: the standby is promoted"
    after=$(done_count "$standby_port")
    lost_total=$((lost_total + before - after))

    # The application's own record says that they were asked for: it asks again.
    enqueue $((last + 1)) $((last + 40))
    last=$((last + 40))
    wait_until 120 has state:done "$last" || fail "round $round: all $last are done"
    took=$(($(date +%s%3N) - began))
    [ "$took" -gt "$longest_ms" ] && longest_ms=$took
    landed_exactly 1 "$last" || fail "round $round: each landed exactly once"
    rm -rf "${work:?}/$primary"
    primary=$standby
    port=$primary_port primary_port=$standby_port standby_port=$port
done

adopted_total=$(sql "$primary_port" lockstep "SELECT count(*) FROM lockstep.audit WHERE canonical LIKE '%op.adopted_from_chain%'")
orphans_total=$(sql "$primary_port" lockstep "SELECT count(*) FROM lockstep.landing")
kill -0 "$worker_pid" || fail "the worker lives through it"
has state:failed 0 || fail "nothing failed"
has state:held 0 || fail "nothing is held"
expect 0 'is whole' "$lockstep" audit verify
[ "$lost_total" -gt 0 ] || fail "the failover lost nothing: the test did not test"
printf '{"rounds": %d, "operations": %d, "done_and_lost": %d, "adopted": %d, "orphans": %d, "longest_ms": %d, "failures": %d}\n' \
    "$rounds" "$last" "$lost_total" "$adopted_total" "$orphans_total" "$longest_ms" "$failures"
finish
