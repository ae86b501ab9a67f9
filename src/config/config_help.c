#include "lockstep/config/config_help.h"

static const struct ls_config_help rows[] = {
    {"environment", "name", "local", "shown in the header"},
    {"database", "url", "", "any libpq connection string or URI, several hosts too"},
    {"ledger", "cluster", "localnet",
     "localnet, devnet, testnet, mainnet-beta: names explorer links"},
    {"ledger", "genesis", "",
     "the genesis hash of the one ledger that endpoints may answer for; without it the "
     "database says, and at its very first use the first endpoint that answers"},
    {"ledger", "endpoint", "",
     "a node's URL, https or http on loopback; repeat the key, first preferred, at most 8"},
    {"ledger", "calls_per_second", "0", "budget of each endpoint; 0 sets none"},
    {"ledger", "behind_slots", "50",
     "an endpoint further behind the others comes last, 1 to 100000"},
    {"fees", "price", "auto",
     "what a transaction offers for each compute unit, in micro-lamports: a number, off, or "
     "auto: what recent slots asked for the accounts that are written to"},
    {"fees", "percentile", "75", "of those slots, 0 to 100"},
    {"fees", "cap", "1000000",
     "no price is above it; with all of 1.4 million units that is 0.0014 SOL a transaction"},
    {"fees", "bump", "10000", "fence nonce: the price of the first fee bump; at most cap"},
    {"fees", "bump_factor", "4",
     "and how many times as much each further one offers, 2 to 100, up to cap"},
    {"fees", "bump_after", "30",
     "heights that an attempt is seen nowhere before one with a higher fee joins it, 5 to "
     "10000"},
    {"fees", "bumps", "3", "at most so many of one operation, 0 to 4; 0: none"},
    {"fees", "unit_margin", "20",
     "percent that a transaction's limit of compute units is above what a simulation used"},
    {"fees", "simulate", "on",
     "simulate each new shape of transaction once where a price is offered; off: no limits are "
     "named. Atomic batches carry neither price nor limit"},
    {"signer", "keypair", "required",
     "a key file; repeat the section for custody keys, at most 8; the first pays the fees"},
    {"worker", "url", "the database's", "the worker's own login"},
    {"worker", "batch", "256",
     "operations in one claim, 1 to 1000; an atomic batch of more operations is not claimed"},
    {"worker", "in_flight_max", "20000", "operations sent and not yet confirmed"},
    {"worker", "lease", "30s", "a worker silent for so long is lost, 2s to 1h"},
    {"worker", "heartbeat", "5s", "at most half of lease"},
    {"worker", "kinds", "all",
     "what this worker may begin: all, or kinds as memo,event or token.* or !memo (all but "
     "memo); what was signed once any worker follows to its end"},
    {"worker", "mac_key_file", "",
     "a key that seals attempts, made by lockstep key mac FILE; repeat the key: the first "
     "seals, all verify. See seals"},
    {"worker", "backup_horizon", "7d",
     "how far back the ledger is read for a payer that the database has never read: at least "
     "the age of the oldest backup that you would restore. Where a watermark exists it decides "
     "instead: see catch-up"},
    {"alert", "desktop", "auto", "auto, on, off: desktop notifications"},
    {"alert", "open", "x-terminal-emulator -e %l console --alert %i",
     "what Open starts in a notification of lockstep notify: words apart by blanks, no shell; "
     "%i is the alert's number, %l this binary; $LOCKSTEP_CONFIG names the configuration that "
     "was read"},
    {"alert", "warning", "see below", "thresholds; off switches one off"},
    {"alert", "critical", "see below", "thresholds; off switches one off"},
    {"kind", "max_attempts", "12",
     "attempts in a round; written into the database by lockstep migrate, for every worker"},
    {"kind", "stuck_after", "60s", "longer in one unfinished state counts as stuck; likewise"},
    {"kind", "pack", "on for memo and event, else off",
     "whether this worker puts several such operations into one transaction; on, off"},
    {"kind", "fence", "expiry",
     "expiry, nonce or marker: what stops a second landing of what is enqueued without one: "
     "see the synchronization model; likewise"},
    {"kind", "value_limit", "off",
     "more lamports or base units than this are handled strictly; likewise"},
    {"kind", "price", "that of [fees]",
     "the price of a compute unit for this kind: a number, auto, off"},
    {"retention", "history", "400d",
     "finished operations and their attempts; written into the database by lockstep migrate, "
     "as all here"},
    {"retention", "keys", "800d",
     "idempotency keys: at least as long as history and markers, else it is refused with its "
     "line"},
    {"retention", "markers", "90d",
     "rent of markers; at least the age of the oldest backup that you would restore, so no "
     "shorter than [worker] backup_horizon, and no longer than history, which knows them"},
    {"retention", "outcomes", "1000000",
     "outcomes that the feed keeps for a consumer that lags; what is older is lost to it, with "
     "an alert"},
    {"retention", "samples", "8d",
     "what the dashboard said each minute, for its curves and :at TIME; about 2 MB a day"},
    {"ui", "theme", "dark",
     "a compiled-in theme, or NAME.ini of yours; lockstep theme list shows them"},
    {"ui", "links", "auto",
     "addresses that can be clicked (OSC 8): on, off, or auto: where the terminal is known to "
     "understand them, not inside tmux or screen"},
    {"ui", "keys", "",
     "a keys.conf; empty: $XDG_CONFIG_HOME/lockstep/keys.conf, if there is one"},
    {"ui", "refresh", "1s", "how often the console reads the facts"},
    {"ui", "time", "relative", "relative, local, utc"},
    {"log", "file", "", "JSON lines are appended there; empty: standard error or the journal"},
    {"log", "level", "info", "debug, info, warning, error"},
};

const struct ls_config_help *ls_config_help_at(size_t index)
{
    return index < sizeof rows / sizeof rows[0] ? &rows[index] : NULL;
}
