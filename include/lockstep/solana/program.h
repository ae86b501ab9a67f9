/* Addresses of the programs that operations use, derived addresses, and the encoding of
 * their instructions: System, SPL Token (classic), Associated Token Account, Memo v3,
 * Compute Budget.
 *
 * Sources: the programs' published instruction layouts (System: bincode enum, u32 tag;
 * Token: u8 tag; ATA: u8 tag, 1 = create idempotent; Memo: the text itself; Compute Budget: u8
 * tag). */
#ifndef LOCKSTEP_SOLANA_PROGRAM_H
#define LOCKSTEP_SOLANA_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"

extern const struct ls_address LS_PROGRAM_SYSTEM;         /* 1111… */
extern const struct ls_address LS_PROGRAM_TOKEN;          /* TokenkegQfe… */
extern const struct ls_address LS_PROGRAM_ATA;            /* ATokenGPvbd… */
extern const struct ls_address LS_PROGRAM_MEMO;           /* MemoSq4gqAB… */
extern const struct ls_address LS_PROGRAM_COMPUTE_BUDGET; /* ComputeBudget111… */

enum { LS_MINT_ACCOUNT_BYTES = 82, LS_TOKEN_ACCOUNT_BYTES = 165 };
enum { LS_INSTRUCTION_ACCOUNTS_MAX = 12, LS_INSTRUCTION_DATA_MAX = 1024 };
enum { LS_MEMO_BYTES_MAX = 800 };

struct ls_account_meta {
    struct ls_address address;
    bool is_signer;
    bool is_writable;
};
struct ls_instruction {
    struct ls_address program;
    size_t account_count;
    struct ls_account_meta accounts[LS_INSTRUCTION_ACCOUNTS_MAX];
    size_t data_bytes;
    uint8_t data[LS_INSTRUCTION_DATA_MAX];
};

/* SHA-256(base || seed || owner), System's CreateAccountWithSeed rule; seed <= 32 bytes. */
struct ls_address ls_derive_with_seed(const struct ls_address *base,
                                      const char *seed,
                                      const struct ls_address *owner);
/* The associated token account of (owner, mint) under the classic token program: the
 * first off-curve candidate from bump 255 down. False when there is none (never seen). */
bool ls_derive_ata(const struct ls_address *owner,
                   const struct ls_address *mint,
                   struct ls_address *ata_out);
/* Whether `address` decompresses to a point of the Ed25519 curve (derived addresses must
 * not). The rule is the runtime's: of small order or y not below the field's prime is
 * still "on the curve". */
bool ls_address_on_curve(const struct ls_address *address);

/* Each of these writes all of `out`. Amounts are base units, lamports are lamports. */
void ls_system_transfer(struct ls_instruction *out,
                        const struct ls_address *from,
                        const struct ls_address *to,
                        uint64_t lamports);
/* `base` signs besides the payer when it is another account. */
struct ls_create_with_seed {
    struct ls_address payer;
    struct ls_address created; /* ls_derive_with_seed(base, seed, owner) */
    struct ls_address base;
    const char *seed; /* <= 32 bytes */
    uint64_t lamports;
    uint64_t space; /* bytes of the created account */
    struct ls_address owner;
};
void ls_system_create_with_seed(struct ls_instruction *out,
                                const struct ls_create_with_seed *create);
/* Without a freeze authority. */
void ls_token_initialize_mint2(struct ls_instruction *out,
                               const struct ls_address *mint,
                               uint8_t decimals,
                               const struct ls_address *authority);
void ls_token_mint_to(struct ls_instruction *out,
                      const struct ls_address *mint,
                      const struct ls_address *account,
                      const struct ls_address *authority,
                      uint64_t amount);
void ls_token_burn(struct ls_instruction *out,
                   const struct ls_address *account,
                   const struct ls_address *mint,
                   const struct ls_address *owner,
                   uint64_t amount);
void ls_token_transfer(struct ls_instruction *out,
                       const struct ls_address *from,
                       const struct ls_address *to,
                       const struct ls_address *owner,
                       uint64_t amount);
void ls_ata_create_idempotent(struct ls_instruction *out,
                              const struct ls_address *payer,
                              const struct ls_address *ata,
                              const struct ls_address *owner,
                              const struct ls_address *mint);
/* What a unit of compute may cost above the fee of the signatures: the transaction's priority.
 */
void ls_compute_unit_price(struct ls_instruction *out, uint64_t micro_lamports);
/* Without signers of its own; `text_bytes` <= LS_MEMO_BYTES_MAX. */
void ls_memo(struct ls_instruction *out, const char *text, size_t text_bytes);

#endif
