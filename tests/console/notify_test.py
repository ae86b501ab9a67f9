"""`lockstep notify` against a real notification daemon (dunst) on a session bus of the test's
own, under Xvfb: what is shown, updated, closed, and what its buttons do."""
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import unittest

from world import FOREVER, LOCKSTEP, URL, ConsoleCase, sql, wait

DUNSTRC = """[global]
dmenu = {menu}
notification_limit = 20
markup = full
idle_threshold = 0
"""


# A session bus that starts no service by itself: it would start a dunst of its own in a race
# with the test's, which then is another one than the test stops.
BUS = """<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class Calls:
    """What goes over the bus to and from the notification daemon, as dbus-monitor tells."""

    def __init__(self, environment):
        self.lock = threading.Lock()
        self.blocks = []
        self.monitor = subprocess.Popen(
            ["stdbuf", "-oL", "dbus-monitor", "--session", "interface='org.freedesktop.Notifications'",
             "type='method_return'"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.monitor.stdout:
            with self.lock:
                if re.match(r"(method call|method return|signal|error) ", line):
                    self.blocks.append([line.rstrip()])
                elif self.blocks:
                    self.blocks[-1].append(line.strip())

    def of(self, member):
        with self.lock:
            return [list(block) for block in self.blocks if f"member={member}" in block[0]]

    def notices(self):
        """(replaces, title, body, actions) of each Notify."""
        found = []
        for block in self.of("Notify"):
            strings = [re.fullmatch(r'string "(.*)"', line).group(1) for line in block if line.startswith('string "')]
            numbers = [int(line.split()[1]) for line in block if line.startswith("uint32 ")]
            if len(strings) >= 4 and numbers and any(line.startswith("int32 ") for line in block):
                found.append((numbers[0], strings[2], strings[3], strings[4:]))
        return found

    def closed(self):
        return [int(block[1].split()[1]) for block in self.of("CloseNotification") if len(block) > 1]

    def close(self):
        self.monitor.terminate()
        self.monitor.wait(FOREVER)
        self.monitor.stdout.close()


class Notify(ConsoleCase):
    def setUp(self):
        self.environment = dict(os.environ)
        self.environment.pop("WAYLAND_DISPLAY", None)
        read, write = os.pipe()
        self.start(["Xvfb", "-displayfd", str(write), "-screen", "0", "800x600x24", "-nolisten", "tcp"], pass_fds=[write])
        os.close(write)
        with os.fdopen(read) as display:
            self.environment["DISPLAY"] = ":" + display.readline().strip()
        with open("bus.conf", "w", encoding="utf-8") as config:
            config.write(BUS)
        bus = self.start(["dbus-daemon", "--config-file=bus.conf", "--nofork", "--print-address"], stdout=subprocess.PIPE, text=True)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        self.addCleanup(bus.stdout.close)
        menu = os.path.abspath("menu.sh")
        with open(menu, "w", encoding="utf-8") as script:  # picks Acknowledge, as a person would
            script.write("#!/bin/sh\ngrep -m1 Acknowledge\n")
        os.chmod(menu, 0o755)
        with open("dunstrc", "w", encoding="utf-8") as config:
            config.write(DUNSTRC.format(menu=menu))
        self.dunst = self.start_dunst()
        self.calls = Calls(self.environment)
        self.addCleanup(self.calls.close)
        self.addCleanup(lambda: sql("UPDATE lockstep.alert SET state = 2"))
        sql("UPDATE lockstep.alert SET state = 2")

    def start(self, arguments, **more):
        with open("desktop.err", "ab") as errors:
            process = subprocess.Popen(arguments, env=self.environment, stderr=errors, **more)
        self.addCleanup(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        if process.poll() is None:
            process.terminate()
            process.wait(FOREVER)

    def start_dunst(self):
        dunst = self.start(["dunst", "-config", os.path.abspath("dunstrc")], stdout=subprocess.DEVNULL)
        self.assertTrue(wait(lambda: self.dunstctl("count", "displayed").isdigit(), 15), "dunst does not start")
        return dunst

    def dunstctl(self, *arguments):
        return subprocess.run(["dunstctl", *arguments], env=self.environment, capture_output=True, text=True,
                              timeout=FOREVER, check=False).stdout.strip()

    def config(self, name="notify.conf", url=URL, more=""):
        with open(os.environ["LOCKSTEP_CONFIG"], encoding="utf-8") as text:
            config = text.read().replace("desktop = off", "desktop = auto\n" + more).replace(URL, url)
        with open(name, "w", encoding="utf-8") as text:
            text.write(config)
        return name

    def notify(self, config=None):
        process = self.start([LOCKSTEP, "notify", "--config", config or self.config()])
        self.assertTrue(wait(lambda: int(sql("SELECT count(*) FROM pg_stat_activity"
                                             " WHERE application_name = 'lockstep notify'")) > 0, 15))
        return process

    def fire(self, subject, severity=1, message="something is wrong"):
        sql(f"SELECT lockstep.alert_fire('test', '{subject}', {severity}::smallint, $t${message}$t$)")
        return int(sql("SELECT max(id) FROM lockstep.alert"))

    def shows(self, title, seconds=15):
        self.assertTrue(wait(lambda: any(title in notice[1] for notice in self.calls.notices()), seconds),
                        f"'{title}' is not shown: {self.calls.notices()}")
        return [notice for notice in self.calls.notices() if title in notice[1]][-1]

    def displayed(self):
        return int(self.dunstctl("count", "displayed"))

    def assert_displayed(self, count):
        self.assertTrue(wait(lambda: self.displayed() == count, 15), f"{self.displayed()} are displayed, not {count}")

    def test_an_alert_is_shown_updated_in_place_and_closed(self):
        process = self.notify()
        alert = self.fire("a <b>b</b>", 1, "<b>bold</b> & <img src=x> \x1b[31m\u202e")
        replaces, title, body, actions = self.shows("test a <b>b</b>")
        self.assertEqual(replaces, 0)
        self.assertTrue(title.startswith("warning: "))
        self.assertIn("&lt;b&gt;bold&lt;/b&gt; &amp; &lt;img", body)
        self.assertIn("&lt;U+001B&gt;[31m&lt;U+202E&gt;", body)
        self.assertIn("acknowledge", actions)
        self.assertIn("default", actions)
        self.assert_displayed(1)

        sql(f"UPDATE lockstep.alert SET severity = 2, message = 'worse' WHERE id = {alert}")
        replaces, _title, body, _actions = self.shows("critical: test")
        self.assertGreater(replaces, 0)
        self.assertEqual(body, "worse")
        self.assert_displayed(1)

        sql(f"UPDATE lockstep.alert SET state = 2 WHERE id = {alert}")
        self.assertTrue(wait(lambda: replaces in self.calls.closed(), 15))
        self.assert_displayed(0)
        process.terminate()
        self.assertEqual(process.wait(10), 0)

    def test_the_button_acknowledges_in_the_database_as_the_operator(self):
        self.notify()
        alert = self.fire("button", 2)
        self.shows("test button")
        self.assert_displayed(1)
        self.dunstctl("context")
        self.assertTrue(wait(lambda: sql(f"SELECT state FROM lockstep.alerts WHERE id = {alert}") == "acked", 15))
        actor, reason = sql("SELECT actor, reason FROM lockstep.audit_log WHERE action = 'alert.ack'"
                            " ORDER BY seq DESC LIMIT 1").split("|")
        self.assertEqual((actor, reason), ("postgres", "acknowledged from the desktop"))
        self.assert_displayed(0)

    def test_who_may_not_acknowledge_is_told_so(self):
        sql("CREATE ROLE looker LOGIN IN ROLE lockstep_viewer")
        self.addCleanup(sql, "DROP ROLE looker")
        process = self.notify(self.config(url=URL.replace("user=postgres", "user=looker")))
        alert = self.fire("refused", 2)
        self.shows("test refused")
        self.assert_displayed(1)
        self.dunstctl("context")
        _replaces, _title, body, _actions = self.shows("not acknowledged")
        self.assertIn("lockstep role", body)
        self.assertEqual(sql(f"SELECT state FROM lockstep.alerts WHERE id = {alert}"), "firing")
        self.stop(process)

    def test_open_starts_the_configured_command_at_the_alert(self):
        script = os.path.abspath("open.sh")
        with open(script, "w", encoding="utf-8") as text:
            text.write('#!/bin/sh\nprintf "%s|%s|%s" "$1" "$2" "$LOCKSTEP_CONFIG" >opened.part && mv opened.part opened\n')
        os.chmod(script, 0o755)
        self.notify(self.config(more=f"open = {script} %i --alert=%i"))
        alert = self.fire("opened", 2)
        self.shows("test opened")
        self.assert_displayed(1)
        self.dunstctl("action", "0")
        self.assertTrue(wait(lambda: os.path.exists("opened"), 15), "nothing was started")
        with open("opened", encoding="utf-8") as text:
            self.assertEqual(text.read().split("|"), [str(alert), f"--alert={alert}", "notify.conf"])
        # And the console does begin there.
        for i in range(3):
            self.fire(f"newer {i}")
        terminal = self.console("--no-worker", "--alert", str(alert))
        self.sees(terminal, "[6 Alerts", "opened")
        terminal.press("A")
        self.sees(terminal, f"alert {alert}")

    def test_a_storm_is_a_few_notifications_and_one_about_the_rest(self):
        self.notify()
        sql("SELECT count(lockstep.alert_fire('storm', 's' || i, 1::smallint, 'm')) FROM generate_series(1, 60) i")
        self.shows("55 more alerts fire")  # all sixty are dealt with
        self.assertLessEqual(len(self.calls.notices()), 8)
        self.assertLessEqual(self.displayed(), 6)

    def test_it_survives_the_daemon_and_the_database(self):
        process = self.notify()
        self.fire("survivor", 2)
        self.shows("test survivor")
        before = len(self.calls.notices())
        self.stop(self.dunst)
        self.dunst = self.start_dunst()
        self.assertTrue(wait(lambda: len(self.calls.notices()) > before, 20), "it is not shown again")
        self.assert_displayed(1)
        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lockstep notify'")
        self.fire("after", 2)
        self.shows("test after")
        # A daemon that is stuck keeps nothing from ending.
        os.kill(self.dunst.pid, signal.SIGSTOP)
        self.fire("stuck", 2)
        self.shows("test stuck")  # asked of the daemon, which does not answer
        process.terminate()
        ended = process.wait(15)
        os.kill(self.dunst.pid, signal.SIGCONT)
        self.assertEqual(ended, 0)

    def test_one_notifier_a_session_and_a_console_beside_it_is_silent(self):
        self.notify()
        second = subprocess.run([LOCKSTEP, "notify", "--config", "notify.conf"], env=self.environment, timeout=FOREVER,
                                capture_output=True, text=True, check=False)
        self.assertEqual(second.returncode, 4)
        self.assertIn("runs already", second.stderr)
        bus = {"DBUS_SESSION_BUS_ADDRESS": self.environment["DBUS_SESSION_BUS_ADDRESS"]}
        terminal = self.console("--no-worker", "--config", "notify.conf", environment=bus)
        self.sees(terminal, "[1 Dash]")
        self.fire("once", 2)
        self.shows("test once")
        terminal.press("6")
        self.sees(terminal, "once")
        terminal.settle(3)
        self.assertEqual(len([notice for notice in self.calls.notices() if "test once" in notice[1]]), 1)

    def test_without_a_desktop_it_waits_for_one(self):
        environment = dict(self.environment, DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere/bus")
        process = subprocess.Popen([LOCKSTEP, "notify", "--config", self.config()], env=environment,
                                   stderr=subprocess.PIPE, text=True)
        line = process.stderr.readline()
        self.assertIn("notify.no_desktop", line)
        self.assertIsNone(process.poll())
        process.terminate()
        self.assertEqual(process.wait(15), 0)
        process.stderr.close()


if __name__ == "__main__":
    for tool in ("Xvfb", "dunst", "dunstctl", "dbus-daemon", "dbus-monitor"):
        if shutil.which(tool) is None:
            sys.exit(f"notify_test: {tool} is missing: apt-get install xvfb dunst dbus")
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
