"""Order by entity. `measure`: operations a second that the database takes from claimed to done, with
none, 1, 100 and 10,000 entities, in one run. No ledger: one connection claims, records and settles.
`chains`: the full path, where an operation waits until the one before it is final."""
import json
import subprocess
import sys
import time

SETUP = """
create or replace procedure public.bench_work(w bigint, wanted bigint) language plpgsql as $$
declare
    ids bigint[]; tokens bigint[]; tries integer[]; done bigint := 0; idle integer := 0; n integer;
begin
    while done < wanted and idle < 100 loop
        select array_agg(op), array_agg(token), array_agg(attempts_made + 1) into ids, tokens, tries
          from lockstep.worker_claim(w, 256, false);
        commit;
        n := coalesce(cardinality(ids), 0);
        idle := case n when 0 then idle + 1 else 0 end;
        continue when n = 0;
        perform count(*) from lockstep.worker_intent(w, ids, tokens, tries,
            (select array_agg('s' || i) from unnest(ids) i), array_fill('h'::text, array[n]),
            array_fill(150::bigint, array[n]), array_fill('p'::text, array[n]),
            array_fill('\\x01'::bytea, array[n]), array_fill(null::text, array[n]),
            array_fill(0::smallint, array[n]), array_fill(null::text, array[n]),
            array_fill(null::text, array[n]));
        commit;
        perform count(*) from lockstep.worker_move(w, ids, tokens, array_fill(6::smallint, array[n]),
            array_fill(0::smallint, array[n]), array_fill(0::bigint, array[n]),
            array_fill(false, array[n]), array_fill(null::text, array[n]),
            array_fill(null::text, array[n]), tries, array_fill(2::smallint, array[n]),
            array_fill(false, array[n]), (select array_agg('s' || i) from unnest(ids) i),
            array_fill(7::bigint, array[n]), array_fill(null::text, array[n]));
        commit;
        done := done + n;
    end loop;
    if done < wanted then
        raise exception 'only % of % were done', done, wanted;
    end if;
end $$;
select worker_id from lockstep.worker_hello(0, 'bench', 1, '0', 600000,
    coalesce((select genesis from lockstep.meta), 'bench'), 'p', '{}');
"""


def sql(url, text):
    done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url],
                          input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bench: psql: {done.stderr.strip()}")
    return done.stdout.strip()


def rate(url, worker, entities, ops):
    entity = f"'e' || g % {entities}" if entities else "null"
    sql(url, f"select count(lockstep.enqueue('memo', '{{\"text\":\"x\"}}', 'order/{entities}/' || g,"
             f" {entity})) from generate_series(1, {ops}) g; vacuum analyze lockstep.op;"
             f" vacuum analyze lockstep.op_key; vacuum analyze lockstep.wake")
    began = time.monotonic()
    sql(url, f"call public.bench_work({worker}, {ops})")
    return ops / (time.monotonic() - began)


def measure(url, ops):
    """Rates, and each as a share of the rate without entities."""
    worker = sql(url, SETUP)
    figures = {}
    for entities in (0, 1, 100, 10_000):
        figures[str(entities)] = {"ops_per_second": round(rate(url, worker, entities,
                                                               ops if entities != 1 else ops // 10))}
    for figure in figures.values():
        figure["ratio"] = round(figure["ops_per_second"] / figures["0"]["ops_per_second"], 3)
    return figures


FINALITY_SLOTS = 32  # of the simulated ledger, behind the slot of landing

# From one operation of a chain to the next: how long after the end of the one before its attempt was
# durable (NULL: they were together), and how long from there to its own end.
STEPS = """
with step as (
    select h.entity, h.finished_at, min(a.created_at) as made_at, count(distinct h.signature) as n,
           lag(h.finished_at) over (partition by h.entity order by h.id) as before_at
      from lockstep.history h join lockstep.attempt_history a on a.op = h.id and a.day = h.day
     where h.key like 'chain/{name}/%' and h.state = 6 group by h.entity, h.id, h.finished_at)
select json_build_object(
    'done', count(*),
    'transactions', (select count(distinct signature) from lockstep.history
                      where key like 'chain/{name}/%'),
    'seconds', round(extract(epoch from max(finished_at) - min(made_at))::numeric, 3),
    'hand_over_ms_p50', round((percentile_cont(0.5) within group (order by
        extract(epoch from made_at - before_at) * 1000) filter (where made_at > before_at))::numeric, 1),
    'landing_ms_p50', round((percentile_cont(0.5) within group (order by
        extract(epoch from finished_at - made_at) * 1000))::numeric, 1)) from step
"""


def chain(bench, entities, each):
    name = f"{entities}"
    sql(bench.url, f"select count(lockstep.enqueue('memo', jsonb_build_object('text', 'n' || g),"
                   f" 'chain/{name}/' || g, 'chain-' || g % {entities}))"
                   f" from generate_series(1, {entities * each}) g")
    worker = bench.start("worker")
    want, deadline = bench.done() + entities * each, time.monotonic() + 120
    while bench.done() < want and time.monotonic() < deadline:
        time.sleep(0.2)
    bench.stop(worker)
    figures = json.loads(sql(bench.url, STEPS.format(name=name)))
    figures["ops_per_second"] = round(figures["done"] / figures["seconds"], 2)
    # An entity whose operations wait for each other's finality ends at best one in this time.
    one_by_one = entities * 1000 / (FINALITY_SLOTS * bench.options.slot_ms)
    figures["ratio_to_one_each_finality"] = round(figures["ops_per_second"] / one_by_one, 3)
    return figures


def chains(bench):
    return {"1": chain(bench, 1, bench.options.chain), "100": chain(bench, 100, bench.options.chain)}
