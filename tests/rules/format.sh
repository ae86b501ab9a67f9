#!/bin/sh
# Layout is what .clang-format says, everywhere.
#   format.sh ROOT CLANG_FORMAT
set -eu
cd "$1"
find src include tests -type f \( -name '*.c' -o -name '*.h' \) ! -path '*/node_modules/*' -print0 |
    xargs -0 -n 40 "$2" --dry-run -Werror --style=file
