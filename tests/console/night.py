"""A bad night, with everything real but the chain: 10,000 operations in PostgreSQL, a worker,
and two nodes before the simulated ledger, of which one dies and takes an answer with it."""
import json
import os
import subprocess

from node import Node
from world import FOREVER, LOCKSTEP, URL, done, enqueue, run, sql, wait

OPERATIONS = 10000
EXPIRED = 37  # sent by the node that died, and never seen again
POOR = 12     # of one account that has nothing
SLOT_MS = 20  # a blockhash is valid for 3 s, a node remembers for 3 s more
FORGOTTEN_HEIGHTS = 350  # a blockhash's 150, the 140 that a node remembers behind them, and some
SEND = "sendTransaction"

CONFIG = """
[environment]
name = prod-eu
[database]
url = {database}
[ledger]
endpoint = {a}
endpoint = {b}
[signer "payer"]
keypair = payer.json
[worker]
lease = 3s
heartbeat = 500ms
[kind "token.transfer"]
max_attempts = 2
[alert]
desktop = off
"""
# What a slow machine would fire beside what the night is about.
for rule in ("age", "lag", "stuck", "depth"):
    CONFIG += f'[alert "{rule}"]\nwarning = off\ncritical = off\n'



def keyed(key, payload):
    return json.dumps({"key": key, "payload": payload}) + "\n"


def state_of(key):
    return sql(f"SELECT state FROM lockstep.ops WHERE key = '{key}'")


def count(where):
    return int(sql(f"SELECT count(*) FROM lockstep.ops WHERE {where}"))


class Night:
    def __init__(self):
        self.processes = []
        ledger = self.start("sim", "listen", "--port", "0", "--slot-ms", str(SLOT_MS), stdout=subprocess.PIPE)
        self.ledger_url = ledger.stdout.readline().strip()
        self.a, self.b = Node(self.ledger_url), Node(self.ledger_url)
        self.hidden = None
        self.is_caught_up = False
        self.is_strained = True
        self.payer = run("key", "new", "payer.json").stdout.strip()
        with open("lockstep.conf", "w", encoding="utf-8") as text:
            text.write(CONFIG.format(database=URL, a=self.a.url, b=self.b.url))
        os.environ["LOCKSTEP_CONFIG"] = os.path.abspath("lockstep.conf")
        assert run("migrate").returncode == 0
        self.rpc("requestAirdrop", self.payer, 10**12)
        assert wait(lambda: self.rpc("getBalance", self.payer)["value"] > 0)
        self.worker = self.start("worker")

    def start(self, *arguments, **more):
        with open("night.log", "ab") as log:
            process = subprocess.Popen([LOCKSTEP, *arguments], stdin=subprocess.DEVNULL, stderr=log,
                                       text=True, **more)
        self.processes.append(process)
        return process

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(FOREVER)
            if process.stdout:
                process.stdout.close()
        self.a.close()
        self.b.close()

    def rpc(self, method, *params):
        return self.a.forward({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})["result"]

    def height(self):
        return self.rpc("getBlockHeight", {"commitment": "finalized"})

    def enqueue(self, kind, lines):
        told = run("enqueue", kind, "-", text_in="".join(lines))
        assert told.returncode == 0, told.stderr

    def all_done(self, key, seconds=FOREVER):
        assert wait(lambda: count(f"key LIKE '{key}' AND state <> 'done'") == 0, seconds), \
            sql(f"SELECT id, key, state, cause FROM lockstep.ops WHERE key LIKE '{key}' AND state <> 'done' LIMIT 5")

    def mint(self, name, amount):
        """A mint of its own, of which the payer has so much."""
        self.enqueue("token.create_mint", [keyed(name, {"decimals": 0})])
        self.all_done(name)
        self.fund(name, amount, "first")

    def fund(self, name, amount, why):
        self.enqueue("token.mint_to", [keyed(f"{name}:{why}", {"mint": {"key": name}, "to": self.payer,
                                                            "amount": str(amount)})])
        self.all_done(f"{name}:{why}")

    def evening(self):
        """All goes well: everything but what follows is done."""
        self.mint("salary", 10**9)
        self.mint("bonus", 100)
        enqueue(OPERATIONS - EXPIRED - POOR - 1 - count("true"), "memo")
        self.all_done("memo:%", 3 * FOREVER)

    def transfers(self, mint, prefix, numbers, amount):
        to = run("key", "new", f"{prefix}.json").stdout.strip()
        self.enqueue("token.transfer", [keyed(f"{prefix}:{n}", {"mint": {"key": mint}, "to": to,
                                                                "amount": str(amount)}) for n in numbers])

    def hide(self, one):
        """What a node answers that has not seen `hidden`, and lists no blocks under strain."""
        answer = self.a.forward(one)
        if self.is_strained and one["method"] in ("getBlocks", "getBlock"):
            return {"jsonrpc": "2.0", "id": one["id"], "error": {"code": -32005, "message": "not now"}}
        result = answer.get("result")
        if one["method"] == "getSignatureStatuses":
            for at, signature in enumerate(one["params"][0]):
                if signature == self.hidden and not self.is_caught_up:
                    result["value"][at] = None
        elif one["method"] == "getSignaturesForAddress":
            answer["result"] = [row for row in result if row["signature"] != self.hidden]
        elif one["method"] == "getTransaction" and one["params"][0] == self.hidden and not self.is_caught_up:
            answer["result"] = None
        return answer

    def last_words(self, one):
        """The transaction goes on to the ledger; its answer goes nowhere, nor any later one."""
        if one["method"] != SEND:
            return self.b.forward(one)
        self.hidden = self.b.forward(one)["result"]
        self.a.status = lambda method: 429
        self.b.status = lambda method: None
        return None

    def worsens(self):
        """Both nodes lose what they are given to send. Then one dies, and takes an answer with it,
        while the other has too much to do; and an account has run empty."""
        self.a.status = lambda method: 429 if method == SEND else 200
        self.b.status = lambda method: None if method == SEND else 200
        self.transfers("salary", "pay", range(EXPIRED), 250)
        assert wait(lambda: count("key LIKE 'pay:%' AND state = 'failed'") == EXPIRED, 2 * FOREVER), \
            sql("SELECT state, cause, count(*) FROM lockstep.ops WHERE key LIKE 'pay:%' GROUP BY 1, 2")
        self.b.status = lambda method: 200
        self.b.answers = self.last_words
        self.transfers("salary", "lost", range(1), 250)
        assert wait(lambda: self.hidden)
        forgotten = self.height() + FORGOTTEN_HEIGHTS
        assert wait(lambda: self.height() > forgotten, FOREVER)
        self.a.answers = self.hide
        self.a.status = lambda method: 200
        assert wait(lambda: count("key LIKE 'lost:%' AND state = 'held'") == 1, FOREVER)
        self.is_strained = False
        self.transfers("bonus", "bonus", range(POOR), 1000)
        assert wait(lambda: count("key LIKE 'bonus:%' AND state = 'failed'") == POOR, FOREVER), \
            sql("SELECT state, cause, count(*) FROM lockstep.ops WHERE key LIKE 'bonus:%' GROUP BY 1, 2")
