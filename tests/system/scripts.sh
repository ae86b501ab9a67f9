#!/usr/bin/env bash
# What packaging/demo.sh and tests/run.sh say where they cannot begin: one sentence with the cure,
# and nothing of what other programs printed. apt-get, dpkg-query, sudo and id are of the test's
# own, so that nothing is installed here.
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

program() { # NAME: its text is read from standard input
    { echo '#!/bin/sh' && cat; } >"bin/$1" && chmod 755 "bin/$1"
}
mkdir -p bin "a check out/packaging" "a check out/tests" tmp
cp "$root"/packaging/*.sh "a check out/packaging/"
cp "$root/tests/run.sh" "a check out/tests/"
export TMPDIR=$work/tmp
# Nothing else is in reach: neither this machine's apt-get nor its sudo.
for tool in bash sh env mkdir dirname flock tr grep tail mktemp xargs rm sleep cat echo; do
    ln -s "$(type -P $tool)" bin/ || fail "no $tool"
done
run() { env PATH="$work/bin" "$@"; }
program dpkg-query </dev/null # nothing is installed
program npm </dev/null
program id <<<'echo "${MY_ID:-0}"'
program apt-get <<'END'
echo "Reading package lists..."
echo "W: Failed to fetch http://deb.example/InRelease  Temporary failure resolving 'deb.example'" >&2
case $* in
*update*) exit 0 ;;
esac
for name in gcc cmake; do echo "E: Failed to fetch http://deb.example/$name.deb  Temporary failure" >&2; done
exit 100
END

# refuses PART COMMAND...: it fails, the last line has PART, and before it stands at most what is
# being installed.
refuses() {
    local part=$1
    shift
    run "$@" >said.out 2>said.err </dev/null && fail "it does not fail: $*"
    [ -s said.out ] && fail "it prints on standard output: $(cat said.out)"
    grep -v '^lockstep: installing ' said.err >said.left
    if [ "$(wc -l <said.left)" -ne 1 ] || ! grep -q '^lockstep: ' said.left || ! grep -qF -- "$part" said.left; then
        fail "$*: does not say '$part' alone: $(cat said.err)"
    fi
}

for script in "a check out/packaging/demo.sh" "a check out/tests/run.sh"; do
    refuses "Temporary failure resolving 'deb.example'" bash "$script"
    log=$(sed -n 's/.*the whole log is \(.*\))$/\1/p' said.err)
    grep -q 'cmake.deb' "$log" || fail "what apt said is not kept"
    rm -f "$log"
    refuses 'run as root: apt-get install -y gcc cmake' env MY_ID=1000 bash "$script"
    program sudo <<<'echo "op is not in the sudoers file." >&2; exit 1'
    refuses 'run as root: apt-get install -y gcc cmake' env MY_ID=1000 bash "$script"
    rm bin/sudo
    refuses "$work/none takes no file" env TMPDIR="$work/none" bash "$script"
done
program apt-get <<'END'
echo "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt)" >&2
exit 100
END
refuses 'Could not get lock' bash "a check out/packaging/demo.sh"
rm -f tmp/lockstep-apt.*
rm bin/apt-get
refuses 'missing here: gcc cmake' bash "a check out/packaging/demo.sh"
expect 2 'is no option' bash "a check out/tests/run.sh" --nonsense

# A second one waits for the first, and says so.
program apt-get <<<': >"$TMPDIR/begun"; sleep 2; echo "E: later" >&2; exit 100'
run bash "a check out/packaging/demo.sh" >/dev/null 2>&1 &
first=$!
wait_until 20 test -e tmp/begun || fail "the first begins"
run bash "a check out/packaging/demo.sh" --build-only >second.out 2>second.err && fail "it does not fail"
kill -0 "$first" 2>/dev/null && fail "the second did not wait"
grep -q 'another one is at work in .*; waiting for it' second.err || fail "the second says nothing: $(cat second.err)"
wait "$first"

# A folder that is no folder: nothing can be written there.
rm -rf "a check out/build" && touch "a check out/build"
refuses 'cannot be written' bash "a check out/packaging/demo.sh"
refuses 'cannot be written' bash "a check out/tests/run.sh" --quick
finish
