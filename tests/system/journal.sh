#!/usr/bin/env bash
# A worker that runs as a service writes to the journal, and lockstep log finds what it says of one
# operation there, by environment. In a mount namespace with a journald of its own: this machine's
# is neither read nor written.
journald=/lib/systemd/systemd-journald
if [ "${LS_JOURNAL_INSIDE:-}" != 1 ]; then
    own=-m
    [ "$(id -u)" = 0 ] || own=-rm # root of a user namespace, as far as that goes
    if [ ! -x "$journald" ] || ! unshare $own mount -t tmpfs tmpfs /run 2>/dev/null; then
        echo "this needs systemd-journald and a mount namespace, as root or in a user namespace" >&2
        exit 77
    fi
    LS_JOURNAL_INSIDE=1 exec unshare $own "$0" "$@"
fi
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

mount -t tmpfs tmpfs /run || { echo "no /run of our own" >&2; exit 77; }
mkdir -p /run/systemd/journal "/run/log/journal/$(cat /etc/machine-id)"
start journald "$journald"
wait_until 20 test -S /run/systemd/journal/stdout || fail "journald listens"

start_ledger
write_config
fund
"$lockstep" migrate >/dev/null || fail "migrate"
printf '[log]\nlevel = debug\n' >>lockstep.conf
"$lockstep" enqueue memo '{"text":"x"}' --key memo:1 >/dev/null || fail "enqueue"

# Before anything ran: what the database knows, and where to look.
expect 0 'journal of this machine has nothing of it' "$lockstep" log 1
expect 0 'journalctl LOCKSTEP_OP=1' "$lockstep" log 1

# As systemd starts it: standard error is a stream of the journal's, and JOURNAL_STREAM names it.
start worker python3 -c '
import os, socket, sys
stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
stream.connect("/run/systemd/journal/stdout")
stream.sendall(b"lockstep\n\n6\n0\n0\n0\n0\n")
os.dup2(stream.fileno(), 2)
status = os.fstat(2)
os.environ["JOURNAL_STREAM"] = f"{status.st_dev}:{status.st_ino}"
os.execv(sys.argv[1], sys.argv[1:])' "$lockstep" worker
wait_until 60 has state:done 1 || fail "it works"
"$lockstep" enqueue memo '{"text":"y"}' --key memo:2 >/dev/null || fail "enqueue"
wait_until 60 has state:done 2 || fail "it works on"

told() { "$lockstep" log 1 >log.out 2>&1 && grep -q '"op":1[,}]' log.out; }
wait_until 20 told || fail "the journal has it: $(cat log.out)"
if grep -q '"op":2[,}]' log.out; then fail "another operation's lines are left out"; fi
if grep -vq '^{"time_ms":' log.out; then fail "the lines are the worker's: $(cat log.out)"; fi
expect 0 'attempt 1' "$lockstep" log 1 --unit other.service
sed 's/^name = .*/name = elsewhere/' lockstep.conf >elsewhere.conf
expect 0 'has nothing of it' "$lockstep" log 1 --config elsewhere.conf
journalctl -o cat LOCKSTEP_OP=1 2>/dev/null | grep -q '"op":1[,}]' || fail "journalctl finds it as it was said"

# With a file the journal is read when it is asked for by unit alone.
sed 's|^level = debug|&\nfile = '"$work"'/none.log|' lockstep.conf >file.conf
: >none.log
expect 0 'none.log says nothing of it' "$lockstep" log 1 --config file.conf
finish
