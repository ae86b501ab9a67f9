#!/usr/bin/env bash
# What bash, zsh and fish offer for a line: the real shells, a table of lines, all three the same.
# They ask the binary, which asks nobody: it is the same with a configuration that is none and
# with a database that is away, and nothing is said into the prompt.
here=$(cd "$(dirname "$0")" && pwd)
scripts=$here/../../packaging/completion
# shellcheck source=tests/system/lib.sh
. "$here/lib.sh"
for shell in zsh fish; do
    command -v $shell >/dev/null || { echo "this needs $shell" >&2; exit 1; }
done
mkdir -p bin files/sub .config/lockstep/themes
ln -s "$(realpath "$lockstep")" bin/lockstep
export PATH=$work/bin:$PATH LC_ALL=C.UTF-8 TERM=xterm
touch files/alpha.json "files/beta gamma.json" files/sub/inner.conf .config/lockstep/themes/midnight.ini
for shell in bash zsh fish; do
    "$lockstep" completion $shell | cmp - "$scripts/lockstep.$shell" || fail "the binary prints another script for $shell"
done
bash -n "$scripts/lockstep.bash" && zsh -n "$scripts/lockstep.zsh" && fish -n "$scripts/lockstep.fish" || fail "syntax"

export PGHOST=/nonexistent PGCONNECT_TIMEOUT=2 LOCKSTEP_CONFIG=$work/none.conf
printf '[nonsense\n' >none.conf
(cd files && python3 "$here/completion.py" "$scripts" "$here/completion.txt") || fail "they do not offer what they should"

# What a person sees where the program is not there, or is another: nothing.
for program in /bin/false /nonexistent/lockstep; do
    ln -sf "$program" bin/lockstep
    cat >quiet.sh <<'QUIET'
. "$1/lockstep.bash"
COMP_LINE="lockstep o" COMP_POINT=10 COMP_WORDS=(lockstep o) COMP_CWORD=1
_lockstep lockstep o lockstep
printf %s "${COMPREPLY[@]}"
QUIET
    [ -z "$(bash --norc quiet.sh "$scripts" 2>&1)" ] || fail "bash says something without a program"
    said=$(fish --no-config -c "source $scripts/lockstep.fish; complete -C 'lockstep o'" 2>&1)
    [ -z "$said" ] || fail "fish says something without a program: $said"
done
finish
