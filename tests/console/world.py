"""What the console's tests in Python share: the binary, its database, a console on a
terminal."""
import glob
import os
import signal
import subprocess
import time
import unittest

from terminal import Terminal

LOCKSTEP = os.environ["LS_TEST_LOCKSTEP"]
URL = os.environ["LS_TEST_URL"]
FOREVER = 60  # seconds that nothing here takes unless it is broken


def bindir():
    return os.path.dirname(sorted(glob.glob("/usr/lib/postgresql/*/bin/pg_ctl"))[-1])


def sql(text):
    """Rows of one statement, as text."""
    done = subprocess.run(["psql", "-XAt", "-v", "ON_ERROR_STOP=1", "-d", URL, "-c", text], check=True,
                          capture_output=True, text=True, timeout=FOREVER)
    return done.stdout.rstrip("\n")


class Session:
    """A session of its own that stays open: one row a statement."""

    def __init__(self):
        self.psql = subprocess.Popen(["psql", "-XAtq", "-d", URL], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     text=True, bufsize=1)

    def row(self, text):
        self.psql.stdin.write(text + ";\n")
        self.psql.stdin.flush()
        return self.psql.stdout.readline().rstrip("\n")

    def close(self):
        self.psql.stdin.close()
        self.psql.wait(FOREVER)
        self.psql.stdout.close()


def run(*arguments, text_in=None):
    return subprocess.run([LOCKSTEP, *arguments], input=text_in, capture_output=True, text=True,
                          timeout=FOREVER, check=False)


def enqueue(count, prefix):
    """`count` memos whose keys begin with `prefix`."""
    sql(f"""SELECT count(lockstep.enqueue('memo', '{{"text": "x"}}', '{prefix}:' || i))
              FROM generate_series(1, {count}) i""")


def done(prefix):
    return int(sql(f"SELECT count(*) FROM lockstep.ops WHERE key LIKE '{prefix}:%' AND state = 'done'"))


def wait(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def postmaster():
    with open(os.path.join(sql("show data_directory"), "postmaster.pid"), encoding="ascii") as text:
        return int(text.readline())


def children_of(pid):
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


class Frozen:
    """The server takes connections and answers nothing, while it lasts."""

    def __enter__(self):
        self.pids = [postmaster()]
        os.kill(self.pids[0], signal.SIGSTOP)
        self.pids += children_of(self.pids[0])
        for pid in self.pids[1:]:
            os.kill(pid, signal.SIGSTOP)
        return self

    def __exit__(self, *_what):
        for pid in reversed(self.pids):
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass


class ConsoleCase(unittest.TestCase):
    def console(self, *arguments, live=True, environment=None, **more):
        """A console on a terminal of its own, as a person sees it once it is LIVE."""
        world = dict(os.environ, TERM="xterm-256color", ASAN_OPTIONS="abort_on_error=0:exitcode=99")
        world.update(environment or {})
        for name in [name for name, value in world.items() if value is None]:
            del world[name]
        terminal = Terminal([LOCKSTEP, "console", *arguments], environment=world, **more)
        self.addCleanup(terminal.close)
        if live:
            self.sees(terminal, "LIVE")
        return terminal

    def sees(self, terminal, *texts, seconds=25):
        if not terminal.sees(*texts, seconds=seconds):
            self.fail(f"the screen does not show {texts}:\n{terminal.screen.text()}")

    def ends(self, terminal, status=0, seconds=15):
        self.assertTrue(terminal.ends(seconds), f"it does not end:\n{terminal.screen.text()}")
        self.assertEqual(terminal.status, status, terminal.screen.text())

    def assert_clean(self, terminal):
        self.assertEqual(terminal.screen.attacks, [])

    def assert_worker_left(self):
        """The last worker said goodbye and holds nothing."""
        self.assertTrue(wait(lambda: sql("SELECT is_gone FROM lockstep.worker ORDER BY id DESC LIMIT 1") == "t", 10))
        self.assertEqual(sql("SELECT count(*) FROM lockstep.op WHERE worker IS NOT NULL"), "0")
        self.assertEqual(sql("SELECT count(*) FROM lockstep.op WHERE state = 2"), "0")
