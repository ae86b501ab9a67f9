#!/usr/bin/env bash
# recipes.sh BINARY: the SQL of docs/blockchain/recipes.md does what the page says, on a real
# worker, database and simulated ledger.
. "$(dirname "$0")/lib.sh"
page=$(dirname "$0")/../../docs/blockchain/recipes.md

sql() { psql -qXAt -v ON_ERROR_STOP=1 "$LS_TEST_URL" "$@"; }
says() { [ "$(sql -c "$1")" = "$2" ]; }
follow() { sql -f "$work/follow.sql" >/dev/null; }
follows() { follow && says "$1" "$2"; }

start_ledger
write_config
expect 0 '' "$lockstep" migrate
fund

# All blocks in their order; the one that is run again and again stands apart.
sed -n '/^```sql$/,/^```$/{/^```/d;p}' "$page" >"$work/once.sql"
sed -n '/^```sql follow$/,/^```$/{/^```/d;p}' "$page" >"$work/follow.sql"
[ -s "$work/once.sql" ] && [ -s "$work/follow.sql" ] || fail "the page has no SQL"
sql -f "$work/once.sql" >"$work/sql.out" || fail "the page's SQL fails"
says "SELECT count(*) FROM shop.share" 0 || fail "a row before the ledger has it"

start_worker
wait_until 60 says "SELECT state FROM lockstep.status('invoice:1')" done || fail "asynchronous"
wait_until 60 says "SELECT count(*) FROM shop.share s, lockstep.status('share:7') o
    WHERE s.signature = o.signature AND s.holder = 'ann' AND o.state = 'done' AND o.sub = ''" 1 ||
    fail "chain-first: the row is not there"
wait_until 30 follows "SELECT string_agg(key || ' ' || outcome, ', ' ORDER BY key) FROM shop.outcome" \
    'invoice:1 done, share:7 done' || fail "eventual"
follow
says "SELECT lag FROM lockstep.consumers WHERE name = 'shop'" 0 || fail "the cursor stays behind"

# What an application's function refuses is shown, and done once it no longer does.
sql -c "ALTER TABLE shop.share ADD CHECK (holder <> 'bob')"
expect 0 '' "$lockstep" enqueue memo '{"text":"share 8 to bob"}' --key share:8 --entity bob
wait_until 60 has sub:hook_failed 1 || fail "a function that raises is not shown"
expect 0 'violates check' "$lockstep" hook list --json
expect 0 'hook' "$lockstep" alert list
sql -c "ALTER TABLE shop.share DROP CONSTRAINT share_holder_check"
wait_until 60 says "SELECT count(*) FROM shop.share WHERE holder = 'bob'" 1 || fail "not called again"
wait_until 20 has sub:hook_failed 0 || fail "hook_failed stays"

expect 0 'shop' "$lockstep" consumer list
expect 0 'shop.on_memo' "$lockstep" hook list
expect_complaint 2 'SCHEMA.NAME' "$lockstep" hook add memo on_memo --reason test
expect_complaint 2 'no such function' "$lockstep" hook add memo shop.nothing --reason test
expect_complaint 2 'there is no kind' "$lockstep" hook add mem shop.on_memo --reason test
expect_complaint 2 'no reason' "$lockstep" hook remove memo
expect 0 'no on_settled function' "$lockstep" hook remove memo --reason test
expect_complaint 3 'has no on_settled' "$lockstep" hook remove memo --reason test
expect 0 'dropped' "$lockstep" consumer drop shop --reason test
expect_complaint 3 'no consumer' "$lockstep" consumer drop shop --reason test
expect 0 'hook.remove' "$lockstep" audit list
finish
