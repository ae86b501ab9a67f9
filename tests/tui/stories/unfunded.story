# A retry without the cure fails again, and the console says so.
key j
expect InsufficientFunds
key R
type again
key Enter
type 12
key Enter
expect 12 of 12 sent: retry
wait 10
states failed 49
expect failed again
key 1
expect InsufficientFunds
# Without a whole count nothing is sent.
key R
type once more
key Enter
type 1
key Enter
expect cancelled: '1' is not '12'; nothing was changed
states failed 49
acts 12
keys fewer than 10
