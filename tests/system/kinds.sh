#!/usr/bin/env bash
# kinds.sh BINARY: workers of different kinds share one queue; one of them dies, what it signed is
# followed by another, what it would have begun is named as nobody's; and a living worker begins
# other kinds as soon as a person says so.
. "$(dirname "$0")/lib.sh"
transfer='{"to":"4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T","lamports":"1000000"}'
document='{"type":"t","subject":"s","document":{"a":1}}'

sql() { psql -qXAt "$LS_TEST_URL" -c "$1"; }
done_of() { [ "$(sql "SELECT count(*) FROM lockstep.history WHERE state = 6 AND kind = $1")" -eq "$2" ]; }
due_of() { [ "$(sql "SELECT count(*) FROM lockstep.op WHERE state = 0 AND kind = $1")" -eq "$2" ]; }
living() { sql "SELECT count(*) FROM lockstep.workers WHERE is_alive"; }
are_alive() { [ "$(living)" -eq "$1" ]; }
works_on() { "$lockstep" worker list --jsonl | grep -q "\"kinds\":\"$1\""; }
id_of() { "$lockstep" worker list --jsonl | python3 -c '
import json, sys
for line in sys.stdin:
    row = json.loads(line)
    if row["alive"] and row["kinds"] == sys.argv[1]: print(row["id"])' "$1"; }
enqueue() { # KIND PAYLOAD FIRST LAST
    for i in $(seq "$3" "$4"); do echo "{\"key\":\"$1:$i\",\"payload\":$2}"; done |
        "$lockstep" enqueue "$1" - >/dev/null || fail "enqueue $1"
}
says() { "$lockstep" status --plain | head -1 | grep -q "$1"; }
fires() { "$lockstep" alert list --jsonl | grep -q "\"rule\":\"kinds\",\"subject\":\"$1\""; }
is_quiet() { ! fires "$1"; }
others_done() { done_of 2 20 && done_of 3 20; }

start_ledger 0 20
write_config
expect 0 '' "$lockstep" migrate
fund

# What is no list of kinds is refused where it is read, and nothing starts.
expect_complaint 2 'burn is no kind; use all, or some of memo, event' "$lockstep" worker --kinds memo,burn
expect_complaint 2 'memo,!memo leaves no kind' "$lockstep" worker --kinds 'memo,!memo'
expect_complaint 2 '--kinds has no value' "$lockstep" worker --kinds ''
sed 's/^heartbeat.*/&\nkinds = memo, bunr/' "$LOCKSTEP_CONFIG" >"$work/wrong.conf"
expect_complaint 2 'bunr is no kind' "$lockstep" worker --config "$work/wrong.conf"

# Each begins its own kinds alone: a configuration's, and a command line's, which is stronger.
sed 's/^heartbeat.*/&\nkinds = event/' "$LOCKSTEP_CONFIG" >"$work/memo.conf"
start_worker --config "$work/memo.conf" --kinds memo
memo_pid=$worker_pid
enqueue memo '{"text":"x"}' 1 20
enqueue event "$document" 1 20
enqueue sol.transfer "$transfer" 1 20
wait_until 60 done_of 1 20 || fail "the worker of memos does not do them"
due_of 2 20 && due_of 3 20 || fail "the worker of memos began something else"
wait_until 20 says 'obody works on event (20 waiting), sol.transfer (20 waiting)' ||
    fail "the verdict does not say what nobody works on: $("$lockstep" status --plain | head -1)"
wait_until 20 fires event || fail "no alert says that nobody works on events"
expect 0 'no living worker works on event' "$lockstep" show event:1
expect 0 'nobody works on event (20 waiting), sol.transfer' "$lockstep" doctor
start_worker --kinds '!memo'
other_pid=$worker_pid
wait_until 60 others_done || fail "the worker of the rest does not do it"
wait_until 20 is_quiet event || fail "the alert does not end"
wait_until 20 works_on memo || fail "the list does not say who works on memos"
expect 0 'all but memo' "$lockstep" worker list
json "$(
    "$lockstep" status --json >"$work/status"
    echo "$work/status"
)" 'd["unattended"]' | grep -q '^\[\]$' || fail "something is nobody's: $(cat "$work/status")"

# One dies while its attempts are in the air: the other follows them, and begins none anew.
kill -STOP "$other_pid"
enqueue memo '{"text":"x"}' 21 60
in_air() { [ "$(sql 'SELECT count(*) FROM lockstep.op WHERE state = 3 AND kind = 1')" -gt 0 ]; }
wait_until 30 in_air || fail "nothing of it is submitted"
kill -KILL "$memo_pid"
wait "$memo_pid" 2>/dev/null
kill -CONT "$other_pid"
submitted=$(sql 'SELECT count(DISTINCT op) FROM (SELECT op FROM lockstep.attempt UNION ALL
                 SELECT op FROM lockstep.attempt_history) AS a JOIN lockstep.op_key k USING (op)
                 WHERE k.kind = 1')
nothing_left() { [ "$(sql 'SELECT count(*) FROM lockstep.op WHERE state IN (2, 3)')" -eq 0 ]; }
wait_until 60 are_alive 1 || fail "the dead worker counts as alive"
wait_until 60 nothing_left || fail "what the dead one signed is not followed to its end"
done_of 1 "$submitted" || fail "of the $submitted memos that were signed not all are done"
enqueue memo '{"text":"x"}' 61 63
waiting=$((63 - submitted))
wait_until 20 says "obody works on memo: $waiting waiting" ||
    fail "the verdict does not name memos: $("$lockstep" status --plain | head -1)"

# A person gives them to the living worker: at once, without a restart, audited, and older ones first.
other=$(id_of event,sol.transfer,token.create_mint,token.mint_to,token.burn,token.transfer,account.create,program.invoke,nonce)
expect_complaint 2 'burn is no kind' "$lockstep" worker kinds "$other" burn --reason test
expect_complaint 2 'no kind is named' "$lockstep" worker kinds "$other" ' , ' --reason test
expect_complaint 2 'usage: lockstep worker kinds' "$lockstep" worker kinds "$other" --reason test
expect_complaint 2 '--reason' "$lockstep" worker kinds "$other" all
expect_complaint 3 'no living worker 999' "$lockstep" worker kinds 999 memo --reason test
expect_complaint 4 'works on all but memo already' "$lockstep" worker kinds "$other" '!memo' --reason test
expect 0 'works on memo, event and begins nothing else' \
    "$lockstep" worker kinds "$other" memo event --reason 'the worker of memos is dead'
wait_until 60 done_of 1 63 || fail "the widened worker does not see what is older"
kill -0 "$other_pid" || fail "the worker was restarted"
expect 0 'worker.kinds' "$lockstep" audit list --wide
expect 0 '"before":"all but memo"' "$lockstep" audit list --jsonl
enqueue sol.transfer "$transfer" 21 23
wait_until 20 says 'obody works on sol.transfer: 3 waiting' || fail "transfers are not named"
expect 0 'nobody works on sol.transfer now (3 waiting)' \
    "$lockstep" worker pause all --reason 'what is left to nobody is said'
expect 0 'running' "$lockstep" worker resume all --reason 'go on'
expect 0 "worker $other works on all" "$lockstep" worker kinds all all --reason 'as before'
wait_until 60 done_of 3 23 || fail "transfers are not done"
[ "$(sql "SELECT coalesce(sum(n), 0) FROM lockstep.counts WHERE metric = 4")" -eq 0 ] || fail "duplicates"
finish
