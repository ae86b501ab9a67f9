#!/usr/bin/env bash
# Several custody signers, and what undoes each kind, on the simulated ledger: a worker signs
# with every key that an operation names; one that is missing is a person's matter, with the
# cure; the console's own worker has the same keys.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

export TMUX_TMPDIR=$work LC_ALL=C.UTF-8
unset TMUX
trap 'command tmux -L signers kill-server 2>/dev/null; clean_up' EXIT

add_signer() {
    printf '[signer "%s"]\nkeypair = %s/%s.json\n' "$1" "$work" "$1" >>"$LOCKSTEP_CONFIG"
}
enqueue() {
    expect 0 '' "$lockstep" enqueue "$1" "$2" --key "$3"
}
is() { # KEY STATE
    has "state:$2 key:$1" 1
}
becomes() { # KEY STATE
    wait_until 60 is "$1" "$2" && return
    fail "$1 does not become $2"
    "$lockstep" show "$1" >&2
}

start_ledger
write_config
fund
payer=$(tail -n 1 address)
for name in custody later; do
    "$lockstep" key new "$work/$name.json" >"$name.address" || fail "key new"
done
custody=$(tail -n 1 custody.address)
later=$(tail -n 1 later.address)
system=11111111111111111111111111111111
memo=MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr
add_signer custody
expect 0 '' "$lockstep" migrate

# The doctor names each key, and one that stands twice.
expect 0 "custody is $custody" "$lockstep" doctor
expect 0 "payer is $payer, pays the fees" "$lockstep" doctor
cp "$LOCKSTEP_CONFIG" twice.conf
printf '[signer "again"]\nkeypair = %s/custody.json\n' "$work" >>twice.conf
expect 2 'again holds the same key as custody' "$lockstep" doctor --config twice.conf

# Every kind whose source is a custody key, and every new kind.
enqueue token.create_mint '{"decimals":0,"program":"token-2022","max_supply":"50","name":"Share","symbol":"SHR"}' mint
enqueue token.mint_to "{\"mint\":{\"key\":\"mint\"},\"to\":\"$custody\",\"amount\":\"40\"}" issue
expect_complaint 4 'max_supply of 50' "$lockstep" enqueue token.mint_to \
    "{\"mint\":{\"key\":\"mint\"},\"to\":\"$custody\",\"amount\":\"11\"}" --key toomany
enqueue sol.transfer "{\"to\":\"$custody\",\"lamports\":\"5000000\"}" fund
enqueue account.create "{\"space\":0,\"owner\":\"$system\"}" account
start_worker
for key in mint issue fund account; do becomes "$key" done; done
enqueue token.burn "{\"mint\":{\"key\":\"mint\"},\"from\":\"$custody\",\"amount\":\"1\"}" burn
enqueue token.transfer "{\"mint\":{\"key\":\"mint\"},\"from\":\"$custody\",\"to\":\"$payer\",\"amount\":\"2\"}" move
enqueue sol.transfer "{\"from\":\"$custody\",\"to\":\"$payer\",\"lamports\":\"7\"}" back
enqueue program.invoke "{\"program\":\"$memo\",\"accounts\":[{\"address\":\"$custody\",\"signer\":true}],\"data\":{\"utf8\":\"done\"},\"compensate\":{\"program\":\"$memo\",\"accounts\":[{\"address\":\"$custody\",\"signer\":true}],\"data\":{\"utf8\":\"undone\"}}}" invoke
enqueue program.invoke "{\"program\":\"$memo\",\"data\":{\"utf8\":\"for good\"}}" silent
for key in burn move back invoke silent; do becomes "$key" done; done

# Undone, kind by kind; what cannot be is refused with its reason.
for key in account invoke move back; do
    expect 0 '' "$lockstep" compensate "key:$key" --reason 'a drill'
    becomes "$key" compensated
done
expect 0 '' "$lockstep" compensate key:issue --reason 'a drill'
wait_until 60 has 'key:ls:undo:*' 5 || fail "five compensations"
expect_complaint 4 'gives no instruction for that' "$lockstep" compensate key:silent --reason 'a drill'
expect 0 '' "$lockstep" compensate key:mint --reason 'a drill'
becomes mint compensated
enqueue token.mint_to "{\"mint\":{\"key\":\"mint\"},\"to\":\"$payer\",\"amount\":\"1\"}" late
becomes late failed

# A key that nobody holds: held, and the cure is in it.
enqueue program.invoke "{\"program\":\"$memo\",\"accounts\":[{\"address\":\"$later\",\"signer\":true}]}" missing
becomes missing held
expect 0 'NoSigner' "$lockstep" show missing
expect 0 "no key for $later is configured: add a [signer] section" "$lockstep" show missing
kill -TERM "$worker_pid"
wait "$worker_pid"

# With the section added the console's own worker signs with it.
add_signer later
expect 0 '' "$lockstep" release key:missing --reason 'the key is there'
if command -v tmux >/dev/null; then
    command tmux -L signers -f /dev/null new-session -d -x 100 -y 30 \
        "$lockstep console 2>$work/console.err; exec sleep 600"
else
    start_worker
fi
becomes missing done
finish
