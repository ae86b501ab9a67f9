/* Transactions in the legacy wire format: compile instructions to a message, sign,
 * serialize, and read them back (for the simulated ledger and for adoption).
 *
 * Wire: compact-u16 count of signatures, 64 bytes each, then the message: three header
 * bytes, accounts (fee payer first; signer-writable, signer-readonly, writable,
 * readonly), recent blockhash, instructions with u8 account indexes. Order inside a
 * class is the order of first use, so building is deterministic; an instruction uses its
 * program before its accounts. */
#ifndef LOCKSTEP_SOLANA_TX_H
#define LOCKSTEP_SOLANA_TX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"
#include "lockstep/base/err.h"
#include "lockstep/solana/program.h"

/* The runtime carries out at most 64 instructions a transaction, called ones included. */
enum { LS_TX_SIGNERS_MAX = 8, LS_TX_ACCOUNTS_MAX = 64, LS_TX_INSTRUCTIONS_MAX = 64 };

struct ls_message {
    uint8_t bytes[LS_TX_BYTES_MAX];
    size_t length;
    size_t signer_count; /* accounts[0 .. signer_count) of the message, payer first */
    struct ls_address signers[LS_TX_SIGNERS_MAX];
};

/* Compile. LS_CODE_FULL when it would not fit a packet with its signatures, or breaks a
 * maximum above. */
LS_MUST_CHECK ls_err ls_message_compile(const struct ls_address *payer,
                                        const struct ls_hash *blockhash,
                                        const struct ls_instruction *instructions,
                                        size_t count,
                                        struct ls_message *message_out);

struct ls_tx {
    uint8_t bytes[LS_TX_BYTES_MAX];
    size_t length;
};
/* Put `signatures` (message->signer_count of them, same order) before the message. */
LS_MUST_CHECK ls_err ls_tx_assemble(const struct ls_message *message,
                                    const struct ls_signature *signatures,
                                    struct ls_tx *tx_out);

/* A transaction as read from bytes; pointers go into the given bytes. */
struct ls_tx_view_instruction {
    uint8_t program_index;
    size_t account_count;
    const uint8_t *account_indexes;
    size_t data_bytes;
    const uint8_t *data;
};
struct ls_tx_view {
    size_t signature_count;
    const struct ls_signature *signatures;
    const uint8_t *message;
    size_t message_bytes;
    uint8_t required_signatures, readonly_signed, readonly_unsigned;
    size_t account_count;
    const struct ls_address *accounts;
    const struct ls_hash *blockhash;
    size_t instruction_count;
    struct ls_tx_view_instruction instructions[LS_TX_INSTRUCTIONS_MAX];
};
/* LS_CODE_CORRUPT when the bytes are not exactly one sane legacy transaction (counts in
 * their shortest form, indexes in range, as many signatures as the header requires, a
 * payer that is writable and no program, no duplicate accounts, nothing left over).
 * Versioned: REFUSED. More than LS_TX_INSTRUCTIONS_MAX instructions: FULL. */
LS_MUST_CHECK ls_err ls_tx_read(const uint8_t *bytes,
                                size_t bytes_count,
                                struct ls_tx_view *view_out);
bool ls_tx_view_is_signer(const struct ls_tx_view *view, size_t account);
bool ls_tx_view_is_writable(const struct ls_tx_view *view, size_t account);
/* Whether every signature is that of its account over the message (Ed25519). */
bool ls_tx_verify(const struct ls_tx_view *view);

#endif
