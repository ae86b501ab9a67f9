"""Real parts in a storm: PostgreSQL, the simulated ledger over HTTP and several workers, while
processes are killed, the database crashes and the network is cut; then the ledger is held against
the database.

Runs under tests/system/with_postgres.sh, which makes the private server that LS_TEST_URL names.
Prints one JSON object; exit 1 when a key landed twice, one was lost, or something did not settle.

The audit is written against the ledger's RPC and the database's public views alone and shares no
code with lockstep: tags are computed here, balances are added up here.
"""
import argparse
import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from namespace import Namespace
from proxy import Proxy

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RECEIVERS = 16
SETTLE_S = 240


def base58(data):
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = ALPHABET[rest] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def unbase58(text):
    number = 0
    for letter in text:
        number = number * 58 + ALPHABET.index(letter)
    return number.to_bytes(32, "big")


class Rpc:
    def __init__(self, url):
        self.url = url

    def call(self, method, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        ask = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        for left in range(20, -1, -1):
            try:
                return json.load(urllib.request.urlopen(ask, timeout=10))["result"]
            except Exception:
                if left == 0:
                    raise
                time.sleep(0.1)


class Database:
    """psql, one process a statement: it must work whatever the server just went through."""

    def __init__(self, url):
        self.url = url
        self.bin = os.path.dirname(sorted_servers()[-1])
        self.data = self.ask("show data_directory")

    def ask(self, sql, tries=1):
        for left in range(tries - 1, -1, -1):
            run = subprocess.run([self.bin + "/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", self.url],
                                 input=sql, capture_output=True, text=True)
            if run.returncode == 0:
                return run.stdout.strip()
            if left == 0:
                raise RuntimeError(run.stderr.strip())
            time.sleep(0.1)

    def owned(self, arguments, **more):
        owner = os.stat(self.data)
        if owner.st_uid != os.getuid():
            arguments = ["setpriv", "--reuid=%d" % owner.st_uid, "--regid=%d" % owner.st_gid,
                         "--clear-groups", *arguments]
        return subprocess.run(arguments, cwd="/", check=True, **more)

    def crash(self):
        """As kill -9 of all of its processes: no checkpoint, recovery at the start."""
        with open(self.data + "/postmaster.opts") as opts:
            command = opts.read().strip()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.owned([self.bin + "/pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop"], **quiet)
        time.sleep(random.random() * 0.5)
        self.start(command)

    def log(self):
        return self.data + "/server.log"

    def start(self, command):
        self.owned(["sh", "-c", f"{command} >>{self.log()} 2>&1 &"])
        for _ in range(300):
            if subprocess.run([self.bin + "/pg_isready", "-q", "-d", self.url]).returncode == 0:
                return
            time.sleep(0.1)
        raise RuntimeError("PostgreSQL does not come back")


def sorted_servers():
    import glob
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/pg_ctl"), key=lambda p: int(p.split("/")[4]))
    if not found:
        where = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True).stdout.strip()
        found = [where + "/pg_ctl"]
    return found


class Storm:
    def __init__(self, options):
        self.options = options
        self.dice = random.Random(options.seed)
        self.work = tempfile.mkdtemp(prefix="lockstep-storm.")
        os.chmod(self.work, 0o755)
        self.workers = []
        self.counts = {"kills": 0, "crashes": 0, "cuts": 0, "stalls": 0, "fillings": 0, "enqueued": 0}
        self.sent = {}  # receiver -> {key: lamports}
        self.database = Database(os.environ["LS_TEST_URL"])
        self.namespace = None

    def run(self, *arguments, **more):
        return subprocess.run([self.options.binary, *arguments], capture_output=True, text=True,
                              env=self.environment, **more)

    def set_up(self):
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("LOCKSTEP", "XDG"))}
        self.environment.update(HOME=self.work, LOCKSTEP_CONFIG=self.work + "/lockstep.conf")
        self.ledger = subprocess.Popen(
            [self.options.binary, "sim", "listen", "--port", "0", "--slot-ms", str(self.options.slot_ms),
             "--faults", self.options.faults], stdout=subprocess.PIPE, text=True, env=self.environment)
        url = self.ledger.stdout.readline().strip()
        self.rpc = Rpc(url)
        self.lay_network(("127.0.0.1", int(url.rsplit(":", 1)[1].strip("/"))),
                         re.search(r"host=(\S+)", self.database.url).group(1) + "/.s.PGSQL.5432")
        self.address = self.run("key", "new", self.work + "/payer.json").stdout.split()[-1]
        with open(self.work + "/lockstep.conf", "w") as conf:
            conf.write(f"""[environment]
name = storm
[database]
url = {self.database.url}
[ledger]
endpoint = http://127.0.0.1:{self.ledger_port}
[signer "payer"]
keypair = {self.work}/payer.json
[worker]
url = host=127.0.0.1 port={self.database_port} user=postgres dbname=lockstep connect_timeout=2
lease = 2s
heartbeat = 250ms
[alert]
desktop = off
{self.options.config}
""")
        migrated = self.run("migrate")
        if migrated.returncode != 0:
            raise RuntimeError(migrated.stderr)
        self.rpc.call("requestAirdrop", self.address, 10 ** 14)
        self.receivers = []
        for n in range(RECEIVERS):
            self.receivers.append(base58(hashlib.sha256(b"receiver %d" % n).digest()))
        while self.rpc.call("getBalance", self.address, {"commitment": "finalized"})["value"] == 0:
            time.sleep(0.1)

    def lay_network(self, ledger, database):
        """What stands between the workers and the rest, and can be cut."""
        if self.options.namespace:
            self.namespace = Namespace()
            self.networks = [self.namespace]
            self.ledger_port, self.database_port = self.namespace.carry(ledger), self.namespace.carry(database)
            return
        self.networks = [Proxy(ledger), Proxy(database)]
        self.ledger_port, self.database_port = self.networks[0].port, self.networks[1].port

    def start_worker(self, at):
        log = open(f"{self.work}/worker{at}.log", "ab")
        command = [self.options.binary, "worker"]
        if self.namespace is not None:
            command = self.namespace.inside(*command)  # ip becomes the worker: same pid
        worker = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                  stderr=log, env=self.environment, preexec_fn=os.setpgrp)
        log.close()
        if at < len(self.workers):
            self.workers[at] = worker
        else:
            self.workers.append(worker)

    def look_after_workers(self):
        """Started again when it ended, as a service manager would."""
        for at, worker in enumerate(self.workers):
            if worker.poll() is not None:
                self.start_worker(at)

    def enqueue(self, count):
        """Mixed work; what may have been committed is enqueued again under the same key."""
        rows = []
        for _ in range(count):
            number = self.counts["enqueued"] = self.counts["enqueued"] + 1
            key, kind, payload = f"key:{number}", "memo", {"text": f"number {number}"}
            entity = f"org-{number % 7}" if number % 3 == 0 else None
            if number % 4 == 0:
                kind = "sol.transfer"
                to, lamports = self.receivers[number % RECEIVERS], 1000000 + number
                payload = {"to": to, "lamports": str(lamports)}
                self.sent.setdefault(to, {})[key] = lamports
            if number % 5 == 0:
                kind, payload = "event", {"type": "proposal.closed", "subject": key, "document": {"n": number}}
                for keys in self.sent.values():
                    keys.pop(key, None)
            fence = self.options.fences[number % len(self.options.fences)]
            rows.append("SELECT lockstep.enqueue('%s', '%s', key => '%s'%s%s)" % (
                kind, json.dumps(payload), key, f", entity => '{entity}'" if entity else "",
                f", fence => '{fence}'" if fence else ""))
        self.database.ask("BEGIN; " + "; ".join(rows) + "; COMMIT", tries=300)

    def disturb(self):
        """One disturbance by the dice, of those that are wanted."""
        wanted = [what for what in ("kills", "crashes", "cuts", "stalls", "fillings")
                  for _ in range(max(0, getattr(self.options, what) - self.counts[what]))]
        if not wanted:
            return False
        what = self.dice.choice(wanted)
        self.counts[what] += 1
        time.sleep(self.dice.random() * self.options.pause_ms / 1000)
        getattr(self, what[:-1])()
        return True

    def kill(self):
        worker = self.dice.choice(self.workers)
        worker.kill()
        worker.wait()

    def crashe(self):
        self.database.crash()

    def cut(self):
        network = self.dice.choice(self.networks)
        network.cut(self.dice.choice(network.MODES))
        time.sleep(self.dice.random() * 3)
        network.mend()

    def stall(self):
        """Longer or shorter than its lease: it wakes as a zombie or in time."""
        worker = self.dice.choice(self.workers)
        if worker.poll() is None:
            os.kill(worker.pid, signal.SIGSTOP)
            threading.Timer(self.dice.random() * 5, lambda: worker.poll() is None and
                            os.kill(worker.pid, signal.SIGCONT)).start()

    def filling(self):
        """The database's disk is full for a while."""
        path = os.path.join(os.path.dirname(self.database.data), "filler")
        with open(self.database.data + "/postmaster.opts") as opts:
            command = opts.read().strip()
        with open(path, "wb") as filler:
            try:
                while True:
                    filler.write(b"x" * 65536)
                    filler.flush()
            except OSError:
                pass
        time.sleep(1 + self.dice.random() * 2)
        os.unlink(path)
        if subprocess.run([self.database.bin + "/pg_isready", "-q", "-d", self.database.url]).returncode != 0:
            try:
                self.database.start(command)
            except RuntimeError:
                self.database.crash()

    def storm(self):
        for at in range(self.options.workers):
            self.start_worker(at)
        started = time.monotonic()
        while True:
            self.look_after_workers()
            if self.counts["enqueued"] < self.options.ops:
                self.enqueue(min(self.options.batch, self.options.ops - self.counts["enqueued"]))
            if not self.disturb():
                break
        while self.counts["enqueued"] < self.options.ops:
            self.enqueue(min(self.options.batch, self.options.ops - self.counts["enqueued"]))
        self.storm_s = time.monotonic() - started

    def settle(self):
        """Faults have stopped: everything must come to an end by itself."""
        deadline = time.monotonic() + SETTLE_S
        moving = None
        while time.monotonic() < deadline:
            self.look_after_workers()
            moving = self.database.ask(
                "SELECT count(*) FROM lockstep.ops WHERE state IN ('ready','blocked','leased','submitted')", 50)
            if moving == "0":
                return 0
            time.sleep(0.25)
        return int(moving)

    def landings(self):
        tags, before = {}, None
        while True:
            page = self.rpc.call("getSignaturesForAddress", self.address,
                                 {"limit": 1000, "commitment": "finalized", **({"before": before} if before else {})})
            for row in page:
                if row["err"] is None:
                    for tag in re.findall(r"ls1:([1-9A-HJ-NP-Za-km-z]+)", row["memo"] or ""):
                        tags[tag] = tags.get(tag, 0) + 1
            if len(page) < 1000:
                return tags
            before = page[-1]["signature"]

    def audit(self):
        secret, genesis = self.database.ask("SELECT encode(tag_key, 'hex'), genesis FROM lockstep.meta", 10).split("|")
        tags = self.landings()
        result = {"done": 0, "failed": 0, "held": 0, "live": 0, "duplicates": 0, "lost": 0, "unwanted": 0}
        states = {}
        for line in self.database.ask("SELECT key, state FROM lockstep.ops", 10).splitlines():
            key, state = line.rsplit("|", 1)
            states[key] = state
            digest = hashlib.sha256(bytes.fromhex(secret) + unbase58(genesis) +
                                    hashlib.sha256(key.encode()).digest()).digest()
            landed = tags.pop(base58(digest[:16]), 0)
            column = state if state in result else "live"
            result[column] += 1
            result["duplicates"] += max(0, landed - 1)
            result["lost"] += state == "done" and landed == 0
            result["unwanted"] += state in ("failed", "cancelled") and landed > 0
        result["lost"] += self.counts["enqueued"] - len(states)
        result["strangers"] = len(tags)
        result["wrong_balances"] = 0
        for to, keys in self.sent.items():
            due = sum(lamports for key, lamports in keys.items() if states.get(key) == "done")
            has = self.rpc.call("getBalance", to, {"commitment": "finalized"})["value"]
            result["wrong_balances"] += due != has
        return result

    def space_errors(self):
        with open(self.database.log(), errors="replace") as log:
            return sum("No space left" in line for line in log)

    def end(self):
        for worker in self.workers:
            if worker.poll() is None:
                os.kill(worker.pid, signal.SIGCONT)
                worker.terminate()
        slow = 0
        for worker in self.workers:
            try:
                worker.wait(10)
            except subprocess.TimeoutExpired:
                slow += 1
                worker.kill()
        self.ledger.terminate()
        if self.namespace is not None:
            self.namespace.end()
        return slow


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ops", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=20, help="operations a transaction of the application")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--slot-ms", type=int, default=40)
    parser.add_argument("--faults", default="none", help="the ledger's own, as in lockstep sim listen")
    parser.add_argument("--fences", default="", help="comma-separated, in turn; empty: the kind's own")
    parser.add_argument("--config", default="", help="further lines of configuration")
    parser.add_argument("--namespace", action="store_true",
                        help="workers in a network namespace, cut at its link (root)")
    parser.add_argument("--pause-ms", type=int, default=300, help="at most between two disturbances")
    for what, text in (("kills", "kill -9 of a worker"), ("crashes", "immediate stops of PostgreSQL"),
                       ("cuts", "network cuts"), ("stalls", "SIGSTOP of a worker for up to 5 s"),
                       ("fillings", "times that the database's disk is full: TMPDIR must be a small tmpfs")):
        parser.add_argument("--" + what, type=int, default=0, help=text)
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    options.fences = options.fences.split(",")
    random.seed(options.seed)
    storm = Storm(options)
    moving, slow = -1, -1
    try:
        storm.set_up()
        storm.storm()
        moving = storm.settle()
        result = storm.audit()
    finally:
        slow = storm.end()
    result["server_without_space"] = storm.space_errors()
    result.update(storm.counts, moving=moving, slow_to_stop=slow, seed=options.seed,
                  storm_s=round(storm.storm_s, 1), workers=options.workers)
    chain = storm.run("audit", "verify")
    result["audit_chain"] = "whole" if chain.returncode == 0 else "BROKEN"
    print(json.dumps(result))
    good = (moving == 0 and (options.fillings == 0 or result["server_without_space"] > 0) and
            result["audit_chain"] == "whole" and
            all(result[bad] == 0 for bad in ("duplicates", "lost", "unwanted", "strangers", "wrong_balances")))
    if not good:
        print(f"files are kept in {storm.work}", file=sys.stderr)
    else:
        subprocess.run(["rm", "-rf", storm.work])
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
