#!/usr/bin/env python3
"""Pictures of the whole console, to be looked at: the real binary in its demo, with failures of
several causes, unknown outcomes, a batch, a bulk job, alerts, gates. Nothing is judged here.

    tests/console/pictures.py LOCKSTEP FOLDER [--themes dark,light,mono] [--sizes 80x24,60x16,200x60]
                              [--only NAME,NAME] [--ascii]

Each scene becomes FOLDER/NAME.THEME.png at 100x30; at the other sizes FOLDER/NAME.WIDTHxHEIGHT.png, in
the last of the themes, and .txt.
Wants tmux, psql and rsvg-convert.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import picture

HERE = os.path.dirname(os.path.abspath(__file__))
THEMES = os.path.join(HERE, "..", "..", "themes")
COLUMNS, ROWS = 100, 30
REPAINT_S = 1.6  # a saved theme is seen within a second
SETTLE_S = 0.7

# Name, keys from the dashboard (a str is typed, a tuple names keys of tmux), and a text that the screen
# shows then ("" for none).
SCENES = [
    ("dash", [], "Needs you"),
    ("failed", ["2", "jj"], "RETRY IS"),
    ("failed-marks", ["2", "j", (" ",), "j", (" ",), "j", "*"], "marked"),
    ("failed-all", ["2", "a"], "again"),
    ("stuck", ["3", "j"], "HELD"),
    ("queue", ["4"], "Queue"),
    ("queue-filter", ["4", "/", "state:done kind:token.*", ("Enter",)], "Queue /"),
    ("queue-empty", ["4", "/", "key:nothing-of-that-name", ("Enter",)], "Nothing matches"),
    ("filter-wrong", ["4", "/", "state:fialed", ("Enter",)], ""),
    ("filter-complete", ["4", "/", "state:", ("Tab",)], ""),
    ("batches", ["5", "j"], "Batches"),
    ("batch-open", ["5", "j", ("Enter",)], "Batches >"),
    ("alerts", ["6"], "Alerts"),
    ("alerts-last", ["6", "G"], "Alerts"),
    ("audit", ["7"], "Audit"),
    ("audit-engine", ["7", "jjjjjjjj"], "Audit"),
    ("health", ["8"], "Health"),
    ("health-gate", ["8", "G"], "Health"),
    ("bulk", ["9"], "Bulk"),
    ("bulk-open", ["9", ("Enter",)], "Bulk > job"),
    ("detail-failed", ["2", ("Enter",)], "op "),
    ("detail-held", ["3", ("Enter",)], "op "),
    ("detail-done", ["4", "/", "state:done kind:token.mint_to", ("Enter",), ("Enter",)], "op "),
    ("detail-evidence", ["2", ("Enter",), "e"], "op "),
    ("help", ["2", "?"], "elp"),
    ("help-search", ["2", "?", "mark"], "elp"),
    ("line", [":"], ":"),
    ("line-complete", [":", "th", ("Tab",)], ":"),
    ("line-output", [":", "doctor", ("Enter",)], "doctor"),
    ("line-asks", [":", "hold kind:memo state:ready --reason x", ("Enter",)], ""),
    ("copy", ["2", "y"], ""),
    ("log", ["2", "l"], ""),
    ("edit", ["2", ("Enter",), "E"], ""),
    ("dialog-retry", ["2", "R"], "RETRY"),
    ("dialog-retry-marked", ["2", "a", "R"], "RETRY"),
    ("dialog-retry-list", ["2", "a", "R", ("C-d",)], "arrows scroll"),
    ("dialog-bulk", ["2", "aa", "R"], "bulk start"),
    ("dialog-retry-cause", ["j", "R"], ""),
    ("dialog-hold", ["4", "H"], "HOLD"),
    ("dialog-release", ["3", "g", "H"], "RELEASE"),
    ("dialog-cancel", ["2", "X"], ""),
    ("dialog-resolve", ["3", "g", "j", "V"], "RESOLVE"),
    ("dialog-claim", ["2", "A"], "ACKNOWLEDGE"),
    ("dialog-note", ["2", "N"], "NOTE"),
    ("dialog-ack", ["6", "A"], "ACKNOWLEDGE"),
    ("dialog-silence", ["6", "M"], "SILENCE"),
    ("dialog-hold-work", ["8", "W"], "HOLD"),
    ("dialog-undo", ["Z"], ""),
    ("dialog-pause-worker", ["8", "g", "P"], "PAUSE"),
    ("dialog-drain", ["8", "g", "D"], "DRAIN"),
    ("dialog-lift-gate", ["8", "G", "P"], "LIFT"),
    ("dialog-pause-batch", ["5", "P"], ""),
    ("dialog-compensate-batch", ["5", "jj", "C"], ""),
    ("dialog-compensate", ["4", "/", "state:done kind:token.mint_to", ("Enter",), "C"], "COMPENSATE"),
    ("dialog-edit", ["2", ("Enter",), "E", ("Enter",), ("End",), "9", ("Enter",), "E"], "EDIT"),
    ("export", ["2", "x"], ""),
    ("time-utc", ["2", "t"], ""),
    ("past", [":", "at -1m", ("Enter",)], "AT "),
    ("past-health", [":", "at -1m", ("Enter",), "8"], "AT "),
    ("past-refuses", [":", "at -1m", ("Enter",), "8", "P"], "AT "),
    ("past-far", [":", "at 2020-01-01T00:00Z", ("Enter",)], ""),
    ("paused", ["="], "PAUSED"),
    ("quit", [("C-c",)], "QUIT"),
]


class Night:
    """A demo on a bad night, in a terminal of tmux."""

    def __init__(self, lockstep, is_ascii):
        self.lockstep = lockstep
        self.home = tempfile.mkdtemp(prefix="lockstep-pictures.")
        os.chmod(self.home, 0o755)  # the demo's server may run as another user
        self.dir = os.path.join(self.home, "demo")
        self.themes = os.path.join(self.home, "lockstep", "themes")
        os.makedirs(self.themes)
        self.theme("dark")
        self.environment = dict(os.environ, LC_ALL="C.UTF-8", XDG_CONFIG_HOME=self.home, HOME=self.home)
        for name in ("TMUX", "NO_COLOR", "LOCKSTEP_CONFIG", "DBUS_SESSION_BUS_ADDRESS"):
            self.environment.pop(name, None)
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS),
                  f"exec {lockstep} demo --rate 4 --slot-ms 50 --dir {self.dir} --theme picture"
                  f"{' --ascii' if is_ascii else ''} 2>{self.home}/err")

    def theme(self, name):
        """Save over the theme that is shown: the console paints it."""
        shutil.copyfile(os.path.join(THEMES, name + ".ini"), os.path.join(self.themes, "picture.tmp"))
        os.replace(os.path.join(self.themes, "picture.tmp"), os.path.join(self.themes, "picture.ini"))

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-S", os.path.join(self.home, "tmux"), *arguments], check=True,
                              capture_output=True, text=True, env=getattr(self, "environment", None)).stdout

    def screen(self, *options):
        return self.tmux("capture-pane", "-p", *options)

    def keys(self, keys):
        for part in keys:
            self.tmux("send-keys", *(("-l", part) if isinstance(part, str) else part))
            time.sleep(SETTLE_S)

    def sees(self, text, seconds=15):
        end = time.monotonic() + seconds
        while text not in self.screen():
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        return True

    def run(self, *words, text_in=None):
        """A command of the shell; what it prints."""
        done = subprocess.run([self.lockstep, *words, "--config", os.path.join(self.dir, "lockstep.conf")],
                              input=text_in, capture_output=True, text=True, env=self.environment, check=False)
        if done.returncode:
            print(f"pictures: {' '.join(words)}: {done.stderr.strip()}", file=sys.stderr)
        return done.stdout.strip()

    def sql(self, text):
        with open(os.path.join(self.dir, "lockstep.conf"), encoding="utf-8") as conf:
            url = re.search(r"^url = (.*)$", conf.read(), re.M).group(1)
        subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"], input=text, check=True,
                       text=True, stdout=subprocess.DEVNULL)

    def enqueue(self, kind, payload, prefix, count, *more):
        rows = "".join(f'{{"key": "{prefix}-{i}", "payload": {payload.replace("%i", str(i))}}}\n'
                       for i in range(1, count + 1))
        self.run("enqueue", kind, "-", *more, text_in=rows)

    def wait(self, text, number, seconds=90):
        end = time.monotonic() + seconds
        while len(self.run("ops", text, "--jsonl", "--limit", "1000").splitlines()) < number:
            if time.monotonic() > end:
                print(f"pictures: {text} does not become {number}", file=sys.stderr)
                return
            time.sleep(0.5)

    def happen(self):
        payer = self.run("key", "show", os.path.join(self.dir, "payer.json"))
        self.run("enqueue", "token.create_mint", '{"decimals":2}', "--key", "mint")
        self.enqueue("token.burn", '{"mint": {"key": "mint"}, "amount": "%i00"}', "burn", 12)
        self.enqueue("sol.transfer", f'{{"to": "{payer}", "lamports": "999999999999999"}}', "payout", 3)
        batch = self.run("batch", "open", "payroll-nov", "--policy", "best_effort")
        self.enqueue("memo", '{"text": "pay %i"}', "pay", 20, "--batch", batch)
        self.run("batch", "seal", batch)
        self.run("batch", "open", "quarterly-report", "--policy", "atomic")
        self.run("gate", "on", "kind:event", "--reason", "the auditors look at it")
        self.run("gate", "on", "entity:org-7", "--reason", "INC-551: their key may be stolen")
        self.enqueue("memo", '{"text": "株式会社の発行済株式総数 %i"}', "held", 4, "--entity", "org-7")
        self.run("hold", "key:held-1", "--yes", "--reason", "ask legal first")
        self.wait("kind:token.burn state:failed", 12)
        # What no demo brings about: nobody can say whether these landed.
        self.sql("""
            SET search_path = lockstep; SET session_replication_role = replica;
            INSERT INTO attempt (op, last_valid_height, worker, created_at, attempt, signature, blockhash, signer, tx)
                SELECT id, 999999999, 1, now() - interval '11 min', 1,
                       '4hXTcRkq1nVZ8bL6sYw3eJ9uGf2KpDxA7oMtQv5iNrEz4hXTcRkq1nVZ8bL6sYw3eJ9uGfm2Vd',
                       'EkSnNWid2cvwEVnVx9aBqawnmiCNiDgp3gUdkDPTKN1N', 'op', '\\x00'
                  FROM op WHERE key IN ('held-2', 'held-3');
            RESET session_replication_role;
            UPDATE op SET state = 4, sub = 31, attempts_made = 1, version = version + 1, created_at = now() - interval '12 min',
                   cause = 'history of rpc-b does not reach back to slot 312897004', updated_at = now()
             WHERE key IN ('held-2', 'held-3');""")
        self.run("bulk", "start", "retry", "kind:token.burn state:failed", "--yes", "--reason", "INC-551", "--canary", "2")
        self.run("note", "add", f"batch:{batch}", "asked HR, they confirm the sums")
        self.run("claim", "take", "op:" + self.run("ops", "state:failed", "--jsonl", "--limit", "1").split('"id":')[1]
                 .split(",")[0].strip(), "--reason", "on it", "--for", "30m")
        self.sees("LIVE", 60)

    def end(self):
        self.tmux("kill-server")
        for _ in range(100):  # the demo stops its server and ledger
            if not os.path.exists(self.dir):
                break
            time.sleep(0.2)
        shutil.rmtree(self.home, ignore_errors=True)


def paint(night, folder, name, theme):
    with open(os.path.join(folder, f"{name}.{theme}.svg"), "w", encoding="utf-8") as out:
        out.write(picture.svg(night.screen("-e", "-N")))
    path = os.path.join(folder, f"{name}.{theme}")
    subprocess.run(["rsvg-convert", "-o", path + ".png", path + ".svg"], check=True)
    os.remove(path + ".svg")


def show(night, options, scene):
    name, keys, text = scene
    night.keys(keys)
    if text and not night.sees(text):
        print(f"pictures: {name} does not show '{text}'", file=sys.stderr)
    for theme in options.themes.split(","):
        if len(options.themes.split(",")) > 1:
            night.theme(theme)
            time.sleep(REPAINT_S)
        paint(night, options.folder, name, theme)
    for size in filter(None, options.sizes.split(",")):
        columns, rows = size.split("x")
        night.tmux("resize-window", "-x", columns, "-y", rows)
        time.sleep(SETTLE_S)
        paint(night, options.folder, name, size)
        with open(os.path.join(options.folder, f"{name}.{size}.txt"), "w", encoding="utf-8") as out:
            out.write(night.screen())
    night.tmux("resize-window", "-x", str(COLUMNS), "-y", str(ROWS))
    night.keys([("Escape",)] * 4)
    if any(key in ("a", "aa", "*", (" ",)) for key in keys) or name == "dialog-retry-cause":
        night.keys(["2", "u"])
    night.keys(["1"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lockstep")
    parser.add_argument("folder")
    parser.add_argument("--themes", default="dark,light,mono")
    parser.add_argument("--sizes", default="80x24,60x16,200x60")
    parser.add_argument("--only", default="")
    parser.add_argument("--ascii", action="store_true")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    wanted = options.only.split(",") if options.only else [scene[0] for scene in SCENES]
    night = Night(os.path.abspath(options.lockstep), options.ascii)
    try:
        if not night.sees("LIVE", 90):
            sys.exit(f"pictures: the demo does not start:\n{night.screen()}")
        night.theme(options.themes.split(",")[0])
        night.happen()
        for scene in SCENES:
            if scene[0] in wanted:
                show(night, options, scene)
    finally:
        night.end()


if __name__ == "__main__":
    main()
