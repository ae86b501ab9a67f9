"""Hostile text in every field that a database or a ledger can fill: on every screen and in
every command's output nothing of it is obeyed by a terminal or hidden from a reader."""
import json
import os
import pty
import re
import subprocess
import sys
import unittest

import hostile
from node import Node
from world import FOREVER, LOCKSTEP, URL, ConsoleCase, done, enqueue, run, sql, wait

ROUNDS = 4  # each field holds another text in each
SCREENS = "123456789"
# What never ends by itself, or is about this machine alone.
NOT_RUN = {"console", "worker", "demo", "notify", "sim listen", "sim run", "sim compare", "key new", "key mac",
           "migrate"}
COLORED = {"theme show", "theme list", "theme check"}
# Fields without which the test would prove nothing.
MUST = {"op.cause", "op.detail", "op.entity", "op_key.key", "op_key.payload", "history.cause", "attempt_history.evidence",
        "worker.host", "worker.version", "worker.doing", "worker.trouble", "endpoint.name", "endpoint.trouble",
        "gate.reason", "gate.actor",
        "alert.rule", "alert.subject", "alert.message", "alert.owner", "alert.note", "batch.name", "batch.detail",
        "consumer.name", "consumer.login", "hook.function_name", "nonce.address", "nonce.value", "bulk.reason",
        "bulk.why", "bulk.filter", "bulk_target.why", "note.body", "note.login", "claim.target", "claim.reason",
        "silence.rule", "presence.os_user", "presence.screen", "look.detail", "resolution.reason", "edit.payload",
        "undo.target"}

SPOIL = """
SET session_replication_role = replica; SET search_path = lockstep;
CREATE TEMP TABLE spoiled (field text);
DO $do$
DECLARE
    texts text[] := ARRAY[%(texts)s];
    f record;
    n integer := %(round)d;
BEGIN
    FOR f IN SELECT c.table_name AS t, c.column_name AS c, c.data_type AS type FROM information_schema.columns c
              JOIN information_schema.tables USING (table_schema, table_name)
              WHERE table_schema = 'lockstep' AND table_type = 'BASE TABLE' AND NOT is_generated = 'ALWAYS'
                AND data_type IN ('text', 'jsonb')
                AND table_name NOT IN ('audit', 'migration', 'meta', 'place', 'leader', 'request', 'watermark')
                AND (%(names)s OR table_name <> 'kind' AND table_name !~ '_name$')
                AND table_name !~ '^(history|attempt_history)_.*[0-9]' ORDER BY 1, 2 LOOP
        n := n + 5;
        BEGIN
            IF f.type = 'jsonb' THEN
                EXECUTE format('UPDATE %%I SET %%I = jsonb_build_object($1, $1, ''text'', $1)', f.t, f.c)
                    USING texts[1 + n %% cardinality(texts)];
            ELSE
                EXECUTE format('UPDATE %%I SET %%I = left($1[1 + ((hashtext(ctid::text) & 65535) + $2) %%%% cardinality($1)], '
                               '2000) || ctid::text', f.t, f.c) USING texts, n;
            END IF;
            INSERT INTO spoiled VALUES (f.t || '.' || f.c);
        EXCEPTION WHEN OTHERS THEN
            RAISE NOTICE '%%.%%: %%', f.t, f.c, SQLERRM;
        END;
    END LOOP;
END $do$;
SELECT s.field FROM spoiled s;
"""


def literal(text):
    return "E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def sql_file(text):
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", URL, "-f", "-"], input=text, check=True,
                          capture_output=True, text=True, timeout=FOREVER)
    return done.stdout


def spoil(number):
    """Fill all fields; even rounds also what kinds and states are called. Those filled."""
    texts = ", ".join(literal(text) for text in hostile.TEXTS)
    names = "true" if number % 2 == 0 else "false"
    return set(sql_file(SPOIL % {"texts": texts, "round": number, "names": names}).split())


NAMES = ("kind", "state_name", "sub_name", "attempt_state_name", "fence_name")


def keep_names():
    for table in NAMES:
        sql(f"CREATE TABLE public.kept_{table} AS TABLE lockstep.{table}")


def restore_names():
    for table in NAMES:
        key = {"kind": "kind", "sub_name": "sub", "fence_name": "fence"}.get(table, "state")
        sql_file(f"SET session_replication_role = replica; UPDATE lockstep.{table} t SET name = k.name "
                 f"FROM public.kept_{table} k WHERE k.{key} = t.{key}")


def on_a_terminal(arguments, environment):
    """Every byte that a command writes to a terminal."""
    ours, its = pty.openpty()
    output = b""
    with subprocess.Popen([LOCKSTEP, *arguments], stdin=its, stdout=its, stderr=its, env=environment):
        os.close(its)
        try:
            while part := os.read(ours, 65536):
                output += part
        except OSError:  # the last end of it is closed
            pass
    os.close(ours)
    return output


def commands():
    """Those that `lockstep help` lists, with how many arguments each wants at least."""
    found = {}
    for line in run("help").stdout.splitlines():
        match = re.match(r"  lockstep ([a-z]+(?: [a-z]+)*)((?: [^a-z ]?[A-Z@][^ ]*| [a-z]+:\S+| \[[A-Z]\S*)*)", line)
        if match:
            wants = [word for word in match.group(2).split() if not word.startswith("[")]
            found[match.group(1)] = len(wants)
    return found


def populate():
    """A row in every table that is shown: what workers, applications and operators leave."""
    enqueue(6, "done")
    with subprocess.Popen([LOCKSTEP, "worker"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as worker:
        assert wait(lambda: done("done") == 6, FOREVER), "the worker does nothing"
        worker.terminate()
    run("batch", "open", "first")
    run("batch", "open", "second")
    run("alert", "ack", "1", "--reason", "mine")
    for i in range(6):
        sql(f"""SELECT lockstep.enqueue('memo', '{{"text": "x"}}', 'live:{i}', 'entity:{i}', 3::smallint,
                                        now() + interval '1 hour')""")
    sql_file("""
        SET session_replication_role = replica; SET search_path = lockstep;
        UPDATE op SET state = 5, sub = 0, cause = 'c', detail = 'd', attempts_made = 1, updated_at = now()
         WHERE id IN (SELECT id FROM op ORDER BY id LIMIT 2);
        UPDATE op SET state = 4, sub = 5, cause = 'c', detail = 'd' WHERE id IN (SELECT max(id) FROM op);
        UPDATE history SET cause = 'c', detail = 'd'; UPDATE attempt_history SET cause = 'c', evidence = 'e';
        UPDATE batch SET detail = 'd';
        INSERT INTO worker (host, pid, version, lease_ms, payer, signers, heartbeat_ms)
            VALUES ('h', 1, 'v', 3600000, 'p', '{s}', 3600000), ('h', 2, 'v', 3600000, 'p', '{s}', 3600000);
        INSERT INTO endpoint (name, is_up, slot, latency_ms, error_permille, trouble)
            SELECT 'e' || i, i > 1, 1, 1, 1, 't' FROM generate_series(1, 3) i;
        INSERT INTO gate (selector, scope, kind, reason, actor, by_worker) VALUES ('kind:memo', 1, 12, 'r', 'a', false);
        INSERT INTO alert (rule, subject, message, severity, state, owner, note, acked_until)
            SELECT 'r', 's' || i, 'm', i % 3, i % 2, 'o', 'n', now() + interval '1 h' FROM generate_series(1, 4) i;
        INSERT INTO consumer (name, acked, login) VALUES ('c', 0, 'l');
        INSERT INTO hook (kind, function_schema, function_name, definition)
            VALUES (0, 's', 'f', decode(repeat('00', 32), 'hex'));
        INSERT INTO bulk (total, waiting, left_out, left_unknown, rate, canary, abort_above, action, state, canary_judged,
                          filter, reason, actor, os_user, why, request)
            SELECT 2, 2, 1, 1, 20, 5, 20, 1, i, false, 'f', 'r', 'a', 'o', 'w', decode(lpad(i::text, 32, '0'), 'hex')
              FROM generate_series(0, 3) i;
        INSERT INTO bulk_target (bulk, op, version, state, cause, why)
            SELECT b.id, o.id, 1, (row_number() OVER (ORDER BY o.id)) % 4, 'c', 'w' FROM bulk b, op o;
        INSERT INTO note (target, login, body) VALUES ('op 1', 'l', 'b'), ('batch 1', 'l', 'b');
        INSERT INTO claim (target, until, login, reason) VALUES ('cause x', now() + interval '1 h', 'l', 'r');
        INSERT INTO silence (rule, until, login, reason) VALUES ('r', now() + interval '1 h', 'l', 'r');
        INSERT INTO presence (id, seen_at, pid, login, os_user, host, screen)
            VALUES (decode(repeat('07', 16), 'hex'), now() + interval '1 h', 1, 'l', 'o', 'h', 's');
        INSERT INTO look (request, op, answered_at, slot, height, outcome, signature, detail)
            SELECT decode(repeat('08', 16), 'hex'), o.id, now(), 1, 1, 1, 's', 'd' FROM op o;
        INSERT INTO resolution (op, version, verdict, reason, login) SELECT o.id, 1, 'v', 'r', 'l' FROM op o LIMIT 1;
        INSERT INTO edit (op, login, reason, payload) SELECT o.id, 'l', 'r', '{}' FROM op o LIMIT 1;
        INSERT INTO undo (seq, action, target, before) VALUES (1, 'note', 'op 1', '{}') ON CONFLICT DO NOTHING;
        INSERT INTO nonce (address, number, authority, value) VALUES ('n', 1, 'a', 'v'), ('m', 2, 'a', 'v');
        RESET session_replication_role;
    """)
    for text in hostile.TEXTS:
        cut = literal(text[:400])
        sql_file(f"""SELECT lockstep.audit_append(left({cut}, 60), {cut}, {cut}, {cut}, {cut},
                     jsonb_build_object('os_user', left({cut}, 60), 'tty', {cut}), '{{}}', '{{}}');""")


class Fields(ConsoleCase):
    @classmethod
    def setUpClass(cls):
        populate()
        keep_names()

    @classmethod
    def tearDownClass(cls):
        restore_names()

    def check(self, terminal):
        self.assertEqual(terminal.screen.attacks, [], f"\n{terminal.screen.text()}")
        # What e copies in a listing is ours, and plain; nothing else may reach the clipboard.
        foreign = [text for text in terminal.screen.copies if not text.startswith(b'{"op":"')]
        self.assertEqual(foreign, [])

    def test_nothing_of_it_is_obeyed_on_any_screen(self):
        for number in range(ROUNDS):
            spoiled = spoil(number)
            self.assertEqual(MUST - spoiled, set(), "fields that could not be filled")
            columns, rows = ((80, 24), (200, 60), (100, 30), (60, 16))[number % 4]
            terminal = self.console("--no-worker", columns=columns, rows=rows, live=False)
            self.assertTrue(terminal.until(lambda: "LOCKSTEP" in terminal.screen.text()))
            terminal.settle(3)
            for screen in SCREENS:
                terminal.press(screen)
                terminal.settle(3)
                self.check(terminal)
                for keys in ("j", "\r", "e", "j", "\x1b", "R", "\x1b", "H", "\x1b", "A", "\x1b", "P", "\x1b", "?",
                             "\x1b"):
                    terminal.press(keys)
                    terminal.pump(0.12)
                self.check(terminal)
            terminal.settle(3)
            self.assertFalse(terminal.has_ended(), terminal.screen.text())
            self.check(terminal)
            terminal.close()

    def test_nothing_of_it_reaches_the_output_of_any_command(self):
        found = commands()
        self.assertGreater(len(found), 40, found)
        some = sql("SELECT max(id) FROM lockstep.op")
        old = sql("SELECT max(id) FROM lockstep.history")
        for number in range(2):
            spoil(number + 7)
            keys = [key for key in sql("SELECT key FROM lockstep.op_key LIMIT 1").split("\n") if key]
            for name, wants in found.items():
                if name in NOT_RUN:
                    continue
                words = name.split()
                bad = hostile.TEXTS[(number + len(name)) % len(hostile.TEXTS)][:900]
                choices = [[bad] * wants] if wants else [[]]
                if wants == 1:
                    choices += [[some], [old], ["1"], keys[:1]]
                help_text = run(*words, "--help").stdout
                formats = [[]] + [[flag] for flag in ("--json", "--jsonl", "--csv", "--plain", "--wide", "--all")
                                  if flag in help_text]
                for arguments in choices:
                    for form in formats:
                        self.check_command(words, [*form, "--", *arguments], name in COLORED)

    def test_a_terminal_without_utf8_gets_ascii_alone(self):
        # Of an eight-bit terminal's controls many are bytes of characters: "\u00db2J" has CSI in it.
        restore_names()
        sql_file("SET session_replication_role = replica; UPDATE lockstep.op SET cause = E'\u00db2J', "
                 "entity = E'\u682a'; UPDATE lockstep.op_key SET key = E'\u00db2J' || op;")
        some = sql("SELECT max(id) FROM lockstep.op")
        for arguments in (["ops"], ["ops", "--csv"], ["ops", "--wide"], ["show", some], ["causes"], ["audit", "list"],
                          ["status"], ["show", "\u00db2J"]):
            output = on_a_terminal(arguments, dict(os.environ, LC_ALL="C"))
            self.assertTrue(output, arguments)
            self.assertTrue(output.isascii(), (arguments, output[-300:]))

    def check_command(self, words, arguments, may_color):
        done = subprocess.run([LOCKSTEP, *words, *arguments], capture_output=True, timeout=FOREVER, check=False,
                              stdin=subprocess.DEVNULL)
        told = " ".join([*words, *arguments])[:120].encode("unicode_escape")
        self.assertGreaterEqual(done.returncode, 0, (told, done.stderr[-2000:]))
        self.assertNotEqual(done.returncode, 99, (told, done.stderr[-3000:]))
        for output in (done.stdout, done.stderr):
            if "--csv" in arguments:  # whose lines end so
                output = output.replace(b"\r\n", b"\n")
            self.assertEqual(hostile.leaks(output, may_color), b"", told)
        by_line = "--jsonl" in arguments
        if done.returncode == 0 and (by_line or "--json" in arguments):
            self.assertEqual(hostile.json_trouble(done.stdout, by_line), "", told)
            self.assertTrue(done.stdout.isascii(), told)

    def test_arguments_files_and_surroundings_are_no_way_in_either(self):
        for raw in [text.encode()[:900] for text in hostile.TEXTS] + hostile.BYTES:
            environment = dict(os.environb)
            environment[b"TERM"] = raw
            with open(b"hostile.conf", "wb") as config:
                config.write(b"[database]\nurl = " + raw.replace(b"\n", b" ") + b"\n[" + raw[:40] + b"]\n" + raw + b"\n")
            for arguments in ([raw], [b"ops", raw], [b"show", raw], [b"--config", raw, b"status"],
                              [b"status", b"--config", b"hostile.conf"], [b"theme", b"show", raw],
                              [b"enqueue", b"memo", raw], [b"enqueue", raw, b"{}"], [b"key", b"show", raw],
                              [b"enqueue", b"memo", b'{"text": "x"}', b"--key", raw],
                              [b"gate", b"on", raw, b"--reason", raw], [b"--" + raw], [b"status", b"--watch=" + raw],
                              [b"ops", b"--sort", raw], [b"batch", b"open", raw, b"--policy", raw]):
                done = subprocess.run([LOCKSTEP.encode(), *arguments], capture_output=True, timeout=FOREVER,
                                      check=False, stdin=subprocess.DEVNULL, env=environment)
                self.assertGreaterEqual(done.returncode, 0, (arguments, done.stderr[-2000:]))
                self.assertNotEqual(done.returncode, 99, (arguments, done.stderr[-2000:]))
                self.assertEqual(hostile.leaks(done.stdout + done.stderr), b"", arguments)


class Bytes(ConsoleCase):
    def test_a_database_that_could_hold_bytes_that_are_no_text_is_refused(self):
        sql("CREATE DATABASE raw ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
        with open(os.environ["LOCKSTEP_CONFIG"], encoding="utf-8") as text:
            config = text.read()
        with open("raw.conf", "w", encoding="utf-8") as text:
            text.write(config.replace(URL, URL.replace("dbname=lockstep", "dbname=raw")))
        refused = run("migrate", "--config", "raw.conf")
        self.assertEqual(refused.returncode, 4)
        self.assertIn("has encoding SQL_ASCII", refused.stderr)


class Ledgers(ConsoleCase):
    def with_ledger(self, spoils):
        """A node that answers whatever it likes where `spoils` a method."""
        with open(os.environ["LOCKSTEP_CONFIG"], encoding="utf-8") as text:
            config = text.read()
        ledger_url = re.search(r"endpoint = (\S+)", config).group(1)
        self.node = Node(ledger_url)
        self.addCleanup(self.node.close)
        self.spoiled = 0

        def answer(one):
            if not spoils(one["method"]):
                return self.node.forward(one)
            self.spoiled += 1
            text = hostile.TEXTS[self.spoiled % len(hostile.TEXTS)]
            return {"jsonrpc": "2.0", "id": one["id"], "error": {
                "code": -32002, "message": text,
                "data": {"err": {"InstructionError": [0, {"Custom": 1}], text: text}, "logs": [text, text]}}}

        self.node.answers = answer
        with open("bad.conf", "w", encoding="utf-8") as text:
            text.write(config.replace(ledger_url, self.node.url))

    def test_what_a_ledger_says_of_a_transaction_is_shown_and_not_obeyed(self):
        self.with_ledger(lambda method: method in ("sendTransaction", "simulateTransaction"))
        for i in range(8):
            sql(f"""SELECT lockstep.enqueue('memo', '{{"text": "x"}}', 'refused:{i}')""")
        terminal = self.console("--config", "bad.conf", columns=160, rows=50)
        self.assertTrue(terminal.until(lambda: self.spoiled > 20, FOREVER), "nothing was sent")
        for keys in "8412364":
            terminal.press(keys)
            terminal.settle(2)
            terminal.press("\re")
            terminal.settle(2)
            self.assertEqual(terminal.screen.attacks, [], terminal.screen.text())
            terminal.press("\x1b\x1b")
            terminal.pump(0.2)
        for row in sql("SELECT id FROM lockstep.ops WHERE key LIKE 'refused:%'").split():
            for form in ([], ["--json"]):
                shown = subprocess.run([LOCKSTEP, "show", row, *form], capture_output=True, check=False, timeout=FOREVER)
                self.assertEqual(shown.returncode, 0, shown.stderr)
                self.assertEqual(hostile.leaks(shown.stdout + shown.stderr), b"")
        terminal.close()

    def test_a_ledger_that_answers_nothing_but_attacks_is_only_told_of(self):
        self.with_ledger(lambda method: True)
        for arguments in (["endpoint", "test"], ["endpoint", "test", "--json"], ["doctor"], ["doctor", "--json"],
                          ["reconcile"], ["nonce", "create", "1", "--reason", "x"]):
            done = subprocess.run([LOCKSTEP, *arguments, "--config", "bad.conf"], capture_output=True, check=False,
                                  timeout=FOREVER)
            self.assertEqual(hostile.leaks(done.stdout + done.stderr), b"", arguments)
        with subprocess.Popen([LOCKSTEP, "worker", "--config", "bad.conf"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as worker:
            before = self.spoiled
            self.assertTrue(wait(lambda: self.spoiled > before + 20, FOREVER))
            worker.terminate()
            log, _ = worker.communicate(timeout=FOREVER)
        self.assertEqual(hostile.leaks(log), b"")
        done = subprocess.run([LOCKSTEP, "endpoint", "list"], capture_output=True, check=False, timeout=FOREVER)
        self.assertEqual(hostile.leaks(done.stdout + done.stderr), b"")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=2)
