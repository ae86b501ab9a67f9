"""What the console costs a terminal: first frame, bytes a second idle, bytes a key."""
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

import machine

COLUMNS, ROWS = 120, 40
# On the list of operations: moving the cursor; and what repaints most of the screen.
MOVES = [b"j", b"j", b"k", b"j", b"k", b"k", b"j"]
SCREENS = [b"2", b"4", b"7", b"1"]


def read_for(terminal, seconds, stop_when_quiet=None):
    """Bytes read in `seconds`, or until nothing came for `stop_when_quiet` seconds."""
    data = b""
    end = time.monotonic() + seconds
    last = time.monotonic()
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 0.01)
        if ready:
            try:
                data += os.read(terminal, 65536)
            except OSError:
                return data
            last = time.monotonic()
        elif stop_when_quiet is not None and data and time.monotonic() - last > stop_when_quiet:
            break
    return data


def first_frame(terminal, start):
    """Milliseconds until the product's name stands on the screen."""
    data = b""
    while time.monotonic() - start < 10:
        ready, _, _ = select.select([terminal], [], [], 0.05)
        if ready:
            data += os.read(terminal, 65536)
            if b"LOCKSTEP" in data:
                return (time.monotonic() - start) * 1000
    return None


def press(terminal, keys):
    """Bytes that each key brings to the terminal."""
    counts = []
    for key in keys:
        os.write(terminal, key)
        counts.append(len(read_for(terminal, 0.6, 0.15)))
    return counts


def measure(binary, environment):
    environment = dict(environment, TERM="xterm-256color", LANG="C.UTF-8", COLUMNS=str(COLUMNS), LINES=str(ROWS))
    start = time.monotonic()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(binary, [binary, "console", "--no-worker"], environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    frame_ms = first_frame(terminal, start)
    read_for(terminal, 4)
    cpu = machine.cpu_seconds(pid)
    idle = len(read_for(terminal, 20))
    cpu = machine.cpu_seconds(pid) - cpu
    resident = machine.resident_kib(pid)
    os.write(terminal, b"4")
    read_for(terminal, 1)
    moves = press(terminal, MOVES)
    screens = press(terminal, SCREENS)
    os.write(terminal, b"q")
    read_for(terminal, 1)
    os.write(terminal, b"y")
    read_for(terminal, 2)
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        pass
    os.waitpid(pid, 0)
    return {"columns": COLUMNS, "rows": ROWS, "first_frame_ms": frame_ms and round(frame_ms, 1),
            "idle_bytes_per_second": round(idle / 20, 1), "idle_cpu_percent": round(cpu / 20 * 100, 2),
            "resident_kib": resident,
            "bytes_per_move": {"median": sorted(moves)[len(moves) // 2], "max": max(moves)},
            "bytes_per_screen": {"median": sorted(screens)[len(screens) // 2], "max": max(screens)}}
