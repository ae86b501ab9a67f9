#!/bin/sh
# Each rule can fail: a small tree that keeps all of them passes, and one bad sample after
# another is found.
#   self_test.sh ROOT CC NM READELF CLANG_FORMAT CLANG_TIDY
set -eu
root=$1 cc=$2 nm=$3 readelf=$4 format=$5 tidy=$6
rules=$root/tests/rules
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

reset() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree/src/core" "$tree/src/base" "$tree/include/lockstep/core" \
        "$tree/include/lockstep/base" "$tree/tests/core"
    cp "$root/.clang-format" "$root/.clang-tidy" "$tree/"
    cp "$root/src/banned.h" "$root/src/CMakeLists.txt" "$tree/src/"
    cat > "$tree/include/lockstep/core/sum.h" << 'END'
/* Adds. */
#ifndef SUM_H
#define SUM_H

int ls_sum(int a, int b);

#endif
END
    cp "$tree/include/lockstep/core/sum.h" "$tree/include/lockstep/base/low.h"
    cat > "$tree/src/core/sum.c" << 'END'
#include "lockstep/core/sum.h"

#include <string.h>

#include "lockstep/base/low.h"

static const char *const names[] = {"one", "two"};

int ls_sum(int a, int b)
{
    return a + b + (int)strlen(names[a]);
}
END
}
compile() { # FILE: as tests/rules/CMakeLists.txt does
    "$cc" -std=c17 -O2 -fPIC -fno-common -I"$tree/include" -c "$1" -o "$1.o"
}
failures=0
good() { # WHAT COMMAND...
    what=$1
    shift
    "$@" > "$tree/log" 2>&1 && return
    echo "refused although it keeps the rule: $what" >&2
    cat "$tree/log" >&2
    failures=$((failures + 1))
}
bad() { # WHAT WORDS COMMAND...
    what=$1 words=$2
    shift 2
    if "$@" > "$tree/log" 2>&1; then
        echo "not found: $what" >&2
        failures=$((failures + 1))
    elif ! grep -q -- "$words" "$tree/log"; then
        echo "found without the words '$words': $what" >&2
        cat "$tree/log" >&2
        failures=$((failures + 1))
    fi
}
append() { printf '%s\n' "$2" >> "$tree/$1"; }
sum=src/core/sum.c
pure() { compile "$tree/$sum" && "$rules/pure.sh" "$nm" "$rules/allow/core.txt" "$tree/$sum.o"; }
globals() { compile "$tree/$sum" && "$rules/no_globals.sh" "$readelf" "$tree/$sum.o"; }
includes() { "$rules/includes.sh" "$tree"; }
words() { "$rules/words.sh" "$tree"; }
layout() { "$rules/format.sh" "$tree" "$format"; }
size() { "$rules/tidy.sh" "$tree" "$tidy" size; }

reset
good "a tree that keeps all rules" pure
good "a tree that keeps all rules" globals
good "a tree that keeps all rules" includes
good "a tree that keeps all rules" words
good "a tree that keeps all rules" layout
good "a tree that keeps all rules" size

append $sum 'char *getenv(const char *name); char *ask(void); char *ask(void) { return getenv("HOME"); }'
bad "a pure layer that asks the environment" 'getenv()' pure
reset
append $sum 'int pthread_mutex_lock(void *lock); int ask(void); int ask(void) { return pthread_mutex_lock(0); }'
bad "a lock outside the mailbox" 'pthread_mutex_lock()' pure

for global in 'int counter;' 'int counter = 1;' '_Thread_local int counter;' \
    'int f(void); int f(void) { static int counter = 7; return counter++; }'; do
    reset
    append $sum "$global"
    bad "$global" 'mutable global' globals
done

reset
sed -i 's,lockstep/base/low.h,lockstep/store/pg.h,' "$tree/$sum"
bad "a layer that is not below" 'may not include store' includes
reset
sed -i '1s/.*/#include <string.h>/' "$tree/$sum"
bad "another header first" 'before its own header' includes
for library in curl/curl.h libpq-fe.h ncurses.h libnotify/notify.h microhttpd.h sodium.h; do
    reset
    append $sum "#include <$library>"
    bad "<$library> in core" 'belongs to' includes
done
reset
append $sum '#include <unistd.h>'
bad "a system header in a pure layer" 'may not include <unistd.h>' includes
reset
append include/lockstep/core/sum.h '#include "../base/low.h"'
bad "a header by its way" 'private header' includes
reset
mkdir "$tree/src/other"
echo '#include "thing.h"' > "$tree/src/other/thing.c"
bad "a layer without a row" 'has no row' includes

for word in TODO FIXME XXX; do
    reset
    append $sum "/* $word: later */"
    bad "$word" 'do it now' words
done
reset
yes '' | head -n 501 >> "$tree/$sum"
bad "a long file" 'at most 500' words

reset
append $sum 'int  f( void ) ;'
bad "another layout" 'clang-format-violations' layout

reset
{
    echo 'int ls_long(void);'
    echo 'int ls_long(void)'
    echo '{'
    yes '    (void)names;' | head -n 61
    echo '    return 0;'
    echo '}'
} >> "$tree/$sum"
bad "a function of more than 60 lines" 'readability-function-size' size
reset
append $sum 'int ls_many(int a, int b, int c, int d, int e, int f, int g);
int ls_many(int a, int b, int c, int d, int e, int f, int g)
{
    return a + b + c + d + e + f + g;
}'
bad "a function of seven parameters" 'readability-function-size' size

exit $((failures > 0))
