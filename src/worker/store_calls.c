/* Requests to the store and their answers. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "lockstep/base/gate.h"

#include "worker_private.h"

enum { TAKE_MAX = LS_STORE_QUEUE_MAX };

/* The store's knowledge is the truth now: drop what waits, let the engine begin again. */
static void lose_store(ls_worker *worker, const char *why)
{
    struct queue *queues[] = {&worker->signs,     &worker->lookups, &worker->records,
                              &worker->moves,     &worker->sends,   &worker->queries,
                              &worker->certifies, &worker->nonces,  &worker->families,
                              &worker->markers,   &worker->makers,  &worker->simulations};
    for (size_t i = 0; i < sizeof queues / sizeof queues[0]; i++) queues[i]->count = 0;
    worker->store_epoch = worker->next_id;
    worker->intents_flying = worker->moves_flying = 0;
    worker->wants_tick = worker->wants_claim = worker->wants_adopt = false;
    worker->wants_observe = worker->wants_gate = worker->wants_bye = worker->wants_bulk = false;
    worker->alert_count = 0;
    ls_worker_scan_drop(worker);
    ls_worker_set_trouble(worker, "database", why);
    ls_worker_log_event(worker, LS_LEVEL_WARNING, "store.lost", (ls_op_id){0}, why);
    ls_worker_step(worker, &(struct ls_event){.kind = LS_EVENT_LOST});
    ls_worker_settle_effects(worker);
}

static struct store_call *open_call(ls_worker *worker, enum ls_store_verb verb)
{
    if (worker->store_count == LS_STORE_QUEUE_MAX) return NULL;
    size_t at = (worker->store_first + worker->store_count) % LS_STORE_QUEUE_MAX;
    struct store_call *call = &worker->store_calls[at];
    call->verb = verb;
    call->id = worker->next_id;
    call->count = 0;
    return call;
}

/* Begin what open_call() prepared; false when the store could not take it. */
static bool begin(ls_worker *worker, struct ls_store_request *request)
{
    request->id = worker->next_id;
    ls_err err = worker->ports.store.begin(worker->ports.store.self, request);
    if (!ls_failed(err)) {
        worker->next_id++;
        worker->store_count++;
        return true;
    }
    if (request->verb == LS_STORE_HELLO) {
        ls_worker_step(worker, &(struct ls_event){.kind = LS_EVENT_UNGREETED});
    } else {
        lose_store(worker, err.what);
    }
    return false;
}

static void flush_hello(ls_worker *worker)
{
    if (!worker->wants_hello || open_call(worker, LS_STORE_HELLO) == NULL) return;
    worker->wants_hello = false;
    struct ls_store_request request = {.verb = LS_STORE_HELLO};
    request.hello.host = worker->host;
    request.hello.pid = worker->options.pid;
    request.hello.version = worker->version;
    request.hello.lease_ms = worker->options.lease_ms;
    request.hello.heartbeat_ms = worker->options.core.tick_ms;
    request.hello.works_on = worker->options.works_on;
    request.hello.previous_worker = worker->worker_id;
    request.hello.genesis = worker->genesis;
    request.hello.payer = worker->payer;
    request.hello.signer_count = worker->ports.signer.addresses(
        worker->ports.signer.self, request.hello.signers, LS_SIGNERS_MAX);
    (void)begin(worker, &request); /* a refusal is an event already */
}

static void
fill_intent(ls_worker *worker, struct store_call *call, const struct ls_effect *effect)
{
    const struct kept *kept = ls_worker_kept_of(worker, effect->slot);
    if (kept == NULL || kept->tx == NULL) return;
    const struct shared_tx *tx = kept->next_tx != NULL ? kept->next_tx : kept->tx;
    worker->intent_rows[call->count] = (struct ls_intent_row){
        .op = effect->op,
        .token = effect->as.attempt.token,
        .attempt = effect->as.attempt.attempt,
        .pack = kept->pack,
        .signature = effect->as.attempt.signature,
        .blockhash = kept->blockhash,
        .last_valid_height = effect->as.attempt.last_valid_height,
        .signer = worker->payer,
        .tx = tx->bytes,
        .tx_bytes = tx->length,
        .has_mint = kept->creates_mint,
        .mint = kept->created_mint,
        .fence = kept->fence,
        .has_nonce = kept->fence == LS_FENCE_NONCE,
        .nonce = kept->nonce,
        .has_marker = kept->has_marker,
        .marker = kept->marker,
        .is_cancel = effect->as.attempt.is_cancel,
    };
    ls_worker_seal(worker, &worker->intent_rows[call->count]);
    call->slots[call->count++] = effect->slot;
}

/* Whether the next record may still go into the call: a pack is never cut in two. */
static bool has_room_for_next(ls_worker *worker, const struct store_call *call)
{
    const struct ls_effect *next = ls_worker_queue_peek(&worker->records);
    const struct kept *kept = next == NULL ? NULL : ls_worker_kept_of(worker, next->slot);
    bool goes_on = kept != NULL && kept->pack != 0 && call->count > 0 &&
                   worker->intent_rows[call->count - 1].pack == kept->pack;
    return goes_on || call->count + LS_PACK_OPS_MAX <= LS_STORE_ROWS_MAX;
}

static void flush_intents(ls_worker *worker)
{
    while (worker->records.count > 0 && worker->intents_flying < STORE_FLIGHT_MAX) {
        struct store_call *call = open_call(worker, LS_STORE_INTENT);
        struct ls_effect effect;
        if (call == NULL) return;
        while (has_room_for_next(worker, call) &&
               ls_worker_queue_take(&worker->records, &effect))
            fill_intent(worker, call, &effect);
        if (call->count == 0) return;
        struct ls_store_request request = {.verb = LS_STORE_INTENT,
                                           .intent_count = call->count,
                                           .intents = worker->intent_rows};
        if (!begin(worker, &request)) return;
        worker->intents_flying++;
    }
}

/* The nonce that all shared was used by this one. */
static void write_nonce_evidence(struct ls_buf *text, const struct ls_effect *effect)
{
    char signature[LS_SIGNATURE_TEXT_BYTES];
    ls_signature_text(&effect->as.move.signature, signature);
    ls_buf_printf(text,
                  "{\"rule\":\"nonce\",\"used_by\":\"%s\",\"attempt\":%" PRId32
                  ",\"slot\":%" PRId64 "}",
                  signature, effect->as.move.attempt, effect->as.move.landed_slot);
}

/* NULL when it does not fit: a certificate is never held up by its own record. */
static const char *write_evidence(ls_worker *worker, size_t row, const struct ls_effect *effect)
{
    struct ls_buf text;
    ls_buf_init(&text, LS_STORE_EVIDENCE_MAX - 1);
    if (effect->as.move.by_nonce) {
        write_nonce_evidence(&text, effect);
    } else {
        ls_worker_write_evidence(worker, effect, &text);
    }
    char *out = worker->evidence + row * LS_STORE_EVIDENCE_MAX;
    bool is_whole = !ls_failed(ls_buf_check(&text, "evidence"));
    if (is_whole) memcpy(out, ls_buf_text(&text), text.length + 1);
    ls_buf_done(&text);
    return is_whole ? out : NULL;
}

static void fill_move(ls_worker *worker, size_t row)
{
    const struct ls_effect *effect = &worker->move_effects[row];
    worker->move_rows[row] = (struct ls_move_row){
        .op = effect->op,
        .token = effect->as.move.token,
        .to = effect->as.move.to,
        .sub = effect->as.move.sub,
        .delay_ms = effect->as.move.delay_ms,
        .counts = effect->as.move.counts,
        .cause = effect->as.move.cause[0] == '\0' ? NULL : effect->as.move.cause,
        .detail = effect->as.move.detail[0] == '\0' ? NULL : effect->as.move.detail,
        .attempt = effect->as.move.attempt,
        .attempt_state = effect->as.move.attempt_state,
        .has_signature = effect->as.move.has_signature,
        .signature = effect->as.move.signature,
        .slot = effect->as.move.landed_slot,
        .siblings_dead = effect->as.move.siblings_dead,
        .nonce = effect->as.move.nonce,
        .evidence = effect->as.move.has_evidence ? write_evidence(worker, row, effect) : NULL,
    };
}

static void flush_moves(ls_worker *worker)
{
    while (worker->moves.count > 0 && worker->moves_flying < STORE_FLIGHT_MAX) {
        struct store_call *call = open_call(worker, LS_STORE_MOVE);
        if (call == NULL) return;
        while (call->count < LS_STORE_ROWS_MAX &&
               ls_worker_queue_take(&worker->moves, &worker->move_effects[call->count])) {
            struct ls_slot slot = worker->move_effects[call->count].slot;
            /* Without a slot: what the engine hands back, having no room for it. */
            if (slot.index >= 0 && ls_worker_kept_of(worker, slot) == NULL) continue;
            fill_move(worker, call->count);
            call->slots[call->count] = worker->move_effects[call->count].slot;
            call->count++;
        }
        if (call->count == 0) return;
        struct ls_store_request request = {
            .verb = LS_STORE_MOVE, .move_count = call->count, .moves = worker->move_rows};
        if (!begin(worker, &request)) return;
        worker->moves_flying++;
    }
}

static void fill_observation(ls_worker *worker, struct ls_observation *out)
{
    struct ls_worker_status status;
    ls_worker_status(worker, &status);
    *out = (struct ls_observation){
        .payer = worker->payer,
        .has_balance = worker->has_balance,
        .balance_lamports = worker->balance_lamports,
        .finalized_height = status.numbers.finalized_height,
        .in_flight = status.numbers.tracked,
        .is_draining = worker->is_stopping,
        .is_catching_up = status.mode == LS_CORE_CATCHING_UP || status.mode == LS_CORE_ADOPTING,
    };
    /* An endpoint's own words may be no UTF-8, which a store would refuse. */
    (void)ls_gate_text(status.doing, strlen(status.doing), out->doing, sizeof out->doing);
    (void)ls_gate_text(status.trouble, strlen(status.trouble), out->trouble,
                       sizeof out->trouble);
    int32_t count = worker->ports.ledger.endpoint_count(worker->ports.ledger.self);
    for (int32_t i = 0; i < count && i < LS_ENDPOINTS_MAX; i++) {
        struct ls_endpoint_health health = {0};
        worker->ports.ledger.health(worker->ports.ledger.self, i, &health);
        out->endpoints[out->endpoint_count++] = (struct ls_endpoint_seen){
            .name = health.name,
            .is_up = health.is_up,
            .slot = worker->heads[i].slot,
            .latency_ms = health.latency_ms,
            .error_permille = health.error_permille,
            .trouble = health.trouble,
        };
    }
}

static void flush_gate(ls_worker *worker)
{
    if (!worker->wants_gate || open_call(worker, LS_STORE_GATE) == NULL) return;
    worker->wants_gate = false;
    char payer[LS_ADDRESS_TEXT_BYTES];
    char selector[LS_ADDRESS_TEXT_BYTES + 8];
    ls_address_text(&worker->payer, payer);
    (void)snprintf(selector, sizeof selector, "payer:%s", payer); /* fits by its size */
    struct ls_store_request request = {.verb = LS_STORE_GATE};
    request.gate = (struct ls_gate_change){
        .selector = selector, .on = worker->gate_on, .reason = worker->gate_reason};
    (void)begin(worker, &request); /* a refusal is an event already */
}

/* What is about no operation is about this worker. */
static bool tell_alert(ls_worker *worker, const struct ls_effect *effect)
{
    char subject[32];
    struct ls_store_request request = {.verb = LS_STORE_RAISE};
    (void)snprintf(subject, sizeof subject, "op %" PRId64, effect->op.value);
    if (effect->op.value == 0)
        (void)snprintf(subject, sizeof subject, "worker %" PRId64, worker->worker_id);
    request.alert = (struct ls_alert_change){.rule = effect->as.alert.rule,
                                             .subject = subject,
                                             .severity = effect->as.alert.severity,
                                             .message = effect->as.alert.message,
                                             .is_over = effect->as.alert.is_over};
    return open_call(worker, LS_STORE_RAISE) != NULL && begin(worker, &request);
}

/* Those for which there is no room wait for the next turn. */
static void flush_alerts(ls_worker *worker)
{
    size_t told = 0;
    while (told < worker->alert_count && tell_alert(worker, &worker->alerts[told])) told++;
    worker->alert_count -= told;
    memmove(worker->alerts, worker->alerts + told,
            worker->alert_count * sizeof worker->alerts[0]);
}

static void
flush_simple(ls_worker *worker, bool *wanted, enum ls_store_verb verb, int32_t limit)
{
    if (!*wanted || open_call(worker, verb) == NULL) return;
    *wanted = false;
    struct ls_observation observation;
    struct ls_store_request request = {.verb = verb, .limit = limit};
    if (verb == LS_STORE_OBSERVE) {
        fill_observation(worker, &observation);
        request.observation = &observation;
    }
    if (verb == LS_STORE_CLAIM) {
        request.pack_kinds = worker->options.pack_kinds;
        request.lanes = worker->claim_lanes;
    }
    if (verb == LS_STORE_ADOPT) {
        request.known = worker->known;
        request.known_count =
            ls_core_submitted(worker->core, worker->known, worker->kept_count);
    }
    (void)begin(worker, &request); /* a refusal is an event already */
}

static void flush_scan(ls_worker *worker)
{
    struct ls_store_request request = {0};
    if (worker->store_count == LS_STORE_QUEUE_MAX) return;
    if (!ls_worker_scan_request(worker, &request)) return;
    if (open_call(worker, request.verb) == NULL) return; /* there is room: looked before */
    (void)begin(worker, &request);                       /* a refusal is an event already */
}

void ls_worker_flush_store(ls_worker *worker)
{
    flush_hello(worker);
    flush_intents(worker);
    flush_moves(worker);
    flush_simple(worker, &worker->wants_tick, LS_STORE_TICK, 0);
    flush_simple(worker, &worker->wants_adopt, LS_STORE_ADOPT, worker->adopt_count);
    flush_simple(worker, &worker->wants_claim, LS_STORE_CLAIM, worker->claim_count);
    flush_simple(worker, &worker->wants_observe, LS_STORE_OBSERVE, 0);
    flush_simple(worker, &worker->wants_bulk, LS_STORE_BULK, 0);
    flush_gate(worker);
    flush_alerts(worker);
    flush_scan(worker);
    flush_simple(worker, &worker->wants_bye, LS_STORE_BYE, 0);
}

static void take_ops(ls_worker *worker, const struct ls_store_reply *reply)
{
    for (size_t i = 0; i < reply->op_count; i++) {
        struct ls_event event = {.kind = LS_EVENT_OP};
        struct ls_stored_op op = reply->ops[i];
        op.is_altered = !ls_worker_seals_fit(worker, &op);
        event.as.op = &op;
        worker->admitting = &op;
        ls_worker_step(worker, &event);
        ls_worker_settle_effects(worker);
        worker->admitting = NULL;
    }
    struct ls_event end = {.kind = reply->verb == LS_STORE_CLAIM ? LS_EVENT_CLAIMED
                                                                 : LS_EVENT_ADOPTED};
    end.as.batch.count = (int32_t)reply->op_count;
    ls_worker_step(worker, &end);
}

/* A further attempt of an operation is durable: now it is the one that is sent. */
static void take_over_next(ls_worker *worker, struct ls_slot slot)
{
    struct kept *kept = ls_worker_kept_of(worker, slot);
    if (kept == NULL || kept->next_tx == NULL) return;
    ls_worker_release_tx(kept->tx);
    kept->tx = kept->next_tx;
    kept->next_tx = NULL;
}

static void
take_rows(ls_worker *worker, const struct store_call *call, const struct ls_store_reply *reply)
{
    bool is_intent = call->verb == LS_STORE_INTENT;
    if (is_intent) worker->intents_flying--;
    if (!is_intent) worker->moves_flying--;
    assert(reply->row_count == call->count);
    for (size_t i = 0; i < call->count; i++) {
        struct ls_event event = {.kind = is_intent ? LS_EVENT_RECORDED : LS_EVENT_MOVED,
                                 .slot = call->slots[i]};
        event.as.row = reply->rows[i];
        if (is_intent && reply->rows[i] == LS_ROW_DONE) take_over_next(worker, call->slots[i]);
        ls_worker_step(worker, &event);
        ls_worker_settle_effects(worker);
    }
}

static bool gates_payer(ls_worker *worker, const struct ls_store_reply *reply)
{
    char payer[LS_ADDRESS_TEXT_BYTES];
    ls_address_text(&worker->payer, payer);
    for (size_t i = 0; i < reply->gate_count; i++) {
        const char *selector = reply->gates[i].selector;
        if (reply->gates[i].by_worker && strncmp(selector, "payer:", 6) == 0 &&
            strcmp(selector + 6, payer) == 0)
            return true;
    }
    return false;
}

static void take_tick(ls_worker *worker, const struct ls_store_reply *reply)
{
    if (reply->is_lost) {
        lose_store(worker, "this worker was declared lost");
        return;
    }
    worker->is_leader = reply->is_leader;
    if (reply->shall_drain) ls_worker_stop(worker);
    struct ls_event event = {.kind = LS_EVENT_TICKED};
    event.as.ticked.is_paused = reply->is_paused;
    event.as.ticked.is_leader = reply->is_leader;
    event.as.ticked.payer_gated = gates_payer(worker, reply);
    event.as.ticked.orphan_count = reply->orphan_count;
    event.as.ticked.has_bulk = reply->has_bulk;
    ls_worker_step(worker, &event);
    ls_worker_scan_ticked(worker, reply);
    for (size_t i = 0; i < reply->wish_count; i++) {
        struct ls_event wish = {.kind = LS_EVENT_WISH};
        wish.as.wish.op = reply->wishes[i].op;
        wish.as.wish.request = reply->wishes[i].request;
        ls_worker_step(worker, &wish);
    }
}

static void take_hello(ls_worker *worker, const struct ls_store_reply *reply)
{
    worker->worker_id = reply->worker_id;
    memcpy(worker->tag_key, reply->tag_key, sizeof worker->tag_key);
    worker->trouble[0] = '\0';
    ls_worker_log_event(worker, LS_LEVEL_INFO, "worker.greeted", (ls_op_id){0}, "");
    ls_worker_scan_greeted(worker, reply);
}

/* HELLO is tried every second: a refusal is logged when it begins and when it changes. */
static void note_refusal(ls_worker *worker, const char *why)
{
    char before[sizeof worker->trouble];
    memcpy(before, worker->trouble, sizeof before);
    ls_worker_set_trouble(worker, "database", why);
    if (strcmp(before, worker->trouble) == 0) return;
    ls_worker_log_event(worker, LS_LEVEL_WARNING, "store.refused", (ls_op_id){0}, why);
}

static void take_failure(ls_worker *worker, const struct ls_store_reply *reply)
{
    const char *why = reply->why.text[0] != '\0' ? reply->why.text : reply->err.what;
    if (reply->verb == LS_STORE_HELLO) {
        if (reply->err.code == LS_CODE_REFUSED) ls_worker_learn_anew(worker);
        note_refusal(worker, why);
        ls_worker_step(worker, &(struct ls_event){.kind = LS_EVENT_UNGREETED});
    } else if (reply->verb == LS_STORE_BYE) {
        ls_worker_step(worker, &(struct ls_event){.kind = LS_EVENT_PARTED});
    } else {
        lose_store(worker, why);
    }
}

static void take_success(ls_worker *worker,
                         const struct store_call *call,
                         const struct ls_store_reply *reply)
{
    switch (reply->verb) {
    case LS_STORE_HELLO: take_hello(worker, reply); break;
    case LS_STORE_TICK: take_tick(worker, reply); break;
    case LS_STORE_CLAIM:
    case LS_STORE_ADOPT: take_ops(worker, reply); break;
    case LS_STORE_INTENT:
    case LS_STORE_MOVE: take_rows(worker, call, reply); break;
    case LS_STORE_BYE:
        ls_worker_step(worker, &(struct ls_event){.kind = LS_EVENT_PARTED});
        break;
    case LS_STORE_BULK:
        ls_worker_step(worker, &(struct ls_event){.kind = LS_EVENT_BULKED,
                                                  .as.bulk_due_ms = reply->bulk_due_ms});
        break;
    case LS_STORE_LANDED:
    case LS_STORE_FIND:
    case LS_STORE_MARK: ls_worker_scan_stored(worker, reply); break;
    case LS_STORE_GATE:
    case LS_STORE_OBSERVE:
    case LS_STORE_RAISE: break;
    }
}

void ls_worker_take_store_replies(ls_worker *worker)
{
    struct ls_store_reply reply;
    for (size_t taken = 0; taken < TAKE_MAX; taken++) {
        if (!worker->ports.store.take(worker->ports.store.self, &reply)) return;
        if (worker->store_count == 0) return; /* an answer that nobody asked for */
        const struct store_call *call = &worker->store_calls[worker->store_first];
        worker->store_first = (worker->store_first + 1) % LS_STORE_QUEUE_MAX;
        worker->store_count--;
        if (reply.id < worker->store_epoch) continue; /* of a connection that was lost */
        if (ls_failed(reply.err)) {
            take_failure(worker, &reply);
        } else {
            take_success(worker, call, &reply);
        }
        ls_worker_settle_effects(worker);
    }
}
