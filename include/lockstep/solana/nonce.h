/* Durable nonces of the System program: the instructions that make, advance, drain and
 * hand over a nonce account, the account's data, and how a transaction uses one.
 *
 * A transaction whose first instruction advances a nonce may carry the account's value in
 * place of a recent blockhash. It then never expires, and lands at most once for one value:
 * landing moves the value on, with an error too. The value moves at most once a block.
 *
 * Sources: the System program's published instruction layout (bincode enum, u32 tag) and
 * the runtime's rules for durable transactions. Nothing here knows of operations. */
#ifndef LOCKSTEP_SOLANA_NONCE_H
#define LOCKSTEP_SOLANA_NONCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"
#include "lockstep/base/err.h"
#include "lockstep/solana/program.h"
#include "lockstep/solana/tx.h"

extern const struct ls_address LS_SYSVAR_RECENT_BLOCKHASHES; /* SysvarRecentB1ock… */
extern const struct ls_address LS_SYSVAR_RENT;               /* SysvarRent1111… */

enum { LS_NONCE_ACCOUNT_BYTES = 80 };

/* Each of these writes all of `out`. Initialize wants a rent exempt account of
 * LS_NONCE_ACCOUNT_BYTES that the System program owns and that holds nothing yet; nobody
 * but the payer of its transaction signs it. */
void ls_nonce_initialize(struct ls_instruction *out,
                         const struct ls_address *nonce,
                         const struct ls_address *authority);
void ls_nonce_advance(struct ls_instruction *out,
                      const struct ls_address *nonce,
                      const struct ls_address *authority);
/* All of its lamports closes the account; the ledger refuses that within the block in
 * which its value moved. */
void ls_nonce_withdraw(struct ls_instruction *out,
                       const struct ls_address *nonce,
                       const struct ls_address *to,
                       const struct ls_address *authority,
                       uint64_t lamports);
void ls_nonce_authorize(struct ls_instruction *out,
                        const struct ls_address *nonce,
                        const struct ls_address *authority,
                        const struct ls_address *new_authority);

struct ls_nonce {
    struct ls_address authority;
    struct ls_hash value;
    uint64_t lamports_per_signature;
};
/* Read the data of an account that the System program owns. LS_CODE_CORRUPT when it is
 * none of a nonce account of the current version (the older one's values are no longer
 * accepted by the ledger); LS_CODE_NOT_FOUND when it holds no value yet. */
LS_MUST_CHECK ls_err ls_nonce_read(const uint8_t *data,
                                   size_t data_bytes,
                                   struct ls_nonce *nonce_out);
/* The data of an account that holds `nonce`. */
void ls_nonce_write(const struct ls_nonce *nonce, uint8_t data_out[LS_NONCE_ACCOUNT_BYTES]);

/* The value that a nonce takes when it moves on: of the blockhash before its block. */
struct ls_hash ls_nonce_value(const struct ls_hash *blockhash);

/* Whether the first instruction of a transaction advances a nonce, so that its blockhash
 * may be that nonce's value; then where the account stands among the transaction's. */
bool ls_nonce_of_tx(const struct ls_tx_view *view, size_t *account_out);

#endif
