/* Looks for certificates: asking one endpoint for all of it in one batch, reading what it
 * says, and keeping that as evidence. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/base58.h"

#include "worker_private.h"

enum { LOOK_SIGNATURES_MAX = LS_RPC_STATUSES_MAX - CALL_CONTROLS_MAX, LOOKS_TOLD_MAX = 3 };

/* Where a control stands among the call's, adding it; -1 when they are full. */
static int8_t control_place(struct ledger_call *call, const struct ls_signature *control)
{
    for (size_t i = 0; i < call->control_count; i++) {
        if (ls_signature_equal(&call->controls[i], control)) return (int8_t)i;
    }
    if (call->control_count == CALL_CONTROLS_MAX) return -1;
    call->controls[call->control_count] = *control;
    return (int8_t)call->control_count++;
}

/* getMultipleAccounts calls that a look's markers need, from position 3 on. */
static size_t marker_calls(const struct ledger_call *call)
{
    return (call->marker_count + LS_RPC_ACCOUNTS_MAX - 1) / LS_RPC_ACCOUNTS_MAX;
}

/* How many of them are asked for in the call that begins at `at`. */
static size_t markers_from(const struct ledger_call *call, size_t at)
{
    size_t left = call->marker_count - at;
    return left < LS_RPC_ACCOUNTS_MAX ? left : LS_RPC_ACCOUNTS_MAX;
}

/* Its calls about blocks. */
static size_t block_calls(const struct ledger_call *call)
{
    return call->to_slot > 0 ? 3 : 0;
}

size_t ls_worker_look_positions(const struct ledger_call *call)
{
    return 6 + marker_calls(call) + block_calls(call);
}

/* One look of rule B: the same node answers before and after the statuses and markers. */
static void write_look(ls_worker *worker,
                       const struct ledger_call *call,
                       const struct ls_signature *signatures,
                       const struct ls_address *markers)
{
    size_t count = call->signature_count + call->control_count;
    struct ls_rpc_batch batch;
    ls_worker_body_open(worker, &batch);
    (void)ls_rpc_get_identity(&batch);
    (void)ls_rpc_get_epoch_info(&batch, LS_FINALIZED);
    (void)ls_rpc_get_statuses(&batch, signatures, count, true);
    for (size_t at = 0; at < call->marker_count; at += LS_RPC_ACCOUNTS_MAX)
        (void)ls_rpc_get_accounts(&batch, markers + at, markers_from(call, at), LS_FINALIZED);
    if (block_calls(call) > 0) {
        (void)ls_rpc_get_block_bare(&batch, call->from_slot);
        (void)ls_rpc_get_block_bare(&batch, call->to_slot);
        (void)ls_rpc_get_blocks(&batch, call->from_slot, call->to_slot);
    }
    (void)ls_rpc_get_epoch_info(&batch, LS_FINALIZED);
    (void)ls_rpc_get_identity(&batch);
    (void)ls_rpc_get_genesis_hash(&batch);
    ls_rpc_close(&batch);
}

/* Put one operation into the look: its attempt, its earlier ones, its controls. */
static void add_to_look(struct ledger_call *call,
                        const struct kept *kept,
                        const struct ls_effect *effect,
                        struct ls_signature *signatures,
                        struct ls_address *markers)
{
    struct look_place *place = &call->places[call->count];
    *place = (struct look_place){.marker = -1,
                                 .first = (uint16_t)call->signature_count,
                                 .control_count = (uint8_t)effect->as.certify.control_count};
    signatures[call->signature_count++] = effect->as.certify.signature;
    for (size_t i = 0; i < kept->sibling_count; i++)
        signatures[call->signature_count++] = kept->siblings[i].signature;
    for (uint8_t i = 0; i < place->control_count; i++)
        place->controls[i] = control_place(call, &effect->as.certify.controls[i]);
    place->newer = -1;
    if (effect->as.certify.has_newer)
        place->newer = control_place(call, &effect->as.certify.newer);
    call->from_slot = effect->as.certify.from_slot;
    call->to_slot = effect->as.certify.to_slot;
    if (effect->as.certify.asks_marker && kept->has_marker) {
        place->marker = (int16_t)call->marker_count;
        markers[call->marker_count++] = kept->marker;
    }
    call->slots[call->count++] = effect->slot;
}

/* Whether `effect` goes into the call under way: the same endpoint and blocks, and room. */
static bool joins(const struct ledger_call *call,
                  const struct kept *kept,
                  const struct ls_effect *effect,
                  int32_t endpoint)
{
    if (call->count == 0) return true;
    bool has_same_blocks = effect->as.certify.from_slot == call->from_slot &&
                           effect->as.certify.to_slot == call->to_slot;
    return effect->as.certify.endpoint == endpoint && call->count < CALL_SLOTS_MAX &&
           has_same_blocks &&
           call->signature_count + 1 + kept->sibling_count <= LOOK_SIGNATURES_MAX;
}

void ls_worker_flush_certifies(ls_worker *worker)
{
    struct ls_signature signatures[LS_RPC_STATUSES_MAX];
    struct ls_address markers[LS_RPC_STATUSES_MAX];
    struct ls_effect effect;
    size_t waiting = worker->certifies.count;
    while (waiting > 0 && worker->flying[CALL_CERTIFY] < LOOK_FLIGHT_MAX) {
        struct ledger_call *call = ls_worker_call_open(worker, CALL_CERTIFY);
        if (call == NULL) return;
        int32_t endpoint = LS_LEDGER_ANY_ENDPOINT;
        for (; waiting > 0; waiting--) {
            (void)ls_worker_queue_take(&worker->certifies, &effect); /* `waiting` counts them */
            const struct kept *kept = ls_worker_kept_of(worker, effect.slot);
            if (kept == NULL) continue;
            if (kept->lacks_siblings) {
                ls_worker_step_slot(worker, LS_EVENT_UNANSWERED, effect.slot);
                continue;
            }
            if (!joins(call, kept, &effect, endpoint)) {
                ls_worker_queue_add(worker, &worker->certifies, &effect); /* the next flush */
                continue;
            }
            endpoint = effect.as.certify.endpoint;
            add_to_look(call, kept, &effect, signatures, markers);
        }
        if (call->count == 0) {
            ls_worker_call_close(worker, call);
            return;
        }
        memcpy(signatures + call->signature_count, call->controls,
               call->control_count * sizeof signatures[0]);
        write_look(worker, call, signatures, markers);
        if (!ls_worker_call_begin(worker, call, endpoint)) return;
    }
}

void ls_worker_flush_control(ls_worker *worker)
{
    if (!worker->wants_control) return;
    struct ledger_call *call = ls_worker_call_open(worker, CALL_CONTROL);
    if (call == NULL) return;
    worker->wants_control = false;
    struct ls_rpc_batch batch;
    ls_worker_body_open(worker, &batch);
    (void)ls_rpc_get_block_signatures(&batch, worker->control_slot); /* position 0 */
    ls_rpc_close(&batch);
    (void)ls_worker_call_begin(worker, call, worker->control_endpoint); /* answered at once */
}

void ls_worker_read_control(ls_worker *worker, const ls_rpc_reply *parsed)
{
    struct ls_event event = {.kind = LS_EVENT_CONTROL};
    struct ls_rpc_block block = {0};
    if (!ls_failed(
            ls_rpc_block_at(parsed, 0, event.as.control.signatures, LS_CONTROLS_MAX, &block))) {
        event.as.control.is_block = true;
        event.as.control.height = block.height;
        event.as.control.slot = worker->control_slot;
        event.as.control.count = (int32_t)block.count;
    }
    ls_worker_step(worker, &event);
}

struct look {
    struct ls_address before, after;
    struct ls_rpc_epoch epoch_before, epoch_after;
    struct ls_rpc_status statuses[LS_RPC_STATUSES_MAX];
    enum ls_marker_seen markers[LS_RPC_STATUSES_MAX];
    struct ls_hash genesis;
    bool is_whole; /* the node keeps every block from one of these heights to the other */
    int64_t whole_from, whole_to; /* 0, 0: not asked, or it does not list them */
};

/* The markers from `at` on, by the accounts at a position. A bank that is older than the
 * finalized height that was read before tells nothing. */
static void read_markers(
    const ls_rpc_reply *parsed, size_t position, size_t at, size_t count, struct look *look)
{
    struct ls_rpc_account accounts[LS_RPC_ACCOUNTS_MAX];
    int64_t context_slot = 0;
    bool is_good =
        !ls_failed(ls_rpc_accounts_at(parsed, position, accounts, count, &context_slot)) &&
        context_slot >= look->epoch_before.slot;
    for (size_t i = 0; i < count; i++) {
        look->markers[at + i] = !is_good               ? LS_MARKER_UNKNOWN
                                : accounts[i].is_found ? LS_MARKER_PRESENT
                                                       : LS_MARKER_ABSENT;
    }
}

/* Between two blocks a node that keeps all lists as many as their heights differ. One that
 * lacks some, or can not say, has holes for all that we know. */
static void read_blocks(const ls_rpc_reply *parsed,
                        size_t position,
                        const struct ledger_call *call,
                        struct look *look)
{
    struct ls_rpc_block low, high;
    int64_t count = 0;
    bool has_both = false;
    look->is_whole = false;
    look->whole_from = look->whole_to = 0;
    if (block_calls(call) == 0 || ls_failed(ls_rpc_block_at(parsed, position, NULL, 0, &low)) ||
        ls_failed(ls_rpc_block_at(parsed, position + 1, NULL, 0, &high)) ||
        ls_failed(ls_rpc_blocks_at(parsed, position + 2, call->from_slot, call->to_slot, &count,
                                   &has_both)))
        return;
    look->is_whole = has_both && count == high.height - low.height + 1;
    look->whole_from = low.height;
    look->whole_to = high.height;
}

static ls_err
read_look(const ls_rpc_reply *parsed, const struct ledger_call *call, struct look *look_out)
{
    int64_t context_slot = 0;
    size_t blocks = 3 + marker_calls(call);
    size_t after = blocks + block_calls(call);
    LS_TRY(ls_rpc_identity_at(parsed, 0, &look_out->before));
    LS_TRY(ls_rpc_epoch_at(parsed, 1, &look_out->epoch_before));
    LS_TRY(ls_rpc_statuses_at(parsed, 2, look_out->statuses,
                              call->signature_count + call->control_count, &context_slot));
    /* Statuses of a node that has not replayed what the heights speak of say nothing: a
     * balancer may have asked another one in the middle. */
    if (context_slot < look_out->epoch_before.slot)
        return LS_FAIL(LS_CODE_UNAVAILABLE, 0, "the node of the statuses is behind");
    LS_TRY(ls_rpc_epoch_at(parsed, after, &look_out->epoch_after));
    LS_TRY(ls_rpc_identity_at(parsed, after + 1, &look_out->after));
    for (size_t at = 0; at < call->marker_count; at += LS_RPC_ACCOUNTS_MAX) {
        read_markers(parsed, 3 + at / LS_RPC_ACCOUNTS_MAX, at, markers_from(call, at),
                     look_out);
    }
    read_blocks(parsed, blocks, call, look_out);
    return ls_rpc_genesis_at(parsed, after + 2, &look_out->genesis);
}

/* Whether this look found a control final. One that did not fit into the call was not. */
static bool is_control_found(const struct ledger_call *call, int8_t at, const struct look *look)
{
    if (at < 0) return false;
    const struct ls_rpc_status *status = &look->statuses[call->signature_count + (size_t)at];
    return status->is_found && status->commitment == LS_FINALIZED;
}

/* The older controls of one operation that were found. */
static int32_t count_controls(const struct ledger_call *call,
                              const struct look_place *place,
                              const struct look *look)
{
    int32_t seen = 0;
    for (uint8_t i = 0; i < place->control_count; i++) {
        if (is_control_found(call, place->controls[i], look)) seen++;
    }
    return seen;
}

/* Of the earlier attempts the one that matters most: a final success, else any found. */
static void read_siblings(ls_worker *worker,
                          const struct kept *kept,
                          const struct ls_rpc_status *statuses,
                          struct ls_event *event)
{
    for (size_t i = 0; i < kept->sibling_count; i++) {
        const struct ls_rpc_status *status = &statuses[i];
        if (!status->is_found) continue;
        bool is_success = status->commitment == LS_FINALIZED && !status->has_error;
        bool is_open = status->commitment != LS_FINALIZED;
        if (event->as.certified.sibling_seen.is_found && !is_success && !is_open) continue;
        event->as.certified.sibling_seen = ls_worker_seen_of(worker, event->slot, status);
        event->as.certified.sibling_attempt = kept->siblings[i].attempt;
        event->as.certified.sibling_signature = kept->siblings[i].signature;
        if (is_success) return;
    }
}

/* The newest look of each endpoint. Without memory for it the evidence says less. */
static void keep_evidence(struct kept *kept, const struct look_kept *seen)
{
    if (kept->evidence == NULL) kept->evidence = calloc(1, sizeof *kept->evidence);
    if (kept->evidence == NULL) return;
    struct evidence *evidence = kept->evidence;
    for (size_t i = 0; i < evidence->count; i++) {
        if (evidence->looks[i].endpoint != seen->endpoint) continue;
        evidence->looks[i] = *seen;
        return;
    }
    if (evidence->count < LS_ENDPOINTS_MAX) evidence->looks[evidence->count++] = *seen;
}

static void keep_look(struct kept *kept,
                      const struct ledger_call *call,
                      const struct look_place *place,
                      const struct look *look,
                      const struct ls_event *event)
{
    struct look_kept seen = {
        .endpoint = event->as.certified.endpoint,
        .node = look->before,
        .same_node = event->as.certified.same_identity,
        .height_before = event->as.certified.height_before,
        .height_after = event->as.certified.height_after,
        .controls_found = event->as.certified.controls_seen,
        .newer_found = event->as.certified.newer_seen,
        .is_whole = event->as.certified.is_whole,
        .whole_from = event->as.certified.whole_from,
        .whole_to = event->as.certified.whole_to,
        .asks_blocks = block_calls(call) > 0,
    };
    for (uint8_t i = 0; i < place->control_count; i++) {
        if (place->controls[i] >= 0)
            seen.controls[seen.control_count++] = call->controls[place->controls[i]];
    }
    keep_evidence(kept, &seen);
}

bool ls_worker_read_certificates(ls_worker *worker,
                                 const struct ledger_call *call,
                                 const struct ls_ledger_reply *reply,
                                 const ls_rpc_reply *parsed)
{
    struct look look;
    if (ls_failed(read_look(parsed, call, &look))) return false;
    if (!ls_worker_is_ours(worker, reply->endpoint, &look.genesis)) return false;
    for (size_t i = 0; i < call->count; i++) {
        struct kept *kept = ls_worker_kept_of(worker, call->slots[i]);
        if (kept == NULL) continue;
        const struct look_place *place = &call->places[i];
        struct ls_event event = {.kind = LS_EVENT_CERTIFIED, .slot = call->slots[i]};
        event.as.certified.endpoint = reply->endpoint;
        event.as.certified.same_identity = ls_address_equal(&look.before, &look.after);
        event.as.certified.height_before = look.epoch_before.height;
        event.as.certified.height_after = look.epoch_after.height;
        event.as.certified.controls_seen = count_controls(call, place, &look);
        event.as.certified.newer_seen = is_control_found(call, place->newer, &look);
        event.as.certified.is_whole = look.is_whole;
        event.as.certified.whole_from = look.whole_from;
        event.as.certified.whole_to = look.whole_to;
        if (place->marker >= 0) event.as.certified.marker = look.markers[place->marker];
        event.as.certified.seen =
            ls_worker_seen_of(worker, call->slots[i], &look.statuses[place->first]);
        read_siblings(worker, kept, &look.statuses[place->first + 1], &event);
        keep_look(kept, call, place, &look, &event);
        ls_worker_step(worker, &event);
        ls_worker_settle_effects(worker);
    }
    return true;
}

static void add_look(ls_worker *worker, struct ls_buf *text, const struct look_kept *look)
{
    struct ls_endpoint_health health = {0};
    char node[LS_ADDRESS_TEXT_BYTES];
    worker->ports.ledger.health(worker->ports.ledger.self, look->endpoint, &health);
    ls_address_text(&look->node, node);
    ls_buf_add_text(text, "{\"endpoint\":");
    ls_buf_add_json(text, health.name, strlen(health.name));
    ls_buf_printf(text,
                  ",\"node\":\"%s\",\"same_node\":%s,\"height_before\":%" PRId64
                  ",\"height_after\":%" PRId64 ",\"controls_found\":%" PRId32 ",\"controls\":[",
                  node, look->same_node ? "true" : "false", look->height_before,
                  look->height_after, look->controls_found);
    for (size_t i = 0; i < look->control_count; i++) {
        char control[LS_SIGNATURE_TEXT_BYTES];
        ls_signature_text(&look->controls[i], control);
        ls_buf_printf(text, "%s\"%s\"", i == 0 ? "" : ",", control);
    }
    ls_buf_printf(text, "],\"newer_control_found\":%s", look->newer_found ? "true" : "false");
    if (look->whole_to > 0) {
        ls_buf_printf(
            text, ",\"blocks_from\":%" PRId64 ",\"blocks_to\":%" PRId64 ",\"blocks_whole\":%s",
            look->whole_from, look->whole_to, look->is_whole ? "true" : "false");
    } else if (look->asks_blocks) {
        ls_buf_add_text(text, ",\"blocks_listed\":false");
    }
    ls_buf_add_char(text, '}');
}

static void add_attempts(struct ls_buf *text, const struct kept *kept, int32_t attempt)
{
    ls_buf_printf(text, "[%" PRId32, attempt);
    for (size_t i = 0; i < kept->sibling_count; i++) {
        if (kept->siblings[i].attempt != attempt)
            ls_buf_printf(text, ",%" PRId32, kept->siblings[i].attempt);
    }
    ls_buf_add_char(text, ']');
}

/* What the marker told of another attempt than the one that was followed. */
static void
write_adoption(ls_worker *worker, const struct ls_effect *effect, struct ls_buf *text)
{
    char signature[LS_SIGNATURE_TEXT_BYTES];
    ls_signature_text(&effect->as.move.signature, signature);
    ls_buf_printf(text,
                  "{\"rule\":\"marker\",\"verdict\":\"adopted\",\"landed\":\"%s\","
                  "\"slot\":%" PRId64 ",\"endpoints\":[",
                  signature, effect->as.move.landed_slot);
    for (int32_t i = 0; i < LS_ENDPOINTS_MAX; i++) {
        if ((effect->as.move.endpoints & (1u << i)) == 0) continue;
        struct ls_endpoint_health health = {0};
        worker->ports.ledger.health(worker->ports.ledger.self, i, &health);
        ls_buf_add_json(text, health.name, strlen(health.name));
    }
    ls_buf_add_text(text, "]}");
}

void ls_worker_write_evidence(ls_worker *worker,
                              const struct ls_effect *effect,
                              struct ls_buf *text)
{
    const struct kept *kept = ls_worker_kept_of(worker, effect->slot);
    if (effect->as.move.is_adoption) {
        write_adoption(worker, effect, text);
        return;
    }
    ls_buf_printf(text, "{\"rule\":\"%s\",\"verdict\":\"%s\",\"last_valid_height\":%" PRId64,
                  effect->as.move.by_marker ? "marker" : "expiry",
                  effect->as.move.is_certificate ? "dead" : "ambiguous",
                  effect->as.move.last_valid_height);
    if (effect->as.move.is_certificate) {
        ls_buf_printf(text, ",\"finalized_height\":%" PRId64, effect->as.move.certified_height);
    }
    if (kept != NULL) {
        ls_buf_add_text(text, ",\"attempts_asked\":");
        add_attempts(text, kept, effect->as.move.attempt);
    }
    ls_buf_add_text(text, ",\"asked\":\"getSignatureStatuses with history");
    if (effect->as.move.by_marker) ls_buf_add_text(text, ", the marker's account");
    ls_buf_add_text(text, "\",\"looks\":[");
    size_t told = 0;
    const struct evidence *evidence = kept == NULL ? NULL : kept->evidence;
    for (size_t i = 0; evidence != NULL && i < evidence->count && told < LOOKS_TOLD_MAX; i++) {
        bool agreed = (effect->as.move.endpoints & (1u << evidence->looks[i].endpoint)) != 0;
        if (effect->as.move.is_certificate && !agreed) continue;
        if (told++ > 0) ls_buf_add_char(text, ',');
        add_look(worker, text, &evidence->looks[i]);
    }
    ls_buf_add_text(text, "]}");
}
