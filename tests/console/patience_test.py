"""What the console waits for: never for the desktop, never with a transaction open."""
import os
import random
import socket
import sys
import threading
import time
import unittest

from world import ConsoleCase, Session, enqueue, sql

OPEN_MS_MAX = 500  # a transaction of several readings, on a busy machine


class Transactions(ConsoleCase):
    def watch(self, until):
        """The longest that a session of a console stood in an open transaction without
        running anything, and how often it was looked at."""
        longest, looks = 0.0, 0
        session = Session()
        while not until.is_set():
            row = session.row("SELECT count(*), coalesce(max(extract(epoch FROM clock_timestamp() - state_change) * 1000)"
                      " FILTER (WHERE state LIKE 'idle in transaction%'), 0) FROM pg_stat_activity"
                      " WHERE application_name = 'lockstep console'")
            sessions, open_ms = row.split("|")
            looks += int(sessions) > 0
            longest = max(longest, float(open_ms))
        session.close()
        return longest, looks

    def watched(self, use):
        over, found = threading.Event(), []
        watcher = threading.Thread(target=lambda: found.append(self.watch(over)))
        watcher.start()
        try:
            use()
        finally:
            over.set()
            watcher.join()
        longest, looks = found[0]
        self.assertGreater(looks, 10, "the console's session was not seen")
        self.assertLess(longest, OPEN_MS_MAX, "a transaction is held open")

    def test_no_transaction_is_held_open_while_it_is_used(self):
        enqueue(200, "used")
        terminal = self.console()
        keys = random.Random(5)

        def use():
            for screen in "12346784":
                terminal.press(screen)
                terminal.pump(0.1)
                terminal.press("".join(keys.choice("jjjk+ ") for _ in range(5)) + "\r")
                terminal.pump(0.2)
                terminal.press("e][\x1b")
                terminal.pump(0.2)
            terminal.press("H")  # a dialog stays open while a person thinks
            terminal.pump(1.5)
            terminal.press("\x1b\x1b")
            terminal.pump(0.2)

        self.watched(use)

    def test_no_transaction_is_held_open_while_nobody_reads_the_terminal(self):
        terminal = self.console("--no-worker", columns=300, rows=90)
        for _ in range(40):
            try:
                os.write(terminal.master, b"1\x0c4\x0c7\x0c")
            except BlockingIOError:
                break
            time.sleep(0.02)
        self.watched(lambda: time.sleep(3))
        self.assertFalse(terminal.has_ended())


class Desktop(ConsoleCase):
    def setUp(self):
        """A session bus that takes connections and never says a word."""
        self.path = os.path.join(os.getcwd(), "silent-bus")
        self.bus = socket.socket(socket.AF_UNIX)
        self.bus.bind(self.path)
        self.bus.listen(8)
        self.addCleanup(os.unlink, self.path)
        self.addCleanup(self.bus.close)
        with open(os.environ["LOCKSTEP_CONFIG"], encoding="utf-8") as text:
            config = text.read().replace("desktop = off", "desktop = auto")
        with open("desktop.conf", "w", encoding="utf-8") as text:
            text.write(config)

    def test_a_desktop_bus_that_never_answers_stalls_nothing(self):
        began = time.monotonic()
        terminal = self.console("--no-worker", "--config", "desktop.conf",
                                environment={"DBUS_SESSION_BUS_ADDRESS": "unix:path=" + self.path})
        self.assertLess(time.monotonic() - began, 1.9, "it waited for the bus")
        self.bus.settimeout(10)
        connection, _ = self.bus.accept()
        self.addCleanup(connection.close)
        sql("SELECT lockstep.alert_fire('test', 'silent', 2::smallint, 'nobody hears it')")
        for key, shown in (("6", "nobody hears it"), ("8", "[8 Health"), ("1", "[1 Dash")):
            began = time.monotonic()
            terminal.press(key)
            self.sees(terminal, shown)
            self.assertLess(time.monotonic() - began, 3)
        terminal.press("q")
        self.ends(terminal)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
