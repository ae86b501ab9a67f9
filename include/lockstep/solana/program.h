/* Addresses of the programs that operations use, derived addresses, and the encoding of
 * their instructions: System, SPL Token (classic) and Token-2022, Associated Token
 * Account, Memo v3, Compute Budget.
 *
 * Sources: the programs' published instruction layouts (System: bincode enum, u32 tag;
 * Token and Token-2022: u8 tag, extensions with a second one; the token metadata interface:
 * the first 8 bytes of a hash; ATA: u8 tag, 1 = create idempotent; Memo: the text itself;
 * Compute Budget: u8 tag). The two token programs share their basic instructions: a function
 * that takes `program` writes for either. */
#ifndef LOCKSTEP_SOLANA_PROGRAM_H
#define LOCKSTEP_SOLANA_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"

extern const struct ls_address LS_PROGRAM_SYSTEM;         /* 1111… */
extern const struct ls_address LS_PROGRAM_TOKEN;          /* TokenkegQfe… */
extern const struct ls_address LS_PROGRAM_TOKEN_2022;     /* TokenzQdBNb… */
extern const struct ls_address LS_PROGRAM_ATA;            /* ATokenGPvbd… */
extern const struct ls_address LS_PROGRAM_MEMO;           /* MemoSq4gqAB… */
extern const struct ls_address LS_PROGRAM_COMPUTE_BUDGET; /* ComputeBudget111… */

/* A mint with a metadata pointer: the base is padded to a token account's size, then the
 * account's type, then the extension (type, length, authority, address). Where an account
 * would have the size of a multisig, the program adds the bytes of an extension's type. */
enum {
    LS_MINT_ACCOUNT_BYTES = 82,
    LS_TOKEN_ACCOUNT_BYTES = 165,
    LS_TOKEN_2022_ACCOUNT_BYTES = 170, /* an associated account: its owner cannot change */
    LS_POINTED_MINT_BYTES = 234,
    LS_MULTISIG_BYTES = 355,
};
/* Accounts of one instruction; more do not fit a packet. Its data. */
enum { LS_INSTRUCTION_ACCOUNTS_MAX = 32, LS_INSTRUCTION_DATA_MAX = 1024 };
/* Name, symbol and uri of a mint together, in bytes; an account's data. */
enum { LS_METADATA_BYTES_MAX = 500, LS_ACCOUNT_SPACE_MAX = 10 << 20 };
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
/* The associated token account of (owner, mint) under token program `program`: the first
 * off-curve candidate from bump 255 down. False when there is none (never seen). */
bool ls_derive_ata(const struct ls_address *owner,
                   const struct ls_address *mint,
                   const struct ls_address *program,
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
/* Move `lamports` out of a data-less account of System's that was created with `seed` from
 * `base`, who signs. `to` may be the base. */
struct ls_transfer_with_seed {
    struct ls_address from; /* ls_derive_with_seed(base, seed, LS_PROGRAM_SYSTEM) */
    struct ls_address base;
    struct ls_address to;
    const char *seed; /* <= 32 bytes */
    uint64_t lamports;
};
void ls_system_transfer_with_seed(struct ls_instruction *out,
                                  const struct ls_transfer_with_seed *transfer);

/* What `program` (either token program) does. Without a freeze authority. */
void ls_token_initialize_mint2(struct ls_instruction *out,
                               const struct ls_address *program,
                               const struct ls_address *mint,
                               uint8_t decimals,
                               const struct ls_address *authority);
void ls_token_mint_to(struct ls_instruction *out,
                      const struct ls_address *program,
                      const struct ls_address *mint,
                      const struct ls_address *account,
                      const struct ls_address *authority,
                      uint64_t amount);
void ls_token_burn(struct ls_instruction *out,
                   const struct ls_address *program,
                   const struct ls_address *account,
                   const struct ls_address *mint,
                   const struct ls_address *owner,
                   uint64_t amount);
void ls_token_transfer(struct ls_instruction *out,
                       const struct ls_address *program,
                       const struct ls_address *from,
                       const struct ls_address *to,
                       const struct ls_address *owner,
                       uint64_t amount);
void ls_ata_create_idempotent(struct ls_instruction *out,
                              const struct ls_address *program,
                              const struct ls_address *payer,
                              const struct ls_address *ata,
                              const struct ls_address *owner,
                              const struct ls_address *mint);

/* Token-2022 alone: the mint's metadata stands in the mint itself. Comes before
 * ls_token_initialize_mint2(), on an account of LS_POINTED_MINT_BYTES. */
void ls_token_point_to_metadata(struct ls_instruction *out,
                                const struct ls_address *mint,
                                const struct ls_address *authority);
/* Comes after it; the program grows the account, whose lamports must be there already. */
struct ls_token_metadata {
    const char *name;
    const char *symbol;
    const char *uri;
};
void ls_token_initialize_metadata(struct ls_instruction *out,
                                  const struct ls_address *mint,
                                  const struct ls_address *authority,
                                  const struct ls_token_metadata *metadata);
/* Bytes of a mint's account that holds a pointer and metadata with `text_bytes` of name,
 * symbol and uri together. */
uint64_t ls_metadata_mint_bytes(size_t text_bytes);

/* What a unit of compute may cost above the fee of the signatures: the transaction's priority.
 */
void ls_compute_unit_price(struct ls_instruction *out, uint64_t micro_lamports);
/* The most compute units that the transaction may use; its price is paid for all of them. */
void ls_compute_unit_limit(struct ls_instruction *out, uint32_t units);
/* Without signers of its own; `text_bytes` <= LS_MEMO_BYTES_MAX. */
void ls_memo(struct ls_instruction *out, const char *text, size_t text_bytes);

#endif
