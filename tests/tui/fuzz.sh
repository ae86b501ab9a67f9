#!/usr/bin/env bash
# Feed the console and its parsers with libFuzzer for SECONDS (60): any argument beyond goes to
# it. Findings and the corpus stay in build/fuzz.
#
#   tests/tui/fuzz.sh [SECONDS [LIBFUZZER-OPTION...]]
set -euo pipefail
cd "$(dirname "$0")/../.."
. packaging/packages.sh
seconds=${1:-60}
shift || true
version=$(clang --version 2>/dev/null | sed -n 's/.*clang version \([0-9]*\).*/\1/p')
# shellcheck disable=SC2086
ensure_packages $packages_build clang "libclang-rt-${version:-14}-dev"
cmake -G Ninja -S . -B build/fuzz -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo -DLS_SANITIZE=ON \
    -DLS_FUZZ=ON -DCMAKE_C_FLAGS=-fsanitize=fuzzer-no-link >/dev/null
ninja -C build/fuzz tui_fuzz
mkdir -p build/fuzz/corpus
exec build/fuzz/tests/tui_fuzz -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=4096 -len_control=10 \
    -artifact_prefix=build/fuzz/ "$@" build/fuzz/corpus
