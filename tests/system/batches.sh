#!/usr/bin/env bash
# Batches as a person and an application use them: every policy against a worker and the
# simulated ledger, the refusals, and the alert of a batch that nobody seals.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/psql 2>/dev/null | tail -n 1)")
sql() { "$bin/psql" -XqAt -v ON_ERROR_STOP=1 -c "$1" "$LS_TEST_URL"; }

# batch_is ID STATE
batch_is() { "$lockstep" batch show "$1" --json >shown.json && [ "$(json shown.json 'd["batch"]["state"]')" = "$2" ]; }

# memos BATCH KEY...: one memo for each key.
memos() {
    local batch=$1
    shift
    for key in "$@"; do
        "$lockstep" enqueue memo "{\"text\":\"$key\"}" --key "$key" --batch "$batch" >/dev/null || fail "enqueue $key"
    done
}

# Of a mint that exists nobody holds a token to burn: an operation that fails for good.
hopeless() {
    "$lockstep" enqueue token.burn '{"mint":{"key":"mint"},"amount":"5"}' \
        --key "$2" --batch "$1" >/dev/null || fail "enqueue $2"
}

start_ledger
write_config
fund
"$lockstep" migrate >/dev/null || fail "migrate"
start_worker
"$lockstep" enqueue token.create_mint '{"decimals":0}' --key mint >/dev/null || fail "enqueue mint"
wait_until 60 has state:done 1 || fail "the mint is done"

# Refusals, each with its cure.
expect_complaint 2 'give --policy' "$lockstep" batch open x
expect_complaint 2 'there is no policy all' "$lockstep" batch open x --policy all
expect_complaint 3 'there is no batch 99' "$lockstep" batch show 99
expect_complaint 3 'there is no batch 99; lockstep batch list shows them' "$lockstep" batch seal 99
expect_complaint 2 'there is no batch 99; open it first' "$lockstep" enqueue memo '{"text":"x"}' --key x --batch 99
atomic=$("$lockstep" batch open 'all at once' --policy atomic)
[ "$("$lockstep" batch open 'all at once' --policy atomic)" = "$atomic" ] || fail "opening again gives the same batch"
expect_complaint 4 'under another policy' "$lockstep" batch open 'all at once' --policy saga
expect_complaint 2 'leave the entity away' "$lockstep" enqueue memo '{"text":"x"}' --key x --batch "$atomic" --entity e

# Atomic: nothing runs before it is sealed, then all land in one transaction.
memos "$atomic" one two three
sleep 1
has state:blocked 3 || fail "an open batch waits"
expect 0 "batch $atomic is sealed" "$lockstep" batch seal "$atomic"
expect 0 "batch $atomic is sealed" "$lockstep" batch seal "$atomic"
expect_complaint 4 'is sealed: nothing can be added' "$lockstep" enqueue memo '{"text":"x"}' --key x --batch "$atomic"
wait_until 60 batch_is "$atomic" finished || fail "an atomic batch finishes"
[ "$(json shown.json 'len({o["signature"] for o in d["ops"]})')" = 1 ] || fail "one transaction for all"
[ "$(json shown.json 'd["batch"]["done"]')" = 3 ] || fail "all three are done"

# Too big for one transaction: refused when it is sealed, with the sizes; it stays open.
big=$("$lockstep" batch open big --policy atomic)
text=$(printf 'x%.0s' $(seq 600))
for key in big1 big2; do
    "$lockstep" enqueue memo "{\"text\":\"$text\"}" --key "$key" --batch "$big" >/dev/null || fail "enqueue $key"
done
expect_complaint 4 'one transaction has 1232: memo big1 (631), memo big2 (631)' "$lockstep" batch seal "$big"
batch_is "$big" open || fail "what is refused stays open"

# One that fails takes the others with it; cured, it is retried as a whole.
failing=$("$lockstep" batch open failing --policy atomic)
memos "$failing" f1 f2
hopeless "$failing" f3
"$lockstep" batch seal "$failing" >/dev/null
failing_failed() { "$lockstep" batch show "$failing" --json >shown.json && [ "$(json shown.json 'd["batch"]["failed"]')" = 3 ]; }
wait_until 90 failing_failed || fail "an atomic batch fails together"
expect 4 'tried again as a whole' "$lockstep" retry "$(json shown.json 'd["ops"][0]["id"]')" --reason r --yes
expect 0 'are tried again' "$lockstep" batch retry "$failing" --reason 'cured it'

# One that nobody can sign fails with what is missing, and the others with it: nothing is sent. Cured,
# it is retried as a whole.
"$lockstep" key new "$work/second.json" >second || fail "a second key"
unsigned=$("$lockstep" batch open unsigned --policy atomic)
memos "$unsigned" u1
"$lockstep" enqueue sol.transfer "{\"to\":\"$(cat address)\",\"from\":\"$(cat second)\",\"lamports\":\"1\"}" \
    --key u2 --batch "$unsigned" >/dev/null || fail "enqueue u2"
memos "$unsigned" u3
"$lockstep" batch seal "$unsigned" >/dev/null
unsigned_failed() { "$lockstep" batch show "$unsigned" --json >shown.json && [ "$(json shown.json 'd["batch"]["failed"]')" = 3 ]; }
wait_until 30 unsigned_failed || fail "an atomic batch that cannot be signed fails together"
[ "$(json shown.json '[o["cause"] for o in d["ops"]]')" = "['batch', 'NoSigner', 'batch']" ] ||
    fail "each says why: $(json shown.json '[o["cause"] for o in d["ops"]]')"
expect 0 "no key for $(cat second) is configured: add a [signer] section, then retry its batch" "$lockstep" show u2
[ "$(sql "select count(*) from lockstep.attempt a join lockstep.op_key k on k.op = a.op where k.batch = $unsigned")" = 0 ] ||
    fail "nothing of it was sent"

# Ordered: one after the other, and what is behind a failure waits.
ordered=$("$lockstep" batch open ordered --policy ordered)
memos "$ordered" o1
hopeless "$ordered" o2
memos "$ordered" o3
"$lockstep" batch seal "$ordered" >/dev/null
ordered_waits() { "$lockstep" batch show "$ordered" --json >shown.json && [ "$(json shown.json '[o["state"] for o in d["ops"]]')" = "['done', 'failed', 'blocked']" ]; }
wait_until 90 ordered_waits || fail "an ordered batch stops behind a failure"
expect 0 'compensat' "$lockstep" batch compensate "$ordered" --reason 'give it up'
wait_until 60 batch_is "$ordered" compensated || fail "a person has it undone"

# Saga: the failure undoes what landed, last first.
saga=$("$lockstep" batch open saga --policy saga)
memos "$saga" s1 s2
hopeless "$saga" s3
memos "$saga" s4
"$lockstep" batch seal "$saga" >/dev/null
wait_until 120 batch_is "$saga" compensated || fail "a saga ends compensated"
[ "$(json shown.json '[o["state"] for o in d["ops"]]')" = "['compensated', 'compensated', 'failed', 'cancelled']" ] ||
    fail "a saga's steps end as they should: $(json shown.json '[o["state"] for o in d["ops"]]')"
[ "$(sql "select string_agg(compensates::text, ' ' order by id) from lockstep.history where compensates is not null
          and compensates in (select op from lockstep.op_key where batch = $saga)")" = \
  "$(sql "select string_agg(op::text, ' ' order by op desc) from lockstep.op_key where batch = $saga and outcome = 8")" ] ||
    fail "what landed last is undone first"
expect 4 'does not go on' "$lockstep" retry "$(json shown.json 'd["ops"][2]["id"]')" --reason r --yes

# A batch that nobody seals raises an alert, which sealing ends.
forgotten=$("$lockstep" batch open forgotten --policy best_effort)
sql "update lockstep.batch set opened_at = opened_at - interval '2 hours' where id = $forgotten"
fires() { "$lockstep" alert list --json | grep -q "batch $forgotten .*is not sealed"; }
wait_until 20 fires || fail "an unsealed batch raises an alert"
"$lockstep" batch seal "$forgotten" >/dev/null
wait_until 20 batch_is "$forgotten" finished || fail "an empty batch is finished when it is sealed"
if fires; then fail "sealing ends the alert"; fi

# A paused batch is sealed and waits; what matches it is found by its number.
paused=$("$lockstep" batch open paused --policy best_effort)
memos "$paused" p1 p2
expect 0 "gate batch:$paused is on" "$lockstep" batch pause "$paused" --reason 'not yet'
expect 4 'is on already' "$lockstep" batch pause "$paused" --reason 'not yet'
expect 3 'there is no batch 99' "$lockstep" batch pause 99 --reason 'not there'
"$lockstep" batch seal "$paused" >/dev/null
wait_until 20 has "batch:$paused sub:gated" 2 || fail "a paused batch waits as gated"
sleep 1
has "batch:B-$paused state:ready" 2 || fail "nothing of a paused batch runs"
expect 0 "gate batch:$paused is off" "$lockstep" batch resume "$paused" --reason 'now'
wait_until 60 batch_is "$paused" finished || fail "a resumed batch goes on"
has "batch:$paused state:done" 2 || fail "a batch's history is found by its number"
expect 4 'is finished' "$lockstep" batch pause "$paused" --reason 'too late'

# Lists, and what is on record.
"$lockstep" batch list --json >list.json
[ "$(json list.json 'len(d)')" = 8 ] || fail "batch list has them all"
expect 0 'all at once' "$lockstep" batch list
expect 0 'compensated' "$lockstep" batch show "$saga"
expect 0 'batch.compensate' "$lockstep" audit list --limit 1000
expect 0 'batch.retry' "$lockstep" audit list --limit 1000
expect 0 'is whole' "$lockstep" audit verify
finish
