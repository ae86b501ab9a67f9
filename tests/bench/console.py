"""What the console costs a terminal and a person, beside htop and pg_activity in the same run:
bytes, first frame, processor, memory, and how long after a key something is painted."""
import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time

import machine

COLUMNS, ROWS = 120, 40
QUIET_S = 20
# On the list of operations: moving the cursor; and what repaints most of the screen.
MOVES = [b"j", b"j", b"k", b"j", b"k", b"k", b"j"]
SCREENS = [b"2", b"4", b"7", b"1"]
LATENCY_KEYS = 200
BUSY_OPS = 60_000
BUSY_S = 8
STARTS = 5
BUDGETS = {"idle_bytes_per_second": 200, "bytes_per_move": 400, "first_frame_ms": 50, "frame_ms": 16,
           "paused_bytes": 0, "idle_cpu_percent": 0.5}


class Terminal:
    def __init__(self, arguments, environment):
        self.start = time.monotonic()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.execvpe(arguments[0], arguments, environment)

    def read_for(self, seconds, stop_when_quiet=None):
        """Bytes read in `seconds`, or until nothing came for `stop_when_quiet` seconds."""
        data = b""
        end = time.monotonic() + seconds
        last = time.monotonic()
        while time.monotonic() < end:
            ready, _, _ = select.select([self.terminal], [], [], 0.01)
            if ready:
                try:
                    data += os.read(self.terminal, 65536)
                except OSError:
                    return data
                last = time.monotonic()
            elif stop_when_quiet is not None and data and time.monotonic() - last > stop_when_quiet:
                break
        return data

    def first(self, text, seconds=10):
        """Milliseconds since the start until `text` was written."""
        data = b""
        while time.monotonic() - self.start < seconds:
            ready, _, _ = select.select([self.terminal], [], [], 0.05)
            if ready:
                data += os.read(self.terminal, 65536)
                if text in data:
                    return round((time.monotonic() - self.start) * 1000, 1)
        return None

    def press(self, keys):
        """Bytes that each key brings to the terminal."""
        counts = []
        for key in keys:
            os.write(self.terminal, key)
            counts.append(len(self.read_for(0.6, 0.15)))
        return {"median": sorted(counts)[len(counts) // 2], "max": max(counts)}

    def latency(self, keys, count):
        """Milliseconds from a key to its first painted byte; what was under way is read
        before, so that it is not taken for it."""
        times = []
        for i in range(count):
            self.read_for(0.02, 0.01)
            began = time.monotonic()
            os.write(self.terminal, keys[i % len(keys)])
            if not select.select([self.terminal], [], [], 1)[0]:
                sys.exit(f"bench: {keys[i % len(keys)]} paints nothing")
            os.read(self.terminal, 65536)
            times.append((time.monotonic() - began) * 1000)
        times.sort()
        return {"p50": round(times[len(times) // 2], 2), "p99": round(times[len(times) * 99 // 100], 2)}

    def frame(self, count=20):
        """Milliseconds from a key that draws everything anew to the last byte of it."""
        times = []
        for _ in range(count):
            self.read_for(0.05, 0.02)
            began = last = time.monotonic()
            os.write(self.terminal, b"\x0c")
            while select.select([self.terminal], [], [], 0.06)[0]:
                os.read(self.terminal, 65536)
                last = time.monotonic()
            times.append((last - began) * 1000)
        return round(sorted(times)[len(times) // 2], 2)

    def idle(self, seconds=QUIET_S):
        cpu = machine.cpu_seconds(self.pid)
        count = len(self.read_for(seconds))
        cpu = machine.cpu_seconds(self.pid) - cpu
        return {"idle_bytes_per_second": round(count / seconds, 1),
                "idle_cpu_percent": round(cpu / seconds * 100, 2), "resident_kib": machine.resident_kib(self.pid)}

    def end(self, keys=b""):
        for byte in keys:
            os.write(self.terminal, bytes([byte]))
            self.read_for(0.5, 0.2)
        for number in (signal.SIGTERM, signal.SIGKILL):
            for _ in range(100):
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    os.close(self.terminal)
                    return
                self.read_for(0.05)
            os.kill(self.pid, number)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


def first_frame(arguments, environment, text):
    """The median of several starts: one alone says more of the machine than of the program."""
    times = []
    for _ in range(STARTS):
        it = Terminal(arguments, environment)
        times.append(it.first(text) or 10_000)
        it.end(b"q")
    return sorted(times)[STARTS // 2]


def quiet(binary, environment):
    """Nothing happens: the dashboard, then what keys cost."""
    arguments = [binary, "console", "--no-worker"]
    figures = {"first_frame_ms": first_frame(arguments, environment, b"LOCKSTEP")}
    it = Terminal(arguments, environment)
    it.first(b"LOCKSTEP")
    it.read_for(4)
    figures.update(it.idle())
    os.write(it.terminal, b"=")
    it.read_for(8)  # what says so goes away by itself
    figures["paused_bytes"] = len(it.read_for(10))
    os.write(it.terminal, b"=4")
    it.read_for(1)
    figures["bytes_per_move"] = it.press(MOVES)
    figures["bytes_per_screen"] = it.press(SCREENS)
    figures["frame_ms"] = it.frame()
    os.write(it.terminal, b"4jjj")
    it.read_for(1)
    figures["key_to_paint_ms"] = it.latency([b"j", b"k"], LATENCY_KEYS)
    it.end(b"1q")
    return figures


def busy(binary, environment, url):
    """The embedded worker at full speed; how fast it was, too."""
    def count():
        return int(psql(url, "select count(*) from lockstep.ops where key like 'busy:%' and state = 'done'"))
    psql(url, f"select count(lockstep.enqueue('memo', jsonb_build_object('text', 'busy ' || n), 'busy:' || n)) "
              f"from generate_series(1, {BUSY_OPS}) n")
    it = Terminal([binary, "console"], environment)
    it.first(b"LOCKSTEP")
    it.read_for(3)
    os.write(it.terminal, b"4jjj")
    it.read_for(0.5)
    done, began = count(), time.monotonic()
    figures = it.latency([b"j", b"k"], LATENCY_KEYS)
    figures["done_per_second"] = round((count() - done) / (time.monotonic() - began))
    os.write(it.terminal, b"1")
    it.read_for(1)
    done = count()
    figures["dash_bytes_per_second"] = round(len(it.read_for(BUSY_S)) / BUSY_S)
    figures["dash_done_per_second"] = round((count() - done) / BUSY_S)
    it.end(b"1qy")
    return figures


def psql(url, text):
    return subprocess.run(["psql", "-XAtq", "-d", url, "-c", text], check=True, capture_output=True, text=True).stdout.strip()


def frozen(binary, environment, url):
    """The server is stopped: it takes what is sent and answers nothing."""
    it = Terminal([binary, "console", "--no-worker"], environment)
    it.first(b"LOCKSTEP")
    it.read_for(2)
    os.write(it.terminal, b"4jjj")
    it.read_for(1)
    with open(os.path.join(psql(url, "show data_directory"), "postmaster.pid"), encoding="ascii") as text:
        postmaster = int(text.readline())
    found = subprocess.run(["pgrep", "-P", str(postmaster)], capture_output=True, text=True, check=False).stdout
    pids = [postmaster] + [int(line) for line in found.split()]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        figures = it.latency([b"j", b"k"], LATENCY_KEYS)
    finally:
        for pid in reversed(pids):
            os.kill(pid, signal.SIGCONT)
    it.read_for(2)
    it.end(b"1q")
    return figures


def rival(arguments, environment, down, quit_keys):
    if shutil.which(arguments[0]) is None:
        return None
    text = b"CPU" if arguments[0] == "htop" else b"PostgreSQL"
    figures = {"first_frame_ms": first_frame(arguments, environment, text)}
    it = Terminal(arguments, environment)
    it.first(text)
    it.read_for(4)
    figures.update(it.idle())
    figures["bytes_per_move"] = it.press([down] * 7)
    figures["key_to_paint_ms"] = it.latency([down], 40)
    it.end(quit_keys)
    return figures


def measure(binary, environment, url):
    # Rows to move over, which nobody works on.
    psql(url, "select count(lockstep.enqueue('memo', '{\"text\": \"x\"}', 'later:' || n, null, 3::smallint, "
              "now() + interval '1 day')) from generate_series(1, 60) n")
    environment = dict(environment, TERM="xterm-256color", LANG="C.UTF-8", COLUMNS=str(COLUMNS), LINES=str(ROWS))
    figures = {"columns": COLUMNS, "rows": ROWS, "lockstep": quiet(binary, environment),
               "htop": rival(["htop"], environment, b"\x1b[B", b"q"),
               "pg_activity": rival(["pg_activity", url], environment, b"\x1b[B", b"q")}
    figures["lockstep"]["key_to_paint_frozen_ms"] = frozen(binary, environment, url)
    figures["lockstep"]["key_to_paint_busy_ms"] = busy(binary, environment, url)
    print(table(figures), file=sys.stderr)
    return figures


def cell(figures, name, part):
    value = (figures or {}).get(name)
    if isinstance(value, dict):
        value = value.get(part)
    return "-" if value is None else f"{value:,}"


def table(figures):
    rows = [("first frame, ms", "first_frame_ms", ""), ("whole frame, ms", "frame_ms", ""),
            ("idle, bytes a second", "idle_bytes_per_second", ""), ("paused for 10 s, bytes", "paused_bytes", ""),
            ("cursor key, bytes (median)", "bytes_per_move", "median"), ("cursor key, bytes (most)", "bytes_per_move", "max"),
            ("another screen, bytes (median)", "bytes_per_screen", "median"), ("idle, % of a core", "idle_cpu_percent", ""),
            ("resident, KiB", "resident_kib", ""), ("key to paint, ms (p50)", "key_to_paint_ms", "p50"),
            ("key to paint, ms (p99)", "key_to_paint_ms", "p99"),
            ("the same, worker at full speed (p50)", "key_to_paint_busy_ms", "p50"),
            ("the same, worker at full speed (p99)", "key_to_paint_busy_ms", "p99"),
            ("operations a second then", "key_to_paint_busy_ms", "done_per_second"),
            ("dashboard behind it, bytes a second", "key_to_paint_busy_ms", "dash_bytes_per_second"),
            ("operations a second then", "key_to_paint_busy_ms", "dash_done_per_second"),
            ("the same, database frozen (p50)", "key_to_paint_frozen_ms", "p50"),
            ("the same, database frozen (p99)", "key_to_paint_frozen_ms", "p99")]
    lines = [f"{COLUMNS}x{ROWS}{'':32}{'budget':>9}{'lockstep':>11}{'htop':>11}{'pg_activity':>13}"]
    for title, name, part in rows:
        budget = BUDGETS.get(name)
        own = cell(figures["lockstep"], name, part)
        missed = budget is not None and own != "-" and float(own.replace(",", "")) > budget
        lines.append(f"{title:<38}{'' if budget is None else '<= ' + str(budget):>9}{own + (' !' if missed else ''):>11}"
                     f"{cell(figures['htop'], name, part):>11}{cell(figures['pg_activity'], name, part):>13}")
    return "\n".join(lines)
