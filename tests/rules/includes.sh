#!/bin/sh
# Each file includes only what its layer's row in src/CMakeLists.txt names, its own header
# first, and a library's headers only where that library belongs.
#   includes.sh ROOT
set -eu
root=$1
cd "$root"

awk '/^ls_layer\(/, /\)/' src/CMakeLists.txt | tr '()\n' '   ' |
    sed 's/ls_layer /\nls_layer /g' | awk '
    $1 == "ls_layer" {
        row = $2
        for (i = 3; i <= NF && $i != "LINKS"; i++) if ($i != "DEPENDS") row = row " " $i
        print row
    }' > "${TMPDIR:-/tmp}/ls-rows.$$"
trap 'rm -f "${TMPDIR:-/tmp}/ls-rows.$$"' EXIT
[ -s "${TMPDIR:-/tmp}/ls-rows.$$" ] || { echo "no layer rows in src/CMakeLists.txt" >&2; exit 1; }

find src include -name '*.c' -path 'src/*/*' -o -name '*.h' -path '*/*/*' | sort |
    while read -r file; do
        module=$(basename "$file" | sed 's/\.[ch]$//')
        layer=$(basename "$(dirname "$file")")
        own=any
        case $file in
        *.c)
            if [ -e "include/lockstep/$layer/$module.h" ]; then
                own=lockstep/$layer/$module.h
            elif [ -e "src/$layer/$module.h" ]; then
                own=$module.h
            fi
            ;;
        esac
        echo "@ $file $layer $own"
        awk '/^[ \t]*#[ \t]*include/ { sub(/^[ \t]*#[ \t]*include[ \t]*/, ""); print FNR, $1 }' "$file"
    done | awk -v rows="${TMPDIR:-/tmp}/ls-rows.$$" '
    function complain(text) { print file ":" line ": " text; bad = 1 }
    function one_of(list, word) { return index(" " list " ", " " word " ") > 0 }
    BEGIN {
        while ((getline row < rows) > 0) {
            name = row
            sub(/ .*/, "", name)
            names = names " " name
            may[name] = row # itself first, then what it depends on
        }
        pure = "base core audit solana cells tui"
        standard = "assert.h errno.h float.h inttypes.h limits.h math.h stdalign.h stdarg.h " \
            "stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h strings.h"
        # what one module alone may include
        may_file["src/base/mailbox.c", "pthread.h"] = 1
        may_file["src/solana/json_number.c", "math.h"] = 1
        home["curl/"] = "ledger"
        home["libpq"] = "store"
        home["postgres"] = "store"
        home["ncurses"] = "term"
        home["curses"] = "term"
        home["term.h"] = "term"
        home["libnotify/"] = "alert"
        home["gio/"] = "alert"
        home["glib"] = "alert"
        home["microhttpd"] = "sim"
        home["sodium"] = "audit solana sim trial alert host config service demo app"
        home["jansson"] = "solana sim host report app"
        home["ini.h"] = "config"
        home["systemd/"] = "host app"
    }
    $1 == "@" { file = $2; layer = $3; own = $4; first = 1; next }
    {
        line = $1
        name = substr($2, 2, length($2) - 2)
        is_ours = substr($2, 1, 1) == "\""
        if (!(layer in may)) complain("layer " layer " has no row in src/CMakeLists.txt")
        if (first) {
            first = 0
            if (name != own && own != "any") complain("includes " name " before its own header")
        }
        if (is_ours) {
            if (name !~ /^lockstep\//) {
                if (name ~ /\//) complain("a private header stands in its own folder: " name)
                next
            }
            split(name, part, "/")
            if (!one_of(may[layer], part[2]))
                complain("layer " layer " may not include " part[2] " (" name ")")
            next
        }
        for (prefix in home)
            if (index(name, prefix) == 1) {
                if (!one_of(home[prefix], layer))
                    complain("<" name "> belongs to: " home[prefix])
                next
            }
        if (one_of(pure, layer) && !one_of(standard, name) &&
            !((file, name) in may_file))
            complain("pure layer " layer " may not include <" name ">")
    }
    END { exit bad }
' >&2
