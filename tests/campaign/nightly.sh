#!/usr/bin/env bash
# nightly.sh [HOURS]: every campaign, each with a share of the time (8 hours by default), one line of
# figures each. Exit 1 when one of them found something. Needs root for the disk and the network;
# without it those two are named as left out and count as failed.
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
hours=${1:-8}
[[ $hours =~ ^[1-9][0-9]*$ ]] || { echo "lockstep: nightly.sh: HOURS is a whole number" >&2; exit 2; }
binary=${LS_BINARY:-$root/build/release/lockstep}
[ -x "$binary" ] || "$root/packaging/demo.sh" --build-only >&2
export LS_BINARY=$binary
passed=0
failed=0
day=$(date +%Y%m%d)

# campaign NAME COMMAND...: its last line is its figures.
campaign() {
    local name=$1 begun=$SECONDS figures status=0
    shift
    figures=$("$@" 2>&1) || status=$?
    if [ "$status" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    printf '%-12s %-7s %6d s  %s\n' "$name" "$([ "$status" -eq 0 ] && echo good || echo "BAD($status)")" \
        $((SECONDS - begun)) "$(tail -n 1 <<<"$figures")"
}

storm=$root/tests/campaign/storm.sh
campaign model "$root/tests/model/run.sh" --full
# About 2.5 disturbances a second where they are kills; a crash or a cut takes seconds.
campaign kill "$storm" --seed "$day" --kills $((hours * 2500)) --ops $((hours * 20000)) --workers 4
campaign lossy "$storm" --seed "$day" --kills $((hours * 500)) --ops $((hours * 5000)) --faults lossy
campaign crash "$storm" --seed "$day" --crashes $((hours * 150)) --kills $((hours * 150)) --ops $((hours * 5000))
campaign cut "$storm" --seed "$day" --cuts $((hours * 120)) --stalls $((hours * 60)) --ops $((hours * 3000))
campaign failover "$root/tests/campaign/failover.sh" $((hours * 25))
if [ "$(id -u)" -eq 0 ]; then
    campaign namespace "$storm" --namespace --seed "$day" --cuts $((hours * 60)) --ops $((hours * 2000))
    campaign disk "$root/tests/campaign/disk_full.sh" --seed "$day" --fillings $((hours * 40)) --ops $((hours * 2000))
else
    echo "namespace, disk: left out: they need root"
    failed=$((failed + 2))
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
