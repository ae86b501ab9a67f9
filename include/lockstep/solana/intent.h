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
};

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
    uint64_t amount; /* base units, or lamports */
    uint8_t decimals;
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
    uint64_t mint_rent_lamports;   /* rent exemption of LS_MINT_ACCOUNT_BYTES */
    bool has_marker;               /* fence marker: it creates ls_intent_marker() first */
    uint64_t marker_rent_lamports; /* rent exemption of an account without data */
};

/* Compile `intent` (its mint resolved) for `blockhash`. With a marker the first instruction
 * creates it, unless the effect begins with the creation of an account at an address of the
 * operation's own, which is its marker then. The last instruction is the memo
 * "ls1:<tag>" or "ls1:<tag> <text>". What is taken from an owner (burn, token transfer) is
 * signed by that owner, who is an extra signer when it is not the payer; everything is
 * paid by the payer. LS_CODE_INVALID when a mint is still unresolved; LS_CODE_FULL never
 * happens within the maximums above. */
LS_MUST_CHECK ls_err ls_intent_build(const struct ls_intent *intent,
                                     const struct ls_intent_context *context,
                                     const struct ls_hash *blockhash,
                                     struct ls_message *message_out);
/* The address that a CREATE_MINT intent creates: derived from payer and seed. */
struct ls_address ls_intent_mint(const struct ls_intent_context *context);
/* The account whose creation excludes a second landing: the mint of a CREATE_MINT, else one
 * of the System program without data, derived from payer and the tag's marker seed. */
struct ls_address ls_intent_marker(const struct ls_intent *intent,
                                   const struct ls_intent_context *context);

/* Lamports or token units from a decimal string: digits only, no sign, no leading zeros
 * but "0" itself, <= 2^64 - 1. */
bool ls_amount_parse(const char *text, uint64_t *amount_out);

#endif
