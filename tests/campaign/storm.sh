#!/usr/bin/env bash
# storm.sh [OPTION...]: real workers, a real PostgreSQL and the simulated ledger over HTTP in a storm of
# kills, crashes and network cuts; then the audit of the ledger against the database. The options are
# those of storm.py; LS_BINARY names the binary (build/release/lockstep, built when it is missing).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=packaging/packages.sh
. "$root/packaging/packages.sh"
needed="$packages_run python3"
case " $* " in *" --namespace "*) needed="$needed iproute2" ;; esac
# shellcheck disable=SC2086
ensure_packages $needed
binary=${LS_BINARY:-$root/build/release/lockstep}
[ -x "$binary" ] || "$root/packaging/demo.sh" --build-only >&2
exec "$root/tests/system/with_postgres.sh" python3 "$root/tests/campaign/storm.py" --binary "$binary" "$@"
