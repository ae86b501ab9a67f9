"""Looks at the ledger: how fast a worker's process answers what people and bulk jobs ask it to look
up, and how fast a job gets on that looks each target up before its turn."""
import json
import time

SETUP = """
set session_replication_role = replica;
update lockstep.op set state = 5, sub = 0, cause = 'Tested', version = version + 1, attempts_made = 1,
       attempts_round = 1 where key like 'look:%';
insert into lockstep.attempt (op, last_valid_height, slot, worker, created_at, attempt, state, signature,
                              blockhash, signer, tx, evidence)
select o.id, 1, 0, h.worker, now(), 1, 1,
       left(h.signature, -6) || translate(lpad(o.id::text, 6, '1'), '0', 'A'), h.blockhash, h.signer, h.tx, '{}'
  from lockstep.op o, (select * from lockstep.attempt_history limit 1) h where o.key like 'look:%';
analyze lockstep.op; analyze lockstep.attempt;
"""


def until(what, seconds=120):
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise SystemExit("bench: looks: it takes too long")
        time.sleep(0.05)


def failed(bench, sql, count):
    """So many failed operations, each with an attempt that expired and that the ledger has not got."""
    before = bench.done()
    sql(bench.url, "select lockstep.enqueue('memo', '{\"text\":\"x\"}', 'first-look')")
    until(lambda: bench.done() > before)
    bench.must("gate", "on", "kind:memo", "--reason", "bench")
    sql(bench.url, f"select count(lockstep.enqueue('memo', jsonb_build_object('text', 'look ' || n), "
                   f"'look:' || n)) from generate_series(1, {count}) n")
    sql(bench.url, SETUP)


def measure(bench, sql, count):
    worker = bench.start("worker")
    failed(bench, sql, count)
    sql(bench.url, "select (lockstep.look_ask(array_agg(id), 'bench')).audit_seq from (select id, "
                   "row_number() over (order by id) / 1000 as part from lockstep.op where state = 5) o "
                   "group by part")
    until(lambda: sql(bench.url, "select count(*) from lockstep.look where answered_at is null") == "0")
    looks = float(sql(bench.url, "select extract(epoch from max(answered_at) - min(asked_at)) from lockstep.look"))
    sql(bench.url, "update lockstep.look set asked_at = asked_at - interval '1 hour', "
                   "answered_at = answered_at - interval '1 hour'")
    job = json.loads(bench.must("bulk", "start", "retry", "state:failed", "--expect", str(count), "--rate", "1000",
                                "--canary", "0", "--abort-above", "100", "--reason", "bench", "--json"))["bulk"]
    until(lambda: sql(bench.url, f"select waiting from lockstep.bulk where id = {job}") == "0")
    acts = float(sql(bench.url, f"select extract(epoch from (select max(acted_at) from lockstep.bulk_target "
                                f"where bulk = {job}) - created_at) from lockstep.bulk where id = {job}"))
    bench.stop(worker)
    sql(bench.url, "select (lockstep.gate_off('kind:memo', 'bench')).audit_seq")
    return {"count": count, "looks_per_second": round(count / looks), "bulk_per_second": round(count / acts),
            "bulk_rate": 1000}
