/* What the readers of JSON-RPC answers share. Private to the solana layer. */
#ifndef LOCKSTEP_SOLANA_RPC_REPLY_H
#define LOCKSTEP_SOLANA_RPC_REPLY_H

#include <jansson.h>

#include "lockstep/solana/rpc.h"

/* The result at a position, borrowed; LS_CODE_REFUSED when it holds an error. */
LS_MUST_CHECK ls_err ls_rpc_result_at(const ls_rpc_reply *reply,
                                      size_t position,
                                      json_t **result_out);

#endif
