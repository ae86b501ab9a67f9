"""The tour of docs/tour.md with everything real: an operator finds three causes on the screen and
mends them, with at most 21 keys. What is typed in full (reasons, counts, yes) is not counted."""
import json
import re
import sys
import unittest

from night import EXPIRED, OPERATIONS, POOR, Night, count
from world import FOREVER, ConsoleCase, run, sql, wait

KEYS_MAX = 21


class Operator(ConsoleCase):
    def setUp(self):
        self.night = Night()
        self.addCleanup(self.night.close)
        self.keys = 0

    def key(self, key):
        self.keys += 1
        self.terminal.press(key)

    def type(self, text):
        """Into the field that has the focus, until it stands there."""
        for _ in range(20):
            self.terminal.press("\x15" + text)
            if self.terminal.sees(text[-40:], seconds=1):  # the end of what is longer than the field
                return
        self.fail(f"the field does not take {text}:\n{self.terminal.screen.text()}")

    def endpoint_alone_fires(self):
        """The alert that A is for is the one under the cursor: others end, and move it there."""
        text = self.terminal.screen.text()
        return "1 firing, 0 acked" in text and re.search(r"▸ .* FIRING +\S+ +endpoint ", text)

    def shows(self, *texts, seconds=25):
        self.sees(self.terminal, *texts, seconds=seconds)
        if SHOW:
            print(self.terminal.screen.text())

    def confirm(self, reason, word):
        """The two lines that every action wants."""
        self.type(reason)
        self.key("\r")
        self.type(word)
        self.shows("[ Go ]")
        self.key("\r")

    def test_a_bad_night_is_mended_with_few_keys(self):
        self.night.evening()
        self.night.worsens()
        self.assertEqual(count("true"), OPERATIONS)
        self.assertNotIn("blocks from", run("show", "lost:0").stdout)
        self.terminal = self.console("--no-worker")

        # Is it bad, since when, was anything sent twice?
        self.shows(f"{EXPIRED + POOR} failed, 1 held.", "Nothing was sent twice. 1 outcome is UNKNOWN", "DOWN",
                   f"retry these {EXPIRED}", "copy address, fund", "verify on chain")

        # The largest cause.
        self.key("\r")
        self.shows("SAFE TO RETRY")
        self.key("*")
        self.shows(f"{EXPIRED} marked")
        self.key("R")
        self.shows(f"{EXPIRED} never landed", "0 unknown")
        self.confirm("INC-551 rpc-b is out", str(EXPIRED))
        self.shows(f"{EXPIRED} of {EXPIRED} sent: retry")

        # The one without funds. It comes first when they have landed.
        self.key("1")
        self.shows("InsufficientFunds", f"{POOR} failed, 1 held", seconds=FOREVER)
        self.key("y")
        self.key("a")
        self.shows("copied")
        self.night.fund("bonus", 10**6, "second")
        self.key("R")
        self.shows(f"RETRY {POOR} operations")
        self.confirm("INC-551 topped up", str(POOR))
        self.shows(f"{POOR} of {POOR} sent: retry")

        # The one that nobody knows.
        self.night.is_caught_up = True
        self.key("1")
        self.shows("1 cause, 1 op", "UNKNOWN", seconds=FOREVER)
        self.key("v")
        self.shows("verified on chain: 1 landed")
        self.shows("found it. Nothing to send")
        self.key("V")
        self.shows("A look found it in slot", self.night.hidden[-40:])
        self.confirm("INC-551 found on the ledger", "yes")
        self.shows("resolved")

        # What still fires when the rest has ended by itself is somebody's now.
        self.key("6")
        self.assertTrue(self.terminal.until(self.endpoint_alone_fires, FOREVER), self.terminal.screen.text())
        self.key("A")
        self.shows("ACKNOWLEDGE", "(endpoint)")
        self.confirm("INC-551 with the provider", "yes")
        self.shows("0 firing, 1 acked")
        self.key("1")
        self.shows("No outcome is unknown", seconds=FOREVER)
        self.assertTrue(wait(lambda: count("state = 'done'") == OPERATIONS + 1, FOREVER),
                        sql("SELECT state, cause, count(*) FROM lockstep.ops GROUP BY 1, 2"))
        self.assertEqual(json.loads(run("status", "--json").stdout)["duplicates"], 0)
        self.assertLessEqual(self.keys, KEYS_MAX)
        if SHOW:
            print(f"{self.keys} keys")


SHOW = "--show" in sys.argv

if __name__ == "__main__":
    unittest.main(argv=[arg for arg in sys.argv if arg != "--show"], verbosity=2)
