#!/usr/bin/env bash
# Everything that can happen to a terminal and to what stands behind the console: see
# terminal_test.py, whose world this makes.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/../system/lib.sh"
suite=$2
shift 2

start_ledger
write_config
"$lockstep" migrate >/dev/null || fail "migrate"
fund
export LS_TEST_LOCKSTEP=$lockstep LS_TEST_URL LC_ALL=C.UTF-8
unset TMUX NO_COLOR
PYTHONDONTWRITEBYTECODE=1 python3 "$here/$suite" "$@" || fail "$suite"
finish
