#include "sim_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 256 };

static bool matches(const void *self, uint32_t number, const void *key)
{
    const ls_sim_ledger *ledger = self;
    return ls_signature_equal(ls_sim_txs_signature(&ledger->txs[number]), key);
}

static uint32_t hash_of(const ls_sim_ledger *ledger, const struct ls_signature *signature)
{
    return ls_sim_index_hash(ledger->index_key, signature->bytes, LS_SIGNATURE_BYTES);
}

/* How many numbers stand before the wire bytes. */
static size_t number_count(size_t account_count, bool has_tokens)
{
    return has_tokens ? 2 + 4 * account_count : 2 * account_count;
}

const uint8_t *ls_sim_txs_bytes(const struct ls_sim_tx *tx)
{
    return (const uint8_t *)(tx->balances + number_count(tx->account_count, tx->has_tokens));
}

uint64_t *ls_sim_txs_tokens(const struct ls_sim_tx *tx)
{
    return tx->has_tokens ? tx->balances + 2 * (size_t)tx->account_count : NULL;
}

static bool names_tokens(const struct ls_tx_view *view)
{
    for (size_t i = 0; i < view->account_count; i++) {
        if (ls_address_equal(&view->accounts[i], &LS_PROGRAM_TOKEN)) return true;
    }
    return false;
}

const struct ls_signature *ls_sim_txs_signature(const struct ls_sim_tx *tx)
{
    return (const struct ls_signature *)(ls_sim_txs_bytes(tx) + 1); /* after their count */
}

void ls_sim_txs_view(const struct ls_sim_tx *tx, struct ls_tx_view *view_out)
{
    ls_err err = ls_tx_read(ls_sim_txs_bytes(tx), tx->length, view_out);
    assert(!ls_failed(err));
    (void)err;
}

uint32_t ls_sim_txs_find(const ls_sim_ledger *ledger, const struct ls_signature *signature)
{
    return ls_sim_index_find(&ledger->tx_index, hash_of(ledger, signature), matches, ledger,
                             signature);
}

bool ls_sim_txs_is_full(const ls_sim_ledger *ledger)
{
    return ledger->tx_free == LS_SIM_NONE &&
           ledger->tx_count >= (size_t)ledger->options.history_max;
}

/* Room for one more entry, and for its landing. */
static bool reserve(ls_sim_ledger *ledger)
{
    if (ledger->tx_free != LS_SIM_NONE) return true;
    if (ledger->tx_count < ledger->tx_capacity) return true;
    size_t capacity = ledger->tx_capacity == 0 ? CAPACITY_MIN : ledger->tx_capacity * 2;
    struct ls_sim_tx *txs = realloc(ledger->txs, capacity * sizeof *txs);
    if (txs == NULL) return false;
    ledger->txs = txs;
    uint32_t *landed = realloc(ledger->landed, capacity * sizeof *landed);
    if (landed == NULL) return false;
    ledger->landed = landed;
    ledger->landed_capacity = capacity;
    ledger->tx_capacity = capacity;
    return true;
}

uint32_t ls_sim_txs_add(ls_sim_ledger *ledger,
                        const uint8_t *bytes,
                        size_t length,
                        const struct ls_tx_view *view)
{
    assert(length <= LS_TX_BYTES_MAX);
    if (ls_sim_txs_is_full(ledger) || !reserve(ledger)) return LS_SIM_NONE;
    bool has_tokens = names_tokens(view);
    size_t balances_bytes = number_count(view->account_count, has_tokens) * sizeof(uint64_t);
    uint64_t *balances = malloc(balances_bytes + length);
    if (balances == NULL) return LS_SIM_NONE;
    memset(balances, 0, balances_bytes);
    memcpy((uint8_t *)balances + balances_bytes, bytes, length);

    uint32_t number =
        ledger->tx_free != LS_SIM_NONE ? ledger->tx_free : (uint32_t)ledger->tx_count;
    if (!ls_sim_index_add(&ledger->tx_index, hash_of(ledger, view->signatures), number)) {
        free(balances);
        return LS_SIM_NONE;
    }
    if (number == ledger->tx_free) {
        ledger->tx_free = ledger->txs[number].landing;
    } else {
        ledger->tx_count++;
    }
    ledger->txs[number] = (struct ls_sim_tx){.state = LS_SIM_TX_WAITS,
                                             .account_count = (uint8_t)view->account_count,
                                             .length = (uint16_t)length,
                                             .has_tokens = has_tokens,
                                             .balances = balances};
    return number;
}

void ls_sim_txs_forget(ls_sim_ledger *ledger, uint32_t tx)
{
    struct ls_sim_tx *entry = &ledger->txs[tx];
    assert(entry->state == LS_SIM_TX_WAITS);
    ls_sim_index_remove(&ledger->tx_index, hash_of(ledger, ls_sim_txs_signature(entry)), tx);
    free(entry->balances);
    *entry = (struct ls_sim_tx){.state = LS_SIM_TX_FREE, .landing = ledger->tx_free};
    ledger->tx_free = tx;
}

static bool is_before(const struct ls_sim_waiting *a, const struct ls_sim_waiting *b)
{
    if (a->due_height != b->due_height) return a->due_height < b->due_height;
    return a->order < b->order;
}

static void swap(struct ls_sim_waiting *a, struct ls_sim_waiting *b)
{
    struct ls_sim_waiting kept = *a;
    *a = *b;
    *b = kept;
}

static bool grow_pool(ls_sim_ledger *ledger)
{
    size_t capacity = ledger->pool_capacity == 0 ? CAPACITY_MIN : ledger->pool_capacity * 2;
    struct ls_sim_waiting *pool = realloc(ledger->pool, capacity * sizeof *pool);
    if (pool == NULL) return false;
    ledger->pool = pool;
    ledger->pool_capacity = capacity;
    return true;
}

bool ls_sim_txs_push(ls_sim_ledger *ledger, uint32_t tx, int32_t due_height)
{
    if (ledger->pool_count >= (size_t)ledger->options.pool_max) return false;
    if (ledger->pool_count == ledger->pool_capacity && !grow_pool(ledger)) return false;
    struct ls_sim_waiting *pool = ledger->pool;
    size_t at = ledger->pool_count++;
    pool[at] = (struct ls_sim_waiting){
        .due_height = due_height, .order = ledger->pool_order++, .tx = tx};
    while (at > 0 && is_before(&pool[at], &pool[(at - 1) / 2])) {
        swap(&pool[at], &pool[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    return true;
}

uint32_t ls_sim_txs_pop(ls_sim_ledger *ledger, int32_t height)
{
    struct ls_sim_waiting *pool = ledger->pool;
    if (ledger->pool_count == 0 || pool[0].due_height > height) return LS_SIM_NONE;
    uint32_t tx = pool[0].tx;
    size_t count = --ledger->pool_count;
    pool[0] = pool[count];
    for (size_t at = 0;;) {
        size_t least = at;
        size_t child = 2 * at + 1;
        if (child < count && is_before(&pool[child], &pool[least])) least = child;
        if (child + 1 < count && is_before(&pool[child + 1], &pool[least])) least = child + 1;
        if (least == at) return tx;
        swap(&pool[at], &pool[least]);
        at = least;
    }
}

void ls_sim_txs_done(ls_sim_ledger *ledger)
{
    for (size_t i = 0; i < ledger->tx_count; i++) free(ledger->txs[i].balances);
    free(ledger->txs);
    free(ledger->landed);
    free(ledger->pool);
    ls_sim_index_done(&ledger->tx_index);
}
