#!/usr/bin/env bash
# Bad input: one line that names the thing and the cure, and the documented exit status.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

expect_complaint 2 'did you mean status?' "$lockstep" statsu
expect_complaint 2 'did you mean --json?' "$lockstep" ops --josn
expect_complaint 2 'lockstep help lists them' "$lockstep" xyzzy
expect_complaint 2 'needs another word: start, list, show' "$lockstep" bulk
expect_complaint 2 'there is no bulk xyzzy; it takes start, list' "$lockstep" bulk xyzzy
expect_complaint 2 'did you mean bulk pause?' "$lockstep" bulk pauze
expect_complaint 2 'the rules are rollback, chores, ' "$lockstep" alert silence xyzzy --reason x
expect_complaint 2 'something is missing' "$lockstep" show
expect_complaint 2 'has no value' "$lockstep" ops --limit
expect_complaint 2 '--limit many is not a whole number' "$lockstep" ops --limit many
expect_complaint 2 '--json, --jsonl and --csv exclude each other' "$lockstep" ops --json --csv
expect_complaint 2 'is no field' "$lockstep" ops colour:red
expect_complaint 2 'is no kind of faults' "$lockstep" sim listen --faults rain
expect 0 'lockstep retry' "$lockstep" help
expect 0 'lockstep 0.' "$lockstep" --version
expect 0 '--expect N' "$lockstep" retry --help
expect 0 'lockstep gate on' "$lockstep" gate --help
expect_complaint 2 'needs a terminal' "$lockstep" console

# Configuration
expect_complaint 2 'there is no such file' "$lockstep" status --config absent.conf
printf '[databse]\n' >broken.conf
expect_complaint 2 'broken.conf:1: unknown section [databse]; did you mean [database]?' \
    "$lockstep" status --config broken.conf
printf '[worker]\nlease = soon\n' >broken.conf
expect_complaint 2 'broken.conf:2: lease = soon is no duration' \
    "$lockstep" worker --config broken.conf
printf '[kind "memo"]\nfence = wall\n' >broken.conf
expect_complaint 2 'broken.conf:2: fence = wall is not one of: expiry, nonce, marker' \
    "$lockstep" status --config broken.conf
head -c 3000 /dev/urandom >garbage.conf
expect_complaint 2 'garbage.conf:' "$lockstep" status --config garbage.conf

# Keys
expect_complaint 3 'there is no such file' "$lockstep" key show absent.json
"$lockstep" key new key.json >address || fail "key new"
[ "$("$lockstep" key show key.json)" = "$(cat address)" ] || fail "show and new differ"
[ "$(stat -c %a key.json)" = 600 ] || fail "a key file has mode 0600"
expect_complaint 4 'never overwritten' "$lockstep" key new key.json
chmod 644 key.json
expect_complaint 2 'chmod 600 key.json' "$lockstep" key show key.json
ln -s key.json link.json
expect_complaint 2 'symbolic link' "$lockstep" key show link.json
printf '[1,2,3]' >short.json && chmod 600 short.json
expect_complaint 2 'is no keypair' "$lockstep" key show short.json
printf '[ledger]\nendpoint = http://127.0.0.1:1\n[signer "payer"]\nkeypair = %s/key.json\n' \
    "$work" >key.conf
expect_complaint 2 'chmod 600' "$lockstep" worker --config key.conf
printf '[ledger]\nendpoint = http://127.0.0.1:1\n' >no-key.conf
expect_complaint 3 '[signer "payer"]' "$lockstep" worker --config no-key.conf

# Payloads are refused before the database is asked.
printf '[database]\nurl = host=%s/nowhere\n' "$work" >down.conf
export LOCKSTEP_CONFIG=$work/down.conf
to=$(cat address)
expect_complaint 2 'is no kind' "$lockstep" enqueue meme '{}' --key a
expect_complaint 2 'no key is given' "$lockstep" enqueue memo '{"text":"x"}'
expect_complaint 2 '"text" is missing' "$lockstep" enqueue memo '{}' --key a
expect_complaint 2 'payload of memo' "$lockstep" enqueue memo '{"text":' --key a
expect_complaint 2 'lamports' "$lockstep" enqueue sol.transfer \
    "{\"to\":\"$to\",\"lamports\":\"18446744073709551616\"}" --key a
expect_complaint 2 'not an address' "$lockstep" enqueue sol.transfer \
    '{"to":"0OIl","lamports":"1"}' --key a
expect_complaint 2 'there is no such file' "$lockstep" enqueue memo @absent --key a

# A database that is down
expect_complaint 5 'database' "$lockstep" status
expect_complaint 5 'database' "$lockstep" enqueue memo '{"text":"x"}' --key a
expect_complaint 5 'database' "$lockstep" retry 1 --reason test
expect_complaint 2 'no reason is given' "$lockstep" retry 1
expect_complaint 2 'is no selector' "$lockstep" gate on everything --reason test
expect 5 'bad ' "$lockstep" doctor

# Hostile text comes back visible, not obeyed.
expect 2 '<U+001B>' "$lockstep" "$(printf 'a\033[2Jb')"
finish
