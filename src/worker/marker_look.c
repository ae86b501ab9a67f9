/* Looking up who made a marker: the finalized transactions that name its account, and of
 * them those that passes the adoption test. */
#include <stdlib.h>
#include <string.h>

#include "lockstep/solana/marker.h"
#include "lockstep/worker/adopt.h"

#include "worker_private.h"

bool ls_worker_marker_is_used(const struct kept *kept, const struct ls_rpc_error *error)
{
    struct ls_tx_view view;
    if (kept == NULL || !kept->has_marker || kept->tx == NULL) return false;
    if (ls_failed(ls_tx_read(kept->tx->bytes, kept->tx->length, &view))) return false;
    return ls_marker_is_used(&view, &kept->marker, error);
}

/* A call about the one marker of the next effect in `queue`; NULL when there is none. */
static struct ledger_call *open_call(ls_worker *worker,
                                     struct queue *queue,
                                     enum call_kind kind,
                                     struct ls_effect *effect_out)
{
    while (queue->count > 0 && worker->flying[kind] < MARKER_FLIGHT_MAX) {
        struct ledger_call *call = ls_worker_call_open(worker, kind);
        if (call == NULL) return NULL;
        (void)ls_worker_queue_take(queue, effect_out); /* it is not empty */
        if (ls_worker_kept_of(worker, effect_out->slot) != NULL) {
            call->slots[call->count++] = effect_out->slot;
            return call;
        }
        ls_worker_call_close(worker, call);
    }
    return NULL;
}

static bool flush_marker(ls_worker *worker)
{
    struct ls_effect effect;
    struct ls_rpc_batch batch;
    struct ledger_call *call = open_call(worker, &worker->markers, CALL_MARKER, &effect);
    if (call == NULL) return false;
    const struct kept *kept = ls_worker_kept_of(worker, effect.slot);
    ls_worker_body_open(worker, &batch);
    (void)ls_rpc_get_signatures_for_address(&batch, &kept->marker, NULL, MARKER_PAGE,
                                            LS_FINALIZED); /* position 0 */
    ls_rpc_close(&batch);
    return ls_worker_call_begin(worker, call, effect.as.lookup.endpoint);
}

static bool flush_makers(ls_worker *worker)
{
    struct ls_effect effect;
    struct ls_rpc_batch batch;
    struct ledger_call *call = open_call(worker, &worker->makers, CALL_MAKERS, &effect);
    if (call == NULL) return false;
    const struct kept *kept = ls_worker_kept_of(worker, effect.slot);
    ls_worker_body_open(worker, &batch);
    for (size_t i = 0; i < kept->candidate_count; i++) {
        (void)ls_rpc_get_transaction(&batch, &kept->candidates[i]); /* position i */
        call->controls[call->control_count++] = kept->candidates[i];
    }
    ls_rpc_close(&batch);
    return ls_worker_call_begin(worker, call, effect.as.lookup.endpoint);
}

void ls_worker_flush_markers(ls_worker *worker)
{
    while (flush_marker(worker)) continue;
    while (flush_makers(worker)) continue;
}

static void looked(ls_worker *worker,
                   const struct ledger_call *call,
                   const struct ls_ledger_reply *reply,
                   enum ls_looked result)
{
    struct ls_event event = {.kind = LS_EVENT_LOOKED, .slot = call->slots[0]};
    event.as.looked.endpoint = reply->endpoint;
    event.as.looked.result = result;
    ls_worker_step(worker, &event);
}

/* Keep the oldest of those that succeeded, oldest first: what made the account comes before
 * whatever else names it. */
static bool keep_candidates(struct kept *kept,
                            const struct ls_rpc_signature_info *newest_first,
                            size_t count)
{
    free(kept->candidates);
    kept->candidate_count = 0;
    kept->candidates = calloc(MARKER_MAKERS_MAX, sizeof *kept->candidates);
    if (kept->candidates == NULL) return false;
    for (size_t i = count; i > 0 && kept->candidate_count < MARKER_MAKERS_MAX; i--) {
        if (newest_first[i - 1].has_error) continue;
        kept->candidates[kept->candidate_count++] = newest_first[i - 1].signature;
    }
    return true;
}

void ls_worker_read_marker(ls_worker *worker,
                           const struct ledger_call *call,
                           const struct ls_ledger_reply *reply,
                           const ls_rpc_reply *parsed)
{
    struct kept *kept = ls_worker_kept_of(worker, call->slots[0]);
    struct ls_rpc_signature_info *list = calloc(MARKER_PAGE, sizeof *list);
    size_t count = 0;
    bool is_good = kept != NULL && list != NULL &&
                   !ls_failed(ls_rpc_signatures_at(parsed, 0, list, MARKER_PAGE, &count)) &&
                   keep_candidates(kept, list, count);
    free(list);
    if (!is_good) {
        ls_worker_answer_nothing(worker, call, "the answer is not what was asked");
    } else if (kept->candidate_count > 0) {
        struct ls_effect effect = {.kind = LS_EFFECT_LOOKUP, .slot = call->slots[0]};
        effect.as.lookup.endpoint = reply->endpoint;
        ls_worker_queue_add(worker, &worker->makers, &effect);
    } else { /* a page that is full may hide the one that made it */
        looked(worker, call, reply,
               count < MARKER_PAGE ? LS_LOOKED_NOTHING : LS_LOOKED_FOREIGN);
    }
}

/* Whether it is the operation's own. NO_MEMORY and what a node has not got: no conclusion. */
static ls_err test_maker(ls_worker *worker,
                         const struct kept *kept,
                         const struct ls_signature *signature,
                         const struct ls_rpc_transaction *found)
{
    struct ls_tx_view view;
    const struct ls_adoption op = {
        .payer = kept->signer,
        .tag_key = worker->tag_key,
        .genesis = worker->genesis,
        .kind = kept->kind,
        .key = kept->key,
        .payload = kept->payload,
        .payload_bytes = kept->payload_bytes,
        .has_mint = kept->has_mint,
        .mint = kept->mint,
        .mint_payer = kept->signer,
    };
    if (!found->is_found || kept->key == NULL || kept->payload == NULL)
        return LS_FAIL(LS_CODE_UNAVAILABLE, 0, "marker");
    if (found->has_error || ls_failed(ls_tx_read(found->tx, found->tx_bytes, &view)) ||
        !ls_signature_equal(&view.signatures[0], signature))
        return LS_FAIL(LS_CODE_REFUSED, 0, "marker");
    return ls_worker_adoption_test(&op, found->tx, found->tx_bytes, NULL);
}

static void landed(ls_worker *worker,
                   const struct ledger_call *call,
                   const struct ls_ledger_reply *reply,
                   size_t at,
                   int64_t slot)
{
    struct ls_event event = {.kind = LS_EVENT_LOOKED, .slot = call->slots[0]};
    event.as.looked.endpoint = reply->endpoint;
    event.as.looked.result = LS_LOOKED_LANDED;
    event.as.looked.signature = call->controls[at];
    event.as.looked.slot = slot;
    ls_worker_step(worker, &event);
}

void ls_worker_read_makers(ls_worker *worker,
                           const struct ledger_call *call,
                           const struct ls_ledger_reply *reply,
                           const ls_rpc_reply *parsed)
{
    const struct kept *kept = ls_worker_kept_of(worker, call->slots[0]);
    bool is_whole = kept != NULL;
    for (size_t i = 0; kept != NULL && i < call->control_count; i++) {
        struct ls_rpc_transaction found = {0};
        if (ls_failed(ls_rpc_transaction_at(parsed, i, &found))) {
            is_whole = false;
            continue;
        }
        const ls_err err = test_maker(worker, kept, &call->controls[i], &found);
        if (!ls_failed(err)) {
            landed(worker, call, reply, i, found.slot);
            return;
        }
        if (err.code == LS_CODE_UNAVAILABLE || err.code == LS_CODE_NO_MEMORY) is_whole = false;
    }
    if (is_whole) {
        looked(worker, call, reply, LS_LOOKED_FOREIGN);
    } else {
        ls_worker_answer_nothing(worker, call, "the answer is not what was asked");
    }
}
