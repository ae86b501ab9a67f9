#!/bin/sh
# clang-tidy over the sources: `size` asks only how long functions are and how many
# parameters they take, `all` asks everything in .clang-tidy.
#   tidy.sh ROOT CLANG_TIDY size|all [FILE...]
# LS_GENERATED, if set, is the folder that holds one folder of generated headers a layer.
# Includes are read from include/ as a whole: which layer may include what is the
# business of the build and of includes.sh.
set -eu
root=$1
tidy=$2
which=$3
shift 3
cd "$root"

if [ "$which" = size ]; then
    checks='--checks=-*,readability-function-size'
else
    checks='--checks='  # adds nothing: .clang-tidy decides
fi
flags=$(pkg-config --cflags libcurl libpq libnotify libsodium jansson libmicrohttpd ncursesw \
    libsystemd inih)
for folder in "${LS_GENERATED:-/nowhere}"/*; do
    if [ -d "$folder" ]; then flags="$flags -I$folder"; fi
done

if [ $# -eq 0 ]; then
    find src -name '*.c' | sort
else
    printf '%s\n' "$@"
fi | xargs -P 2 -I FILE sh -c '
    tidy=$1 checks=$2 file=$3
    shift 3
    "$tidy" --quiet --warnings-as-errors="*" "$checks" "$file" -- -std=c17 -w \
        -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -DLS_VERSION=\"0\" -DLS_VERSION_DATE=\"0\" \
        -include src/banned.h -Iinclude "$@" 2> /dev/null || { echo "see $file"; exit 1; }
' sh "$tidy" "$checks" FILE $flags
