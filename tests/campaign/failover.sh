#!/usr/bin/env bash
# failover.sh [ROUNDS]: a streaming replication whose standby hears nothing more, operations that land
# meanwhile, a primary that dies, `pg_ctl promote`, again and again with the same worker and ledger; after
# each the ledger is held against what was asked for: nothing twice, nothing lost. Prints one line of figures.
# LS_BINARY names the binary (build/release/lockstep, built when it is missing).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
rounds=${1:-10}
[[ $rounds =~ ^[1-9][0-9]*$ ]] || { echo "lockstep: failover.sh: ROUNDS is a whole number" >&2; exit 2; }
binary=${LS_BINARY:-$root/build/release/lockstep}
[ -x "$binary" ] || "$root/packaging/demo.sh" --build-only >&2
exec "$root/tests/system/failover.sh" "$binary" "$rounds"
