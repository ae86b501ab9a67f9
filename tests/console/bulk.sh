#!/usr/bin/env bash
# A batch on its screen, paused and resumed by keys; then everything that failed is retried as a
# bulk job, whose canary stops it, and the job is ended.
# shellcheck source=tests/console/lib.sh
. "$(dirname "$0")/lib.sh"

open_console 100 30 demo --rate 0 --slot-ms 50 --dir "$work/demo"
sees 90 LIVE
export LOCKSTEP_CONFIG=$work/demo/lockstep.conf
batch=$("$lockstep" batch open payroll-nov --policy best_effort)
for i in 1 2 3 4; do
    "$lockstep" enqueue memo "{\"text\":\"pay $i\"}" --key "pay-$i" --batch "$batch" >/dev/null
done

# confirm TYPED: a reason, then what is asked for.
confirm() {
    typed 'INC-551'
    keys Tab
    keys -l "$1"
    sees 20 '[ Go ]'
    keys Enter
}

# export_to FILE: by the command line.
export_to() {
    keys :
    keys -l "export $1"
    sees 10 ":export $1"
    keys Enter
}

# Paused before it is sealed, so that it can be looked at.
keys 5
sees 20 "B-$batch payroll-nov"
sees 20 'Not sealed: nothing runs yet.'
keys P
sees 10 "lockstep batch pause $batch"
confirm 4
sees 20 "gate batch:$batch is on"
"$lockstep" batch seal "$batch" >/dev/null
sees 20 'PAUSED'
"$lockstep" enqueue memo '{"text":"not of the batch"}' --key beside >/dev/null
wait_until 60 has 'state:done key:beside' 1 || fail "what is not of the batch runs"
has "batch:$batch state:done" 0 || fail "nothing of a paused batch runs"
keys Enter
sees 10 "Batches > B-$batch payroll-nov"
sees 10 'pay-3'
keys Escape
sees 10 '[5 Batches]'
keys P
sees 10 "lockstep batch resume $batch"
confirm 4
sees 20 "gate batch:$batch is off"
keys N
sees 10 "lockstep note add 'batch:$batch'"
typed 'asked HR'
keys Tab
keys -l yes
sees 20 '[ Go ]'
keys Enter
sees 20 "noted on batch $batch"
keys Z
sees 10 "You left a note on batch $batch: entry"
keys Escape
sees 20 'asked HR'
export_to "$work/batches.csv"
sees 20 "1 rows in $work/batches.csv"
"$lockstep" batch list --csv | head -1 | diff - <(head -1 "$work/batches.csv") ||
    fail "the command line names the same columns"
grep -q "^$batch,payroll-nov,best_effort," "$work/batches.csv" || fail "the batch is exported"
keys y
sees 10 'n name'
keys n
sees 10 'name copied: payroll-nov'
wait_until 60 has "batch:$batch state:done" 4 || fail "the batch goes on when it is resumed"
sees 20 '4/4'
fits 100

# Twelve that can not succeed; all that match is more than what is marked by hand.
"$lockstep" enqueue token.create_mint '{"decimals":0}' --key mint >/dev/null
for i in $(seq 12); do printf '{"key": "burn-%d", "payload": {"mint": {"key": "mint"}, "amount": "5"}}\n' "$i"; done |
    "$lockstep" enqueue token.burn - >/dev/null
wait_until 90 has 'kind:token.burn state:failed' 12 || fail "what nobody holds can not be burnt"
keys 2
sees 20 'burn-12'
keys a
sees 10 'a again: all 12 matching'
keys a
sees 10 'ALL 12 matching'
keys R
sees 10 "lockstep bulk start retry 'state:failed' --expect 12"
keys BTab
keys BTab
keys BTab
typed 17
keys Tab
keys C-u
keys -l 2
keys Tab
keys Tab
confirm 12
sees 20 '[9 Bulk]'
sees 30 'failed again'
sees 60 'canary: 2 of 2 failed again'
sees 10 '17 a second'
keys Enter
sees 10 'Bulk > job 1 retry'
sees 10 'burn-12'
sees 10 'waiting'
fits 100
export_to "$work/targets.jsonl"
sees 20 "12 rows in $work/targets.jsonl"
keys y
keys k
sees 10 'key copied: burn-'
keys Escape
export_to "$work/jobs.csv"
sees 20 "1 rows in $work/jobs.csv"
"$lockstep" bulk list --csv | diff - "$work/jobs.csv" || fail "the command line exports the same"
keys y
keys f
sees 10 'filter copied: state:failed'
keys X
sees 10 'lockstep bulk abort 1'
confirm 10
sees 20 'aborted'
"$lockstep" audit list --jsonl | grep -q '"action":"bulk.abort"' || fail "the abort is on record"
resize 60 16
sees 10 'aborted'
fits 60
resize 100 30

# Six that failed: the ledger has one of them, and one may still land. Each is looked up before it is
# sent again, and these two are not.
url=$(sed -n '/^\[database\]/,/^\[/s/^url = //p' "$work/demo/lockstep.conf")
behind() { psql -qXAt -v ON_ERROR_STOP=1 "$url" -c "SET session_replication_role = replica; $1"; }
attempt() {
    behind "INSERT INTO lockstep.attempt (op, last_valid_height, slot, worker, created_at, attempt, state, signature, blockhash, signer, tx, evidence)
        SELECT (SELECT op FROM lockstep.op_key WHERE key = '$1'), $2, 0, worker, now(), 1, 1, $3, blockhash, signer, tx, '{\"vouched_by\":\"x\"}'
          FROM lockstep.attempt_history WHERE state = 2 LIMIT 1"
}
for i in $(seq 6); do "$lockstep" enqueue memo "{\"text\":\"t $i\"}" --key "t-$i" --run-at 1h >/dev/null; done
behind "UPDATE lockstep.op SET state = 5, sub = 0, cause = 'Tested', version = version + 1, run_at = now(),
    attempts_made = 1, attempts_round = 1 WHERE key LIKE 't-%'"
for i in 1 3 5 6; do attempt "t-$i" 1 "left(signature, -2) || '${i}z'"; done
attempt t-2 last_valid_height signature
attempt t-4 9000000 "left(signature, -2) || '4z'"
keys 2
keys /
keys -l 'key:t-*'
sees 10 'key:t-*'
keys Enter
sees 20 't-6'
keys a
sees 10 'a again: all 6 matching'
keys a
sees 10 'ALL 6 matching'
keys R
sees 10 'Each is looked up on the ledger right before its turn'
sees 10 '--expect 6'
confirm 6
sees 60 '4 done, 0 failed again, 0 refused, 1 already landed, 1 in doubt'
sees 10 'already landed'
sees 10 'in doubt'
fits 100
keys 2
sees 20 'on chain'
sees 20 'UTC found it. NOT SAFE TO'
has 'state:failed key:t-*' 2 || fail "what is left alone does not move"
"$lockstep" show t-2 | grep -q '^next  *lockstep reconcile --repair$' || fail "show names the cure"
keys 1
quit_by_keys
finish
