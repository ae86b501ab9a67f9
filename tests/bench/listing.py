"""Listings of a long history: `lockstep ops FILTER --limit 1` over ROWS finished operations on 30
days, and over operations that wait behind one of their entity, of which one in a hundred is stuck
(--blocked). Each filter is timed against the command that finds one operation by its id in the same
database, so that starting and connecting can be taken off.

  tests/system/with_postgres.sh python3 tests/bench/listing.py [--rows N] [--blocked N] [--binary FILE]
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

FILL = """
set search_path = lockstep;
set synchronous_commit = off;
do $$ declare d date; begin
    for i in 1..30 loop
        d := (now() at time zone 'UTC')::date - i;
        execute format('create table if not exists lockstep.%I partition of lockstep.history for values'
                       ' from (%L) to (%L)', 'history_' || to_char(d, 'YYYYMMDD'), d, d + 1);
    end loop; end $$;
insert into history (day, id, version, run_at, due_at, created_at, finished_at, slot, attempts_made,
                     attempts_max, state, lane, kind, key, entity, cause)
select (t at time zone 'UTC')::date, i, 4, t, t, t, t, i, 1, 12,
       case when i % 100000 = 7 then 7 when i % 50000 = 11 then 8 else 6 end, 1, 1 + i % 7,
       'pay:' || i || ':' || i % 13, 'org-' || (i * 7919) % 200000,
       case when i % 100000 = 7 then 'cancelled by an operator' end
  from (select i, now() - interval '30 days' + i * (interval '30 days' / ROWS) as t
          from generate_series(1::bigint, ROWS) i) g;
insert into op_key (key, op, kind, outcome, finished_day, entity, payload)
select key, id, kind, state, day, entity, '{"text":"x"}' from history order by id;
analyze lockstep.history; analyze lockstep.op_key;
"""
# Beyond the ids of what is finished. The first of each hundredth entity stands still.
BLOCKED = """
set search_path = lockstep;
set synchronous_commit = off;
insert into op (id, run_at, due_at, created_at, updated_at, state_at, attempts_max, state, sub, lane, kind, key, entity)
select ROWS + i, t, t, t, t, t, 3, case when i > 1000 then 1 when i % 100 = 0 then 3 else 0 end,
       case when i > 1000 then 10 when i % 100 = 0 then 20 else 0 end, 1, 1 + i % 3, 'wait:' || i, 'e-' || i % 1000
  from generate_series(1, BLOCKED) i, (select now() - interval '2 hours' as t) as long_ago;
insert into op_key (key, op, kind, entity, payload) select key, id, kind, entity, '{"text":"x"}' from op;
analyze op; analyze op_key;
"""
BASE = "id:77"
INDEXED = ["", "kind:memo", "state:cancelled", "!state:done", "entity:org-77", "key:pay:5000:*",
           "key:pay:5000:8", "key:pay:*", "--sort updated", "--sort oldest", "--sort updated entity:org-77"]
WAITING = ["stuck", "stuck kind:memo", "stuck entity:e-100", "state:blocked"]
SEARCHED = ["cause:cancelled*", "entity:org-77 kind:memo text", "nothing-has-this"]


def run(command):
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(command)}: {done.stderr.strip()}")
    return (time.monotonic() - began) * 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--blocked", type=int, default=100_000)
    parser.add_argument("--binary", default="build/release/lockstep")
    options = parser.parse_args()
    url = os.environ["LS_TEST_URL"]
    with tempfile.TemporaryDirectory() as place:
        config = os.path.join(place, "lockstep.conf")
        with open(config, "w", encoding="utf-8") as text:
            text.write(f"[database]\nurl = {url}\n")
        os.chmod(config, 0o600)
        run([options.binary, "migrate", "--config", config])
        rows = (FILL + BLOCKED).replace("ROWS", str(options.rows)).replace("BLOCKED", str(options.blocked))
        fill = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url], input=rows, text=True,
                              check=False)
        if fill.returncode != 0:
            sys.exit("bench: the rows could not be made")

        def listing(words):
            # A page of them: the first of what is rare is found as late as the last.
            limit = "100" if words in WAITING else "1"
            return run([options.binary, "ops", "--config", config, "--limit", limit, *words.split()])

        print(f"{'filter':34} {'ms':>8} {'beyond an id':>13}")
        for name, filters, times in (("index", INDEXED, 7), ("index, 100 rows", WAITING, 7), ("search", SEARCHED, 1)):
            for words in filters:
                listing(words)
                pairs = [(listing(BASE), listing(words)) for _ in range(times)]
                ms = statistics.median(pair[1] for pair in pairs)
                extra = statistics.median(pair[1] - pair[0] for pair in pairs)
                print(f"{words or '(none)':34} {ms:8.0f} {extra:+13.0f}  {name}")


if __name__ == "__main__":
    main()
