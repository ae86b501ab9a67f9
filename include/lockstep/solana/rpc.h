/* JSON-RPC 2.0 bodies of Solana's HTTP interface: written here, read here.
 *
 * A call is always a batch (a JSON array), even of one, so that one shape is written
 * and read. Ids are the position in the batch. Reading is defensive: a reply is a list
 * of results by position; a missing, doubled or malformed one is reported as such,
 * never guessed. Numbers are exact up to 2^63 - 1; in a body that holds a larger one
 * anywhere (account answers carry rentEpoch 2^64 - 1) those beyond 2^53 cannot be read
 * exactly and count as malformed. */
#ifndef LOCKSTEP_SOLANA_RPC_H
#define LOCKSTEP_SOLANA_RPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/buf.h"
#include "lockstep/base/chain.h"
#include "lockstep/base/err.h"
#include "lockstep/solana/rpc_error.h"

/* Calls in a batch, signatures in one getSignatureStatuses; of a reply its bytes and how
 * deep it nests: beyond, it is LS_CODE_CORRUPT. */
enum {
    LS_RPC_BATCH_MAX = 128,
    LS_RPC_STATUSES_MAX = 256,
    LS_RPC_ACCOUNTS_MAX = 100,
    LS_RPC_ACCOUNT_DATA_MAX = 512, /* bytes of an account's data that are kept */
    LS_RPC_BODY_BYTES_MAX = 16 << 20,
    LS_RPC_DEPTH_MAX = 64,
};

enum ls_commitment { LS_PROCESSED, LS_CONFIRMED, LS_FINALIZED };
const char *ls_commitment_name(enum ls_commitment commitment);

/* Writing: open, add calls (each returns its position), close. A buffer that runs full
 * stays failed: check it once with ls_buf_check(). At most LS_RPC_BATCH_MAX calls. */
struct ls_rpc_batch {
    struct ls_buf *out;
    size_t count;
};
void ls_rpc_open(struct ls_rpc_batch *batch, struct ls_buf *out);
size_t ls_rpc_get_latest_blockhash(struct ls_rpc_batch *batch, enum ls_commitment commitment);
size_t ls_rpc_get_epoch_info(struct ls_rpc_batch *batch, enum ls_commitment commitment);
size_t ls_rpc_get_identity(struct ls_rpc_batch *batch);
size_t ls_rpc_get_genesis_hash(struct ls_rpc_batch *batch);
size_t ls_rpc_get_health(struct ls_rpc_batch *batch);
size_t ls_rpc_get_version(struct ls_rpc_batch *batch);
size_t ls_rpc_get_balance(struct ls_rpc_batch *batch,
                          const struct ls_address *address,
                          enum ls_commitment commitment);
/* 1..LS_RPC_ACCOUNTS_MAX addresses, all read from one bank; data in base64. */
size_t ls_rpc_get_accounts(struct ls_rpc_batch *batch,
                           const struct ls_address *addresses,
                           size_t count,
                           enum ls_commitment commitment);
size_t ls_rpc_get_rent(struct ls_rpc_batch *batch, uint64_t space);
size_t ls_rpc_request_airdrop(struct ls_rpc_batch *batch,
                              const struct ls_address *address,
                              uint64_t lamports);
/* encoding base64, maxRetries 0, preflightCommitment as given, skipPreflight as given. */
size_t ls_rpc_send_transaction(struct ls_rpc_batch *batch,
                               const uint8_t *tx,
                               size_t tx_bytes,
                               enum ls_commitment preflight,
                               bool skip_preflight);
/* 1..LS_RPC_STATUSES_MAX signatures. */
size_t ls_rpc_get_statuses(struct ls_rpc_batch *batch,
                           const struct ls_signature *signatures,
                           size_t count,
                           bool search_history);
/* Newest first; `before` NULL starts at the tip; limit 1..1000; at least LS_CONFIRMED. */
size_t ls_rpc_get_signatures_for_address(struct ls_rpc_batch *batch,
                                         const struct ls_address *address,
                                         const struct ls_signature *before,
                                         int32_t limit,
                                         enum ls_commitment commitment);
/* encoding base64, versions up to 0, at commitment finalized. */
size_t ls_rpc_get_transaction(struct ls_rpc_batch *batch, const struct ls_signature *signature);
/* The first slot that the node still holds; below it its lists are cut short. */
size_t ls_rpc_get_first_block(struct ls_rpc_batch *batch);
/* What a transaction would do: signatures are not looked at and the blockhash is replaced. */
size_t ls_rpc_simulate(struct ls_rpc_batch *batch,
                       const uint8_t *tx,
                       size_t tx_bytes,
                       enum ls_commitment commitment);
/* What was paid lately to write to these accounts; at most LS_RPC_FEE_ACCOUNTS_MAX. */
enum { LS_RPC_FEE_ACCOUNTS_MAX = 128 };
size_t ls_rpc_get_priority_fees(struct ls_rpc_batch *batch,
                                const struct ls_address *accounts,
                                size_t count);
/* The finalized block of a slot, with the signatures of its transactions alone. */
size_t ls_rpc_get_block_signatures(struct ls_rpc_batch *batch, int64_t slot);
/* The same without them. */
size_t ls_rpc_get_block_bare(struct ls_rpc_batch *batch, int64_t slot);
/* The finalized blocks that the node keeps between two slots, both included; nodes refuse
 * more than LS_RPC_BLOCKS_SLOTS_MAX of them. */
enum { LS_RPC_BLOCKS_SLOTS_MAX = 500000 };
size_t ls_rpc_get_blocks(struct ls_rpc_batch *batch, int64_t from_slot, int64_t to_slot);
void ls_rpc_close(struct ls_rpc_batch *batch);

/* Reading. */
typedef struct ls_rpc_reply ls_rpc_reply;
/* Parse a body that should answer a batch of `count`. LS_CODE_CORRUPT when it is not
 * JSON-RPC at all (HTML, cut, too deep, a member named twice). A single error object that
 * answers the whole batch is given to every position. The reply is the caller's, to free;
 * it does not point into `body`. `count` is 1..LS_RPC_BATCH_MAX. */
LS_MUST_CHECK ls_err ls_rpc_read(const char *body,
                                 size_t body_bytes,
                                 size_t count,
                                 ls_rpc_reply **reply_out);
void ls_rpc_reply_free(ls_rpc_reply *reply);
/* Whether `position` holds an error; then `error_out` is filled. A position with neither
 * result nor error counts as an error of class X. */
bool ls_rpc_error_at(const ls_rpc_reply *reply,
                     size_t position,
                     struct ls_rpc_error *error_out);

/* Each reads the result at a position: LS_CODE_CORRUPT when its shape is not as
 * documented, LS_CODE_REFUSED when the position holds an error. */
struct ls_rpc_blockhash {
    struct ls_hash blockhash;
    int64_t last_valid_height;
    int64_t slot; /* context */
};
LS_MUST_CHECK ls_err ls_rpc_blockhash_at(const ls_rpc_reply *reply,
                                         size_t position,
                                         struct ls_rpc_blockhash *out);
struct ls_rpc_epoch {
    int64_t height; /* blockHeight */
    int64_t slot;   /* absoluteSlot */
};
LS_MUST_CHECK ls_err ls_rpc_epoch_at(const ls_rpc_reply *reply,
                                     size_t position,
                                     struct ls_rpc_epoch *out);
/* getIdentity, getGenesisHash */
LS_MUST_CHECK ls_err ls_rpc_identity_at(const ls_rpc_reply *reply,
                                        size_t position,
                                        struct ls_address *out);
LS_MUST_CHECK ls_err ls_rpc_genesis_at(const ls_rpc_reply *reply,
                                       size_t position,
                                       struct ls_hash *out);
/* getVersion: the node's software, cut. */
enum { LS_RPC_VERSION_BYTES = 32 };
LS_MUST_CHECK ls_err ls_rpc_version_at(const ls_rpc_reply *reply,
                                       size_t position,
                                       char out[LS_RPC_VERSION_BYTES]);
/* getBalance, getMinimumBalanceForRentExemption */
LS_MUST_CHECK ls_err ls_rpc_lamports_at(const ls_rpc_reply *reply,
                                        size_t position,
                                        uint64_t *out);
/* sendTransaction, requestAirdrop */
LS_MUST_CHECK ls_err ls_rpc_signature_at(const ls_rpc_reply *reply,
                                         size_t position,
                                         struct ls_signature *out);
struct ls_rpc_status {
    bool is_found; /* false: null, which proves nothing by itself */
    enum ls_commitment commitment;
    int64_t slot;
    bool has_error; /* the transaction landed with an error */
    struct ls_rpc_error error;
};
/* LS_CODE_CORRUPT when the list has not exactly `count` entries. */
LS_MUST_CHECK ls_err ls_rpc_statuses_at(const ls_rpc_reply *reply,
                                        size_t position,
                                        struct ls_rpc_status *out,
                                        size_t count,
                                        int64_t *context_slot_out);
struct ls_rpc_account {
    bool is_found; /* false: no such account at that commitment */
    uint64_t lamports;
    struct ls_address owner;
    size_t data_bytes; /* of the account; no more than LS_RPC_ACCOUNT_DATA_MAX are kept */
    uint8_t data[LS_RPC_ACCOUNT_DATA_MAX];
};
/* LS_CODE_CORRUPT when the list has not exactly `count` entries. */
LS_MUST_CHECK ls_err ls_rpc_accounts_at(const ls_rpc_reply *reply,
                                        size_t position,
                                        struct ls_rpc_account *out,
                                        size_t count,
                                        int64_t *context_slot_out);
struct ls_rpc_simulation {
    uint64_t units; /* compute units that it used */
    bool has_error;
    struct ls_rpc_error error;
};
LS_MUST_CHECK ls_err ls_rpc_simulation_at(const ls_rpc_reply *reply,
                                          size_t position,
                                          struct ls_rpc_simulation *out);
/* The price a unit (micro-lamports) that so many permille of the recent slots were below or
 * at; 0 when there are none. */
LS_MUST_CHECK ls_err ls_rpc_priority_fee_at(const ls_rpc_reply *reply,
                                            size_t position,
                                            int32_t permille,
                                            uint64_t *micro_lamports_out);
struct ls_rpc_block {
    int64_t height;
    int64_t parent_slot; /* of the block before it; INT64_MAX where that is not told */
    size_t count;        /* of `signatures` */
};
/* The height of a block, and its first `max` signatures (0 of a bare one). LS_CODE_REFUSED
 * also where the slot has no block. */
LS_MUST_CHECK ls_err ls_rpc_block_at(const ls_rpc_reply *reply,
                                     size_t position,
                                     struct ls_signature *signatures_out,
                                     size_t max,
                                     struct ls_rpc_block *out);
/* How many blocks the node lists. LS_CODE_CORRUPT when they are not in order within the two
 * slots; `has_both_out`: the two slots themselves are listed. */
LS_MUST_CHECK ls_err ls_rpc_blocks_at(const ls_rpc_reply *reply,
                                      size_t position,
                                      int64_t from_slot,
                                      int64_t to_slot,
                                      int64_t *count_out,
                                      bool *has_both_out);
/* Which blocks a node keeps below and up to a slot. */
struct ls_rpc_span {
    int64_t low;   /* the highest listed that is not above `wanted`, else the first listed */
    int64_t last;  /* the highest listed that is not above `upper` */
    int64_t count; /* listed from `low` to `last`, both included; 0: none is */
};
/* Of what a node lists from `from_slot` on. LS_CODE_CORRUPT when it is not in order. */
LS_MUST_CHECK ls_err ls_rpc_span_at(const ls_rpc_reply *reply,
                                    size_t position,
                                    int64_t from_slot,
                                    int64_t wanted,
                                    int64_t upper,
                                    struct ls_rpc_span *out);
struct ls_rpc_signature_info {
    struct ls_signature signature;
    int64_t slot;
    bool has_error;
    /* As the node gives it, "[length] text" and "; " between several; "" if null. Anyone can
     * write one, so it is cut (whole scalars) rather than refused, and a U+0000 in it
     * becomes U+FFFD. */
    char memo[LS_TX_BYTES_MAX + 16];
};
/* LS_CODE_CORRUPT when the list is longer than `out_max`. */
LS_MUST_CHECK ls_err ls_rpc_signatures_at(const ls_rpc_reply *reply,
                                          size_t position,
                                          struct ls_rpc_signature_info *out,
                                          size_t out_max,
                                          size_t *count_out);
struct ls_rpc_transaction {
    bool is_found; /* false: null, which proves nothing by itself */
    int64_t slot;
    bool has_error; /* it landed with an error */
    size_t tx_bytes;
    uint8_t tx[LS_TX_BYTES_MAX];
};
/* getTransaction. LS_CODE_CORRUPT also when the bytes are no base64 or exceed a packet. */
LS_MUST_CHECK ls_err ls_rpc_transaction_at(const ls_rpc_reply *reply,
                                           size_t position,
                                           struct ls_rpc_transaction *out);
/* getFirstAvailableBlock */
LS_MUST_CHECK ls_err ls_rpc_slot_at(const ls_rpc_reply *reply, size_t position, int64_t *out);

#endif
