/* Errors as they stand in JSON-RPC answers. Private to the solana layer. */
#ifndef LOCKSTEP_SOLANA_RPC_ERROR_READ_H
#define LOCKSTEP_SOLANA_RPC_ERROR_READ_H

#include <jansson.h>

#include "lockstep/solana/rpc_error.h"

/* A whole number from 0 to 2^63 - 1. Reals that are whole and not beyond 2^53 count: a body
 * with one number above 2^63 - 1 anywhere is read with every number as a real. */
bool ls_rpc_whole(const json_t *value, int64_t *whole_out);
/* The text of a string without U+0000 inside it, else NULL. */
const char *ls_rpc_text(const json_t *value);

/* `error` is the "error" member of a response; any JSON is taken. */
struct ls_rpc_error ls_rpc_error_from_response(const json_t *error);
/* `err` is a TransactionError as in a status or in a preflight failure's data. */
struct ls_rpc_error ls_rpc_error_from_transaction(const json_t *err);
/* A position that holds no readable answer: class X, name "rpc <fault>". */
struct ls_rpc_error ls_rpc_error_from_fault(const char *fault);

#endif
