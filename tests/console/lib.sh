# What the console's tests share: the binary in a terminal of tmux, keys in, screen out.
# Sourced with the binary's path as $1.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/../system/lib.sh"
command -v tmux >/dev/null || { echo "tmux is missing: apt-get install tmux" >&2; exit 77; }
socket=$work/tmux

stop_tmux() {
    tmux -S "$socket" kill-server 2>/dev/null
    clean_up
}
trap stop_tmux EXIT

# open_console COLUMNS ROWS ARGUMENT...: the binary on a screen of that size; its exit
# status lands in $work/status when it ends.
open_console() {
    local columns=$1 rows=$2
    shift 2
    cat >"$work/run.sh" <<END
export LANG=C.UTF-8
"$lockstep" $* 2>"$work/console.err"
echo \$? >"$work/status"
sleep 600
END
    # A server that was told to end may still stand at the socket.
    wait_until 10 tmux -S "$socket" -f /dev/null new-session -d -x "$columns" -y "$rows" "sh $work/run.sh" ||
        fail "tmux opens no window"
}

screen() { tmux -S "$socket" capture-pane -p; }
# A row is seen before a capital is pressed for it: one that has just come is not acted on.
keys() {
    case $1 in [A-Z]) sleep 0.5 ;; esac
    tmux -S "$socket" send-keys "$@"
}
resize() { tmux -S "$socket" resize-window -x "$1" -y "$2"; }
shows() { screen | grep -qF -- "$1"; }

# sees SECONDS TEXT: the screen shows it within the time.
sees() {
    wait_until "$1" shows "$2" && return
    fail "the screen does not show '$2':"
    screen >&2
}

# typed TEXT: into the field that has the focus, until it stands there: a dialog drops the keys
# that came before it could be seen.
typed() {
    for _ in $(seq 20); do
        keys C-u
        keys -l "$1"
        wait_until 1 shows "$1" && return
    done
    fail "the field does not take '$1':"
    screen >&2
}

# No line is wider than the terminal, none of the box's corners is broken off.
fits() {
    local widest
    widest=$(screen | python3 -c 'import sys; print(max(len(l.rstrip("\n")) for l in sys.stdin))')
    [ "$widest" -le "$1" ] || fail "a line of $widest cells on $1"
}

# end: quit by keys, as a person would; then the terminal is normal again.
quit_by_keys() {
    for _ in 1 2 3 4; do
        shows 'QUIT and stop' && break
        keys q
        sleep 0.5
    done
    keys y
    wait_until 20 test -s "$work/status" || fail "the console ends on q"
    [ "$(cat "$work/status")" = 0 ] || fail "it ends with status $(cat "$work/status")"
}
