#!/usr/bin/env bash
# The console on a real terminal: keys go in through tmux, and the screen is what tmux
# shows of it.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

export TMUX_TMPDIR=$work LC_ALL=C.UTF-8 XDG_CONFIG_HOME=$work/config
unset TMUX NO_COLOR
# Each console has a server of tmux of its own, in this folder.
window=0
tmux() { command tmux -L "console$window" "$@"; }
trap 'tmux kill-server 2>/dev/null; clean_up' EXIT

screen() { tmux capture-pane -p; }
has_on_screen() { screen | grep -qF -- "$1"; }
shows() {
    wait_until 20 has_on_screen "$1" && return
    fail "the screen does not show '$1'"
    screen >&2
}
# A row is seen before a capital is pressed for it: one that has just come is not acted on.
keys() {
    case $1 in [A-Z]) sleep 0.5 ;; esac
    tmux send-keys "$@"
}
# open COLUMNS ROWS ARGUMENT...: the console in a window of its own; its status at its end.
open() {
    local columns=$1 rows=$2
    shift 2
    tmux kill-server 2>/dev/null
    window=$((window + 1))
    # A server that was told to end may still stand at the socket.
    wait_until 10 tmux -f /dev/null new-session -d -x "$columns" -y "$rows" \
        "$lockstep $* 2>$work/console.err; echo \"ended with \$?\"; exec sleep 600" ||
        fail "tmux opens no window"
}
# confirm WORD: reason, confirmation, go.
confirm() {
    shows "Reason"
    keys "INC-551"
    keys Tab
    keys "$1"
    shows "[ Go ]"
    keys Enter
}

# Without a database it opens, says so, and goes on by itself.
ledger_url=http://127.0.0.1:9
server=$LS_TEST_URL
LS_TEST_URL="host=$work/nowhere dbname=lockstep"
write_config
open 80 24 console --no-worker
shows "The database cannot be used"
keys R
shows "R: nothing was read from the database yet"
keys q
shows "ended with 0"

# With everything: operations pass by.
LS_TEST_URL=$server
start_ledger
write_config
"$lockstep" migrate >/dev/null || fail "migrate ends with $?"
fund
open 80 24
shows "IN STEP"
shows "worker 1"
"$lockstep" enqueue memo '{"text": "shown"}' --key shown:1 >/dev/null || fail "enqueue"
keys 4
shows "shown:1"
shows "DONE"
keys Enter
shows "Finalized on chain."
keys Escape

# An action: Enter alone cancels; confirmed it is done, and audited with its reason.
"$lockstep" gate on kind:memo --reason "hold still" >/dev/null || fail "gate on"
"$lockstep" enqueue memo '{"text": "waits"}' --key waits:1 --run-at 1h >/dev/null || fail "enqueue"
shows "waits:1"
keys H
shows "HOLD operation"
keys Enter
shows "cancelled: nothing was changed"
has state:held 0 || fail "a cancelled dialog holds"
keys H
confirm yes
shows "is held"
has state:held 1 || fail "nothing is held"
"$lockstep" audit list | grep -q 'INC-551' || fail "the audit log lacks the reason"
keys C
shows "C: compensate undoes what landed"
keys 3
shows "HELD"
keys X
confirm yes
wait_until 20 has state:cancelled 1 || fail "nothing is cancelled"

# Health lifts the gate.
keys 8
shows "kind:memo"
keys j
keys P
confirm yes
shows "No gate is on"

# Hostile text is made visible.
"$lockstep" enqueue memo '{"text": "x"}' --key "$(printf 'bad\342\200\256key')" >/dev/null ||
    fail "enqueue of a hostile key"
keys 4
shows "bad<U+"

# Sizes.
tmux resize-window -x 59 -y 15
shows "needs 60x16, has 59x15"
tmux resize-window -x 200 -y 50
shows "[4 Queue"
keys 1
shows "Done per minute"

# Themes are changed while it runs; a wrong one leaves the old.
keys ":theme light" Enter
keys ":theme nowhere" Enter
shows "there is no theme"

# Commands of the shell in a pane: what reads at once, what acts after a trial and the
# number that it found.
keys ":ops state:do" Tab Enter
shows "lockstep ops state:done"
shows "STATE"
keys Escape
keys ":hold key:absent" Enter
shows "ended with status 3"
keys Escape
"$lockstep" enqueue memo '{"text": "one"}' --key line:1 --run-at 1h >/dev/null || fail "enqueue"
"$lockstep" enqueue memo '{"text": "two"}' --key line:2 --run-at 1h >/dev/null || fail "enqueue"
keys ":hold key:line:*" Enter
shows "2 operations, looked at just now"
confirm 2
shows "2 of 2 done"
[ "$("$lockstep" ops 'state:held key:line:*' --jsonl | wc -l)" -eq 2 ] || fail "the line acted"
keys Escape
keys ":cancel key:line:*" Enter
shows "2 operations, looked at just now"
keys Escape
keys Escape
expect 0 '' "$lockstep" cancel 'key:line:*' --yes --reason 'held for a test'
keys ":worker" Enter
shows "it runs until it is stopped"
keys Escape

# Plain text of the screen, to be copied; a key goes back. The log of one operation.
keys 4
shows "[4 Queue"
keys C-o
shows "a key goes back"
tmux capture-pane -p -S -60 | grep -qF "[4 Queue" || fail "the plain text is the screen's"
keys k
shows "/ filter"
keys l
shows "lockstep log"
keys Escape

# Export: all that matches, only for us, never over a file without being asked.
keys 4
shows "[4 Queue"
keys ":export $work/out.csv" Enter
shows "rows in $work/out.csv"
[ "$(stat -c %a "$work/out.csv")" = 600 ] || fail "an export is for its owner alone"
head -1 "$work/out.csv" | grep -q '^id,key,kind,' || fail "an export names its columns"
[ "$(wc -l <"$work/out.csv")" -gt 3 ] || fail "an export has all rows: $(cat "$work/out.csv")"
grep -q 'bad<U+202E>key' "$work/out.csv" || fail "an export is gated"
"$lockstep" ops --csv --limit all | sort >"$work/twin"
sort "$work/out.csv" | diff - "$work/twin" || fail "the command line exports the same"
keys ":export $work/out.csv" Enter
shows "Enter overwrites it, Esc keeps it"
keys Enter
shows "rows in $work/out.csv"
keys 7
keys ":export $work/audit.jsonl" Enter
# What the first export of that file said may have stood there still while the second one ran: as
# long as it does another is refused, and Enter asks again.
exported() {
    screen | grep -qF "rows in $work/audit.jsonl" && return 0
    screen | grep -qF 'an export is on its way' && keys Enter
    return 1
}
wait_until 20 exported || fail "the audit log is not exported: $(screen)"
python3 -c 'import json,sys; [json.loads(l) for l in open(sys.argv[1])]' "$work/audit.jsonl" ||
    fail "JSON lines are JSON"
ls "$work"/*.part-* 2>/dev/null && fail "no piece of an export stays"

# Keys of one's own: saving the file counts at once, a mistake keeps what was.
mkdir -p "$work/config/lockstep"
printf '[keys]\ngo-audit = F9\n' >"$work/config/lockstep/keys.conf"
sleep 2
keys F9
shows "[F9 Audit"
printf '[keys]\nretry = r\n' >"$work/config/lockstep/keys.conf"
shows "keys.conf:2: retry changes the world"
expect_complaint 2 'keys.conf:2: retry changes the world' \
    "$lockstep" keys check "$work/config/lockstep/keys.conf"
rm "$work/config/lockstep/keys.conf"
keys 1
shows "[1 Dash"

# Quitting asks first, since the worker stops with it.
keys q
shows "y quits"
keys x
shows "still here"
keys q
shows "y quits"
keys y
shows "ended with 0"
[ -s "$work/console.err" ] && ! grep -q 'stopping the worker' "$work/console.err" &&
    fail "it complains: $(cat "$work/console.err")"

# A terminal that hangs up ends it cleanly.
open 80 24 console
shows "IN STEP"
pane=$(tmux list-panes -F '#{pane_pid}')
console=$(pgrep -P "$pane")
kill -HUP "$console"
shows "ended with 0"

# ASCII means ASCII.
open 80 24 console --no-worker --ascii
shows "IN STEP"
screen | LC_ALL=C grep -q '[^ -~]' && fail "--ascii shows other characters"
keys q
shows "ended with 0"

# A terminal that takes no bytes stalls the screen alone: told to stop, it ends in time.
LOCKSTEP=$lockstep timeout 60 python3 - <<'END' || fail "a stalled terminal keeps it from ending"
import fcntl, os, pty, signal, struct, sys, termios, time

pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm-256color"
    os.execv(os.environ["LOCKSTEP"], ["lockstep", "console", "--no-worker"])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 200, 500, 0, 0))
os.read(terminal, 100)  # the last bytes that are read
flags = fcntl.fcntl(terminal, fcntl.F_GETFL)
fcntl.fcntl(terminal, fcntl.F_SETFL, flags | os.O_NONBLOCK)
for _ in range(40):
    try:
        os.write(terminal, b"?1\x1b\x0c4")
    except BlockingIOError:
        pass
    time.sleep(0.05)
os.kill(pid, signal.SIGTERM)
for _ in range(200):
    ended, _status = os.waitpid(pid, os.WNOHANG)
    if ended:
        sys.exit(0)
    time.sleep(0.05)
os.kill(pid, signal.SIGKILL)
sys.exit(1)
END

# No terminal is one line.
expect_complaint 2 'needs a terminal' "$lockstep" console
finish
