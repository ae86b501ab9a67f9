/* Several operations in one transaction: gathered one after the other as long as they
 * fit, then compiled. Pure and deterministic: the same operations in the same order give
 * the same message.
 *
 * Each operation's instructions stand together and end with its own memo "ls1:<tag>", so
 * a transaction's bytes alone say which operations it carries, in which order, and whose
 * an instruction is. Bytes bind long before compute units do: what 1232 bytes can hold
 * stays below 1.4 million. */
#ifndef LOCKSTEP_SOLANA_PACK_H
#define LOCKSTEP_SOLANA_PACK_H

#include <stdbool.h>
#include <stddef.h>

#include "lockstep/base/err.h"
#include "lockstep/solana/intent.h"
#include "lockstep/solana/tx.h"

enum { LS_PACK_OPS_MAX = 32 };

/* About 100 KiB: not for small stacks. Written by the functions below alone. */
struct ls_pack {
    struct ls_address payer;
    size_t count; /* operations */
    size_t bytes; /* of the transaction, signatures included */
    size_t signer_count;
    size_t account_count;
    struct ls_account_meta accounts[LS_TX_ACCOUNTS_MAX];
    size_t instruction_count;
    struct ls_instruction instructions[LS_TX_INSTRUCTIONS_MAX];
};

/* Empty it for a payer. */
void ls_pack_open(struct ls_pack *pack, const struct ls_address *payer);
/* Append an operation; its context's payer is the pack's. LS_CODE_FULL when it does not
 * fit any more, LS_CODE_INVALID as ls_intent_build; both leave the pack as it was. */
LS_MUST_CHECK ls_err ls_pack_add(struct ls_pack *pack,
                                 const struct ls_intent *intent,
                                 const struct ls_intent_context *context);
/* Write another compute unit limit (1 .. 1,400,000) over the one that the first operation's
 * context named; false when it named none. */
bool ls_pack_set_unit_limit(struct ls_pack *pack, uint32_t units);
/* The message of what was added, at least one operation. */
LS_MUST_CHECK ls_err ls_pack_compile(const struct ls_pack *pack,
                                     const struct ls_hash *blockhash,
                                     struct ls_message *message_out);

/* How many operations a transaction carries: its memos that begin with "ls1:". */
size_t ls_pack_count(const struct ls_tx_view *view);
/* The instructions [first, end) of the operation with this tag; false when it has none
 * here. */
bool ls_pack_range(const struct ls_tx_view *view,
                   const struct ls_tag *tag,
                   size_t *first_out,
                   size_t *end_out);

#endif
