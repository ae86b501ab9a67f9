/* The marker of an operation: an account at an address derived from the payer and a keyed
 * hash of the operation's key, which the first instruction of every attempt creates. The
 * ledger lets it be created once, so a second attempt that lands aborts as a whole, whatever
 * its blockhash and whoever sent it. */
#ifndef LOCKSTEP_SOLANA_MARKER_H
#define LOCKSTEP_SOLANA_MARKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"
#include "lockstep/solana/rpc_error.h"
#include "lockstep/solana/tx.h"

/* The instruction that creates `marker` with a seed, and with how many lamports; false when
 * the transaction has none. */
bool ls_marker_find(const struct ls_tx_view *view,
                    const struct ls_address *marker,
                    size_t *index_out,
                    uint64_t *lamports_out);
/* Whether `error` says that the marker exists already: its creation by `view` failed with
 * System error 0, "already in use". */
bool ls_marker_is_used(const struct ls_tx_view *view,
                       const struct ls_address *marker,
                       const struct ls_rpc_error *error);

#endif
