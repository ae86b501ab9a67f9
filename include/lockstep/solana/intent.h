/* From an operation's kind and payload to the instructions that realise it: the only
 * place that decides what is signed. Pure and deterministic: the same intent, context
 * and blockhash always give the same bytes. */
#ifndef LOCKSTEP_SOLANA_INTENT_H
#define LOCKSTEP_SOLANA_INTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"
#include "lockstep/base/err.h"
#include "lockstep/solana/canonical.h"
#include "lockstep/solana/program.h"
#include "lockstep/solana/tag.h"
#include "lockstep/solana/tx.h"

/* Longest payload, and longest texts in one, in bytes. An event's type and subject stay
 * off chain. */
enum {
    LS_INTENT_PAYLOAD_BYTES_MAX = 16384,
    LS_INTENT_TEXT_BYTES_MAX = 700,
    LS_INTENT_KEY_BYTES_MAX = 200,
    LS_INTENT_TYPE_BYTES_MAX = 200,
    LS_INTENT_SUBJECT_BYTES_MAX = 200,
};

enum ls_intent_kind {
    LS_INTENT_MEMO = 1,
    LS_INTENT_EVENT,
    LS_INTENT_SOL_TRANSFER,
    LS_INTENT_CREATE_MINT,
    LS_INTENT_MINT_TO,
    LS_INTENT_BURN,
    LS_INTENT_TOKEN_TRANSFER,
    LS_INTENT_ACCOUNT_CREATE,
    LS_INTENT_INVOKE,
    LS_INTENT_RECLAIM,       /* sol.transfer of all that stands in an account we created */
    LS_INTENT_NONCE_CREATE,  /* a nonce account for the pool, of the payer's */
    LS_INTENT_NONCE_ADVANCE, /* `to` is the account */
    LS_INTENT_NONCE_CLOSE,   /* `to` is the account, `amount` all of its lamports */
};

/* Which of the two token programs a mint belongs to. */
enum ls_token_program { LS_TOKEN_UNKNOWN = 0, LS_TOKEN_CLASSIC, LS_TOKEN_2022 };
/* Its address; the program is known. Static storage. */
const struct ls_address *ls_token_program_address(enum ls_token_program program);
/* LS_TOKEN_UNKNOWN when `owner` is no token program. */
enum ls_token_program ls_token_program_of(const struct ls_address *owner);

struct ls_intent {
    enum ls_intent_kind kind;
    size_t text_bytes; /* memo text; event: the digest's text "sha256:…" */
    char text[LS_MEMO_BYTES_MAX + 1];
    bool has_to;
    struct ls_address to; /* owner for tokens, account for lamports */
    bool has_from;
    struct ls_address from; /* owner; default payer */
    bool has_mint;
    struct ls_address mint;
    bool mint_by_key; /* payload gave {"key": …}: the store resolves it */
    char mint_key[LS_INTENT_KEY_BYTES_MAX + 1];
    /* CREATE_MINT: as the payload says. MINT_TO, BURN, TOKEN_TRANSFER: unknown until it is
     * resolved, by the operation that made the mint or by who owns the mint's account. */
    enum ls_token_program program;
    uint64_t amount; /* base units, or lamports; RECLAIM: once it is resolved */
    uint8_t decimals;
    bool has_max_supply; /* kept by the store at enqueue; nothing on chain */
    uint64_t max_supply;
    bool has_metadata; /* CREATE_MINT on Token-2022; texts that were not given are empty */
    char name[LS_METADATA_BYTES_MAX + 1];
    char symbol[LS_METADATA_BYTES_MAX + 1];
    char uri[LS_METADATA_BYTES_MAX + 1];
    uint64_t space;               /* ACCOUNT_CREATE, and the program that will own it */
    struct ls_address owner;      /* also of what RECLAIM empties: the System program */
    struct ls_instruction invoke; /* INVOKE */
    /* RECLAIM: the key of the operation that created the account for `to`, whether it was its
     * marker, and the seed that follows from both: "" until it is resolved. */
    bool from_marker;
    char from_key[LS_INTENT_KEY_BYTES_MAX + 1];
    char from_seed[LS_SEED_TEXT_BYTES];
};

/* Read and check a payload exactly as enqueue does; `why` may be NULL. `kind` is the
 * operation's kind by name. LS_CODE_INVALID with `why` naming the field and the cure; also for
 * kinds and fields that this version does not carry out. */
LS_MUST_CHECK ls_err ls_intent_parse(const char *kind,
                                     const char *payload,
                                     size_t payload_bytes,
                                     struct ls_intent *intent_out,
                                     struct ls_why *why);

struct ls_intent_context {
    struct ls_address payer;
    struct ls_tag tag;
    uint64_t rent_lamports;        /* rent exemption of what the intent creates */
    bool has_marker;               /* fence marker: it creates ls_intent_marker() first */
    uint64_t marker_rent_lamports; /* rent exemption of an account without data */
    bool has_nonce;                /* fence nonce: the blockhash is this account's value */
    struct ls_address nonce;
    struct ls_address nonce_authority;
    uint32_t unit_limit;                /* compute units; 0: none is named */
    uint64_t unit_price_micro_lamports; /* priority; 0: none is named */
};

/* Whether the intent creates an account; `space_out`: how many bytes it will have, whose
 * rent exemption the context needs. Untouched when false. */
bool ls_intent_creates(const struct ls_intent *intent, uint64_t *space_out);
/* The account that a RECLAIM empties, its seed resolved. */
struct ls_address ls_intent_reclaimed(const struct ls_intent *intent);
/* Whether the intent needs its mint, and the mint's program, resolved. */
bool ls_intent_needs_mint(const struct ls_intent *intent);

/* Compile `intent` (all that it names resolved) for `blockhash`. With a marker the first
 * instruction creates it, unless the effect begins with the creation of an account at an
 * address of the operation's own, which is its marker then. Under a nonce the first instruction
 * moves that nonce on; it and a marker exclude each other. The last instruction is the memo
 * "ls1:<tag>" or "ls1:<tag> <text>". What is taken from an owner (burn, transfers) is
 * signed by that owner, who is an extra signer when it is not the payer, as are the signers
 * that INVOKE names; everything is paid by the payer. LS_CODE_INVALID when something is still
 * unresolved; LS_CODE_FULL when it does not fit a packet. */
LS_MUST_CHECK ls_err ls_intent_build(const struct ls_intent *intent,
                                     const struct ls_intent_context *context,
                                     const struct ls_hash *blockhash,
                                     struct ls_message *message_out);
/* What cancels an operation under a nonce: the context's nonce moves on, and nothing else.
 * Without a memo: it is not the operation. */
LS_MUST_CHECK ls_err ls_intent_build_cancel(const struct ls_intent_context *context,
                                            const struct ls_hash *blockhash,
                                            struct ls_message *message_out);
/* The address of what the intent creates: derived from payer, seed and owning program. */
struct ls_address ls_intent_created(const struct ls_intent *intent,
                                    const struct ls_intent_context *context);
/* The account whose creation excludes a second landing: what the intent creates, else one
 * of the System program without data, derived from payer and the tag's marker seed. */
struct ls_address ls_intent_marker(const struct ls_intent *intent,
                                   const struct ls_intent_context *context);

/* Lamports or token units from a decimal string: digits only, no sign, no leading zeros
 * but "0" itself, <= 2^64 - 1. */
bool ls_amount_parse(const char *text, uint64_t *amount_out);

#endif
