"""The paused view on a real terminal: not one byte while everything behind it works, and what
must not be missed is said once."""
import sys
import threading
import time
import unittest

from world import FOREVER, ConsoleCase, Frozen, done, enqueue, sql, wait

NOTE_S = 8      # what says that it is paused goes away by itself
WATCHED_S = 12  # at the least, and across the change of a minute
BATCH = 50


class Traffic:
    """Operations that come all the time, of which some fail, while it lasts."""

    def __enter__(self):
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def run(self):
        number = 0
        while not self.over.wait(0.3):
            number += 1
            enqueue(BATCH, f"paused:{number}")
            sql(f"SELECT lockstep.enqueue('memo', '{{\"text\": \"x\"}}', 'later:{number}', NULL, 3::smallint, "
                "now() + interval '1 hour')")

    def __exit__(self, *_what):
        self.over.set()
        self.thread.join()


class Paused(ConsoleCase):
    def pause(self, terminal):
        terminal.press("=")
        self.sees(terminal, "PAUSED since")
        terminal.until(lambda: False, NOTE_S)
        self.assertNotIn("the view is paused", terminal.screen.text())

    def assert_nothing_is_written(self, terminal, end):
        """Until `end`, seconds since 1970."""
        before = terminal.screen.lines()
        got = b""
        while time.time() < end:
            got += terminal.pump(0.2)
        changed = [(old, new) for old, new in zip(before, terminal.screen.lines()) if old != new]
        self.assertEqual(got, b"", f"{len(got)} bytes; lines that changed: {changed}")

    def test_it_costs_nothing_while_the_worker_works(self):
        with Traffic():
            terminal = self.console(columns=120, rows=40)
            self.assertTrue(wait(lambda: done("paused") > BATCH, FOREVER), "the worker does nothing")
            self.pause(terminal)
            worked = done("paused")
            now = time.time()
            self.assert_nothing_is_written(terminal, max(now + WATCHED_S, now // 60 * 60 + 62))
            self.assertGreater(done("paused"), worked + BATCH, "nothing went on that it could have shown")
            terminal.press("4")
            self.sees(terminal, "[4 Queue", "PAUSED since")
            terminal.settle()
            self.assert_nothing_is_written(terminal, time.time() + 5)
            terminal.press("1=")
            self.sees(terminal, "LIVE")
            shown = terminal.received
            self.assertTrue(terminal.until(lambda: terminal.received > shown + 100), "live again, nothing flows")
            self.assert_clean(terminal)

    def test_a_database_that_answers_nothing_is_said_once(self):
        terminal = self.console("--no-worker")
        self.pause(terminal)
        with Frozen():
            self.sees(terminal, "STALE since", "PAUSED", "No answer: connection")  # the last reason
            terminal.settle()
            self.assert_nothing_is_written(terminal, time.time() + 7)
        self.assertTrue(terminal.until(lambda: "STALE" not in terminal.screen.text()), terminal.screen.text())
        self.sees(terminal, "PAUSED since")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
