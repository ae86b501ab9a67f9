#!/usr/bin/env bash
# What a terminal can send by accident: bytes that are no text, storms of sizes, signals. No
# database is needed: the console opens without one.
# shellcheck source=tests/console/lib.sh
. "$(dirname "$0")/lib.sh"

printf '[database]\nurl = host=%s/absent dbname=none\n' "$work" >down.conf
open_console 80 24 --config "$work/down.conf" --no-worker
sees 20 'NO DATABASE'

# A paste of garbage with broken characters and escapes in it is dropped as a whole.
python3 -c '
import random, sys
random.seed(7)
text = bytes(random.choice([b for b in range(256) if b not in (10, 13)]) for _ in range(3000))
sys.stdout.buffer.write(text + b"\x1b\xc2\x1e\x1b\xbcq y \xff\xfe\x1b")' >garbage
tmux -S "$socket" load-buffer "$work/garbage"
tmux -S "$socket" paste-buffer -p
sees 10 'a paste is taken by input fields alone'
[ ! -s "$work/status" ] || fail "garbage ends the console"
keys 2
sees 10 '[2 Failed'

# Sizes from nothing to large, faster than it can draw.
for size in '1 1' '300 100' '2 3' '80 5' '10 90' '59 16' '200 50' '80 24'; do
    # shellcheck disable=SC2086
    resize $size
done
sees 10 '[2 Failed'
fits 80

# The window is closed: the process ends, it does not spin.
console=$(pgrep -f "^$lockstep --config $work/down.conf" | head -n 1)
tmux -S "$socket" kill-server
# Where nobody collects orphans, as in a container, it stays as a name without a process.
is_over() { ! kill -0 "$1" 2>/dev/null || [ "$(ps -o stat= -p "$1" | cut -c 1)" = Z ]; }
wait_until 10 is_over "${console:-$$}" || fail "the console outlives its terminal"

# A terminal that cannot place a cursor is refused, not smeared.
cat >dumb.sh <<END
TERM=dumb "$lockstep" --config "$work/down.conf" 2>"$work/dumb.err"
echo \$? >"$work/dumb.status"
TERM=dumb "$lockstep" demo --dir "$work/dumb" 2>"$work/dumb_demo.err"
echo \$? >"$work/dumb_demo.status"
END
tmux -S "$socket" -f /dev/null new-session -d "sh $work/dumb.sh; sleep 60"
wait_until 10 test -s dumb.status || fail "TERM=dumb is refused"
[ "$(cat dumb.status)" = 2 ] || fail "TERM=dumb: exit status $(cat dumb.status)"
grep -q 'set TERM' dumb.err || fail "the cure is named: $(cat dumb.err)"
# A demonstration says so before it starts a server.
wait_until 10 test -s dumb_demo.status || fail "a demonstration on TERM=dumb is refused"
[ "$(cat dumb_demo.status)" = 2 ] && [ "$(wc -l <dumb_demo.err)" -eq 1 ] && [ ! -e dumb ] ||
    fail "a demonstration on TERM=dumb: $(cat dumb_demo.err)"
finish
