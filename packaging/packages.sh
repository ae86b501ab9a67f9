# Debian packages that the scripts need; sourced, not run.
#
# Only what is missing is installed, and apt-get update runs only then. As another user
# than root, sudo is used where it exists; where it does not, the missing packages are named.

packages_build="gcc cmake ninja-build pkg-config libsodium-dev libjansson-dev
    libmicrohttpd-dev libcurl4-openssl-dev|libcurl4-gnutls-dev libpq-dev libnotify-dev
    libncurses-dev libinih-dev libsystemd-dev"
packages_run="postgresql"
packages_test="libcmocka-dev spin clang clang-format clang-tidy valgrind tmux dbus dunst xvfb python3
    man-db groff-base mandoc desktop-file-utils zsh fish systemd-journal-remote"
# Node comes from several sources; only the command counts.
command -v npm >/dev/null || packages_test="$packages_test npm"

is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Print those of the given packages that are missing; of "a|b" one is enough.
missing_packages() {
    local choice name
    for choice in "$@"; do
        local has=no
        for name in ${choice//|/ }; do
            if is_installed "$name"; then has=yes; fi
        done
        if [ "$has" = no ]; then printf '%s\n' "${choice%%|*}"; fi
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# apt_says LOG: its first complaint, the one that matters; else its last line.
apt_says() {
    local line
    line=$(grep -m 1 -E '^(E|W|Err:[0-9]+): ?.*(fetch|resolv|connect|lock|space)' "$1" ||
        grep -m 1 '^E: ' "$1" || tail -n 1 "$1")
    printf '%s' "${line#[EW]: }" | tr -s ' '
}

# Install what is missing of the given packages. What apt prints is kept for when it fails.
ensure_packages() {
    local missing log options=(-o DPkg::Lock::Timeout=300)
    missing=$(missing_packages "$@" | xargs)
    if [ -z "$missing" ]; then return 0; fi
    if ! command -v apt-get >/dev/null; then
        echo "lockstep: packages: missing here: $missing; install them and start again" >&2
        return 1
    fi
    echo "lockstep: installing (it takes a minute or two): $missing" >&2
    # Asked on its own, so that a password can be typed and a refusal is not apt's.
    if [ "$(id -u)" -ne 0 ] && ! { command -v sudo >/dev/null && sudo true </dev/null 2>/dev/null; }; then
        echo "lockstep: packages: this login may not; run as root: apt-get install -y $missing" >&2
        return 1
    fi
    if ! log=$(mktemp "${TMPDIR:-/tmp}/lockstep-apt.XXXXXX" 2>/dev/null); then
        echo "lockstep: packages: ${TMPDIR:-/tmp} takes no file; make room there, or set TMPDIR" >&2
        return 1
    fi
    # shellcheck disable=SC2086
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" update -qq >"$log" 2>&1 </dev/null &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install -y -qq \
            --no-install-recommends $missing >>"$log" 2>&1 </dev/null; then
        rm -f "$log"
        return 0
    fi
    echo "lockstep: packages: apt-get cannot install them: $(apt_says "$log"); mend that and start again (the whole log is $log)" >&2
    return 1
}

# alone BUILD WHO: only one script at a time installs and builds; descriptor 9 holds the lock, and
# what runs for long is started without it. The second one waits and says so.
alone() {
    if ! { mkdir -p "$1" && exec 9>"$1/lock"; } 2>/dev/null; then
        echo "lockstep: $2: $1 cannot be written; see whose it is and whether the disk is full" >&2
        return 1
    fi
    if flock -n 9; then return 0; fi
    echo "lockstep: $2: another one is at work in $1; waiting for it" >&2
    flock 9
}
