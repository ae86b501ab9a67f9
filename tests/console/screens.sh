#!/usr/bin/env bash
# The demo's console at 80x24 and 100x30: verdict, counts, every screen, and a clean end.
# shellcheck source=tests/console/lib.sh
. "$(dirname "$0")/lib.sh"

open_console 80 24 demo --rate 10 --slot-ms 50 --dir "$work/demo"
sees 90 LIVE
for size in '80 24' '100 30'; do
    # shellcheck disable=SC2086
    set -- $size
    resize "$1" "$2"
    keys 1
    sees 10 'QUEUED'
    sees 10 'Nothing was sent twice'
    sees 10 'fee payer'
    sees 20 'SOL'
    fits "$1"
    keys 2
    sees 10 'Failed '
    fits "$1"
    keys 4
    sees 10 'Queue '
    keys 6
    sees 10 'Alerts '
    keys 7
    sees 10 'ledger.pin'
    fits "$1"
    keys 8
    sees 10 'Health'
    keys '?'
    sees 10 'elp'
    keys Escape
    fits "$1"
done

# Operations are done while one looks.
keys 1
sees 60 'IN STEP'
wait_until 60 sh -c "[ \"\$('$lockstep' status --config '$work/demo/lockstep.conf' --json |
    python3 -c 'import json,sys; print(json.load(sys.stdin)[\"counts\"][\"done\"] > 0)')\" = True ]" ||
    fail "operations are done"

# Smaller than useful it still says the verdict, and recovers.
resize 40 8
sleep 1
resize 80 24
sees 10 'QUEUED'

quit_by_keys
! pgrep -f "$work/demo" >"$work/left" || fail "it leaves processes: $(cat "$work/left")"
[ ! -e "$work/demo" ] || fail "the demo leaves its folder"
finish
