/* Calls to the ledger: gathering what waits into JSON-RPC batches. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fees.h"
#include "worker_private.h"

enum { LEARN_AGAIN_MS = 500, TAKE_MAX = LS_LEDGER_CALLS_MAX };

static enum ls_commitment commitment(const ls_worker *worker)
{
    return worker->options.finalized_blockhash ? LS_FINALIZED : LS_CONFIRMED;
}

struct ledger_call *ls_worker_call_open(ls_worker *worker, enum call_kind kind)
{
    for (size_t i = 0; i < LS_LEDGER_CALLS_MAX; i++) {
        struct ledger_call *call = &worker->calls[i];
        if (call->kind != CALL_FREE) continue;
        call->kind = kind;
        call->count = call->place_count = call->control_count = call->signature_count = 0;
        call->marker_count = 0;
        call->turn = 0;
        worker->flying[kind]++;
        return call;
    }
    return NULL;
}

void ls_worker_call_close(ls_worker *worker, struct ledger_call *call)
{
    worker->flying[call->kind]--;
    call->kind = CALL_FREE;
}

/* Begin the call whose body stands in worker->body. When the port can not take it, the
 * engine is told at once that nothing was sent. */
bool ls_worker_call_begin(ls_worker *worker, struct ledger_call *call, int32_t endpoint)
{
    ls_err err = ls_buf_check(&worker->body, "ledger body");
    if (!ls_failed(err)) {
        struct ls_ledger_call request = {
            .id = worker->next_id,
            .endpoint = endpoint,
            .is_send = call->kind == CALL_SEND,
            .is_probe = call->kind == CALL_LEARN || call->kind == CALL_PROBE,
            .turn = call->turn,
            .body = ls_buf_text(&worker->body),
            .body_bytes = worker->body.length,
            .timeout_ms = worker->options.call_timeout_ms,
        };
        err = worker->ports.ledger.begin(worker->ports.ledger.self, &request);
    }
    if (!ls_failed(err)) {
        call->id = worker->next_id++;
        return true;
    }
    ls_worker_unanswered(worker, call);
    ls_worker_call_close(worker, call);
    return false;
}

/* Add a slot to a call: at the place of its transaction, which packed neighbours share. True
 * when the place is new. */
static bool
add_slot(struct ledger_call *call, struct ls_slot slot, const struct ls_signature *of)
{
    size_t last = call->place_count;
    bool is_new = last == 0 || !ls_signature_equal(&call->signatures[last - 1], of);
    assert(call->count < CALL_SLOTS_MAX);
    assert(!is_new || last < CALL_PLACES_MAX);
    if (is_new) call->signatures[call->place_count++] = *of;
    call->place[call->count] = (uint8_t)(call->place_count - 1);
    call->slots[call->count++] = slot;
    return is_new;
}

/* Whether a slot whose transaction has this signature may go into the call. */
static bool has_room(const struct ledger_call *call,
                     size_t places_max,
                     const struct ls_signature *signature)
{
    if (call->count == CALL_SLOTS_MAX) return false;
    if (call->place_count < places_max) return true;
    return ls_signature_equal(&call->signatures[call->place_count - 1], signature);
}

void ls_worker_body_open(ls_worker *worker, struct ls_rpc_batch *batch)
{
    ls_buf_reset(&worker->body);
    ls_rpc_open(batch, &worker->body);
}

static void flush_learn(ls_worker *worker)
{
    int64_t now_ms = worker->ports.clock.monotonic_ms(worker->ports.clock.self);
    if (!worker->wants_learn || now_ms < worker->learn_due_ms) return;
    if (worker->flying[CALL_LEARN] > 0) return;
    struct ledger_call *call = ls_worker_call_open(worker, CALL_LEARN);
    if (call == NULL) return;
    worker->learn_due_ms = now_ms + LEARN_AGAIN_MS;
    if (!worker->has_barred) ls_worker_bar_endpoints(worker);
    worker->has_barred = true;
    int32_t endpoint = worker->learn_endpoint;
    worker->learn_endpoint = (endpoint + 1) % worker->options.core.endpoint_count;
    worker->payer = worker->ports.signer.payer(worker->ports.signer.self);
    struct ls_rpc_batch batch;
    ls_worker_body_open(worker, &batch);
    (void)ls_rpc_get_genesis_hash(&batch); /* position 0 */
    (void)ls_rpc_get_rent(&batch, LS_MINT_ACCOUNT_BYTES);
    ls_rpc_close(&batch);
    (void)ls_worker_call_begin(worker, call, endpoint); /* tried again when due */
}

static void flush_head(ls_worker *worker)
{
    if (!worker->wants_head) return;
    struct ledger_call *call = ls_worker_call_open(worker, CALL_HEAD);
    if (call == NULL) return;
    worker->wants_head = false;
    struct ls_rpc_batch batch;
    ls_worker_body_open(worker, &batch);
    (void)ls_rpc_get_latest_blockhash(&batch, commitment(worker)); /* position 0 */
    (void)ls_rpc_get_epoch_info(&batch, LS_FINALIZED);
    (void)ls_rpc_get_genesis_hash(&batch);
    ls_rpc_close(&batch);
    (void)ls_worker_call_begin(worker, call,
                               LS_LEDGER_ANY_ENDPOINT); /* a failure is HEADLESS already */
}

static void flush_balance(ls_worker *worker)
{
    if (!worker->wants_balance) return;
    struct ledger_call *call = ls_worker_call_open(worker, CALL_BALANCE);
    if (call == NULL) return;
    worker->wants_balance = false;
    struct ls_rpc_batch batch;
    ls_worker_body_open(worker, &batch);
    (void)ls_rpc_get_balance(&batch, &worker->payer, LS_CONFIRMED); /* position 0 */
    ls_rpc_close(&batch);
    (void)ls_worker_call_begin(worker, call,
                               LS_LEDGER_ANY_ENDPOINT); /* asked again by the engine */
}

static bool
next_has_room(const struct ledger_call *call, const struct queue *queue, size_t places_max)
{
    const struct ls_effect *next = ls_worker_queue_peek(queue);
    return next != NULL && has_room(call, places_max, &next->as.attempt.signature);
}

/* Sends of one turn travel together: the turn says to which endpoint. */
static void gather_sends(ls_worker *worker, struct ledger_call *call)
{
    struct ls_rpc_batch batch;
    struct ls_effect effect;
    size_t waiting = worker->sends.count;
    ls_worker_body_open(worker, &batch);
    while (waiting-- > 0 &&
           next_has_room(call, &worker->sends, (size_t)worker->options.send_batch) &&
           ls_worker_queue_take(&worker->sends, &effect)) {
        int32_t turn = effect.as.attempt.turn % worker->options.core.endpoint_count;
        if (call->count > 0 && turn != call->turn) {
            ls_worker_queue_add(worker, &worker->sends, &effect);
            continue;
        }
        call->turn = turn;
        struct kept *kept = ls_worker_kept_of(worker, effect.slot);
        if (kept == NULL || kept->tx == NULL) continue;
        if (kept->fence == LS_FENCE_EXPIRY) { /* others sign once more, or compare with it */
            free(kept->payload);
            kept->payload = NULL;
        }
        if (add_slot(call, effect.slot, &effect.as.attempt.signature)) {
            (void)ls_rpc_send_transaction(&batch, kept->tx->bytes, kept->tx->length,
                                          commitment(worker),
                                          false); /* its position is the place */
        }
    }
    ls_rpc_close(&batch);
}

static void flush_sends(ls_worker *worker)
{
    while (worker->sends.count > 0 && worker->flying[CALL_SEND] < SEND_FLIGHT_MAX) {
        struct ledger_call *call = ls_worker_call_open(worker, CALL_SEND);
        if (call == NULL) return;
        gather_sends(worker, call);
        if (call->count == 0) {
            ls_worker_call_close(worker, call);
            return;
        }
        worker->sent += (int64_t)call->place_count;
        if (!ls_worker_call_begin(worker, call, LS_LEDGER_ANY_ENDPOINT)) return;
    }
}

static void flush_queries(ls_worker *worker)
{
    while (worker->queries.count > 0 && worker->flying[CALL_QUERY] < LOOK_FLIGHT_MAX) {
        struct ledger_call *call = ls_worker_call_open(worker, CALL_QUERY);
        struct ls_effect effect;
        if (call == NULL) return;
        while (next_has_room(call, &worker->queries, CALL_PLACES_MAX) &&
               ls_worker_queue_take(&worker->queries, &effect)) {
            if (ls_worker_kept_of(worker, effect.slot) == NULL) continue;
            (void)add_slot(call, effect.slot, &effect.as.attempt.signature);
        }
        if (call->count == 0) {
            ls_worker_call_close(worker, call);
            return;
        }
        struct ls_rpc_batch batch;
        ls_worker_body_open(worker, &batch);
        (void)ls_rpc_get_statuses(&batch, call->signatures, call->place_count,
                                  false); /* position 0 */
        ls_rpc_close(&batch);
        if (!ls_worker_call_begin(worker, call, LS_LEDGER_ANY_ENDPOINT)) return;
    }
}

static void flush_scan(ls_worker *worker)
{
    if (!ls_worker_scan_needs_ledger(worker) || worker->flying[CALL_SCAN] > 0) return;
    if (ls_worker_scan_positions(worker) == 0) { /* all of it is here already */
        ls_worker_scan_read(worker, 0, NULL);
        return;
    }
    struct ledger_call *call = ls_worker_call_open(worker, CALL_SCAN);
    if (call == NULL) return;
    struct ls_rpc_batch batch;
    ls_worker_body_open(worker, &batch);
    call->scan_positions = ls_worker_scan_positions(worker);
    int32_t endpoint = ls_worker_scan_write(worker, &batch);
    ls_rpc_close(&batch);
    call->id = worker->scan.waiting_id = worker->next_id;
    (void)ls_worker_call_begin(worker, call,
                               endpoint); /* a failure ends the scan: it begins again later */
}

void ls_worker_flush_ledger(ls_worker *worker)
{
    flush_learn(worker);
    ls_worker_flush_probes(worker);
    flush_head(worker);
    flush_balance(worker);
    ls_worker_flush_lookups(worker);
    ls_worker_flush_fees(worker);
    ls_worker_flush_simulations(worker);
    flush_sends(worker);
    ls_worker_flush_control(worker);
    ls_worker_flush_certifies(worker);
    ls_worker_flush_markers(worker);
    flush_queries(worker);
    flush_scan(worker);
    ls_worker_flush_nonces(worker);
    ls_worker_flush_families(worker);
}

void ls_worker_take_ledger_replies(ls_worker *worker)
{
    struct ls_ledger_reply reply;
    for (size_t taken = 0; taken < TAKE_MAX; taken++) {
        if (!worker->ports.ledger.take(worker->ports.ledger.self, &reply)) return;
        for (size_t i = 0; i < LS_LEDGER_CALLS_MAX; i++) {
            struct ledger_call *call = &worker->calls[i];
            if (call->kind == CALL_FREE || call->id != reply.id) continue;
            ls_worker_read_reply(worker, call, &reply);
            ls_worker_call_close(worker, call);
            break;
        }
        ls_worker_settle_effects(worker);
    }
}
