#include "sim_rpc.h"

#include <inttypes.h>

enum { LIMIT_MAX = 1000 };

static void status_json(struct ls_sim_call *call, const struct ls_sim_tx *tx)
{
    struct ls_buf *out = call->out;
    enum ls_commitment level = ls_sim_call_level(call, tx->height);
    ls_buf_printf(
        out, "{\"slot\":%" PRId64 ",\"confirmations\":", ls_sim_call_slot(call, tx->height));
    if (level == LS_FINALIZED) {
        ls_buf_add_text(out, "null");
    } else {
        ls_buf_printf(out, "%" PRId32, ls_sim_call_height(call, LS_PROCESSED) - tx->height);
    }
    ls_buf_add_text(out, ",\"err\":");
    ls_sim_error_json(&tx->error, out);
    bool has_error = tx->error.code != LS_SIM_TX_OK;
    ls_buf_add_text(out, has_error ? ",\"status\":{\"Err\":" : ",\"status\":{\"Ok\":");
    ls_sim_error_json(&tx->error, out);
    ls_buf_printf(out, "},\"confirmationStatus\":\"%s\"}", ls_commitment_name(level));
}

/* A node whose view of statuses stands still behind the heights that it tells. */
static bool is_stale(const struct ls_sim_call *call, int32_t height)
{
    ls_sim_ledger *ledger = call->ledger;
    const struct ls_sim_faults *faults = &ledger->faults;
    if ((faults->stale_nodes >> call->endpoint & 1u) == 0) return false;
    if (height <= ls_sim_chain_height_at(ledger, ledger->slot - faults->stale_slots))
        return false;
    ls_sim_fault_count(ledger, LS_SIM_FAULT_STALE);
    return true;
}

int32_t ls_sim_call_oldest(const struct ls_sim_call *call)
{
    int64_t kept = call->ledger->faults.history_slots;
    int64_t oldest = ls_sim_call_height(call, LS_FINALIZED) - kept + 1;
    return kept == 0 || oldest < 0 ? 0 : (int32_t)oldest;
}

/* Whether this node tells the status of what landed at `height`. */
static bool knows(struct ls_sim_call *call, int32_t height, bool has_history)
{
    ls_sim_ledger *ledger = call->ledger;
    if (height > ls_sim_call_height(call, LS_PROCESSED)) return false;
    int32_t root = ls_sim_call_height(call, LS_FINALIZED);
    if (is_stale(call, height) || ls_sim_fault_hides(ledger, height, root)) return false;
    const bool is_cached = height > root - LS_SIM_ROOTS_CACHED;
    if (!is_cached && ls_sim_fault_gap(ledger, call->endpoint, height, root)) return false;
    if (has_history) return true;
    if (height <= root - LS_SIM_ROOTS_CACHED) return false;
    return !ls_sim_fault_happens(ledger, LS_SIM_FAULT_FALSE_NULL,
                                 ledger->faults.false_null_ppm);
}

/* What this node says about a signature; false where a real one would say null. */
static bool look_up(struct ls_sim_call *call,
                    const struct ls_signature *signature,
                    bool has_history,
                    struct ls_sim_tx *tx_out)
{
    ls_sim_ledger *ledger = call->ledger;
    if (ls_sim_call_denies(call)) return false;
    uint32_t number = ls_sim_txs_find(ledger, signature);
    int32_t vote = number == LS_SIM_NONE ? ls_sim_chain_find_vote(ledger, signature) : -1;
    if (number != LS_SIM_NONE) {
        *tx_out = ledger->txs[number];
    } else if (vote >= 0) {
        *tx_out = (struct ls_sim_tx){.state = LS_SIM_TX_LANDED, .height = vote};
    } else {
        return false;
    }
    return tx_out->state == LS_SIM_TX_LANDED && knows(call, tx_out->height, has_history);
}

void ls_sim_get_signature_statuses(struct ls_sim_call *call)
{
    const json_t *list = ls_sim_call_param(call, 0);
    const json_t *config = NULL;
    if (!json_is_array(list)) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                               "Invalid params: expected a list of signatures.");
        return;
    }
    size_t count = json_array_size(list);
    if (count > LS_RPC_STATUSES_MAX) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                               "Too many inputs provided; max %d", LS_RPC_STATUSES_MAX);
        return;
    }
    if (!ls_sim_call_config(call, 1, &config)) return;
    bool has_history = ls_sim_call_flag(config, "searchTransactionHistory");
    ls_sim_call_context(call, ls_sim_call_height(call, LS_PROCESSED));
    ls_buf_add_char(call->out, '[');
    for (size_t i = 0; i < count; i++) {
        struct ls_signature signature;
        if (!ls_sim_call_signature(call, json_array_get(list, i), &signature)) return;
        if (i > 0) ls_buf_add_char(call->out, ',');
        struct ls_sim_tx tx;
        if (look_up(call, &signature, has_history, &tx)) {
            status_json(call, &tx);
        } else {
            ls_buf_add_text(call->out, "null");
        }
    }
    ls_buf_add_text(call->out, "]}");
}

struct page {
    int64_t limit;
    int32_t height; /* nothing newer */
    bool has_before, has_until;
    struct ls_signature before, until;
};

static bool read_cursor(struct ls_sim_call *call,
                        const json_t *config,
                        const char *name,
                        bool *has_out,
                        struct ls_signature *signature_out)
{
    const json_t *value = json_object_get(config, name);
    *has_out = value != NULL && !json_is_null(value);
    return !*has_out || ls_sim_call_signature(call, value, signature_out);
}

static bool read_page(struct ls_sim_call *call, struct page *page)
{
    const json_t *config = NULL;
    if (!ls_sim_call_config(call, 1, &config)) return false;
    if (!ls_sim_call_bank(call, config, "commitment", &page->height)) return false;
    const char *commitment = ls_sim_call_text(call, config, "commitment", "finalized");
    if (strcmp(commitment, "processed") == 0) {
        return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                                "Method does not support commitment below `confirmed`");
    }
    const json_t *limit = json_object_get(config, "limit");
    page->limit = json_is_integer(limit) ? json_integer_value(limit) : LIMIT_MAX;
    if (page->limit < 1 || page->limit > LIMIT_MAX) {
        return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL, "Invalid limit; max %d",
                                LIMIT_MAX);
    }
    return read_cursor(call, config, "before", &page->has_before, &page->before) &&
           read_cursor(call, config, "until", &page->has_until, &page->until);
}

/* The landing of a known signature; LS_SIM_NONE when it never landed. */
static uint32_t landing_of(const ls_sim_ledger *ledger, const struct ls_signature *signature)
{
    uint32_t number = ls_sim_txs_find(ledger, signature);
    if (number == LS_SIM_NONE || ledger->txs[number].state != LS_SIM_TX_LANDED)
        return LS_SIM_NONE;
    return ledger->txs[number].landing;
}

/* How many of the account's postings are older than `landing`. */
static size_t count_before(const struct ls_sim_account *account, uint32_t landing)
{
    size_t low = 0;
    size_t high = account->posting_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (account->postings[middle] < landing) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void info_json(struct ls_sim_call *call, const struct ls_sim_tx *tx)
{
    struct ls_tx_view view;
    ls_sim_txs_view(tx, &view);
    ls_buf_add_text(call->out, "{\"signature\":");
    ls_sim_text_signature(call->out, view.signatures);
    ls_buf_printf(call->out,
                  ",\"slot\":%" PRId64 ",\"err\":", ls_sim_call_slot(call, tx->height));
    ls_sim_error_json(&tx->error, call->out);
    ls_buf_add_text(call->out, ",\"memo\":");
    ls_sim_memos_json(&view, call->out);
    ls_buf_printf(call->out, ",\"blockTime\":%" PRId64 ",\"confirmationStatus\":\"%s\"}",
                  ls_sim_block_unix_s(call->ledger, tx->height),
                  ls_commitment_name(ls_sim_call_level(call, tx->height)));
}

static void write_page(struct ls_sim_call *call,
                       const struct ls_sim_account *account,
                       const struct page *page)
{
    const ls_sim_ledger *ledger = call->ledger;
    const struct ls_sim_block *newest = &ledger->blocks[page->height];
    uint32_t end = newest->first_landing + newest->landing_count;
    uint32_t before = page->has_before ? landing_of(ledger, &page->before) : end;
    uint32_t until = page->has_until ? landing_of(ledger, &page->until) : LS_SIM_NONE;
    if (before == LS_SIM_NONE) return; /* as a node whose history lacks the cursor */
    size_t at = count_before(account, before < end ? before : end);
    const int32_t root = ls_sim_call_height(call, LS_FINALIZED);
    for (int64_t written = 0; at > 0 && written < page->limit; written++) {
        uint32_t landing = account->postings[--at];
        const struct ls_sim_tx *tx = &ledger->txs[ledger->landed[landing]];
        if (landing == until || tx->height < ls_sim_call_oldest(call)) return;
        if (ls_sim_fault_gap(call->ledger, call->endpoint, tx->height, root)) {
            written--;
            continue;
        }
        if (written > 0) ls_buf_add_char(call->out, ',');
        info_json(call, tx);
    }
}

void ls_sim_get_signatures_for_address(struct ls_sim_call *call)
{
    struct ls_address address;
    struct page page = {0};
    if (!ls_sim_call_address(call, 0, &address) || !read_page(call, &page)) return;
    uint32_t number = ls_sim_accounts_find(&call->ledger->accounts, &address);
    ls_buf_add_char(call->out, '[');
    bool is_broken = ls_sim_fault_happens(call->ledger, LS_SIM_FAULT_EMPTY_LIST,
                                          call->ledger->faults.empty_list_ppm);
    if (number != LS_SIM_NONE && !is_broken)
        write_page(call, &call->ledger->accounts.items[number], &page);
    ls_buf_add_char(call->out, ']');
}
