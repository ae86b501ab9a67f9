#!/usr/bin/env bash
# Two people at two consoles: each sees the other, and who has what.
# shellcheck source=tests/console/lib.sh
. "$(dirname "$0")/lib.sh"

ledger_url=http://127.0.0.1:9
write_config
"$lockstep" migrate >/dev/null || fail "migrate"
"$lockstep" enqueue memo '{"text": "x"}' --key shared --run-at 10h >/dev/null || fail "enqueue"
first=$work/tmux
second=$work/tmux2
trap 'tmux -S "$second" kill-server 2>/dev/null; socket=$first; stop_tmux' EXIT

open_console 140 30 --config "$work/lockstep.conf" --no-worker
sees 20 LIVE
socket=$second
open_console 140 30 --config "$work/lockstep.conf" --no-worker
sees 20 "with $(id -un)"
socket=$first
sees 20 "with $(id -un)"

# The first takes the operation; its note and claim are seen by the second.
keys 4
sees 20 shared
keys N
sees 10 'NOTE on op 1'
keys -l 'asked the bank'
keys Tab
keys -l yes
sees 10 '[ Go ]'
keys Enter
sees 20 'noted on op 1'
keys Z
sees 10 'You left a note on op 1: entry'
keys Escape
socket=$second
keys 4
sees 20 shared
keys Enter
sees 20 'asked the bank'

# When it ends the second is alone.
socket=$first
keys q
keys q
wait_until 20 test -s "$work/status" || fail "the first ends"
socket=$second
alone() { ! shows "with $(id -un)"; }
wait_until 40 alone || fail "the first is still seen"
finish
