#!/usr/bin/env bash
# A failed operation is found, retried by keys with a reason and a confirmation, and the
# audit log says so.
# shellcheck source=tests/console/lib.sh
. "$(dirname "$0")/lib.sh"

open_console 100 30 demo --rate 0 --slot-ms 50 --dir "$work/demo"
sees 90 LIVE
export LOCKSTEP_CONFIG=$work/demo/lockstep.conf
payer=$("$lockstep" key show "$work/demo/payer.json")
"$lockstep" enqueue token.create_mint '{"decimals":0}' --key mint >/dev/null
"$lockstep" enqueue token.burn '{"mint":{"key":"mint"},"amount":"99"}' --key toomuch >/dev/null
wait_until 60 has state:failed 1 || fail "the burn fails"
keys 1
sees 10 'ATTENTION'
keys 2
sees 10 'toomuch'

# Without reason and confirmation nothing happens.
keys R
sees 10 'RETRY operation'
keys Enter
sleep 1
has state:failed 1 || fail "Enter alone changes nothing"

"$lockstep" enqueue token.mint_to \
    "{\"mint\":{\"key\":\"mint\"},\"to\":\"$payer\",\"amount\":\"100\"}" --key more >/dev/null
wait_until 60 has 'state:done key:more' 1 || fail "tokens are issued"
keys Escape
keys 2
sees 10 'toomuch'
keys R
sees 10 'RETRY operation'
typed 'there is enough now'
keys Tab
keys -l 'yes'
sees 20 '1 never landed   0 unknown'
sees 20 '[ Go ]'
keys Enter
wait_until 60 has 'state:done key:toomuch' 1 || fail "the burn is done after the retry"
"$lockstep" audit list --jsonl | grep -q '"action":"retry".*there is enough now' ||
    fail "the audit log has the retry with its reason"
keys 7
sees 10 'there is enough now'

# Hostile text in a reason is shown, not obeyed.
"$lockstep" gate on kind:event --reason "$(printf 'red \033[31m and \342\200\256back')" >/dev/null
sees 20 '<U+001B>'
screen | grep -q "$(printf '\342\200\256')" && fail "a bidirectional control reached the screen"
"$lockstep" gate off kind:event --reason over >/dev/null

keys 1
sees 20 'IN STEP'
quit_by_keys
finish
