#!/usr/bin/env bash
# lockstep edit: a failed operation gets another payload under its key, and is done with it.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

start_ledger
write_config
fund
"$lockstep" migrate >/dev/null || fail "migrate"
"$lockstep" enqueue memo '{"text": "wrng"}' --key typo --run-at 10h >/dev/null || fail "enqueue"
expect 4 'edit needs a failed or held operation' \
    "$lockstep" edit 1 text=right --reason 'a slip' --yes
psql -qXAt "$LS_TEST_URL" -c "UPDATE lockstep.op SET state = 5, sub = 0" || fail "tamper"

expect 0 '+ text = right' "$lockstep" edit 1 text=right --reason 'a slip' --dry-run
printf '{"text": 5}' >payload
expect 2 'payload field "text"' "$lockstep" edit 1 --file payload --reason 'a slip' --dry-run
expect 2 'nothing to edit' "$lockstep" edit 1 text=wrng --reason 'a slip' --dry-run
expect_complaint 2 'no to' "$lockstep" edit 1 to=x --reason 'a slip' --yes
expect_complaint 2 'say what to change' "$lockstep" edit 1 --reason 'a slip' --yes
expect_complaint 2 'no reason is given' "$lockstep" edit 1 text=right --yes
expect 4 'changed meanwhile' "$lockstep" edit 1 text=right --expect-version 99 --reason 'a slip' --yes
expect 4 'needs a confirmation' "$lockstep" edit 1 text=right --reason 'a slip'
expect 2 'payload field "text"' "$lockstep" edit 1 --file payload --reason 'a slip' --yes
has state:failed 1 || fail "something was changed"

expect 0 'op 1 has its new payload' "$lockstep" edit 1 --set text=right --reason 'a slip' --yes
start_worker
wait_until 60 has state:done 1 || fail "it is not done"
expect 0 'the same' "$lockstep" verify typo
expect 0 'right' "$lockstep" verify typo
expect 0 '1' "$lockstep" enqueue memo '{"text": "wrng"}' --key typo
expect 0 'wrng' psql -qXAt "$LS_TEST_URL" -c "SELECT payload_before FROM lockstep.edits"
finish
