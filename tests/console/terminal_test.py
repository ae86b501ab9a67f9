"""What happens to a terminal at night, one condition a test: who is stalled, who is not,
what becomes of the worker and its leases, and what the screen shows afterwards."""
import os
import random
import signal
import sys
import time
import unittest


from world import (FOREVER, ConsoleCase, Frozen, bindir, done, enqueue, postmaster, sql,
                   wait)

SPIN = 0.5  # of a core, on a busy machine and under sanitizers: a loop without end takes all of it


def hold(prefix):
    """One operation that waits for an hour, to act on."""
    sql(f"""SELECT lockstep.enqueue('memo', '{{"text": "x"}}', '{prefix}', NULL, 3::smallint,
                                    now() + interval '1 hour')""")


class Stalls(ConsoleCase):
    def test_a_terminal_that_nobody_reads_stalls_the_screen_alone(self):
        terminal = self.console(columns=200, rows=60)
        self.sees(terminal, "worker")
        enqueue(400, "stalled")
        # Without a reader: make it draw until the pipe is full, then look at the worker alone.
        os.write(terminal.master, b"1\x0c4\x0c" * 60)
        self.assertTrue(wait(lambda: done("stalled") == 400, FOREVER), f"{done('stalled')} of 400 are done")
        beats = "SELECT heartbeat_at FROM lockstep.worker ORDER BY id DESC LIMIT 1"
        before = sql(beats)
        self.assertTrue(wait(lambda: sql(beats) > before, 10), "the worker's heart stands still")
        # Read again: the screen catches up.
        terminal.press("4")
        self.sees(terminal, "stalled:399", "DONE")
        self.assert_clean(terminal)
        terminal.press("1q")
        self.sees(terminal, "y quits")
        terminal.press("y")
        self.ends(terminal)
        self.assert_worker_left()

    def test_told_to_stop_while_its_terminal_is_stalled_it_still_gives_its_leases_back(self):
        terminal = self.console(columns=300, rows=90)
        self.sees(terminal, "worker")
        for _ in range(40):
            try:
                os.write(terminal.master, b"1\x0c4\x0c7\x0c")
            except BlockingIOError:
                break
            time.sleep(0.02)
        os.kill(terminal.pid, signal.SIGTERM)
        end = time.monotonic() + 25
        while not terminal.has_ended() and time.monotonic() < end:
            time.sleep(0.1)  # nothing is read
        self.assertEqual(terminal.status, 1, "it was not stuck, or does not end")
        self.assert_worker_left()


class Ends(ConsoleCase):
    def test_a_hang_up_ends_it_and_the_worker_finishes_what_it_writes(self):
        terminal = self.console()
        self.sees(terminal, "worker")
        enqueue(2000, "hup")
        self.assertTrue(wait(lambda: done("hup") > 0))
        os.kill(terminal.pid, signal.SIGHUP)
        self.ends(terminal)
        self.assert_worker_left()
        # Nothing is lost and nothing is done twice: another worker goes on.
        second = self.console()
        self.assertTrue(second.until(lambda: done("hup") == 2000, FOREVER), f"{done('hup')} of 2000")
        twice = sql("SELECT count(*) FROM lockstep.attempts WHERE state = 'landed' AND op IN (SELECT id FROM "
                    "lockstep.ops WHERE key LIKE 'hup:%') GROUP BY op HAVING count(*) > 1 LIMIT 1")
        self.assertEqual(twice, "")

    def test_a_terminal_that_is_gone_ends_it_without_a_spin(self):
        terminal = self.console()
        self.sees(terminal, "worker")
        enqueue(500, "gone")
        self.assertTrue(wait(lambda: done("gone") > 0))
        terminal.hang_up()
        self.ends(terminal)
        self.assert_worker_left()

    def test_a_terminal_that_is_gone_ends_it_where_hang_ups_are_ignored(self):
        # As under nohup: no signal tells it.
        terminal = self.console("--no-worker", before=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        terminal.hang_up()
        self.ends(terminal)

    def test_quitting_while_the_database_is_frozen_ends_in_time(self):
        terminal = self.console("--no-worker")
        with Frozen():
            self.sees(terminal, "STALE")
            terminal.press("q")
            self.ends(terminal, seconds=20)
        self.assert_clean(terminal)


class Stops(ConsoleCase):
    def test_ctrl_z_and_sigtstp_do_not_stop_an_embedded_worker(self):
        terminal = self.console()
        self.sees(terminal, "worker")
        terminal.press("\x1a")
        self.sees(terminal, "would stop the embedded worker")
        os.kill(terminal.pid, signal.SIGTSTP)
        self.sees(terminal, "SIGTSTP would stop the embedded worker")
        self.assertNotEqual(terminal.state(), "T")
        enqueue(20, "tstp")
        self.assertTrue(terminal.until(lambda: done("tstp") == 20, FOREVER))

    def test_without_a_worker_it_stops_gives_the_terminal_back_and_draws_again(self):
        terminal = self.console("--no-worker", has_shell=True)
        for stop in (lambda: terminal.press("\x1a"), lambda: os.kill(terminal.pid, signal.SIGTSTP)):
            stop()
            self.assertTrue(terminal.until(lambda: terminal.state() == "T"), "it does not stop")
            self.assertTrue(terminal.until(lambda: b"2004" not in terminal.screen.modes, 5))
            self.assertNotIn(b"1049", terminal.screen.modes)
            os.kill(terminal.pid, signal.SIGCONT)
            self.sees(terminal, "LOCKSTEP", "LIVE")
            self.assertTrue(terminal.until(lambda: b"2004" in terminal.screen.modes, 5))
            self.assertIn(b"1049", terminal.screen.modes)
        terminal.press("8")
        self.sees(terminal, "[8 Health")
        self.assert_clean(terminal)

    def test_frozen_and_thawed_it_draws_everything_again(self):
        terminal = self.console("--no-worker")
        os.kill(terminal.pid, signal.SIGSTOP)
        self.assertTrue(terminal.until(lambda: terminal.state() == "T"))
        terminal.pump(0.1)
        terminal.screen.clear()  # somebody else wrote over it
        os.kill(terminal.pid, signal.SIGCONT)
        self.sees(terminal, "LOCKSTEP", "[1 Dash", "? help")


class Sizes(ConsoleCase):
    def test_a_thousand_resizes_leave_the_screen_right_and_nothing_behind(self):
        random.seed(4)
        terminal = self.console("--no-worker")
        terminal.press("4")
        for i in range(1000):
            special = {200: (1, 1), 400: (500, 200), 600: (2, 1), 800: (60, 16)}
            columns, rows = special.get(i, (random.randint(1, 300), random.randint(1, 100)))
            terminal.resize(columns, rows)
            if i % 7 == 0:
                terminal.press(random.choice("1234678jk"))
            terminal.pump(0.002)
            self.assertFalse(terminal.has_ended(), f"resize {i} to {columns}x{rows} ends it")
        for columns, rows in ((500, 200), (1, 1), (100, 30)):
            terminal.resize(columns, rows)
            terminal.settle()
        terminal.press("1")
        self.sees(terminal, "LOCKSTEP", "[1 Dash", "? help", "LIVE")
        terminal.settle()
        changed = list(terminal.screen.lines())
        terminal.press("\x0c")
        terminal.settle()
        settled = list(terminal.screen.lines())
        # What the resizes left is what drawing everything anew gives, ages aside, and where the
        # queue goes, which stands before its numbers only while it goes somewhere.
        for before, after in zip(changed, settled):
            before, after = (line[max(line.find("ready "), 0):] for line in (before, after))
            self.assertEqual(len(before.split()), len(after.split()), f"\n{before}\n{after}")
        terminal.press("q")
        self.ends(terminal)  # a leak would be another exit status under the sanitizers


class Environments(ConsoleCase):
    def first_screen(self, **environment):
        terminal = self.console("--no-worker", environment=environment)
        self.sees(terminal, "Dependencies")
        return terminal

    def test_an_unknown_or_empty_term_is_said_and_drawn_as_xterm(self):
        for term, told in (("klingon-9000", "TERM=klingon-9000 is not known here"), ("", "TERM is not set"),
                           (None, "TERM is not set")):
            terminal = self.console("--no-worker", live=False, environment={"TERM": term})
            self.sees(terminal, told)
            self.sees(terminal, "LIVE")
            self.assert_clean(terminal)
            terminal.press("q")
            self.ends(terminal)

    def test_terminals_of_few_abilities_are_drawn_too(self):
        for term in ("vt100", "linux", "screen", "xterm"):
            terminal = self.first_screen(TERM=term)
            terminal.press("48jk1q")
            self.ends(terminal)

    def test_without_a_utf8_locale_everything_is_ascii(self):
        sql("""SELECT lockstep.enqueue('memo', '{"text": "x"}', 'schlüssel:株式', NULL, 3::smallint,
                                       now() + interval '1 hour')""")
        for locale in ({"LC_ALL": "C", "LANG": None}, {"LC_ALL": "POSIX", "LANG": None},
                       {"LC_ALL": "xx_YY.ISO-8859-1", "LANG": None}):
            terminal = self.first_screen(**locale)
            got = bytearray()
            feed, terminal.screen.feed = terminal.screen.feed, lambda data: (got.extend(data), feed(data))
            for key in "12346781?":
                terminal.press(key)
                terminal.pump(0.3)
            terminal.press("\x1b")
            terminal.press("/schl\u00fcssel\r4")
            terminal.pump(0.5)
            self.assertEqual([byte for byte in got if byte >= 0x80], [], "bytes that are no ASCII")
            self.assertFalse(terminal.has_ended())


class Databases(ConsoleCase):
    def test_a_server_that_crashes_is_told_waited_for_and_found_again(self):
        terminal = self.console()
        self.sees(terminal, "worker")
        enqueue(50, "crash")
        data = sql("show data_directory")
        pid = postmaster()
        # The server runs as its own user: so does who restarts it.
        owner = os.stat(data)
        control = os.fork()
        if control == 0:
            os.setgid(owner.st_gid)
            os.setuid(owner.st_uid)
            null = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(null, fd)
            os.chdir(data)
            os.execv(os.path.join(bindir(), "pg_ctl"),
                     ["pg_ctl", "-D", data, "-m", "immediate", "-w", "-l", os.path.join(data, "server.log"), "restart"])
        self.assertTrue(terminal.until(lambda: os.waitpid(control, os.WNOHANG)[0] == control, FOREVER))
        self.assertNotEqual(postmaster(), pid)
        self.assertTrue(terminal.until(lambda: done("crash") == 50, FOREVER))
        self.sees(terminal, "LIVE", seconds=40)
        self.assertFalse(terminal.has_ended())
        self.assert_clean(terminal)

    def test_a_server_that_answers_nothing_stalls_no_key_and_no_action_goes_out(self):
        hold("frozen:1")
        terminal = self.console("--no-worker")
        terminal.press("4")
        self.sees(terminal, "frozen:1")
        with Frozen():
            for key, shown in (("8", "[8 Health"), ("1", "[1 Dash"), ("?", "search"), ("\x1b", "[1 Dash")):
                began = time.monotonic()
                terminal.press(key)
                self.sees(terminal, shown, seconds=5)
                self.assertLess(time.monotonic() - began, 2, f"{key!r} takes its time")
            self.sees(terminal, "STALE")
            terminal.press("4")
            self.sees(terminal, "[4 Queue")
            terminal.press("H")
            self.sees(terminal, "STALE: actions wait")
            cpu, began = terminal.cpu_seconds(), time.monotonic()
            terminal.until(lambda: time.monotonic() - began > 4, 5)
            self.assertLess((terminal.cpu_seconds() - cpu) / (time.monotonic() - began), SPIN, "it spins")
        self.sees(terminal, "LIVE", seconds=40)
        self.assertEqual(sql("SELECT state FROM lockstep.ops WHERE key = 'frozen:1'"), "ready")

    def test_an_action_under_way_when_the_server_freezes_is_done_once_or_said_not_to_be(self):
        hold("midway:1")
        terminal = self.console("--no-worker")
        terminal.press("/key:midway*\r4")
        self.sees(terminal, "[4 Queue", "midway:1")
        terminal.press("H")
        self.sees(terminal, "HOLD operation")
        terminal.press("INC-7\tyes")
        self.sees(terminal, "[ Go ]")
        with Frozen():
            terminal.press("\r")
            terminal.until(lambda: "STALE" in terminal.screen.text(), 15)
        self.sees(terminal, "LIVE", seconds=40)
        self.assertTrue(terminal.until(lambda: "HOLD operation" not in terminal.screen.text(), 40),
                        terminal.screen.text())
        told = terminal.screen.text()
        held = sql("SELECT state FROM lockstep.ops WHERE key = 'midway:1'") == "held"
        entries = sql("SELECT count(*) FROM lockstep.audit_log WHERE action = 'hold' AND reason = 'INC-7'")
        self.assertEqual(entries, "1" if held else "0", told)


class Keys(ConsoleCase):
    def test_floods_of_pastes_and_keys_change_nothing_and_are_survived(self):
        before = sql("SELECT count(*) FROM lockstep.audit_log")
        terminal = self.console("--no-worker")
        flood = bytes(random.Random(9).choice([b for b in range(1, 256) if b not in (0x1B,)]) for _ in range(60000))
        terminal.press(b"\x1b[200~" + flood + b"\x1b[201~")
        self.sees(terminal, "a paste is taken by input fields alone")
        terminal.press(b"\x1b[200~" + b"R\ryes\r" * 4000)  # its end never comes: Esc is not enough
        terminal.press(b"\x1b[201~")
        self.sees(terminal, "a paste is taken by input fields alone")
        keys = "".join(random.Random(3).choice("jkgG/?:\x1b12346789[]\t \r+-=*uasty") for _ in range(4000))
        terminal.press(keys.replace("\r", "\x1b"))
        terminal.press("\x1b\x1b\x1b\x1b")
        terminal.pump(0.5)
        terminal.press("\x1b1")
        self.sees(terminal, "[1 Dash")
        self.assert_clean(terminal)
        self.assertEqual(sql("SELECT count(*) FROM lockstep.audit_log"), before)

    def test_a_paste_lands_in_a_field_and_never_confirms(self):
        hold("paste:1")
        terminal = self.console("--no-worker")
        terminal.press("/key:paste*\r4")
        self.sees(terminal, "[4 Queue", "paste:1")
        terminal.press("H")
        self.sees(terminal, "HOLD operation")
        terminal.press(b"\x1b[200~INC-9\r\x1b[201~\t\x1b[200~yes\r\x1b[201~")
        self.sees(terminal, "never pasted")
        self.assertEqual(sql("SELECT state FROM lockstep.ops WHERE key = 'paste:1'"), "ready")

    def test_keys_that_are_pressed_twice_act_once(self):
        hold("twice:1")
        terminal = self.console("--no-worker")
        terminal.press("/key:twice*\r4")
        self.sees(terminal, "[4 Queue", "twice:1")
        terminal.press("HH")  # the second was typed before the dialog could be seen
        self.sees(terminal, "HOLD operation")
        terminal.press("INC-8\tyes")
        self.sees(terminal, "[ Go ]")
        terminal.press("\r\r\r")
        self.sees(terminal, "is held")
        terminal.pump(1)
        self.assertEqual(sql("SELECT state FROM lockstep.ops WHERE key = 'twice:1'"), "held")
        self.assertEqual(sql("SELECT count(*) FROM lockstep.audit_log WHERE reason LIKE '%INC-8%'"), "1")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
