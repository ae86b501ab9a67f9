#!/bin/sh
# No object keeps mutable state: .data, .bss, .tdata and .tbss are empty. Constant tables
# with addresses in them live in .data.rel.ro, which is read-only once loaded.
#   no_globals.sh READELF OBJECT...
set -eu
readelf=$1
shift
IFS=';'
# shellcheck disable=SC2048
set -- $*
unset IFS
[ $# -gt 0 ] || { echo "no objects to look at" >&2; exit 1; }

bad=0
for object in "$@"; do
    "$readelf" -SW "$object" | awk -v object="$(basename "$object" .c.o)" '
        {
            sub(/^ *\[ *[0-9]+\] */, "")
            if ($1 !~ /^\.(data|bss|tdata|tbss)(\.|$)/ || $1 ~ /^\.data\.rel\.ro/) next
            if ($5 ~ /^0+$/) next
            print "module " object " has a mutable global in " $1
            bad = 1
        }
        END { exit bad }
    ' >&2 || bad=1
done
exit $bad
