#!/usr/bin/env bash
# run.sh [--full]: check the model of the engine with Spin.
#
# Each row is one variant with what must come out: "holds" (no error in all reachable states) or
# "breaks" (a counterexample exists, so the model can see what it claims to see). Properties:
# once (at most one effect is final), honest (done only what landed), known (once the faults have
# stopped, what landed becomes done). --full adds the variants that need minutes and gigabytes.
# The last line is "N passed, N failed".
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
full=no
case "${1:-}" in
--full) full=yes ;;
"") ;;
*) echo "lockstep: tests/model/run.sh: $1 is no option; use --full or none" >&2; exit 2 ;;
esac
command -v spin >/dev/null || { echo "lockstep: tests/model/run.sh: spin is missing: apt-get install spin" >&2; exit 2; }
scratch=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-model.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0
states_total=0

# check EXPECTED PROPERTY FLAG...
check() {
    local expected=$1 property=$2 outcome states seconds
    shift 2
    local -a compile=(-O2 -w -DCOLLAPSE -DVECTORSZ=1024) run=(-m200000)
    case $property in
    once) compile+=(-DSAFETY -DNOCLAIM) run+=(-E) ;;
    honest) compile+=(-DSAFETY) run+=(-E -N honest) ;;
    known) run+=(-a -f -E -N known) ;;
    esac
    (
        cd "$scratch"
        rm -f pan pan.* ./*.trail
        spin -a "$@" "$here/engine.pml" >spin.log 2>&1 || { cat spin.log >&2; exit 1; }
        gcc "${compile[@]}" -o pan pan.c
        ./pan "${run[@]}" >pan.log 2>&1
    )
    if grep -q 'error: max search depth' "$scratch/pan.log"; then
        outcome=cut
    elif grep -qE 'errors: 0$' "$scratch/pan.log"; then
        outcome=holds
    else
        outcome=breaks
    fi
    states=$(sed -nE 's/^ *([0-9.e+]+) states, stored.*/\1/p' "$scratch/pan.log")
    seconds=$(sed -nE 's/.*elapsed time ([0-9.]+) seconds.*/\1/p' "$scratch/pan.log")
    states_total=$(awk -v a="$states_total" -v b="${states:-0}" 'BEGIN { printf "%.0f", a + b }')
    if [ "$outcome" = "$expected" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: expected $expected:"
    fi
    printf '%-6s %-6s %11s states %6s s  %s\n' "$outcome" "$property" "$states" "$seconds" "$*"
}

expiry=-DFENCE=1
marker=-DFENCE=2
nonce=-DFENCE=3

# Every crash, fork and second worker, an honest node, a database that keeps what it committed.
for fence in $expiry $marker $nonce; do check holds once "$fence"; done
for fence in $expiry $marker; do
    check holds honest "$fence"
    check holds known "$fence"
done
# One defence less.
for flaw in SEND_FIRST NO_TOKEN TIP_EXPIRY; do check breaks once $expiry -D$flaw; done
for flaw in SEND_FIRST NO_TOKEN ONE_SIBLING FRESH_VALUE; do check breaks once $nonce -D$flaw; done
for flaw in SEND_FIRST NO_TOKEN TIP_EXPIRY; do check holds once $marker -D$flaw; done
# A node that lies: only the ledger itself can say no.
check breaks once $expiry -DLIES
check breaks once $nonce -DLIES
check holds once $marker -DLIES
# A failover that loses commits.
lost=(-DLOST -DCRASHES=0)
check holds once $expiry "${lost[@]}" -DFORKS=0
check breaks once $expiry -DLOST -DNO_WAIT
check breaks once $expiry -DLOST -DNO_SCAN
check breaks once $expiry -DLOST -DSPLIT
check breaks once $nonce "${lost[@]}" -DNO_ADVANCE
check holds once $marker "${lost[@]}" -DFORKS=0 -DNO_SCAN
check breaks known $marker "${lost[@]}" -DNO_SCAN -DBY_SIGNATURE

if [ "$full" = yes ]; then
    check holds once $expiry -DLOST -DCRASHES=1
    check holds known $expiry "${lost[@]}"
    check holds known $marker "${lost[@]}" -DFORKS=0 -DNO_SCAN
    check holds once $nonce "${lost[@]}"
    check breaks once $nonce "${lost[@]}" -DSPLIT
    check holds once $marker -DLOST -DCRASHES=1 -DNO_SCAN
    check holds once $marker "${lost[@]}" -DSPLIT -DLIES -DNO_SCAN
    check holds once $marker "${lost[@]}" -DFORKS=0 -DSPLIT -DLIES -DNO_SCAN -DNO_TOKEN -DTIP_EXPIRY \
        -DSEND_FIRST
    check holds once $expiry -DWORKERS=3 -DCRASHES=1
    check holds once $marker -DWORKERS=3 -DCRASHES=1
fi
echo "$states_total states in all"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
