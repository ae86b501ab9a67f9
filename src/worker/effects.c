/* Carrying out the engine's effects: what concerns ports is put into the batch of its
 * sort and begun at the next flush, since a port's reply is still being read here. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker_private.h"

static char *copy_text(const char *text, size_t bytes)
{
    char *copy = malloc(bytes + 1);
    if (copy == NULL) return NULL;
    if (bytes > 0) memcpy(copy, text, bytes);
    copy[bytes] = '\0';
    return copy;
}

static const struct ls_stored_attempt *live_attempt(const struct ls_stored_op *op)
{
    const struct ls_stored_attempt *found = NULL;
    for (size_t i = 0; i < op->attempt_count; i++) {
        if (found == NULL || op->attempts[i].state == LS_ATTEMPT_LIVE) found = &op->attempts[i];
    }
    return found;
}

/* The attempts made before the one under way, or before the next. */
static void keep_siblings(struct kept *kept,
                          const struct ls_stored_op *op,
                          const struct ls_stored_attempt *current)
{
    if (op->attempt_count == 0) return;
    kept->siblings = calloc(op->attempt_count, sizeof *kept->siblings);
    kept->lacks_siblings = kept->siblings == NULL;
    if (kept->lacks_siblings) return;
    for (size_t i = 0; i < op->attempt_count; i++) {
        if (&op->attempts[i] == current) continue;
        kept->siblings[kept->sibling_count++] = (struct sibling){
            .attempt = op->attempts[i].attempt, .signature = op->attempts[i].signature};
    }
}

/* Without memory for it the slot keeps nothing: signing then refuses, sending skips. */
static void admit(ls_worker *worker, const struct ls_effect *effect)
{
    const struct ls_stored_op *op = worker->admitting;
    if (op == NULL) return;
    struct kept *kept = &worker->kept[effect->slot.index];
    ls_worker_kept_clear(kept);
    kept->generation = effect->slot.generation;
    kept->kind = op->kind;
    kept->key = copy_text(op->key, strlen(op->key));
    kept->batch = op->batch;
    kept->batch_size = op->batch_size;
    kept->chain = op->chain;
    kept->after = op->after;
    kept->has_mint = op->has_mint;
    kept->mint = op->mint;
    kept->mint_is_2022 = op->mint_is_2022;
    kept->fence = op->fence;
    kept->is_pinned = op->is_pinned;
    kept->signer = op->signer;
    kept->has_marker = op->has_marker;
    kept->marker = op->marker;
    kept->nonce = op->nonce;
    kept->nonce_slot = op->nonce_slot;
    bool is_leased = op->state == LS_STATE_LEASED;
    const struct ls_stored_attempt *attempt = is_leased ? NULL : live_attempt(op);
    keep_siblings(kept, op, attempt);
    if (is_leased || op->fence != LS_FENCE_EXPIRY) {
        kept->payload = copy_text(op->payload, op->payload_bytes);
        kept->payload_bytes = kept->payload == NULL ? 0 : op->payload_bytes;
    }
    if (attempt != NULL) {
        kept->blockhash = attempt->blockhash;
        kept->tx = ls_worker_share_tx(attempt->tx, attempt->tx_bytes);
    }
}

/* What an operation went through is found again by its number (command log): its ends at the
 * usual level, each step of it for who asked for more. */
static void log_step(ls_worker *worker, const struct ls_effect *effect, const char *number)
{
    const enum ls_state state = effect->as.trace.state;
    char text[160];
    if (worker->ports.log.write == NULL) return;
    (void)snprintf(text, sizeof text, "%s, attempt %" PRId32 ": %s%s", ls_state_name(state),
                   effect->as.trace.attempt, effect->as.trace.text, number);
    ls_worker_log_event(worker,
                        state == LS_STATE_FAILED || state == LS_STATE_HELD ? LS_LEVEL_INFO
                                                                           : LS_LEVEL_DEBUG,
                        state == LS_STATE_FAILED ? "op.failed"
                        : state == LS_STATE_HELD ? "op.held"
                                                 : "op.step",
                        effect->op, text);
}

static void write_trace(ls_worker *worker, const struct ls_effect *effect)
{
    char line[200];
    char number[32] = "";
    if (effect->as.trace.number != 0)
        (void)snprintf(number, sizeof number, " %" PRId64, effect->as.trace.number);
    log_step(worker, effect, number);
    if (worker->options.trace == NULL) return;
    (void)snprintf(line, sizeof line, "op %-4" PRId64 " %-9s try %" PRId32 " > %s%s",
                   effect->op.value, ls_state_name(effect->as.trace.state),
                   effect->as.trace.attempt, effect->as.trace.text, number);
    worker->options.trace(worker->options.trace_self,
                          worker->ports.clock.monotonic_ms(worker->ports.clock.self), line);
}

static void forget(ls_worker *worker, const struct ls_effect *effect)
{
    struct kept *kept = ls_worker_kept_of(worker, effect->slot);
    if (kept != NULL) ls_worker_kept_clear(kept);
}

static void want_gate(ls_worker *worker, const struct ls_effect *effect)
{
    worker->wants_gate = true;
    worker->gate_on = effect->as.gate.on;
    worker->gate_reason = effect->as.gate.reason;
}

static void want_alert(ls_worker *worker, const struct ls_effect *effect)
{
    size_t max = sizeof worker->alerts / sizeof worker->alerts[0];
    if (worker->alert_count < max) worker->alerts[worker->alert_count++] = *effect;
}

void ls_worker_carry_out(ls_worker *worker, const struct ls_effect *effect)
{
    switch (effect->kind) {
    case LS_EFFECT_LEARN: worker->wants_learn = true; break;
    case LS_EFFECT_HELLO: worker->wants_hello = true; break;
    case LS_EFFECT_TICK: worker->wants_tick = true; break;
    case LS_EFFECT_CLAIM:
        worker->wants_claim = true;
        worker->claim_count = effect->as.claim.count;
        worker->claim_lanes = effect->as.claim.lanes;
        break;
    case LS_EFFECT_ADOPT:
        worker->wants_adopt = true;
        worker->adopt_count = effect->as.count;
        break;
    case LS_EFFECT_OBSERVE: worker->wants_observe = true; break;
    case LS_EFFECT_BULK: worker->wants_bulk = true; break;
    case LS_EFFECT_HEAD: worker->wants_head = true; break;
    case LS_EFFECT_BALANCE: worker->wants_balance = true; break;
    case LS_EFFECT_SCAN: ls_worker_scan_begin(worker, effect); break;
    case LS_EFFECT_ADMIT: admit(worker, effect); break;
    case LS_EFFECT_NONCE: ls_worker_queue_add(worker, &worker->nonces, effect); break;
    case LS_EFFECT_FAMILY: ls_worker_queue_add(worker, &worker->families, effect); break;
    case LS_EFFECT_SIGN: ls_worker_queue_add(worker, &worker->signs, effect); break;
    case LS_EFFECT_RECORD: ls_worker_queue_add(worker, &worker->records, effect); break;
    case LS_EFFECT_SEND: ls_worker_queue_add(worker, &worker->sends, effect); break;
    case LS_EFFECT_QUERY: ls_worker_queue_add(worker, &worker->queries, effect); break;
    case LS_EFFECT_CERTIFY: ls_worker_queue_add(worker, &worker->certifies, effect); break;
    case LS_EFFECT_CONTROL:
        worker->wants_control = true;
        worker->control_endpoint = effect->as.control.endpoint;
        worker->control_slot = effect->as.control.slot;
        break;
    case LS_EFFECT_LOOKUP: ls_worker_queue_add(worker, &worker->markers, effect); break;
    case LS_EFFECT_MOVE:
        if (effect->as.move.to == LS_STATE_DONE) worker->done++;
        ls_worker_queue_add(worker, &worker->moves, effect);
        break;
    case LS_EFFECT_FORGET: forget(worker, effect); break;
    case LS_EFFECT_GATE: want_gate(worker, effect); break;
    case LS_EFFECT_ALERT: want_alert(worker, effect); break;
    case LS_EFFECT_BYE: worker->wants_bye = true; break;
    case LS_EFFECT_TRACE: write_trace(worker, effect); break;
    }
}
