#!/bin/sh
# A pure layer calls only our own code and what its list names.
#   pure.sh NM ALLOWLIST OBJECT...
# A line of the list is a symbol, or "MODULE SYMBOL" for a symbol that only the object of
# that module may use. ctest joins objects by ';'.
set -eu
nm=$1
allowed=$2
shift 2
[ -r "$allowed" ] || { echo "no list $allowed: a pure layer needs one" >&2; exit 1; }
IFS=';'
# shellcheck disable=SC2048
set -- $*
unset IFS
[ $# -gt 0 ] || { echo "no objects to look at" >&2; exit 1; }

listing=$(mktemp)
trap 'rm -f "$listing"' EXIT
"$nm" --defined-only -g "$@" | awk 'NF == 3 { print "=", $3 }' > "$listing"
for object in "$@"; do
    "$nm" -u "$object" | awk -v object="$(basename "$object" .c.o)" '{ print object, $NF }'
done >> "$listing"
awk '
    FNR == NR { sub(/#.*/, ""); if (NF == 1) any[$1] = 1; if (NF == 2) one[$1, $2] = 1; next }
    $1 == "=" { any[$2] = 1; next }
    $2 ~ /^ls_/ || $2 in any || ($1, $2) in one || $2 == "_GLOBAL_OFFSET_TABLE_" { next }
    { print "module " $1 " reaches outside: " $2 "()"; bad = 1 }
    END { exit bad }
' "$allowed" "$listing" >&2
