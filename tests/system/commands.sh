#!/usr/bin/env bash
# The command line from an empty database to done operations, and every action on them.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

start_ledger
write_config
fund
expect_complaint 4 'lockstep migrate' "$lockstep" status
expect 0 '' "$lockstep" migrate --dry-run
expect_complaint 4 'lockstep migrate' "$lockstep" status
expect 0 '' "$lockstep" migrate
expect 0 '' "$lockstep" migrate

# What the configuration says of a kind is written into the database once.
printf '[kind "token.burn"]\nmax_attempts = 5\nstuck_after = 2m\nfence = expiry\nvalue_limit = 1000000\n' >>"$LOCKSTEP_CONFIG"
expect 0 'kind token.burn: set as configured' "$lockstep" migrate
expect 0 '' "$lockstep" migrate
expect 0 'IN STEP: ' "$lockstep" status

# Enqueue: same key and content is the same operation, other content is refused.
expect 0 1 "$lockstep" enqueue memo '{"text":"first"}' --key memo:1
expect 0 1 "$lockstep" enqueue memo '{"text":"first"}' --key memo:1
expect_complaint 4 'with another payload' "$lockstep" enqueue memo '{"text":"other"}' --key memo:1
printf '{"text":"from a file"}' >payload.json
expect 0 '"key":"memo:file"' "$lockstep" enqueue memo @payload.json --key memo:file --json
printf '%s\n' '{"key":"memo:a","payload":{"text":"a"}}' \
    '{"key":"event:a","kind":"event","payload":{"type":"t","subject":"s","document":{"n":1.10}}}' |
    "$lockstep" enqueue memo - >ids || fail "enqueue -"
[ "$(wc -l <ids)" -eq 2 ] || fail "enqueue - prints a number a line"
echo 'nonsense' | "$lockstep" enqueue memo - >/dev/null 2>err && fail "nonsense is refused"
grep -q 'line 1' err || fail "the line is named"
echo '{"key":"typo","entitty":"e","payload":{"text":"x"}}' | "$lockstep" enqueue memo - 2>err &&
    fail "an unknown member is refused"
grep -q 'entitty' err || fail "the member is named"
"$lockstep" ops >/dev/full 2>err && fail "a full disk is no success"
grep -q '^lockstep: output: ' err || fail "a full disk is told: $(cat err)"
{ "$lockstep" man 2>err; true; } | head -c 1 >/dev/null
[ -s err ] && fail "a reader that has enough is no trouble: $(cat err)"

# Tables fit: nothing is wider than it may be, in cells; where nothing limits it nothing is cut.
"$lockstep" enqueue memo '{"text":"wide"}' --key "memo:$(printf '\346\227\245%.0s' 1 2 3 4 5 6 7 8 9 10 11 12)" >/dev/null
for columns in 30 60 80; do
    LOCKSTEP_COLUMNS=$columns "$lockstep" ops | python3 -c '
import sys, unicodedata
for line in sys.stdin.read().splitlines():
    cells = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
    sys.exit(f"{cells} cells: {line}") if cells > int(sys.argv[1]) else None
' "$columns" || fail "a table is wider than $columns"
done
"$lockstep" ops | grep -q "$(printf '\346\227\245%.0s' 1 2 3 4 5 6 7 8 9 10 11 12)" || fail "a pipe gets all"
LOCKSTEP_COLUMNS=40 "$lockstep" ops --wide | grep -q "$(printf '\346\227\245%.0s' 1 2 3 4 5 6 7 8 9 10 11 12)" ||
    fail "--wide cuts nothing"
"$lockstep" ops --csv --limit all | head -1 | grep -q '^id,key,kind,entity,state' || fail "CSV names columns"
"$lockstep" ops key:absent --csv | grep -q '^id,key' || fail "CSV without rows has its names"
"$lockstep" audit list --csv | grep -q '^seq,at,actor' || fail "the audit log as CSV"
"$lockstep" cancel "key:memo:$(printf '\346\227\245')*" --yes --reason 'only wide' >/dev/null || fail "cancel the wide"

# Hold, release, cancel, gates, before any worker runs.
expect 0 '' "$lockstep" hold key:memo:a --reason 'look first'
has 'state:held key:memo:a' 1 || fail "hold"
expect_complaint 4 'op ' "$lockstep" retry key:memo:a --reason no
expect 0 '' "$lockstep" release key:memo:a --reason 'looked'
has 'state:ready key:memo:a' 1 || fail "release"
expect 0 '' "$lockstep" enqueue memo '{"text":"never"}' --key memo:cancel
expect 0 '' "$lockstep" cancel key:memo:cancel --reason 'a mistake'
has 'state:cancelled key:memo:cancel' 1 || fail "cancel"
expect 0 '' "$lockstep" gate on kind:event --reason 'closing the books'
expect 0 'closing the books' "$lockstep" gate list
expect 0 '' "$lockstep" gate off kind:event --reason 'closed'

# Several operations: dry run, expectation, confirmation.
expect 0 'nothing was changed' "$lockstep" hold 'key:memo:*' --dry-run
expect_complaint 4 'not 99' "$lockstep" hold 'key:memo:*' --reason x --expect 99 --yes
expect_complaint 4 'add --yes' "$lockstep" hold 'key:memo:*' --reason x
has state:held 0 || fail "nothing was held"
expect_complaint 3 'no operation matches' "$lockstep" hold key:absent --reason x
expect_complaint 3 'no operation 999' "$lockstep" hold 999 --reason x

# Work: all of it lands, some of it fails.
expect 0 '' "$lockstep" enqueue token.create_mint '{"decimals":0}' --key mint
expect 0 '' "$lockstep" enqueue token.mint_to \
    "{\"mint\":{\"key\":\"mint\"},\"to\":\"$(cat address)\",\"amount\":\"5\"}" --key issue
expect 0 '' "$lockstep" enqueue token.burn '{"mint":{"key":"mint"},"amount":"99"}' --key toomuch
start_worker
wait_until 60 has 'state:done !key:ls:*' 6 || fail "six operations are done: $(count state:done)"
wait_until 60 has state:failed 1 || fail "the burn fails"
expect 0 'toomuch' "$lockstep" ops state:failed
expect 0 '"state":"failed"' "$lockstep" ops state:failed --jsonl
"$lockstep" ops --json >ops.json && [ "$(json ops.json 'len(d) > 6')" = True ] || fail "ops --json"
"$lockstep" show issue --json >show.json || fail "show --json"
[ "$(json show.json 'd["attempt_list"][-1]["state"]')" = landed ] || fail "an attempt landed"
[ -n "$(json show.json 'd["signature"]')" ] || fail "it has a signature"
"$lockstep" status --json >status.json || fail "status --json"
[ "$(json status.json 'd["counts"]["done"]')" -eq 6 ] || fail "status counts"
expect 0 ' working, leader' "$lockstep" status
# The plain form tells what the document does: every number, and a line for each row of its lists.
"$lockstep" gate on kind:event --reason 'stock-taking' >/dev/null || fail "gate on"
"$lockstep" status --json >status.json || fail "status --json with a gate"
"$lockstep" status --plain >status.plain || fail "status --plain"
"$lockstep" gate off kind:event --reason 'done' >/dev/null || fail "gate off"
python3 - <<'END' || fail "the plain status lacks a fact of the document"
import json
document = json.load(open('status.json'))
lines = open('status.plain').read().splitlines()
rows = [line[:14].strip() for line in lines]
numbers = {'depth': 'depth', 'gated': 'gated', 'held_ambiguous': 'unknown', 'stuck': 'stuck',
           'duplicates': 'twice', 'arriving_per_minute': 'arriving', 'finishing_per_minute': 'finishing',
           'alerts_firing': 'alerts', 'finalized_height': 'height', 'lag_ms': 'lag', 'lag_p95_ms': 'lag p95',
           'age_ms': 'age', 'done_last_minute': 'done/minute', 'schema_version': 'database'}
lists = {'workers': 'worker', 'endpoints': 'endpoint', 'gates': 'gate', 'events': 'event',
         'unattended': 'unattended'}
missing = [name for name, row in numbers.items() if name not in document or rows.count(row) < 1]
missing += [name for name, row in lists.items() if (len(document[name]) > 0) != (rows.count(row) > 0)]
missing += [name for name in document['counts'] if rows.count(name) < 1]
assert document['headline'] in lines[0] and document['verdict'] in lines[0], lines[0]
assert document['safety'] in lines and document['cure'] in lines and not missing, missing
END
expect 0 'as of ' "$lockstep" status --at -1s
expect_complaint 2 'no time' "$lockstep" status --at never
expect_complaint 3 'nothing was recorded' "$lockstep" status --at 2020-01-01T00:00Z
expect 0 'OUTCOME ON CHAIN' "$lockstep" causes
expect 0 'working' "$lockstep" worker list

# Alerts: the failed operation fires one.
wait_until 20 sh -c "'$lockstep' alert list --jsonl | grep -q failed" || fail "an alert fires"
alert=$("$lockstep" alert list --jsonl | sed -nE 's/^\{"id":([0-9]+),"rule":"failed".*/\1/p' | head -n 1)
expect 0 '' "$lockstep" alert ack "${alert:-0}" --for 1h --reason 'looking at it'
expect 0 'acked' "$lockstep" alert list

# Compensation: the memo is voided by another.
expect 0 '' "$lockstep" compensate key:memo:1 --reason 'wrong text'
wait_until 60 has 'state:compensated key:memo:1' 1 || fail "compensated"
expect_complaint 4 'op ' "$lockstep" compensate key:toomuch --reason 'cannot'

# Retry after the cause is gone: enough to burn.
expect 0 '' "$lockstep" enqueue token.mint_to \
    "{\"mint\":{\"key\":\"mint\"},\"to\":\"$(cat address)\",\"amount\":\"100\"}" --key more
wait_until 60 has 'state:done key:more' 1 || fail "more is issued"
expect 0 '' "$lockstep" retry state:failed --reason 'there is enough now' --expect 1
wait_until 60 has 'state:done key:toomuch' 1 || fail "the burn is done after a retry"

# The audit log holds every action, and its chain is whole.
for action in hold release cancel gate.on gate.off retry compensate alert.ack; do
    "$lockstep" audit list --jsonl --limit 1000 | grep -q "\"action\":\"$action\"" ||
        fail "the audit log has $action"
done
expect 0 'is whole' "$lockstep" audit verify
expect 0 '"good":true' "$lockstep" audit verify --json
expect 0 'ok    database' "$lockstep" doctor
expect 0 'as pinned' "$lockstep" doctor

# SIGTERM drains within five seconds.
begun=$(date +%s)
kill -TERM "$worker_pid"
wait "$worker_pid" || fail "the worker ends with status $?"
[ $(($(date +%s) - begun)) -le 6 ] || fail "the worker took too long to end"
finish
