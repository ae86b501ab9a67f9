#!/usr/bin/env bash
# Notes, claims, silences and undo on the command line: what the console's N, A, M and Z do.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

ledger_url=http://127.0.0.1:9
write_config
"$lockstep" migrate >/dev/null || fail "migrate"
"$lockstep" enqueue memo '{"text": "first"}' --key m:1 --run-at 10h >/dev/null || fail "enqueue"

expect 0 'noted on op 1' "$lockstep" note add op:1 'asked the bank'
expect 0 'asked the bank' "$lockstep" note list
expect 0 '"target":"op 1"' "$lockstep" note list op:1 --json
expect 0 'asked the bank' "$lockstep" show 1
expect 0 '"note":"asked the bank"' "$lockstep" show 1 --json
expect_complaint 3 'there is no operation 99' "$lockstep" note add 99 'x'
expect_complaint 2 'write a number of an operation' "$lockstep" note add nowhere 'x'
expect 0 'note of op 1 is undone' "$lockstep" undo --reason 'wrong operation'
expect_complaint 4 'you have no acknowledgement' "$lockstep" undo --reason 'again'
[ -z "$("$lockstep" note list --jsonl)" ] || fail "the note is still listed"

expect 0 'is acknowledged by' "$lockstep" claim take 1 --for 2h --reason 'mine'
expect 0 'op 1' "$lockstep" claim list
expect_complaint 3 'nothing fails with the cause Broken' "$lockstep" claim take cause:Broken --reason mine
"$lockstep" enqueue memo '{"text": "second"}' --key m:2 --run-at 10h >/dev/null || fail "enqueue"
psql -qXAt "$LS_TEST_URL" -c "UPDATE lockstep.op SET state = 5, sub = 0, cause = 'Broken: at 17'
    WHERE id = 2" || fail "tamper"
cause=$("$lockstep" causes --jsonl | sed 's/.*"cause":"\([^"]*\)".*/\1/')
expect_complaint 3 'lockstep causes lists' "$lockstep" claim take cause:Brokem --reason mine
expect 0 'is acknowledged by' "$lockstep" claim take "cause:$cause" --for 2h --reason 'looking'
expect 0 'has it, 1h left' "$lockstep" causes
expect 0 'has it, 1h left: looking' "$lockstep" status
expect 0 '"claimed_until_ms":1' "$lockstep" causes --json
expect 0 '"claimed_until_ms":1' "$lockstep" status --json
expect 0 "is nobody's" "$lockstep" claim release "cause:$cause" --reason 'done'
expect 0 '"claimed_by":""' "$lockstep" causes --json
expect 0 "\"target\":\"cause $cause\"" sh -c \
    "'$lockstep' claim take 'cause:$cause' --reason mine >/dev/null && '$lockstep' claim list --json"
expect 0 "is nobody's" "$lockstep" claim release "cause:$cause" --reason 'done'
expect_complaint 4 'acknowledged by nobody' "$lockstep" claim release "cause:$cause" --reason 'done'

expect 0 'is silenced until' "$lockstep" alert silence age --for 30m --reason 'deploy'
expect 0 'deploy' "$lockstep" alert silences
expect_complaint 2 'did you mean age' "$lockstep" alert silence agee --reason 'deploy'
expect 0 'is heard again' "$lockstep" alert unsilence age --reason 'deployed'
expect_complaint 4 'is not silenced' "$lockstep" alert unsilence age --reason 'deployed'
entry=$("$lockstep" audit list --jsonl --limit 1 | sed 's/.*"seq":\([0-9]*\).*/\1/')
expect_complaint 4 'another one now' "$lockstep" undo --entry "$entry" --reason 'x'

# More alerts than one reading of them holds: all are listed, each once, the worst first.
psql -XqAt -v ON_ERROR_STOP=1 -d "$LS_TEST_URL" -c "SELECT count(lockstep.alert_fire('storm', 's' || i,
    (i % 3)::smallint, 'm')) FROM generate_series(1, 450) i" >/dev/null || fail "alerts fire"
"$lockstep" alert list --limit all --jsonl >alerts
[ "$(sed 's/.*"id":\([0-9]*\).*/\1/' alerts | sort -u | wc -l)" = 450 ] || fail "450 alerts are listed"
[ "$(wc -l <alerts)" = 450 ] || fail "each once: $(wc -l <alerts)"
head -150 alerts | grep -vc '"severity":"critical"' >/dev/null && fail "the worst come first"
[ "$("$lockstep" alert list --limit 210 --csv | wc -l)" = 211 ] || fail "210 of them"
[ "$("$lockstep" alert list --limit all | wc -l)" = 451 ] || fail "all in a table"
finish
