#!/usr/bin/env bash
# Measures lockstep on this machine and prints one JSON object. Nothing here fails a build:
# figures are compared as ratios within one run, since machines differ and are shared.
#
#   tests/bench/run.sh [--ops N] [--ready N] [--slot-ms N] [--pack on|off] [--chain N] [--looks N]
#                      [--only path,latency,chain,order,looks,claim,console]
set -euo pipefail
cd "$(dirname "$0")/../.."
packaging/demo.sh --build-only >&2
# shellcheck source=packaging/packages.sh
. packaging/packages.sh
ensure_packages python3 htop pg-activity
exec tests/system/with_postgres.sh python3 tests/bench/bench.py --binary build/release/lockstep "$@"
