#!/bin/sh
# Nothing is left for later in the sources, and no file outgrows its noun.
#   words.sh ROOT
set -eu
root=$1
source_lines_max=500
test_lines_max=800
cd "$root"

bad=0
if find src include tests docs packaging themes CMakeLists.txt -type f ! -path 'tests/rules/*' \
    ! -path '*/node_modules/*' ! -name 'package-lock.json' ! -name '*.bin' 2> /dev/null |
    tr '\n' '\0' | xargs -0 grep -InwE 'TODO|FIXME|XXX|HACK' >&2; then
    echo "do it now, or file it" >&2
    bad=1
fi
find src include tests -name node_modules -prune -o -type f \( -name '*.c' -o -name '*.h' \) -print | sort | while read -r file; do
    max=$source_lines_max
    case $file in tests/*) max=$test_lines_max ;; esac
    echo "$(wc -l < "$file") $max $file"
done | awk '
    $1 > $2 { print $3 ": " $1 " lines, at most " $2; bad = 1 }
    END { exit bad }
' >&2 || bad=1
exit $bad
