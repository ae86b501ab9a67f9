#!/usr/bin/env bash
# Installs what is missing, builds everything with sanitizers and warnings as errors, and
# runs every test.
#
#   tests/run.sh            everything
#   tests/run.sh --quick    unit tests alone
#
# The last line is "N passed, N failed"; the exit status is 0 only when none failed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/packages.sh
. "$root/packaging/packages.sh"

quick=no
for argument in "$@"; do
    case $argument in
    --quick) quick=yes ;;
    *)
        echo "lockstep: tests/run.sh: $argument is no option; use --quick or none" >&2
        exit 2
        ;;
    esac
done

build=$root/build/asan
alone "$build" tests/run.sh # to the end: results and reports are there
# shellcheck disable=SC2086
if [ "$quick" = yes ]; then
    ensure_packages $packages_build libcmocka-dev
else
    ensure_packages $packages_build $packages_run $packages_test
fi

cmake -G Ninja -S "$root" -B "$build" -DLS_SANITIZE=ON -DCMAKE_BUILD_TYPE=Debug >/dev/null
ninja -C "$build"

export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}

passed=0
failed=0
report=$build/ctest.txt
choice=()
if [ "$quick" = yes ]; then choice=(-L unit); fi
# Each test has its own servers and folder; most of them wait more than they work.
jobs=$(nproc)
[ "$jobs" -le 4 ] || jobs=4
ctest --test-dir "$build" -j "$jobs" --output-on-failure ${choice[@]+"${choice[@]}"} </dev/null 9>&- |
    tee "$report" || true
# ctest's own summary: "97% tests passed, 2 tests failed out of 70".
summary=$(grep -E '[0-9]+ tests? failed out of [0-9]+' "$report" || true)
if [ -z "$summary" ]; then
    echo "lockstep: tests/run.sh: ctest ran no tests" >&2
    failed=1
else
    bad=$(sed -E 's/.* ([0-9]+) tests? failed out of .*/\1/' <<<"$summary")
    all=$(sed -E 's/.*failed out of ([0-9]+).*/\1/' <<<"$summary")
    # What a test could not look at counts as failed: the packages are there.
    skipped=$(grep -c '\*\*\*Skipped' "$report" || true)
    passed=$((all - bad - skipped))
    failed=$((bad + skipped))
fi

if [ "$quick" = no ]; then
    if "$root/tests/interop/run.sh" "$build" </dev/null 9>&-; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
