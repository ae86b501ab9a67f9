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

# Install what is missing of the given packages.
ensure_packages() {
    local missing
    missing=$(missing_packages "$@" | tr '\n' ' ')
    if [ -z "${missing// /}" ]; then return 0; fi
    if ! command -v apt-get >/dev/null; then
        echo "lockstep: packages: missing here: $missing; install them and start again" >&2
        return 1
    fi
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        echo "lockstep: packages: run as root: apt-get install -y $missing" >&2
        return 1
    fi
    echo "lockstep: installing: $missing" >&2
    local options=(-o DPkg::Lock::Timeout=300)
    as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" update -qq >&2 </dev/null
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install -y -qq \
        --no-install-recommends $missing >&2 </dev/null
}
