# What the shell tests of the whole binary share; sourced with the binary's path as $1.
#
# Each test works in a directory of its own, counts what does not hold instead of stopping
# at the first, and ends every process that it started.
set -u
lockstep=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-test.XXXXXX")
failures=0
children=

clean_up() {
    for child in $children; do kill "$child" 2>/dev/null; done
    for child in $children; do wait "$child" 2>/dev/null; done
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
unset LOCKSTEP_CONFIG XDG_CONFIG_HOME
export HOME=$work
chmod 755 "$work" # a demo's server may run as another user
cd "$work" || exit 1

fail() {
    failures=$((failures + 1))
    echo "FAILED: $*" >&2
}

# expect STATUS PART COMMAND...: its exit status, and PART in what it prints.
expect() {
    local status=$1 part=$2 got=0
    shift 2
    "$@" >"$work/out" 2>"$work/err" </dev/null || got=$?
    if [ "$got" -ne "$status" ]; then
        fail "exit status $got, not $status: $*"
        cat "$work/out" "$work/err" >&2
    elif ! cat "$work/out" "$work/err" | grep -qF -- "$part"; then
        fail "does not say '$part': $*"
        cat "$work/out" "$work/err" >&2
    fi
}

# A complaint is one line on standard error that begins "lockstep: ".
expect_complaint() {
    expect "$@"
    if [ "$(wc -l <"$work/err")" -ne 1 ] || ! grep -q '^lockstep: ' "$work/err"; then
        shift 2
        fail "complains in another form than one line: $*"
        cat "$work/err" >&2
    fi
}

# json FILE EXPRESSION: a Python expression over the document `d`.
json() {
    python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' \
        "$1" "$2" 2>/dev/null || echo "no such value"
}

# wait_until SECONDS COMMAND...: whether it succeeds within the time.
wait_until() {
    local deadline=$(($(date +%s) + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        if [ "$(date +%s)" -ge "$deadline" ]; then return 1; fi
        sleep 0.2
    done
}

# start NAME COMMAND...: in the background, logs in $work/NAME.{out,err}, pid in $started.
start() {
    local name=$1
    shift
    "$@" >"$work/$name.out" 2>"$work/$name.err" </dev/null &
    started=$!
    children="$children $started"
}

# start_ledger [PORT [SLOT_MS]]: a simulated ledger: its URL in $ledger_url, its pid in
# $ledger_pid. It finalizes 32 slots after it lands.
start_ledger() {
    start ledger "$lockstep" sim listen --port "${1:-0}" --slot-ms "${2:-40}"
    ledger_pid=$started
    wait_until 20 grep -q http "$work/ledger.out" || fail "the simulated ledger does not start"
    ledger_url=$(head -n 1 "$work/ledger.out")
}

# A configuration for LS_TEST_URL and $ledger_url with a funded payer.
write_config() {
    [ -f "$work/payer.json" ] || "$lockstep" key new "$work/payer.json" >"$work/address"
    cat >"$work/lockstep.conf" <<END
[environment]
name = test
[database]
url = $LS_TEST_URL
[ledger]
endpoint = $ledger_url
[signer "payer"]
keypair = $work/payer.json
[worker]
lease = 3s
heartbeat = 500ms
[alert]
desktop = off
END
    export LOCKSTEP_CONFIG=$work/lockstep.conf
}

rpc() {
    python3 -c '
import json, sys, urllib.request
body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": sys.argv[2], "params": json.loads(sys.argv[3])})
ask = urllib.request.Request(sys.argv[1], body.encode(), {"Content-Type": "application/json"})
print(json.dumps(json.load(urllib.request.urlopen(ask, timeout=10))["result"]))' \
        "$ledger_url" "$1" "$2"
}

fund() {
    rpc requestAirdrop "[\"$(cat "$work/address")\", 100000000000]" >/dev/null
    wait_until 60 is_funded || fail "the payer's airdrop does not show"
}

is_funded() {
    [ "$(rpc getBalance "[\"$(cat "$work/address")\", {\"commitment\": \"finalized\"}]" |
        python3 -c 'import json,sys; print(json.load(sys.stdin)["value"])')" -gt 0 ]
}

start_worker() {
    start worker "$lockstep" worker "$@"
    worker_pid=$started
}

# count FILTER: how many operations match.
count() {
    "$lockstep" ops --jsonl --limit 100000 "$@" 2>/dev/null | wc -l
}

# settled FILTER N: exactly N match.
has() {
    [ "$(count "$1")" -eq "$2" ]
}

finish() {
    if [ "$failures" -ne 0 ]; then
        echo "$failures failed" >&2
        for log in "$work"/*.err; do
            [ -s "$log" ] && { echo "--- $log" >&2; tail -n 20 "$log" >&2; }
        done
        exit 1
    fi
    exit 0
}
