"""Drives the release binary against a private PostgreSQL (LS_TEST_URL) and the simulated
ledger, and prints the figures as one JSON object. Started by run.sh."""
import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import console
import looks
import machine
import order

TICKS = os.sysconf("SC_CLK_TCK")


def sql(url, text):
    done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", text],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bench: psql: {done.stderr.strip()}")
    return done.stdout.strip()


class Bench:
    def __init__(self, options):
        self.options = options
        self.url = os.environ["LS_TEST_URL"]
        self.directory = tempfile.mkdtemp(prefix="lockstep-bench-")
        self.config = os.path.join(self.directory, "lockstep.conf")
        self.children = []
        self.environment = dict(os.environ, LOCKSTEP_CONFIG=self.config)

    def run(self, *words, **more):
        return subprocess.run([self.options.binary, *words], env=self.environment, text=True,
                              capture_output=True, check=False, **more)

    def must(self, *words):
        done = self.run(*words)
        if done.returncode != 0:
            sys.exit(f"bench: lockstep {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def start(self, *words):
        log = open(os.path.join(self.directory, words[0] + ".log"), "a", encoding="utf-8")
        child = subprocess.Popen([self.options.binary, *words], env=self.environment,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        self.children.append(child)
        return child

    def stop(self, child):
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
        self.children.remove(child)

    def stop_all(self):
        for child in list(self.children):
            self.stop(child)

    def prepare(self):
        ledger = self.start("sim", "listen", "--port", "0", "--slot-ms", str(self.options.slot_ms))
        endpoint = next(word for word in ledger.stdout.readline().split() if word.startswith("http"))
        key = os.path.join(self.directory, "payer.json")
        self.must("key", "new", key)
        address = self.must("key", "show", key).strip().splitlines()[-1]
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(f"[environment]\nname = bench\n[database]\nurl = {self.url}\n"
                      f"[ledger]\ncluster = localnet\nendpoint = {endpoint}\n"
                      f"[signer \"payer\"]\nkeypair = {key}\n[worker]\nbatch = 1000\n"
                      f"[kind \"memo\"]\npack = {self.options.pack}\n")
        machine.rpc(endpoint, "requestAirdrop", [address, 10**15])
        self.must("migrate")
        return ledger

    def cpu(self, ledger, worker):
        return {"lockstep": machine.cpu_seconds(worker.pid),
                "postgresql": machine.cluster_cpu_seconds(sql(self.url, "show data_directory")),
                "simulator": machine.cpu_seconds(ledger.pid)}

    def done(self):
        return json.loads(self.must("status", "--json"))["counts"]["done"]

    def path(self, ledger):
        """The full path: claim, sign, durable intent, send over HTTP, finalized, done."""
        count = self.options.ops
        sql(self.url, f"select count(lockstep.enqueue('memo', jsonb_build_object('text', 'bench ' || n), "
                      f"'bench:' || n)) from generate_series(1, {count}) n")
        worker = self.start("worker")
        before = self.cpu(ledger, worker)
        start = time.monotonic()
        deadline = start + 60
        first = None
        while time.monotonic() < deadline:
            done = self.done()
            if first is None and done > 0:
                first = time.monotonic() - start
            if done >= count:
                break
            time.sleep(0.2)
        seconds = time.monotonic() - start
        after = self.cpu(ledger, worker)
        memory = machine.resident_kib(worker.pid)
        self.stop(worker)
        done = self.done()
        return {"ops": count, "done": done, "seconds": round(seconds, 3),
                "ops_per_second": round(done / seconds, 1),
                "first_done_s": None if first is None else round(first, 3),
                "worker_resident_kib": memory,
                "cpu_us_per_op": {name: round((after[name] - before[name]) * 1e6 / max(done, 1), 1)
                                  for name in before}}

    def latency(self):
        """From commit to the first send, one at a time on an idle queue."""
        worker = self.start("worker")
        time.sleep(2)
        for n in range(40):
            sql(self.url, f"select lockstep.enqueue('memo', '{{\"text\":\"one\"}}', 'latency:{n}')")
            time.sleep(0.05)
        time.sleep(2)
        self.stop(worker)
        text = sql(self.url, "select coalesce(percentile_cont(0.5) within group (order by extract(epoch from "
                             "a.created_at - o.created_at) * 1000), -1) from lockstep.attempts a join "
                             "lockstep.ops o on o.id = a.op where o.key like 'latency:%'")
        return {"commit_to_intent_ms_p50": round(float(text), 2)}

    def fill(self, start, end):
        """Ready rows, straight into the tables: a superuser may, and enqueue takes minutes."""
        sql(self.url, f"""
            with n as (select 'ready:' || n as key, nextval('lockstep.op_id') as id
                         from generate_series({start}, {end}) n),
                 k as (insert into lockstep.op_key (key, op, kind, payload)
                       select key, id, 1, '{{"text":"ready"}}' from n returning key, op)
            insert into lockstep.op (id, run_at, due_at, created_at, updated_at, state_at, attempts_max,
                                     state, lane, kind, key)
            select op, now(), now(), now(), now(), now(), 12, 0, 1, 1, key from k""")

    def claim(self):
        """p50 of the claim statement with few and with many ready rows."""
        figures = {}
        have = 0
        for rows in (10_000, self.options.ready):
            self.fill(have + 1, rows)
            have = rows
            sql(self.url, "vacuum analyze")
            figures[str(rows)] = self.claim_ms(51)
        few, many = (figures[name]["p50_ms"] for name in figures)
        figures["ratio"] = round(many / few, 2)
        return figures

    def claim_ms(self, times):
        """Median time of the claim that a worker makes, each in a transaction undone."""
        script = ("\\timing on\n" + "begin; select count(*) from lockstep.worker_claim(%s, 256, false); "
                  "rollback;\n" * times)
        worker = sql(self.url, "select worker_id from lockstep.worker_hello(0, 'bench', 1, '0', 600000, "
                               "(select genesis from lockstep.meta), 'payer', '{}')")
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-d", self.url], input=script.replace("%s", worker),
                              capture_output=True, text=True, check=True)
        times_ms = sorted(float(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("Time:"))
        claims = times_ms[-times:]  # begin and rollback take next to nothing
        return {"p50_ms": round(claims[len(claims) // 2], 3)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--ops", type=int, default=20_000)
    parser.add_argument("--ready", type=int, default=1_000_000)
    parser.add_argument("--slot-ms", type=int, default=25)
    parser.add_argument("--pack", choices=["on", "off"], default="on",
                        help="several operations a transaction, or one")
    parser.add_argument("--chain", type=int, default=32, help="operations of each entity in a chain")
    parser.add_argument("--looks", type=int, default=3000, help="operations that are looked up")
    parser.add_argument("--only", default="path,latency,chain,order,looks,claim,console")
    options = parser.parse_args()
    wanted = options.only.split(",")
    bench = Bench(options)
    figures = {"slot_ms": options.slot_ms, "pack": options.pack, "cores": os.cpu_count()}
    try:
        ledger = bench.prepare()
        if "path" in wanted:
            figures["path"] = bench.path(ledger)
        if "latency" in wanted:
            figures["latency"] = bench.latency()
        if "chain" in wanted:
            figures["chain"] = order.chains(bench)
        if "order" in wanted:
            figures["order"] = order.measure(bench.url, options.ops)
        if "looks" in wanted:
            figures["looks"] = looks.measure(bench, sql, options.looks)
        if "console" in wanted:
            figures["console"] = console.measure(options.binary, bench.environment, bench.url)
        if "claim" in wanted:
            figures["claim"] = bench.claim()
    finally:
        bench.stop_all()
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
