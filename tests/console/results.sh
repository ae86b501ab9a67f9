#!/usr/bin/env bash
# Two failed operations are retried together, and there is enough for one of them: their rows are
# followed until one succeeded and the other failed again, while everything else goes on.
# shellcheck source=tests/console/lib.sh
. "$(dirname "$0")/lib.sh"

open_console 100 30 demo --rate 0 --slot-ms 50 --dir "$work/demo"
sees 90 LIVE
export LOCKSTEP_CONFIG=$work/demo/lockstep.conf
payer=$("$lockstep" key show "$work/demo/payer.json")
"$lockstep" enqueue token.create_mint '{"decimals":0}' --key mint >/dev/null
for i in 1 2; do
    "$lockstep" enqueue token.burn '{"mint":{"key":"mint"},"amount":"60"}' --key "burn-$i" >/dev/null
done
wait_until 60 has state:failed 2 || fail "what nobody holds can not be burnt"
"$lockstep" enqueue token.mint_to \
    "{\"mint\":{\"key\":\"mint\"},\"to\":\"$payer\",\"amount\":\"100\"}" --key more >/dev/null
wait_until 60 has 'state:done key:more' 1 || fail "tokens are issued"

keys r
sees 10 'nothing was done from this console yet'
keys 2
sees 20 'burn-2'
keys a
sees 10 '2 marked'
keys R
sees 10 'RETRY 2 operations'
typed 'there is enough for one'
keys Tab
keys -l 2
sees 20 '[ Go ]'
# Nothing claims them until the rows were seen waiting.
"$lockstep" worker pause all --reason 'to look' >/dev/null
keys Enter
sees 20 '0 of 2 succeeded, 2 on their way'
sees 10 'queued'
"$lockstep" worker resume all --reason 'looked' >/dev/null
sees 60 '1 of 2 succeeded, 1 failed again'
sees 10 'succeeded in slot'
sees 10 'failed again: '
fits 100
keys Escape
sees 10 '[2 Failed'
keys 1
keys r
sees 10 '1 of 2 succeeded, 1 failed again'
resize 80 24
sees 10 '1 of 2 succeeded, 1 failed again'
fits 80
resize 100 30
keys 7
sees 10 'there is enough for one'
keys 1
quit_by_keys
finish
