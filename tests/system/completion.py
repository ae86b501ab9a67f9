#!/usr/bin/env python3
"""Ask bash, zsh and fish what they offer for the lines of a table, as a person would: each runs
with a terminal, the line is typed and Tab pressed. Compare them with the table and each other.

completion.py LOCKSTEP SCRIPTS TABLE: in the working directory, where `lockstep` is first in PATH.
"""
import os
import pty
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time

LINE_SECONDS = 30
PROBE = os.path.abspath("../probe")  # where probes write
KILL_LINE, PRESSED = "\x15", "\x18b"  # ^U; ^X b: writes the line down


class Shell:
    """A shell with a terminal. Its probes write to the file `told`, whole, by a rename."""

    def __init__(self, arguments, setup):
        self.screen = b""
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.execvp(arguments[0], arguments)
        self.pid = pid
        self.ask(setup + "\n" + self.ready + "\n")

    def drain(self, seconds):
        if select.select([self.terminal], [], [], seconds)[0]:
            try:
                self.screen += os.read(self.terminal, 65536)
            except OSError:
                raise SystemExit(f"{type(self).__name__} ended: {self.screen[-2000:]!r}")

    def ask(self, keys):
        """Type, and wait for what the probe says."""
        if os.path.exists(f"{PROBE}/told"):
            os.unlink(f"{PROBE}/told")
        os.write(self.terminal, keys.encode())
        deadline = time.monotonic() + LINE_SECONDS
        while not os.path.exists(f"{PROBE}/told"):
            self.drain(0.02)
            if time.monotonic() > deadline:
                raise SystemExit(f"{type(self).__name__} says nothing to {keys!r}: {self.screen[-2000:]!r}")
        with open(f"{PROBE}/told", encoding="utf-8") as file:
            return file.read()

    def press(self, line):
        """The line after one Tab."""
        text = self.ask(KILL_LINE + line + "\t" + PRESSED)
        os.write(self.terminal, KILL_LINE.encode())
        return text.rstrip("\n")

    def shown(self, line, tabs):
        """What stands on the screen after Tab was pressed."""
        self.ask(KILL_LINE + PRESSED)
        self.screen = b""
        self.ask(KILL_LINE + line + "\t" * tabs + PRESSED)
        self.drain(0.5)
        os.write(self.terminal, ("\x07" + KILL_LINE).encode())
        return self.screen.decode("utf-8", "replace")

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


def plain(text):
    """A word without its quotes, also where one is still open."""
    for quote in ("", '"', "'"):
        try:
            return "".join(shlex.split(text + quote)[:1])
        except ValueError:
            continue
    return text


class Bash(Shell):
    ready = "printf ready >$probe/told"

    def __init__(self, scripts):
        super().__init__(["bash", "--norc", "--noprofile", "-i"], f"""probe={PROBE}; PS1='> '
. '{scripts}/lockstep.bash'
bind 'set completion-query-items 0'; bind 'set page-completions off'; bind 'set enable-bracketed-paste off'
probe() {{ _lockstep "$@"; printf '%s\\n' "$2" "${{COMPREPLY[@]}}" >$probe/told.new; mv $probe/told.new $probe/told; }}
bind -x '"\\C-xb": printf %s "$READLINE_LINE" >$probe/told.new; mv $probe/told.new $probe/told'
""")

    def words(self, line):
        self.ask("complete -F probe lockstep; " + self.ready + "\n")
        rows = self.ask(KILL_LINE + line + "\t").split("\n")
        os.write(self.terminal, KILL_LINE.encode())
        self.ask(KILL_LINE + "complete -F _lockstep lockstep; " + self.ready + "\n")
        # Bash replaces the last piece of the word: what stands before it belongs to the answer.
        typed = plain_word(line)
        replaced = rows[0] if typed.endswith(rows[0]) else plain(rows[0])
        begun = typed[:len(typed) - len(replaced)]
        return {begun + (plain(row) if "\\" in row else row) for row in rows[1:] if row}


class Zsh(Shell):
    ready = "print ready >$probe/told"

    def __init__(self, scripts):
        shutil.copy(f"{scripts}/lockstep.zsh", f"{PROBE}/_lockstep")
        super().__init__(["zsh", "-f", "-i"], f"probe={PROBE}\n" + """PROMPT='> '
fpath=($probe $fpath); autoload -Uz compinit; compinit -u -D
LISTMAX=1000; unsetopt beep; bindkey -e
probe-line() { print -r -- "$BUFFER" >$probe/told.new; mv $probe/told.new $probe/told }
zle -N probe-line; bindkey '^Xb' probe-line
compadd() {
    local -a hits
    local option before
    integer is_quoted=0 i
    for (( i = 1; i <= $#; i++ )); do
        option=$argv[i]
        [[ $option == -[AOD] ]] && { builtin compadd "$@"; return }
        [[ $option == -*Q* ]] && is_quoted=1
        [[ $option == -p ]] && before=$argv[i+1]
        [[ $option == -- ]] && break
    done
    builtin compadd -O hits "$@"
    (( is_quoted )) && hits=("${(@Q)hits}")
    (( $#hits )) && print -rl -- "${(@)hits/#/$IPREFIX$before}" >>$probe/hits
    builtin compadd "$@"
}
""")

    def words(self, line):
        if os.path.exists(f"{PROBE}/hits"):
            os.unlink(f"{PROBE}/hits")
        self.press(line)
        if not os.path.exists(f"{PROBE}/hits"):
            return set()
        with open(f"{PROBE}/hits", encoding="utf-8") as file:
            return {row for row in file.read().split("\n") if row}


class Fish(Shell):
    ready = "echo ready >$probe/told"

    def __init__(self, scripts):
        self.source = f"{scripts}/lockstep.fish"
        super().__init__(["fish", "--no-config", "-i"], f"""set -g probe {PROBE}; function fish_prompt; echo '> '; end
source {self.source}
bind \\cXb 'commandline >$probe/told.new; mv $probe/told.new $probe/told'
bind \\cU 'commandline ""'
""")

    def words(self, line):
        asked = subprocess.run(["fish", "--no-config", "-c", f"source {self.source}; complete -C $argv[1]", line],
                               capture_output=True, text=True, check=False)
        if asked.stderr:
            raise SystemExit(f"fish says: {asked.stderr}")
        return {row.split("\t")[0] for row in asked.stdout.split("\n") if row}


def plain_word(line):
    """The last word of the line as the shell would hand it over."""
    for quote in ("", '"', "'"):
        try:
            words = shlex.split(line + quote)
            return "" if quote == "" and line[-1:] == " " else words[-1]
        except ValueError:
            continue
    return ""


def read_table(path):
    cases = []
    with open(path, encoding="utf-8") as file:
        for text in file.read().splitlines():
            sign, _, rest = text.partition(" ")
            if sign == ">":
                cases.append({"line": rest[:-1] if rest.endswith(" _") else rest, "rules": [], "tab": None})
            elif sign in ("=", "+", "-"):
                cases[-1]["rules"].append((sign, {word.replace("\\_", " ").rstrip("/") for word in rest.split()}))
            elif sign == "tab":
                tab = rest.replace("\\_", "\\ ")
                cases[-1]["tab"] = tab[:-1] + " " if tab.endswith("_") else tab
    return cases


def check(case, offers, complain):
    """`offers`: the words of each shell."""
    for name, words in offers.items():
        for sign, wanted in case["rules"]:
            if sign == "=" and words != wanted:
                complain(f"{name} offers {sorted(words)}, not {sorted(wanted)}")
            if sign == "+" and not wanted <= words:
                complain(f"{name} does not offer {sorted(wanted - words)} but {sorted(words)}")
            if sign == "-" and wanted & words:
                complain(f"{name} offers {sorted(wanted & words)}")
    if len({frozenset(words) for words in offers.values()}) != 1:
        complain(f"they differ: { {name: sorted(words) for name, words in offers.items()} }")


def main():
    scripts, table = sys.argv[1:]
    failures = []
    os.makedirs(PROBE, exist_ok=True)
    shells = {"bash": Bash(scripts), "zsh": Zsh(scripts), "fish": Fish(scripts)}
    cases = read_table(table)
    for case in cases:
        def complain(text, line=case["line"]):
            failures.append(f"{line!r}: {text}")

        check(case, {name: {word.rstrip("/") for word in shell.words(case["line"])}
                     for name, shell in shells.items()}, complain)
        for name, shell in shells.items():
            if case["tab"] is not None and (line := shell.press(case["line"])) != case["tab"]:
                complain(f"{name} makes {line!r} of it")
    for name in ("zsh", "fish"):
        for line, told in (("lockstep re", "send failed operations again"), ("lockstep ops --", "one JSON document")):
            screen = shells[name].shown(line, 2)
            if told not in screen:
                failures.append(f"{line!r}: {name} does not say {told!r}: {screen!r}")
    for shell in shells.values():
        shell.end()
    print(f"{len(cases)} lines, {len(failures)} failures")
    sys.exit("\n".join(failures) if failures else 0)


if __name__ == "__main__":
    main()
