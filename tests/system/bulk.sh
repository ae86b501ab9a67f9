#!/usr/bin/env bash
# Bulk jobs as a person uses them: what is frozen, refused and left out; a canary that stops a job
# and one that lets it go on; an abort by its own rule; and kill -9 of the worker in the middle,
# after which another goes on and every target was acted on exactly once.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/psql 2>/dev/null | tail -n 1)")
sql() { "$bin/psql" -XqAt -v ON_ERROR_STOP=1 -c "$1" "$LS_TEST_URL"; }

# job_is ID STATE
job_is() { "$lockstep" bulk show "$1" --json >job.json && [ "$(json job.json 'd["bulk"]["state"]')" = "$2" ]; }
# job ID FIELD
job() { "$lockstep" bulk show "$1" --json >job.json && json job.json "d['bulk']['$2']"; }
# start_job ARGUMENTS...: its number.
start_job() { "$lockstep" bulk start "$@" --json >started.json 2>started.err && json started.json 'd["bulk"]'; }

# memos PREFIX COUNT: all in one call.
memos() {
    for ((i = 1; i <= $2; i++)); do printf '{"key": "%s-%d", "payload": {"text": "%s %d"}}\n' "$1" "$i" "$1" "$i"; done |
        "$lockstep" enqueue memo - >/dev/null || fail "enqueue $2 $1"
}

# failed_for COUNT CAUSE: so many memos become failed, as if an endpoint had refused them.
failed_for() {
    sql "update lockstep.op set state = 5, sub = 0, cause = '$2', version = version + 1, worker = null
          where id in (select id from lockstep.op where key like '$1-%' and state in (0, 1))"
}

start_ledger
write_config
fund
"$lockstep" migrate >/dev/null || fail "migrate"

# Nothing runs yet. Thirty that failed, ten that wait.
memos lost 30
failed_for lost BlockhashNotFound
memos waits 10

# Refusals, each with its cure; nothing is made of them.
expect_complaint 2 'is no action of a bulk job' "$lockstep" bulk start sell state:failed --reason r --yes
expect_complaint 2 'an empty filter' "$lockstep" bulk start retry '' --reason r --yes
expect_complaint 2 'no reason is given' "$lockstep" bulk start retry state:failed --yes
expect_complaint 4 'nobody can be asked here; add --yes' "$lockstep" bulk start retry state:failed --reason r
expect_complaint 4 '30 operations match now that retry can be done on, not 29' \
    "$lockstep" bulk start retry state:failed --expect 29 --reason r
expect_complaint 4 'nothing that matches can be acted on' "$lockstep" bulk start retry 'state:ready' --yes --reason r
expect_complaint 4 'nothing that matches can be acted on' "$lockstep" bulk start retry 'state:ready' --reason r
expect_complaint 3 'there is no bulk job 99' "$lockstep" bulk show 99
expect_complaint 3 'there is no bulk job 99' "$lockstep" bulk abort 99 --reason r
expect_complaint 2 '--rate' "$lockstep" bulk start retry state:failed --rate 0 --reason r --yes
[ "$(sql 'select count(*) from lockstep.bulk')" = 0 ] || fail "a refusal makes no job"

# What would be done, with what is left out.
expect 0 'would retry 30 operations; nothing was changed' "$lockstep" bulk start retry 'lost*' --dry-run
expect 0 'left out: 10 in a state that does not allow it' "$lockstep" bulk start retry 'kind:memo' --dry-run

# A job that nobody carries out waits; it can be paused, resumed and aborted once.
early=$(start_job retry 'state:failed' --expect 30 --reason 'too early')
[ "$(job "$early" state)" = canary ] || fail "a job begins with its canary"
expect 0 "bulk job $early is paused" "$lockstep" bulk pause "$early" --reason 'wait'
expect 4 'is paused' "$lockstep" bulk pause "$early" --reason 'wait'
expect 0 "bulk job $early is canary" "$lockstep" bulk resume "$early" --reason 'go'
expect 0 "30 of 30 were not acted on" "$lockstep" bulk abort "$early" --reason 'no'
expect 4 'is aborted' "$lockstep" bulk resume "$early" --reason 'go'

# Kill -9 in the middle: another worker goes on, and each target is acted on exactly once.
crash=$(start_job retry 'cause:BlockhashNotFound' --expect 30 --rate 3 --canary 3 --reason 'INC-551 rpc-b is back')
start_worker
first=$worker_pid
half_way() { [ "$(sql "select waiting from lockstep.bulk where id = $crash")" -le 24 ]; }
wait_until 60 half_way || fail "the job is under way"
kill -9 "$first"
left=$(job "$crash" waiting)
[ "$left" -gt 0 ] || fail "it was killed in the middle"
sleep 1
[ "$(job "$crash" waiting)" -le "$left" ] || fail "nothing is undone by a crash"
start_worker
wait_until 90 job_is "$crash" finished || fail "another worker goes on: $(cat job.json)"
[ "$(job "$crash" done)" = 30 ] || fail "all thirty succeeded"
[ "$(sql "select count(*), count(distinct op) from lockstep.audit_op a join lockstep.audit g using (seq)
          where g.canonical::jsonb ->> 'action' = 'retry' and g.canonical::jsonb ->> 'reason' like 'bulk job $crash of %'")" = '30|30' ] ||
    fail "every target was retried exactly once, on record"
[ "$(sql "select count(*) from (select k.op from lockstep.op_key k join lockstep.attempt_history a on a.op = k.op
          where k.key like 'lost-%' and a.state = 2 group by 1 having count(*) > 1) as twice")" = 0 ] ||
    fail "nothing landed twice"
[ "$(json job.json 'd["targets"][0]["state"]')" = done ] || fail "a target says what became of it"
expect 0 'bulk.canary' "$lockstep" audit list --limit 1000
expect 0 'INC-551 rpc-b is back' "$lockstep" bulk list

# A canary that fails stops its job, with an alert; a person decides.
"$lockstep" enqueue token.create_mint '{"decimals":0}' --key mint >/dev/null || fail "enqueue mint"
wait_until 60 has 'key:mint state:done' 1 || fail "the mint is done"
for ((i = 1; i <= 15; i++)); do printf '{"key": "burn-%d", "payload": {"mint": {"key": "mint"}, "amount": "5"}}\n' "$i"; done |
    "$lockstep" enqueue token.burn - >/dev/null || fail "enqueue burns"
wait_until 90 has 'kind:token.burn state:failed' 15 || fail "what nobody holds can not be burnt"
stops=$(start_job retry 'kind:token.burn' --expect 15 --canary 2 --rate 50 --reason 'again')
wait_until 60 job_is "$stops" paused || fail "a failed canary pauses its job"
[ "$(job "$stops" waiting)" = 13 ] || fail "nothing beyond the canary was touched"
case $(job "$stops" why) in *'2 of 2 failed again'*) ;; *) fail "it says why it stopped: $(job "$stops" why)" ;; esac
expect 0 "bulk job $stops is paused" "$lockstep" alert list
"$lockstep" bulk abort "$stops" --reason 'of no use' >/dev/null || fail "abort"
if "$lockstep" alert list | grep -q "bulk job $stops is paused"; then fail "an answer ends the alert"; fi

# Without a canary the share of repeat failures ends it.
ends=$(start_job retry 'kind:token.burn' --canary 0 --rate 12 --abort-above 10 --yes --reason 'again')
aborted_or_over() { job_is "$ends" aborted || job_is "$ends" finished; }
wait_until 90 aborted_or_over || fail "it ends by itself: $(cat job.json)"
[ "$(job "$ends" repeats)" -ge 10 ] || fail "they failed again with the same cause"

# What changed meanwhile is refused for that one, with the reason; hold and cancel settle at once.
held=$(start_job hold 'kind:token.burn' --canary 0 --rate 100 --yes --reason 'keep them')
wait_until 60 job_is "$held" finished || fail "hold"
[ "$(job "$held" done)" = 15 ] || fail "all are held"
"$lockstep" worker pause all --reason 'so that the next waits' >/dev/null
gone=$(start_job cancel 'kind:token.burn' --canary 0 --rate 1 --yes --reason 'give up')
one=$(sql "select max(op) from lockstep.bulk_target where bulk = $gone")
"$lockstep" release "$one" --reason 'this one not' >/dev/null || fail "release"
wait_until 90 job_is "$gone" finished || fail "cancel"
[ "$(job "$gone" done)" = 14 ] && [ "$(job "$gone" refused)" = 1 ] || fail "what changed is refused: $(cat job.json)"
case $(json job.json '[t["why"] for t in d["targets"] if t["state"] == "refused"][0]') in
*'changed meanwhile'*) ;; *) fail "it says what changed" ;;
esac
expect 0 'is whole' "$lockstep" audit verify
finish
