#!/usr/bin/env bash
# The command line asks the ledger before it sends anything again, as the console's dialog does: what
# never landed goes, what landed and what may land still is left out and named with the cure; nothing
# is done where no worker lives, none answers, or the ledger is silent. A batch's retry, too.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# Behind the back of every rule.
tamper() { psql -qXAt -v ON_ERROR_STOP=1 "$LS_TEST_URL" -c "SET session_replication_role = replica; $1"; }
sql() { psql -qXAt -v ON_ERROR_STOP=1 "$LS_TEST_URL" -c "$1"; }
# says FILE PART, says_not FILE PART
says() { grep -qF -- "$2" "$work/$1" || { fail "does not say '$2'"; cat "$work/out" "$work/err" >&2; }; }
# attempt KEY HEIGHT SIGNATURE: an attempt that somebody took for dead.
attempt() {
    tamper "INSERT INTO lockstep.attempt (op, last_valid_height, slot, worker, created_at, attempt, state, signature, blockhash, signer, tx, evidence)
        SELECT (SELECT op FROM lockstep.op_key WHERE key = '$1'), $2, 0, worker, now(), 1, 1, $3, blockhash, signer, tx, '{\"vouched_by\":\"x\"}'
          FROM lockstep.attempt_history LIMIT 1"
}
# fails WHERE: as if all that match had failed.
fails() { tamper "UPDATE lockstep.op SET state = 5, sub = 0, cause = 'Tested', version = version + 1 WHERE $1"; }
memo() { "$lockstep" enqueue memo "{\"text\": \"$1\"}" --key "$@" >/dev/null || fail "enqueue $1"; }
state_of() { sql "SELECT state FROM lockstep.ops WHERE key = '$1'"; }

start_ledger
write_config
fund
"$lockstep" migrate >/dev/null || fail "migrate"
memo first
start_worker
wait_until 60 has state:done 1 || fail "it is not done"
kill -TERM "$worker_pid"
wait "$worker_pid"
"$lockstep" gate on kind:memo --reason 'until all stands' >/dev/null || fail "gate"
for name in never landed may never-2; do memo "$name"; done
fails "key <> 'first'"
attempt never 1 "left(signature, -2) || '1z'"
attempt never-2 1 "left(signature, -2) || '2z'"
attempt landed last_valid_height signature
attempt may 9000000 "left(signature, -2) || '4z'"

# Nobody lives who could look.
expect_complaint 4 'no worker lives' "$lockstep" retry state:failed --reason r --yes
expect_complaint 4 'no worker lives' "$lockstep" retry state:failed --dry-run
has state:failed 4 || fail "something was done without a worker"

# A worker that lives and does not answer.
start_worker
wait_until 60 "$lockstep" verify --chain key:never || fail "it does not look"
kill -STOP "$worker_pid"
expect_complaint 6 'no worker answered within 12 s what the ledger has, so nothing was changed' \
    "$lockstep" retry key:never --reason r
kill -CONT "$worker_pid"
has state:failed 4 || fail "something was done without an answer"

# A ledger that does not answer.
kill -STOP "$ledger_pid"
expect 6 'is left out: UNKNOWN, the ledger did not answer: lockstep verify --chain' "$lockstep" retry key:never-2 --reason r
kill -CONT "$ledger_pid"
has state:failed 4 || fail "something was done without the ledger"
wait_until 60 "$lockstep" verify --chain key:never || fail "the ledger is asked again"

# What would be done, row by row.
expect 0 '4 operations; nothing was changed' "$lockstep" retry state:failed --dry-run
says out '2 never landed, 1 unknown, 1 already landed'
says out '2 of them would be left out'
grep -E '^would retry op [0-9]+ \(memo, failed\) never: not found$' "$work/out" >/dev/null || fail "its row: $(cat "$work/out")"
grep -E '^would not retry op [0-9]+ \(memo, failed\) landed: it is on the ledger in slot [0-9]+: lockstep reconcile' "$work/out" >/dev/null ||
    fail "the row of what landed: $(cat "$work/out")"
expect 0 '"dry_run":true' "$lockstep" retry state:failed --dry-run --json
[ "$(json "$work/out" '[len(d["ops"]), d["looks"]["never_landed"], d["looks"]["unknown"], d["looks"]["already_landed"]]')" = '[2, 2, 1, 1]' ] ||
    fail "the document's counts: $(cat "$work/out")"
[ "$(json "$work/out" '[(r["found"], r["goes"]) for r in d["looked"]]')" = \
    "[('not found', True), ('landed', False), ('may still land', False), ('not found', True)]" ] || fail "its rows: $(cat "$work/out")"
has state:failed 4 || fail "a dry run did something"

# --expect counts what matches, before anybody is asked.
expect_complaint 4 '4 operations match, not 2' "$lockstep" retry state:failed --expect 2 --reason r --yes
# What is safe goes, the rest is named with its cure; nobody who was not asked said yes.
expect_complaint 4 'retry 2 operations needs a confirmation' "$lockstep" retry state:failed --reason r
expect 4 '2 of 4 done' "$lockstep" retry state:failed --expect 4 --reason 'INC-9' --yes
says err 'it is on the ledger in slot'
says err 'lockstep reconcile --repair adopts it'
says err 'UNKNOWN, it may still land: lockstep verify --chain'
[ "$(state_of never)" != failed ] && [ "$(state_of never-2)" != failed ] || fail "what never landed was sent again"
[ "$(state_of landed)" = failed ] && [ "$(state_of may)" = failed ] || fail "what is unsafe was left alone"
expect 4 '"found":"landed"' "$lockstep" retry key:landed --json --reason r
[ "$(sql "SELECT count(*) FROM lockstep.audit_log WHERE action = 'retry'")" = 2 ] || fail "two retries"
sql "SELECT reason FROM lockstep.audit_log WHERE action = 'verify'" | grep -q '^before retry: INC-9$' || fail "the look is on record"

# A silence later on does not make it safe, neither here nor in the database.
kill -STOP "$ledger_pid"
expect 6 'no answer' "$lockstep" verify --chain key:landed
expect 4 'it is on the ledger in slot' "$lockstep" retry key:landed --reason r
kill -CONT "$ledger_pid"
sql "SELECT lockstep.retry(op, 'r') FROM lockstep.op_key WHERE key = 'landed'" >sql.out 2>&1 && fail "the database refuses it"
grep -q 'as verify saw' sql.out || fail "and says why: $(cat sql.out)"

# A batch: what may go goes in one action, what landed is left out; an atomic one goes whole or not.
batch=$("$lockstep" batch open airdrop --policy best_effort)
for name in b1 b2 b3; do memo "$name" --batch "$batch"; done
"$lockstep" batch seal "$batch" >/dev/null || fail "seal"
atomic=$("$lockstep" batch open pair --policy atomic)
for name in a1 a2; do memo "$name" --batch "$atomic"; done
"$lockstep" batch seal "$atomic" >/dev/null || fail "seal"
tamper "DELETE FROM lockstep.attempt WHERE op = (SELECT op FROM lockstep.op_key WHERE key = 'landed')"
fails "batch in ($batch, $atomic)"
attempt b1 1 "left(signature, -2) || '5z'"
attempt b2 last_valid_height signature
attempt a2 9000000 "left(signature, -2) || '6z'"
expect 0 '3 operations; nothing was changed' "$lockstep" batch retry "$batch" --dry-run
says out '2 never landed, 0 unknown, 1 already landed'
expect_complaint 4 '3 operations match, not 2' "$lockstep" batch retry "$batch" --expect 2 --reason r
expect 4 '2 operations of batch' "$lockstep" batch retry "$batch" --reason 'cured'
says err 'is left out: it is on the ledger in slot'
[ "$(state_of b1)" != failed ] && [ "$(state_of b2)" = failed ] && [ "$(state_of b3)" != failed ] || fail "its rows"
expect 4 'is tried again as a whole' "$lockstep" batch retry "$atomic" --reason 'cured'
says err 'UNKNOWN, it may still land'
has "batch:$atomic state:failed" 2 || fail "an atomic batch was taken apart"
sql "SELECT lockstep.batch_retry($batch, 'r')" >sql.out 2>&1 && fail "the database refuses what landed of a batch"
grep -q 'as verify saw' sql.out || fail "and says why: $(cat sql.out)"
expect 0 'is whole' "$lockstep" audit verify
finish
