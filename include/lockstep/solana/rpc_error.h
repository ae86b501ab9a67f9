/* What a failure says about an attempt: the one table of classes.
 *
 * No error by itself ever authorizes a new blockhash; only a proof of absence does. */
#ifndef LOCKSTEP_SOLANA_RPC_ERROR_H
#define LOCKSTEP_SOLANA_RPC_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ls_rpc_class {
    LS_CLASS_LANDED,    /* L: it may have landed: look it up */
    LS_CLASS_TRANSIENT, /* T: same bytes again, same endpoint */
    LS_CLASS_ELSEWHERE, /* E: same bytes, other endpoint */
    LS_CLASS_AMBIGUOUS, /* X: treat as sent */
    LS_CLASS_FUNDS,     /* H: hold for funds or a person */
    LS_CLASS_PERMANENT, /* P: permanent for these bytes */
};
const char *ls_rpc_class_name(enum ls_rpc_class rpc_class); /* "L" … "P" */

struct ls_rpc_error {
    enum ls_rpc_class rpc_class;
    /* JSON-RPC error code, -32002 for a transaction error that preflight found; 0 for that
     * of a landed transaction and for a position without an answer. */
    int64_t code;
    bool has_instruction;
    int32_t instruction; /* index of the failing instruction */
    bool has_custom;
    uint32_t custom; /* Custom(n) of that instruction's program */
    char name[64];   /* stable: "BlockhashNotFound", "InsufficientFundsForFee",
                        "InstructionError:Custom:1", "rpc -32005", and "rpc missing", "rpc
                        doubled", "rpc malformed" for a position without an answer */
};

/* The class of a JSON-RPC error code without a transaction error in its data. */
enum ls_rpc_class ls_rpc_class_of_code(int64_t code);
/* The class of a TransactionError by its name; instruction errors are P. Unknown names
 * are X: what we do not know may have landed. */
enum ls_rpc_class ls_rpc_class_of_transaction_error(const char *name);
/* The class of an HTTP status other than 200. 429 is transient after Retry-After. Unknown
 * statuses are X. */
enum ls_rpc_class ls_rpc_class_of_http(int32_t status);
/* A short, stable cause to group failures by: the error's name, or for a known program's
 * own error "token:InsufficientFunds". `program` as below. */
void ls_rpc_error_cause(const struct ls_rpc_error *error,
                        const char *program,
                        char *out,
                        size_t out_bytes);
/* A sentence for people: "payer cannot pay the fee", "token account has too little
 * (Token program error 1)". `program` is the failing instruction's program by short
 * name ("token", "token-2022", "system", "ata", "memo") or NULL. Writes at most `out_bytes`. */
void ls_rpc_error_explain(const struct ls_rpc_error *error,
                          const char *program,
                          char *out,
                          size_t out_bytes);

#endif
