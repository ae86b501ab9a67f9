# Private PostgreSQL clusters beside the one of with_postgres.sh: make, copy, stop, promote.
# Sourced after lib.sh. Each lives in $work/NAME and listens on a Unix socket in $work/socket
# at a port of its own, which is no more than the socket's name.
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/pg_ctl 2>/dev/null | tail -n 1)")
[ -x "$bin/initdb" ] || bin=$(pg_config --bindir)
mkdir "$work/socket"
if [ "$(id -u)" -eq 0 ]; then
    server_user=nobody
    id postgres >/dev/null 2>&1 && server_user=postgres
    chown "$server_user" "$work" "$work/socket"
    as_server() {
        (cd / && setpriv --reuid="$server_user" --regid="$(id -g "$server_user")" --clear-groups \
            env HOME="$work/socket" "$@")
    }
else
    as_server() { (cd / && "$@"); }
fi
clusters=

# cluster_start NAME PORT: start what is there.
cluster_start() {
    as_server "$bin/pg_ctl" -D "$work/$1" -w -t 30 -l "$work/$1.log" -o "-c listen_addresses='' \
        -c unix_socket_directories='$work/socket' -c port=$2 -c max_connections=50 \
        -c shared_buffers=32MB -c fsync=off -c wal_level=replica -c max_wal_senders=4 \
        -c wal_keep_size=256MB -c hot_standby=on -c synchronous_standby_names=''" \
        start >/dev/null || { cat "$work/$1.log" >&2; fail "cluster $1 does not start"; }
    case " $clusters " in *" $1 "*) ;; *) clusters="$clusters $1" ;; esac
}

cluster_make() { # NAME PORT
    as_server "$bin/initdb" -D "$work/$1" -U postgres -A trust -E UTF8 --locale=C >"$work/initdb.log" 2>&1 ||
        { cat "$work/initdb.log" >&2; fail "initdb"; }
    cluster_start "$1" "$2"
    sql "$2" postgres 'CREATE DATABASE lockstep'
}

# cluster_copy NAME PORT [OPTION...]: a base backup of the cluster at PORT.
cluster_copy() {
    local name=$1 port=$2
    shift 2
    as_server "$bin/pg_basebackup" -D "$work/$name" -h "$work/socket" -p "$port" -U postgres \
        -c fast -X stream --no-sync "$@" || fail "pg_basebackup"
}

cluster_stop() { # NAME MODE
    as_server "$bin/pg_ctl" -D "$work/$1" -m "$2" -w -t 30 stop >/dev/null 2>&1 || true
}

cluster_promote() { as_server "$bin/pg_ctl" -D "$work/$1" -w -t 30 promote >/dev/null; }

sql() { # PORT DATABASE STATEMENT
    "$bin/psql" -qXAt -v ON_ERROR_STOP=1 -h "$work/socket" -p "$1" -U postgres -d "$2" -c "$3"
}

stop_clusters() {
    local name
    for name in $clusters; do cluster_stop "$name" immediate; done
}
trap 'stop_clusters; clean_up' EXIT

# enqueue FIRST LAST: memos "memo N" under the keys memo:N.
enqueue() {
    local number
    for number in $(seq "$1" "$2"); do
        printf '{"key":"memo:%d","payload":{"text":"memo %d"}}\n' "$number" "$number"
    done | "$lockstep" enqueue memo - >/dev/null
}

# landings: one line for each memo number that landed without error, with how often. All
# pages of the payer's list are read; a transaction may carry several.
landings() {
    python3 - "$ledger_url" "$(cat "$work/address")" <<'END'
import collections, json, re, sys, urllib.request
url, payer = sys.argv[1:]
def ask(method, params):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    request = urllib.request.Request(url, body.encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=20))["result"]
counts, before = collections.Counter(), None
while True:
    page = ask("getSignaturesForAddress", [payer, {"limit": 1000, "commitment": "confirmed", **({"before": before} if before else {})}])
    if not page: break
    for row in page:
        if not row["err"]: counts.update(int(n) for n in re.findall(r" memo (\d+)(?:;|$)", row["memo"] or ""))
    before = page[-1]["signature"]
for number in sorted(counts): print(number, counts[number])
END
}

# landed_exactly FIRST LAST: each of these landed once, nothing landed twice.
landed_exactly() {
    landings >"$work/landings"
    awk -v first="$1" -v last="$2" '
        $2 > 1 { print "memo " $1 " landed " $2 " times"; bad = 1 }
        { seen[$1] = 1 }
        END { for (n = first; n <= last; n++) if (!seen[n]) { print "memo " n " is lost"; bad = 1 }
              exit bad }' "$work/landings" >&2
}
