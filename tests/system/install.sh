#!/usr/bin/env bash
# What `cmake --install` puts where Debian expects it, and that it is right.
#   install.sh BINARY BUILD
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
build=$2

DESTDIR=$work/root cmake --install "$build" --prefix /usr >install.out 2>&1 || fail "install: $(cat install.out)"
root=$work/root/usr
for file in bin/lockstep share/man/man1/lockstep.1 share/man/man5/lockstep.conf.5 \
    share/man/man7/lockstep-keys.7 share/bash-completion/completions/lockstep \
    share/zsh/vendor-completions/_lockstep share/fish/vendor_completions.d/lockstep.fish \
    lib/systemd/system/lockstep-worker@.service lib/sysusers.d/lockstep.conf \
    share/applications/lockstep.desktop share/lockstep/themes/dark.ini \
    share/doc/lockstep/examples/lockstep.conf; do
    [ -s "$root/$file" ] || fail "$file is not installed"
done
ls "$root"/share/lockstep/migrations/*.sql >/dev/null || fail "migrations are not installed"

# The pages are clean for both readers, and say what the tables say.
for page in "$root"/share/man/man*/*; do
    LC_ALL=C.UTF-8 MANWIDTH=80 man -l --warnings -E UTF-8 "$page" >page.txt 2>page.err ||
        fail "man cannot read $page"
    [ -s page.err ] && fail "man warns of $page: $(head -3 page.err)"
    [ "$(wc -l <page.txt)" -gt 30 ] || fail "$page is short"
    mandoc -Tlint -Wwarning "$page" >lint.out 2>&1
    [ $? -le 4 ] || fail "mandoc cannot read $page"
    [ -s lint.out ] && fail "mandoc warns of $page: $(head -3 lint.out)"
done
for group in $("$lockstep" help | sed -n 's/^  lockstep \([a-z]*\).*/\1/p' | sort -u); do
    grep -q "^.fBlockstep $group" "$root/share/man/man1/lockstep.1" || fail "$group is not in the manual"
done
"$lockstep" keys list --jsonl | python3 -c '
import json, sys
page = open(sys.argv[1]).read()
for line in sys.stdin:
    name = json.loads(line)["name"].replace("-", "\\-")
    if "   " + name not in page: sys.exit(f"{name} is not in the manual")
' "$root/share/man/man7/lockstep-keys.7" || fail "the manual lacks a key"

# Unit, menu entry, example.
if command -v systemd-analyze >/dev/null; then
    mkdir -p units && sed "s|^ExecStart=.*|ExecStart=/bin/true|" \
        "$root/lib/systemd/system/lockstep-worker@.service" >units/lockstep-worker@one.service
    systemd-analyze verify --man=no "$work/units/lockstep-worker@one.service" >unit.out 2>&1 || true
    grep 'lockstep-worker' unit.out && fail "systemd does not like the unit"
fi
grep -q '^ExecStart=/usr/bin/lockstep worker' "$root/lib/systemd/system/lockstep-worker@.service" ||
    fail "the unit starts another binary"
desktop-file-validate "$root/share/applications/lockstep.desktop" || fail "the menu entry"
sed "s|/var/log/lockstep|$work|" "$root/share/doc/lockstep/examples/lockstep.conf" >example.conf
"$root/bin/lockstep" keys list --config example.conf >/dev/null || fail "the example is no configuration"
expect_complaint 2 'there is none of that name' "$lockstep" man nothing
finish
