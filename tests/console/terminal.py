"""A program on a pseudo-terminal whose other end is ours, and a strict terminal: it knows
the control sequences that the console is allowed to write and notes everything else as an
attack. It also keeps the screen, so that what stands where can be asked.
"""
import base64
import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import unicodedata

# What ncurses writes for xterm-256color, vt100 and their kin, and what the console adds by
# itself: bracketed paste, OSC 52 copies and OSC 8 links.
CSI = re.compile(rb"\x1b\[([?>]?)([0-9;]*)([ @A-Za-z`])")
SHORT = re.compile(rb"\x1b(?:[()][0AB]|[=>78MHDEc])")
OSC = re.compile(rb"\x1b\](?:52;c;[A-Za-z0-9+/=]*|8;[!-~]*|104)(?:\x07|\x1b\\)")
CSI_FINALS = frozenset(b"ABCDGHJKLMPSTXZ@bdhlmrt")
PRIVATE_MODES = {b"1", b"5", b"7", b"12", b"25", b"1034", b"1049", b"2004"}
PENDING_MAX = 8192
# Characters that turn, hide or join what stands around them.
INVISIBLE = set(range(0x200B, 0x2010)) | set(range(0x202A, 0x202F)) | set(range(0x2060, 0x2070)) \
    | {0xFEFF, 0x00AD, 0x061C, 0x180E} | set(range(0xE0000, 0xE0080)) | set(range(0xFFF9, 0xFFFC)) \
    | {0x2028, 0x2029}


def cells_of(character):
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


class Screen:
    """Feed it bytes; `lines()` is what a person sees, `attacks` what must never be there."""

    def __init__(self, columns, rows):
        self.attacks = []
        self.copies = []  # what was put into the clipboard
        self.bells = 0
        self.pending = b""
        self.last = " "
        self.modes = set()
        self.resize(columns, rows)

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.clear()

    def clear(self):
        self.cells = [[" "] * self.columns for _ in range(self.rows)]
        self.row = self.column = 0
        self.top, self.bottom = 0, self.rows - 1
        self.wraps = False

    def lines(self):
        return ["".join(cell for cell in row if cell is not None).rstrip() for row in self.cells]

    def text(self):
        return "\n".join(self.lines())

    def feed(self, data):
        data = self.pending + data
        at = 0
        while at < len(data):
            used = self.take(data, at)
            if used == 0:
                break
            at += used
        self.pending = data[at:]
        if len(self.pending) > PENDING_MAX:
            self.attack(self.pending[:40])
            self.pending = b""

    def attack(self, what):
        self.attacks.append(bytes(what))

    def take(self, data, at):
        byte = data[at]
        if byte == 0x1B:
            return self.escape(data, at)
        if byte < 0x20 or byte == 0x7F:
            self.control(byte)
            return 1
        if byte < 0x80:
            self.put(chr(byte))
            return 1
        return self.character(data, at)

    def character(self, data, at):
        for length in (2, 3, 4):
            part = data[at:at + length]
            try:
                character = part.decode("utf-8")
            except UnicodeDecodeError as error:
                if len(part) < length and error.reason == "unexpected end of data":
                    return 0
                continue
            scalar = ord(character)
            if scalar < 0xA0 or scalar in INVISIBLE:
                self.attack(part)
            self.put(character)
            return length
        self.attack(data[at:at + 1])
        return 1

    def escape(self, data, at):
        for pattern, act in ((CSI, self.csi), (SHORT, self.short), (OSC, self.osc)):
            match = pattern.match(data, at)
            if match:
                act(match)
                return len(match.group(0))
        rest = data[at:]
        if rest == b"\x1b" or re.fullmatch(rb"\x1b(\[[?>]?[0-9;]*|[()]|\](52?|52;|52;c|52;c;[A-Za-z0-9+/=]*|8;?|8;[!-~]*|1|10|104)?\x1b?)", rest):
            return 0  # the rest has not come yet
        self.attack(rest[:24])
        return 1

    def osc(self, match):
        if b"52;" in match.group(0):
            encoded = match.group(0).split(b";")[2].rstrip(b"\x07\\").rstrip(b"\x1b")
            text = base64.b64decode(encoded)
            self.copies.append(text)
            if any(byte < 32 or byte == 127 for byte in text):
                self.attack(text[:24])

    def short(self, match):
        if match.group(0) == b"\x1bM":
            self.reverse_index()
        elif match.group(0) == b"\x1bc":
            self.clear()

    def control(self, byte):
        if byte == 0x0D:
            self.column, self.wraps = 0, False
        elif byte == 0x0A:
            self.index()
        elif byte == 0x08:
            self.column, self.wraps = max(0, self.column - 1), False
        elif byte == 0x09:
            self.column = min(self.columns - 1, self.column // 8 * 8 + 8)
        elif byte == 0x07:
            self.bells += 1
        elif byte not in (0x0E, 0x0F, 0x00):  # shifts, and padding
            self.attack(bytes([byte]))

    def index(self):
        self.wraps = False
        if self.row == self.bottom:
            self.scroll(1)
        elif self.row < self.rows - 1:
            self.row += 1

    def reverse_index(self):
        if self.row == self.top:
            self.scroll(-1)
        elif self.row > 0:
            self.row -= 1

    def scroll(self, count):
        for _ in range(min(abs(count), self.rows)):
            if count > 0:
                del self.cells[self.top]
                self.cells.insert(self.bottom, [" "] * self.columns)
            else:
                del self.cells[self.bottom]
                self.cells.insert(self.top, [" "] * self.columns)

    def put(self, character):
        width = cells_of(character)
        if width == 0:
            return
        if self.wraps:
            self.column = 0
            self.index()
        if self.column + width > self.columns:
            return
        self.cells[self.row][self.column] = character
        if width == 2:
            self.cells[self.row][self.column + 1] = None
        self.last = character
        self.column += width
        self.wraps = self.column >= self.columns
        self.column = min(self.column, self.columns - 1)

    def csi(self, match):
        private, body, final = match.group(1), match.group(2), match.group(3)
        if final[0] not in CSI_FINALS or (private and final not in b"hl"):
            self.attack(match.group(0))
            return
        if private:
            if not set(body.split(b";")) <= PRIVATE_MODES:
                self.attack(match.group(0))
            for mode in body.split(b";"):
                (self.modes.add if final == b"h" else self.modes.discard)(mode)
            if body == b"1049":
                self.clear()
            return
        numbers = [int(part) if part else 0 for part in body.split(b";")]
        self.move(final.decode(), numbers)

    def move(self, final, numbers):
        first = max(1, numbers[0])
        if final not in "mhlrt":
            self.wraps = False
        if final == "A":
            self.row = max(0, self.row - first)
        elif final == "B":
            self.row = min(self.rows - 1, self.row + first)
        elif final == "C":
            self.column = min(self.columns - 1, self.column + first)
        elif final == "D":
            self.column = max(0, self.column - first)
        elif final == "G":
            self.column = min(self.columns - 1, first - 1)
        elif final == "d":
            self.row = min(self.rows - 1, first - 1)
        elif final == "H":
            second = max(1, numbers[1]) if len(numbers) > 1 else 1
            self.row, self.column = min(self.rows, first) - 1, min(self.columns, second) - 1
        elif final == "r":
            # What was written for another size is not believed.
            self.top = min(first, self.rows) - 1
            self.bottom = min(numbers[1] if len(numbers) > 1 and numbers[1] else self.rows, self.rows) - 1
            if self.bottom <= self.top:
                self.top, self.bottom = 0, self.rows - 1
            self.row = self.column = 0
        elif final == "b":
            for _ in range(first):
                self.put(self.last)
        else:
            self.edit(final, numbers[0], first)

    def edit(self, final, zero, first):
        line = self.cells[self.row]
        if final == "J":
            if zero == 2:
                self.cells = [[" "] * self.columns for _ in range(self.rows)]
            else:
                line[self.column:] = [" "] * (self.columns - self.column)
                for row in range(self.row + 1, self.rows):
                    self.cells[row] = [" "] * self.columns
        elif final == "K":
            start, end = {0: (self.column, self.columns), 1: (0, self.column + 1)}.get(zero, (0, self.columns))
            line[start:end] = [" "] * (end - start)
        elif final == "X":
            end = min(self.columns, self.column + first)
            line[self.column:end] = [" "] * (end - self.column)
        elif final == "P":
            del line[self.column:self.column + first]
            line += [" "] * (self.columns - len(line))
        elif final == "@":
            line[self.column:self.column] = [" "] * first
            del line[self.columns:]
        elif final in "ST":
            self.scroll(first if final == "S" else -first)
        elif final in "LM":
            if not self.top <= self.row <= self.bottom:
                return
            top, self.top = self.top, self.row
            self.scroll(-first if final == "L" else first)
            self.top = top


def as_shell(hears):
    """Returns in a child that is a job of this process, which waits and ends as the child does."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        return
    os.write(hears, struct.pack("i", child))
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            os._exit(os.waitstatus_to_exitcode(status) & 255)


class Terminal:
    """`arguments` run on a pseudo-terminal of their own; nothing is read but by pump().

    `has_shell`: as a job of a shell, in a process group of its own; what is the leader of its
    session, as without, cannot be stopped."""

    def __init__(self, arguments, columns=100, rows=30, environment=None, before=None, has_shell=False):
        self.screen = Screen(columns, rows)
        self.status = None
        self.received = 0
        self.is_gone = False
        tells, hears = os.pipe()
        self.leader, self.master = pty.fork()
        if self.leader == 0:
            try:
                if has_shell:
                    as_shell(hears)
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                if before is not None:
                    before()
                os.execvpe(arguments[0], arguments, environment or os.environ)
            finally:
                os._exit(127)
        os.close(hears)
        self.pid = struct.unpack("i", os.read(tells, 4))[0] if has_shell else self.leader
        os.close(tells)
        os.set_blocking(self.master, False)

    def pump(self, seconds=0.0):
        """Read what is there; wait for it at most so long. The bytes that came."""
        got = b""
        ready, _, _ = select.select([self.master], [], [], seconds)
        while ready:
            try:
                data = os.read(self.master, 65536)
            except OSError as error:
                if error.errno == errno.EIO:
                    self.is_gone = True
                break
            if not data:
                break
            got += data
            ready, _, _ = select.select([self.master], [], [], 0)
        self.screen.feed(got)
        self.received += len(got)
        return got

    def until(self, condition, seconds=20):
        """Pump until condition() holds; whether it did."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            self.pump(0.05)
            if self.is_gone:
                time.sleep(0.02)
        return True

    def settle(self, seconds=10):
        """Pump until nothing has come for a while."""
        end = time.monotonic() + seconds
        while self.pump(0.4) and time.monotonic() < end:
            pass

    def sees(self, *texts, seconds=20):
        return self.until(lambda: all(text in self.screen.text() for text in texts), seconds)

    def press(self, keys):
        """Write all of `keys`, reading meanwhile, as a person's terminal does."""
        data = keys.encode() if isinstance(keys, str) else keys
        if len(data) <= 2 and data.isalpha() and data.isupper():
            # A row is seen before a capital is pressed for it: nothing has come for longer than it takes.
            end = time.monotonic() + 5
            while self.pump(0.45) and time.monotonic() < end:
                pass
        end = time.monotonic() + 60
        while data and time.monotonic() < end:
            try:
                data = data[os.write(self.master, data[:1024]):]
            except BlockingIOError:
                self.pump(0.02)
            self.pump(0)

    def resize(self, columns, rows):
        self.screen.resize(columns, rows)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def hang_up(self):
        os.close(self.master)
        self.master = -1

    def state(self):
        """The kernel's letter for it: R, S, T (stopped) …"""
        with open(f"/proc/{self.pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0]

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii", errors="replace") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def has_ended(self):
        if self.status is None:
            pid, status = os.waitpid(self.leader, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def ends(self, seconds=15):
        """Whether it ends by itself in time; `status` is how."""
        end = time.monotonic() + seconds
        while not self.has_ended():
            if time.monotonic() > end:
                return False
            if self.master >= 0:
                self.pump(0.05)
            else:
                time.sleep(0.05)
        if self.master >= 0:
            self.pump(0)
        return True

    def close(self):
        if not self.has_ended():
            for pid in {self.pid, self.leader}:
                os.kill(pid, signal.SIGKILL)
            os.waitpid(self.leader, 0)
            self.status = -signal.SIGKILL
        if self.master >= 0:
            self.hang_up()
