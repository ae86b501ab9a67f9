/* What the ledger says of nonce accounts, for the command line. */
#ifndef LOCKSTEP_APP_NONCE_LEDGER_H
#define LOCKSTEP_APP_NONCE_LEDGER_H

#include <stddef.h>

#include "lockstep/base/chain.h"
#include "lockstep/base/err.h"
#include "lockstep/config/config.h"
#include "lockstep/solana/rpc.h"

/* Read `count` accounts, finalized, from the first endpoint that answers. `accounts_out` has
 * room for them. LS_CODE_UNAVAILABLE with `why` when none does or none is configured. */
LS_MUST_CHECK ls_err nonce_ledger_read(const struct ls_config *config,
                                       const struct ls_address *addresses,
                                       size_t count,
                                       struct ls_rpc_account *accounts_out,
                                       struct ls_why *why);

#endif
