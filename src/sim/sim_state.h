/* The simulated ledger's insides, shared by the files of sim/ that make it up: the chain
 * of blocks, the transactions that it knows, and the pool of those that wait to land. */
#ifndef LOCKSTEP_SIM_STATE_H
#define LOCKSTEP_SIM_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/sim/sim_ledger.h"
#include "lockstep/solana/rpc.h"
#include "lockstep/solana/tx.h"

#include "sim_accounts.h"
#include "sim_error.h"
#include "sim_index.h"
#include "sim_random.h"
#include "sim_run.h"

enum {
    LS_SIM_BLOCKHASH_AGE_MAX = 150, /* MAX_PROCESSING_AGE, counted from the parent block */
    LS_SIM_FORWARDING_HEIGHTS = 6,  /* preflight keeps this distance from expiry */
    LS_SIM_ROOTS_CACHED = 300,      /* what the status cache remembers */
    LS_SIM_BLOCK_TXS_MAX = 1 << 14,
    LS_SIM_BLOCKS_MAX = 1 << 24,       /* then the chain halts */
    LS_SIM_ADVANCE_SLOTS_MAX = 100000, /* a longer jump of time is a halt of the chain */
    LS_SIM_FORK_BLOCKS_MAX = 3,
    LS_SIM_LAG_SLOTS_MAX = 256, /* of the endpoint that lags most */
    LS_SIM_SKIP_PPM = 50000,    /* slots without a block */
    LS_SIM_VOTES = 2,           /* in every block */
    LS_SIM_FIRST_UNIX_S = 1700000000,
};

struct ls_sim_block {
    int64_t slot;
    uint32_t first_landing, landing_count;
    struct ls_hash hash;
    uint64_t fee_floor; /* what one had to offer to get in, micro-lamports a unit */
};

enum ls_sim_tx_state { LS_SIM_TX_FREE, LS_SIM_TX_WAITS, LS_SIM_TX_LANDED };

struct ls_sim_tx {
    enum ls_sim_tx_state state;
    uint8_t account_count;
    uint16_t length;
    bool has_tokens;           /* names the Token program */
    uint64_t *balances;        /* owned: lamports before, after; what
                                  ls_sim_txs_tokens() tells; then the wire bytes */
    struct ls_sim_error error; /* landed */
    uint32_t units;            /* landed */
    int32_t height;            /* landed */
    uint32_t landing;          /* landed: its place among all landings; free: next free */
};

struct ls_sim_waiting {
    int32_t due_height;
    uint32_t order; /* of arrival */
    uint32_t tx;
};

struct ls_sim_ledger {
    struct ls_sim_ledger_options options;
    struct ls_sim_faults faults;
    struct ls_sim_random chain_random, fault_random, transport_random;
    int64_t fired[LS_SIM_FAULT_COUNT];
    int64_t halted_until; /* a slot; no block before */
    struct ls_hash genesis;
    uint8_t index_key[LS_SIM_INDEX_KEY_BYTES];

    int64_t slot; /* the last that ended */
    int64_t origin_ms;
    bool has_started;
    struct ls_sim_block *blocks; /* by height */
    size_t block_count, block_capacity;
    int32_t oldest_height; /* no bank is older */

    struct ls_sim_accounts accounts;

    struct ls_sim_tx *txs;
    size_t tx_count, tx_capacity;
    uint32_t tx_free;
    struct ls_sim_index tx_index; /* by signature */
    uint32_t *landed;             /* numbers of transactions in order of landing */
    size_t landed_count, landed_capacity;

    struct ls_sim_waiting *pool; /* a heap by due_height, order */
    size_t pool_count, pool_capacity;
    uint32_t pool_order;

    uint64_t airdrops;
};

/* ---- sim_faults.c */

/* Draw from the faults' stream; a fault that happens is counted. */
bool ls_sim_fault_happens(ls_sim_ledger *ledger, enum ls_sim_fault fault, int32_t ppm);
void ls_sim_fault_count(ls_sim_ledger *ledger, enum ls_sim_fault fault);
/* Whether a node with this finalized height keeps nothing of `height`: too old for it, or in
 * a hole of what nodes share for their older history. What the status cache holds is in no
 * hole. Counted when it does. */
bool ls_sim_fault_hides(ls_sim_ledger *ledger, int32_t height, int32_t root);

/* Whether this node was away at `height`, so that it keeps nothing of it but what its status
 * cache holds. Counted when it was. */
bool ls_sim_fault_gap(ls_sim_ledger *ledger, int32_t endpoint, int32_t height, int32_t root);

/* ---- sim_chain.c */

/* The first blocks, finalized and empty. False when memory is exhausted. */
bool ls_sim_chain_begin(ls_sim_ledger *ledger);
/* End one slot: perhaps a fork, perhaps a block. */
void ls_sim_chain_end_slot(ls_sim_ledger *ledger);
int32_t ls_sim_chain_tip(const ls_sim_ledger *ledger);
/* The height of the bank that `endpoint` shows at `commitment`. */
int32_t ls_sim_chain_height(const ls_sim_ledger *ledger,
                            int32_t endpoint,
                            enum ls_commitment commitment);
/* The height of the newest block at or before `slot`. */
int32_t ls_sim_chain_height_at(const ls_sim_ledger *ledger, int64_t slot);
/* Every block holds two votes of the validators. They change nothing, and only getBlock's
 * signatures and getSignatureStatuses know them: what they are for is that no block is
 * without a signature. The signature of vote `at` (0, 1) of a block. */
struct ls_signature ls_sim_chain_vote(const ls_sim_ledger *ledger, int32_t height, int at);
/* The height of the block that holds this vote; -1 when none does. */
int32_t ls_sim_chain_find_vote(const ls_sim_ledger *ledger,
                               const struct ls_signature *signature);
/* The height of the block with this hash; -1 when there is none. */
int32_t ls_sim_chain_find(const ls_sim_ledger *ledger, const struct ls_hash *hash);
int64_t ls_sim_chain_lag(const ls_sim_ledger *ledger, int32_t endpoint);

/* ---- sim_txs.c */

uint32_t ls_sim_txs_find(const ls_sim_ledger *ledger, const struct ls_signature *signature);
/* Keep a copy, waiting. LS_SIM_NONE when memory is exhausted or the history is full. */
uint32_t ls_sim_txs_add(ls_sim_ledger *ledger,
                        const uint8_t *bytes,
                        size_t length,
                        const struct ls_tx_view *view);
/* Forget one that never landed. */
void ls_sim_txs_forget(ls_sim_ledger *ledger, uint32_t tx);
const uint8_t *ls_sim_txs_bytes(const struct ls_sim_tx *tx);
/* Where a landing keeps the units of the token accounts among its accounts: two masks of
 * which accounts are such (before, after), then units before and after by account. NULL
 * when the transaction does not name the Token program. */
uint64_t *ls_sim_txs_tokens(const struct ls_sim_tx *tx);
const struct ls_signature *ls_sim_txs_signature(const struct ls_sim_tx *tx);
/* Read the bytes again; they were sane when they were added. */
void ls_sim_txs_view(const struct ls_sim_tx *tx, struct ls_tx_view *view_out);
bool ls_sim_txs_is_full(const ls_sim_ledger *ledger);
/* The pool. Push is false when the pool is full. Pop gives the first that is due. */
bool ls_sim_txs_push(ls_sim_ledger *ledger, uint32_t tx, int32_t due_height);
uint32_t ls_sim_txs_pop(ls_sim_ledger *ledger, int32_t height);
void ls_sim_txs_done(ls_sim_ledger *ledger);

/* ---- sim_land.c */

/* Land what is due in the block of `height`, whose entry exists already. */
void ls_sim_land(ls_sim_ledger *ledger, int32_t height);
/* Take the landings of the tip block back into the pool. */
void ls_sim_unland(ls_sim_ledger *ledger, int32_t height);
/* Accept a sane transaction for landing, with its faults drawn. False: history full. */
bool ls_sim_land_accept(ls_sim_ledger *ledger,
                        const uint8_t *bytes,
                        size_t length,
                        const struct ls_tx_view *view);

#endif
