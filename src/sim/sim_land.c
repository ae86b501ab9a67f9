#include "sim_state.h"

#include <assert.h>
#include <string.h>

#include "lockstep/solana/nonce.h"

/* How much later than the next block a transaction of a dropped block may land again. */
enum { RETURN_HEIGHTS_MAX = 8 };

/* Whether the block of `height` may hold a transaction with this blockhash. Agave counts
 * the age from the parent, so a transaction can land one block after the
 * lastValidBlockHeight that its sender was told. */
static bool is_fresh(const ls_sim_ledger *ledger, const struct ls_hash *hash, int32_t height)
{
    int32_t born = ls_sim_chain_find(ledger, hash);
    return born >= 0 && height - 1 - born <= LS_SIM_BLOCKHASH_AGE_MAX;
}

/* Find or add every account, so that the writes below cannot fail. */
static bool prepare(ls_sim_ledger *ledger, struct ls_sim_run *run)
{
    size_t count = run->tx->account_count;
    for (size_t i = 0; i < count; i++) {
        if (run->numbers[i] == LS_SIM_NONE)
            run->numbers[i] = ls_sim_accounts_intern(&ledger->accounts, &run->tx->accounts[i]);
        if (run->numbers[i] == LS_SIM_NONE) return false;
    }
    return ls_sim_accounts_reserve(&ledger->accounts, run->numbers, count);
}

static bool is_equal(const struct ls_sim_content *a, const struct ls_sim_content *b)
{
    return a->lamports == b->lamports && a->amount == b->amount && a->space == b->space &&
           a->kind == b->kind && a->decimals == b->decimals &&
           a->has_authority == b->has_authority && a->has_freeze == b->has_freeze &&
           a->is_executable == b->is_executable && ls_address_equal(&a->owner, &b->owner) &&
           ls_address_equal(&a->authority, &b->authority) &&
           ls_address_equal(&a->mint, &b->mint) &&
           memcmp(a->value.bytes, b->value.bytes, LS_HASH_BYTES) == 0;
}

static bool is_changed(const struct ls_sim_run *run, size_t at)
{
    return ls_tx_view_is_writable(run->tx, at) && !is_equal(&run->before[at], &run->after[at]);
}

_Static_assert(LS_TX_ACCOUNTS_MAX <= 64, "a mask has a bit for each account");

static void keep_tokens(const struct ls_sim_tx *tx, const struct ls_sim_run *run)
{
    uint64_t *tokens = ls_sim_txs_tokens(tx);
    size_t count = run->tx->account_count;
    if (tokens == NULL) return;
    tokens[0] = tokens[1] = 0;
    for (size_t i = 0; i < count; i++) {
        if (run->before[i].kind == LS_SIM_TOKEN) tokens[0] |= UINT64_C(1) << i;
        if (run->after[i].kind == LS_SIM_TOKEN) tokens[1] |= UINT64_C(1) << i;
        tokens[2 + i] = run->before[i].amount;
        tokens[2 + count + i] = run->after[i].amount;
    }
}

static void
commit(ls_sim_ledger *ledger, uint32_t number, struct ls_sim_run *run, int32_t height)
{
    struct ls_sim_tx *tx = &ledger->txs[number];
    assert(ledger->landed_count < ledger->landed_capacity);
    tx->state = LS_SIM_TX_LANDED;
    tx->error = run->error;
    tx->units = run->units;
    tx->height = height;
    tx->landing = (uint32_t)ledger->landed_count;
    ledger->landed[ledger->landed_count++] = number;
    ledger->blocks[height].landing_count++;
    keep_tokens(tx, run);
    for (size_t i = 0; i < run->tx->account_count; i++) {
        tx->balances[i] = run->before[i].lamports;
        tx->balances[run->tx->account_count + i] = run->after[i].lamports;
        ls_sim_accounts_post(&ledger->accounts, run->numbers[i], tx->landing);
        if (is_changed(run, i)) {
            ls_sim_accounts_write(&ledger->accounts, run->numbers[i], height,
                                  ledger->oldest_height, &run->after[i]);
        }
    }
}

static void land_one(ls_sim_ledger *ledger, uint32_t number, int32_t height)
{
    struct ls_tx_view view;
    ls_sim_txs_view(&ledger->txs[number], &view);
    const struct ls_hash *last = &ledger->blocks[height - 1].hash;
    if (!is_fresh(ledger, view.blockhash, height) &&
        !ls_sim_run_is_durable(&ledger->accounts, height, last, &view)) {
        ls_sim_txs_forget(ledger, number);
        return;
    }
    struct ls_sim_run run;
    ls_sim_run_tx(&run, &ledger->accounts, height, last, &view);
    if (!run.is_charged || !prepare(ledger, &run)) {
        ls_sim_txs_forget(ledger, number);
        return;
    }
    commit(ledger, number, &run, height);
}

enum { LUCKY_PPM = 125000 };

/* Whether a full block leaves it out for this time. */
static bool is_crowded_out(ls_sim_ledger *ledger, uint32_t number)
{
    const uint64_t floor = (uint64_t)ledger->faults.fee_floor;
    struct ls_tx_view view;
    if (floor == 0) return false;
    ls_sim_txs_view(&ledger->txs[number], &view);
    if (ls_sim_budget_read(&view).price >= floor) return false;
    if (ls_sim_random_chance(&ledger->fault_random, LUCKY_PPM)) return false;
    ls_sim_fault_count(ledger, LS_SIM_FAULT_CONGEST);
    return true;
}

void ls_sim_land(ls_sim_ledger *ledger, int32_t height)
{
    ledger->blocks[height].fee_floor = (uint64_t)ledger->faults.fee_floor;
    for (int32_t i = 0; i < LS_SIM_BLOCK_TXS_MAX; i++) {
        uint32_t number = ls_sim_txs_pop(ledger, height);
        if (number == LS_SIM_NONE) return;
        if (!is_crowded_out(ledger, number)) {
            land_one(ledger, number, height);
        } else if (!ls_sim_txs_push(ledger, number, height + 1)) {
            ls_sim_txs_forget(ledger, number);
        }
    }
}

static void unland_one(ls_sim_ledger *ledger, uint32_t number, int32_t height)
{
    struct ls_sim_tx *tx = &ledger->txs[number];
    struct ls_tx_view view;
    ls_sim_txs_view(tx, &view);
    for (size_t i = 0; i < view.account_count; i++) {
        uint32_t account = ls_sim_accounts_find(&ledger->accounts, &view.accounts[i]);
        assert(account != LS_SIM_NONE);
        ls_sim_accounts_unpost(&ledger->accounts, account, tx->landing);
        ls_sim_accounts_revert(&ledger->accounts, account, height);
    }
    tx->state = LS_SIM_TX_WAITS;
    int32_t later = (int32_t)ls_sim_random_below(&ledger->fault_random, RETURN_HEIGHTS_MAX);
    bool is_lost =
        ls_sim_fault_happens(ledger, LS_SIM_FAULT_FORK_LOSE, ledger->faults.fork_lose_ppm);
    if (is_lost || !ls_sim_txs_push(ledger, number, height + later))
        ls_sim_txs_forget(ledger, number);
}

void ls_sim_unland(ls_sim_ledger *ledger, int32_t height)
{
    struct ls_sim_block *block = &ledger->blocks[height];
    while (block->landing_count > 0) {
        block->landing_count--;
        ledger->landed_count--;
        unland_one(ledger, ledger->landed[ledger->landed_count], height);
    }
}

/* The height at which an accepted transaction is tried: the next block, or by a fault any
 * later one that still may hold it. */
static int32_t draw_due(ls_sim_ledger *ledger, const struct ls_tx_view *view)
{
    int32_t next = ls_sim_chain_tip(ledger) + 1;
    int32_t born = ls_sim_chain_find(ledger, view->blockhash);
    int32_t last = born < 0 ? next : born + LS_SIM_BLOCKHASH_AGE_MAX + 1;
    const struct ls_sim_faults *faults = &ledger->faults;
    size_t nonce = 0;
    bool is_lasting = born < 0 && ls_nonce_of_tx(view, &nonce); /* never expires */
    if (ls_sim_fault_happens(ledger, LS_SIM_FAULT_LAST_MOMENT, faults->last_moment_ppm) &&
        !is_lasting)
        return last;
    if (!ls_sim_fault_happens(ledger, LS_SIM_FAULT_DELAY_TX, faults->delay_tx_ppm)) return next;
    int64_t slots = faults->delay_tx_slots_max;
    if (slots > LS_SIM_BLOCKHASH_AGE_MAX + 1) slots = LS_SIM_BLOCKHASH_AGE_MAX + 1;
    if (slots < 0) slots = 0;
    int32_t due =
        next + (int32_t)ls_sim_random_below(&ledger->fault_random, (uint64_t)slots + 1);
    return is_lasting || due < last ? due : last;
}

bool ls_sim_land_accept(ls_sim_ledger *ledger,
                        const uint8_t *bytes,
                        size_t length,
                        const struct ls_tx_view *view)
{
    if (ls_sim_txs_find(ledger, view->signatures) != LS_SIM_NONE) return true;
    if (ls_sim_fault_happens(ledger, LS_SIM_FAULT_DROP_TX, ledger->faults.drop_tx_ppm))
        return true;
    if (ledger->pool_count >= (size_t)ledger->options.pool_max) return true;
    int32_t due = draw_due(ledger, view);
    uint32_t number = ls_sim_txs_add(ledger, bytes, length, view);
    if (number == LS_SIM_NONE) return false;
    if (!ls_sim_txs_push(ledger, number, due)) ls_sim_txs_forget(ledger, number);
    return true;
}
