#!/usr/bin/env bash
# Installs what is missing, builds lockstep and starts the demonstration: a private
# PostgreSQL, a simulated ledger, sample traffic and the console.
#
#   packaging/demo.sh [--build-only] [--headless SECONDS] [option of `lockstep demo`...]
#
# --build-only          stop after the build; the binary is build/release/lockstep
# --headless SECONDS    no screen; prints one JSON object at the end
# Other options (--rate N, --dir DIR, --keep, --faults NAME, ...) are passed on.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/packages.sh
. "$root/packaging/packages.sh"

build_only=no
passed_on=()
for argument in "$@"; do
    case $argument in
    --build-only) build_only=yes ;;
    *) passed_on+=("$argument") ;;
    esac
done

build=$root/build/release
alone "$build" packaging/demo.sh
# shellcheck disable=SC2086
if [ "$build_only" = yes ]; then
    ensure_packages $packages_build
else
    ensure_packages $packages_build $packages_run
fi

log=$build/build.log
if ! {
    cmake -G Ninja -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DLS_TESTS=OFF &&
        ninja -C "$build" lockstep
} >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "lockstep: build: failed; the whole log is $log" >&2
    exit 1
fi

if [ "$build_only" = yes ]; then
    echo "$build/lockstep"
    exit 0
fi
exec 9>&- # others may build
exec "$build/lockstep" demo ${passed_on[@]+"${passed_on[@]}"}
