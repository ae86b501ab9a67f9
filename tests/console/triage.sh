#!/usr/bin/env bash
# A bad night mended by an operator, everything real but the chain: triage_test.py, whose world
# is night.py. With --show the screens are printed as they are seen.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/../system/lib.sh"
shift

export LS_TEST_LOCKSTEP=$lockstep LS_TEST_URL LC_ALL=C.UTF-8
unset TMUX NO_COLOR
PYTHONDONTWRITEBYTECODE=1 python3 "$here/triage_test.py" "$@" || fail "triage_test.py"
finish
