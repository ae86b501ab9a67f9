#!/bin/sh
# Build and run every mutant: each must be found out within the seeds that its specification
# states, and the sound worker must pass the same seeds.
#   run.sh [BUILD [NAME...]]     BUILD: a build directory, made when it is not there
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$root/build/mutants}
[ $# -eq 0 ] || shift

launcher=
if command -v ccache > /dev/null; then launcher=-DCMAKE_C_COMPILER_LAUNCHER=ccache; fi
# shellcheck disable=SC2086
[ -f "$build/CMakeCache.txt" ] ||
    cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE="-O1" $launcher > /dev/null
cmake --build "$build" --target mutants --parallel > "$build/mutants.log" 2>&1 ||
    { tail -30 "$build/mutants.log" >&2; exit 1; }

ctest --test-dir "$build" -R simulation/mutant-texts --output-on-failure > "$build/texts.log" ||
    { cat "$build/texts.log" >&2; exit 1; }

bad=0
caught=0
while read -r name run; do
    [ -n "$name" ] || continue
    case " $* " in "  " | *" $name "*) ;; *) continue ;; esac
    # shellcheck disable=SC2086
    if text=$("$build/tests/mutants/mutant_$name" $run); then
        caught=$((caught + 1))
        echo "caught  $name: $text"
    else
        bad=$((bad + 1))
        echo "MISSED  $name: $text ($run)"
    fi
    # shellcheck disable=SC2086
    if ! text=$("$build/tests/mutants/mutant_none" $run); then
        bad=$((bad + 1))
        echo "WRONG   the sound worker fails the seeds of $name: $text ($run)"
    fi
done < "$build/tests/mutants/list.txt"
echo "$caught mutants caught, $bad wrong"
[ "$bad" -eq 0 ]
