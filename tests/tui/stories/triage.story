# 10,000 operations; at 02:31 an endpoint died; three causes. The operator comes at 03:12.
expect 49 failed, 1 held.
expect Nothing was sent twice. 1 outcome is UNKNOWN
expect rpc-b.example timed out
screen triage-1-verdict

# The largest cause: what is it, is a retry safe?
key Enter
expect SAFE TO RETRY
key *
expect 37 marked on this page
screen triage-2-cause
key R
expect 37 never landed   0 unknown
type INC-551 rpc-b is out
key Enter
type 37
screen triage-3-retry
key Enter
expect 37 of 37 sent: retry

# The second: an account without funds. It gets some before anything is tried again.
key 1
expect InsufficientFunds
refuse BlockhashNotFound
key y a
expect account that pays for them copied: 9fBz
fund
key R
type INC-551 topped up
key Enter
type 12
key Enter
expect 12 of 12 sent: retry

# The third: nobody knows whether it landed. The ledger does.
key 1
expect UNKNOWN
key v
expect verified on chain: 1 landed
expect a look at 03:12 UTC found it
screen triage-4-verify
key V
expect A look found it
type INC-551 found on the ledger
key Enter
type yes
key Enter
expect is submitted

# What still fires is somebody's now.
wait 2
key 6
expect RESOLVED
key A
type INC-551 with the provider
key Enter
type yes
key Enter
expect op1
screen triage-5-alerts

# Watch them succeed.
key 1
wait 30
expect Nothing needs you
expect No outcome is unknown
expect 1 of 2 endpoints is down.
screen triage-6-mended
states done 10000
acts 51
keys fewer than 22
