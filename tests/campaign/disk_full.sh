#!/usr/bin/env bash
# disk_full.sh [OPTION...]: the storm with the database on a small tmpfs that runs full again and again.
# Needs root, for the mount. Options as of storm.py; --fillings 5 when it is not given.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ "$(id -u)" -eq 0 ] || { echo "lockstep: disk_full.sh: mounting needs root: run it with sudo" >&2; exit 2; }
place=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-full.XXXXXX")
mount -t tmpfs -o size=300m,mode=0755 lockstep-full "$place"
finish() {
    umount "$place" || umount -l "$place"
    rmdir "$place"
}
trap finish EXIT
export TMPDIR=$place LS_TEST_SERVER_OPTIONS="-c max_wal_size=64MB -c min_wal_size=32MB"
case " $* " in
*" --fillings "*) ;;
*) set -- --fillings 5 "$@" ;;
esac
"$root/tests/campaign/storm.sh" "$@"
