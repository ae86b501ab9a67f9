#!/usr/bin/env bash
# The worker as a service: it tells its manager that it is ready, alive and stopping, ends
# within five seconds of SIGTERM, and keeps key material out of everything it writes.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

start_ledger
write_config
fund
"$lockstep" migrate >/dev/null || fail "migrate"
printf '[log]\nfile = %s/worker.log\nlevel = debug\n' "$work" >>lockstep.conf

start manager python3 -c '
import socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print("listening", flush=True)
while True:
    print(listener.recv(4096).decode(), flush=True)' "$work/notify"
wait_until 20 grep -q listening manager.out || fail "the manager listens"
NOTIFY_SOCKET=$work/notify start_worker
wait_until 20 grep -q READY=1 manager.out || fail "READY is told"
wait_until 20 grep -q WATCHDOG=1 manager.out || fail "the watchdog is fed"
"$lockstep" enqueue memo '{"text":"x"}' --key memo:1 >/dev/null
wait_until 60 has state:done 1 || fail "it works"

begun=$(date +%s)
kill -TERM "$worker_pid"
wait "$worker_pid" || fail "it ends with status $?"
[ $(($(date +%s) - begun)) -le 6 ] || fail "it took too long to end"
wait_until 5 grep -q STOPPING=1 manager.out || fail "STOPPING is told"

# The key's numbers, its hex and its base58 stand nowhere but in its own file.
python3 - payer.json worker.log worker.out worker.err manager.out <<'END' || fail "key material leaks"
import json, sys
secret = bytes(json.load(open(sys.argv[1])))[:32]
number = int.from_bytes(secret, "big")
base58 = ""
while number:
    number, digit = divmod(number, 58)
    base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[digit] + base58
forms = [secret, secret.hex().encode(), base58.encode(), ",".join(map(str, secret)).encode()]
sys.exit(any(form in open(name, "rb").read() for name in sys.argv[2:] for form in forms))
END

# A log that cannot be written, a database that is down and a ledger that is none.
sed 's|^file = .*|file = /nonexistent/worker.log|' lockstep.conf >bad-log.conf
expect_complaint 2 'the log file cannot be opened' "$lockstep" worker --config bad-log.conf
sed 's|^endpoint = .*|endpoint = http://example.org|' lockstep.conf >bad-url.conf
expect_complaint 2 'example.org' "$lockstep" worker --config bad-url.conf
finish
