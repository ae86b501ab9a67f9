#!/usr/bin/env bash
# A worker that runs as a service writes to the journal, and lockstep log finds what it says of one
# operation there, by environment. In a mount namespace with a journald of its own: this machine's
# is neither read nor written.
journald=/lib/systemd/systemd-journald
remote=/lib/systemd/systemd-journal-remote
if [ "${LS_JOURNAL_INSIDE:-}" != 1 ]; then
    own=-m
    [ "$(id -u)" = 0 ] || own=-rm # root of a user namespace, as far as that goes
    if [ ! -x "$journald" ] || [ ! -x "$remote" ] || ! unshare $own mount -t tmpfs tmpfs /run 2>/dev/null; then
        echo "this needs systemd-journald, systemd-journal-remote and a mount namespace, as root or in a user namespace" >&2
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

told() { "$lockstep" log 1 --jsonl >log.out 2>&1 && grep -q '"op":1[,}]' log.out; }
wait_until 20 told || fail "the journal has it: $(cat log.out)"
if grep -q '"op":2[,}]' log.out; then fail "another operation's lines are left out"; fi
if grep -vq '^{"time_ms":' log.out; then fail "the lines are the worker's: $(cat log.out)"; fi
"$lockstep" log 1 | grep -Eq '^20[0-9-]+ [0-9:]+ UTC  .*op\.' || fail "it is told as a person reads it: $("$lockstep" log 1)"
expect 0 'attempt 1' "$lockstep" log 1 --unit other.service
# Which unit wrote a line says the service manager; these lines have it from another journal.
entry() { # UNIT-FIELD MESSAGE
    printf '__REALTIME_TIMESTAMP=1700000000000000\n__MONOTONIC_TIMESTAMP=1\n_BOOT_ID=%s\n' "$boot"
    printf '_MACHINE_ID=%s\n%s\nLOCKSTEP_OP=1\nLOCKSTEP_ENVIRONMENT=%s\nMESSAGE=%s\n\n' \
        "$machine" "$1" "$name" "$2"
}
machine=$(cat /etc/machine-id)
boot=0123456789abcdef0123456789abcdef
name=$(sed -n 's/^name = //p' lockstep.conf)
[ -n "$name" ] || fail "the environment has a name"
{
    entry _SYSTEMD_UNIT=lockstep-worker@prod.service '{"op":1,"by":"prod"}'
    entry _SYSTEMD_UNIT=lockstep-worker@eu.prod.service '{"op":1,"by":"eu.prod"}'
    entry _SYSTEMD_UNIT=run-7.scope '{"op":1,"by":"scope"}'
    entry _SYSTEMD_UNIT=user@1000.service$'\n'_SYSTEMD_USER_UNIT=lockstep-worker.service \
        '{"op":1,"by":"person"}'
} >entries.txt
"$remote" -o "/run/log/journal/$machine/units.journal" - <entries.txt >remote.out 2>&1 ||
    fail "the lines are no journal: $(cat remote.out)"
said_by() { # UNIT WRITER...: whose lines there are
    local unit=$1
    shift
    "$lockstep" log 1 --unit "$unit" >unit.out 2>&1 || fail "log --unit $unit: $(cat unit.out)"
    [ "$(sed -n 's/.*"by":"\([a-z.]*\)".*/\1/p' unit.out | xargs)" = "$*" ] &&
        ! grep -q '"time_ms"' unit.out || fail "log --unit $unit says $(cat unit.out)"
}
said_by lockstep-worker@prod.service prod
said_by lockstep-worker@prod prod
said_by lockstep-worker@eu.prod eu.prod
said_by run-7.scope scope
said_by lockstep-worker person
said_by user@1000.service person
said_by lockstep-worker@other
expect 0 '"by":"prod"' "$lockstep" log 1
sed 's/^name = .*/name = elsewhere/' lockstep.conf >elsewhere.conf
expect 0 'has nothing of it' "$lockstep" log 1 --config elsewhere.conf
journalctl -o cat LOCKSTEP_OP=1 2>/dev/null | grep -q '"op":1[,}]' || fail "journalctl finds it as it was said"

# With a file the journal is read when it is asked for by unit alone.
sed 's|^level = debug|&\nfile = '"$work"'/none.log|' lockstep.conf >file.conf
: >none.log
expect 0 'none.log says nothing of it' "$lockstep" log 1 --config file.conf
finish
