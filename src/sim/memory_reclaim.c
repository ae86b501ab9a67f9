/* The rent of markers comes back, as PostgreSQL's reclaim_markers() does it. */
#include <stdlib.h>

#include <jansson.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/own_key.h"
#include "memory_rows.h"

enum { RECLAIMS_MAX = 5000, BULK_LANE = 3 };

void ls_memory_store_keep_markers(ls_memory_store *store, int64_t ms)
{
    store->markers_ms = ms;
}

/* A mint, an account of account.create and one of the pool are what their operation was for. */
static bool is_due(const struct ls_memory_store *store, const struct memory_op *op)
{
    char base[LS_ADDRESS_TEXT_BYTES];
    const enum ls_kind kind = op->row.kind;
    const bool is_its_own = kind == LS_KIND_TOKEN_CREATE_MINT ||
                            kind == LS_KIND_ACCOUNT_CREATE || kind == LS_KIND_NONCE;
    const bool has_landed =
        op->row.state == LS_STATE_DONE || op->row.state == LS_STATE_COMPENSATED;
    if (!op->has_marker || op->is_reclaimed || is_its_own || !has_landed) return false;
    if (op->row.updated_ms >= memory_now(store) - store->markers_ms) return false;
    ls_address_text(&op->signer, base);
    return memory_can_sign(store, base);
}

/* False without memory: tried again at the next tick. */
static bool empty(struct ls_memory_store *store, struct memory_op *op)
{
    char key[LS_OWN_KEY_BYTES_MAX + 1];
    char base[LS_ADDRESS_TEXT_BYTES];
    struct memory_op *made = NULL;
    ls_own_key(LS_OWN_RENT, op->row.key, key);
    ls_address_text(&op->signer, base);
    json_t *given = json_pack("{s:{s:s}, s:s, s:s}", "from", "marker", op->row.key, "to", base,
                              "lamports", "all");
    char *payload = given == NULL ? NULL : json_dumps(given, 0);
    json_decref(given);
    bool is_made = payload != NULL;
    if (is_made && memory_find_key(store, key) == NULL) {
        const ls_err err =
            memory_add_op(store,
                          &(struct ls_memory_enqueue){.kind = LS_KIND_SOL_TRANSFER,
                                                      .payload = payload,
                                                      .key = key,
                                                      .lane = BULK_LANE,
                                                      .fence = "expiry"},
                          &made);
        is_made = !ls_failed(err);
    }
    free(payload);
    op->is_reclaimed = is_made;
    return is_made;
}

void memory_reclaim(struct ls_memory_store *store)
{
    const size_t count = store->op_count; /* what is made here has no marker */
    size_t made = 0;
    for (size_t i = 0; store->markers_ms > 0 && i < count && made < RECLAIMS_MAX; i++) {
        if (!is_due(store, store->ops[i])) continue;
        if (!empty(store, store->ops[i])) break;
        made++;
    }
    if (made > 0) store->decisions++; /* one entry for all */
}
