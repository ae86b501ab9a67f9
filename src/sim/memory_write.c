/* What a worker writes about what it owns: INTENT and MOVE, row by row under its token. */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "memory_rows.h"

/* The operation when `token` is its newest; else NULL. */
static struct memory_op *owned(const struct memory_call *call, ls_op_id id, int64_t token)
{
    struct memory_op *op = memory_find(call->store, id);
    return op != NULL && op->token == token ? op : NULL;
}

static struct memory_attempt *new_attempt(const struct ls_intent_row *row)
{
    struct memory_attempt *attempt = calloc(1, sizeof *attempt);
    if (attempt == NULL) return NULL;
    attempt->stored = (struct ls_stored_attempt){
        .attempt = row->attempt,
        .state = LS_ATTEMPT_LIVE,
        .signature = row->signature,
        .blockhash = row->blockhash,
        .last_valid_height = row->last_valid_height,
        .is_cancel = row->is_cancel,
        .tx = attempt->tx,
        .tx_bytes = row->tx_bytes,
    };
    attempt->signer = row->signer;
    if (row->seal_key != NULL) {
        memory_cut(attempt->seal_key, sizeof attempt->seal_key, row->seal_key);
        attempt->stored.seal_key = attempt->seal_key;
        memcpy(attempt->stored.seal, row->seal, sizeof row->seal);
    }
    memcpy(attempt->tx, row->tx, row->tx_bytes);
    return attempt;
}

bool memory_is_pinned(const struct memory_op *op)
{
    for (const struct memory_attempt *it = op->attempts; it != NULL; it = it->next) {
        if (it->stored.state == LS_ATTEMPT_LIVE || it->stored.state == LS_ATTEMPT_LANDED)
            return true;
    }
    return false;
}

static bool
is_same_pin(bool a_has, const struct ls_address *a, bool b_has, const struct ls_address *b)
{
    return a_has == b_has && (!a_has || ls_address_equal(a, b));
}

static bool fits_pins(const struct memory_op *op, const struct ls_intent_row *row)
{
    if (row->fence != op->fence || row->has_nonce != (row->fence == LS_FENCE_NONCE) ||
        row->has_marker != (row->fence == LS_FENCE_MARKER))
        return false;
    if (row->is_cancel && row->fence != LS_FENCE_NONCE) return false;
    if (!memory_is_pinned(op)) return true;
    return ls_address_equal(&op->signer, &row->signer) &&
           is_same_pin(op->has_nonce, &op->nonce, row->has_nonce, &row->nonce) &&
           is_same_pin(op->has_marker, &op->marker, row->has_marker, &row->marker);
}

static void pin(struct memory_op *op, const struct ls_intent_row *row)
{
    op->signer = row->signer;
    op->has_nonce = row->has_nonce;
    op->nonce = row->nonce;
    op->has_marker = row->has_marker;
    op->marker = row->marker;
}

static enum ls_row_result judge_intent(const struct memory_call *call, size_t at)
{
    const struct ls_intent_row *row = &call->request->intents[at];
    const struct memory_op *op = owned(call, row->op, row->token);
    if (op == NULL) return LS_ROW_STALE;
    for (size_t i = 0; i < at; i++)
        if (call->request->intents[i].op.value == row->op.value) return LS_ROW_REFUSED;
    const struct memory_nonce *nonce = memory_nonce_of(call->store, op);
    if (row->has_nonce && (nonce == NULL || !ls_address_equal(&nonce->address, &row->nonce)))
        return LS_ROW_REFUSED;
    bool may = op->row.state == LS_STATE_LEASED ||
               (op->row.state == LS_STATE_SUBMITTED && op->fence == LS_FENCE_NONCE);
    bool fits = may && row->attempt == op->row.attempts_made + 1 && fits_pins(op, row);
    return fits ? LS_ROW_DONE : LS_ROW_REFUSED;
}

/* A pack is all or none: where a row of it is not good, no other is. */
static void split_packs(const struct memory_call *call, enum ls_row_result *rows)
{
    const struct ls_intent_row *intents = call->request->intents;
    size_t count = call->request->intent_count;
    for (size_t i = 0; i < count; i++) {
        if (intents[i].pack == 0 || rows[i] == LS_ROW_DONE || rows[i] == LS_ROW_SPLIT) continue;
        for (size_t j = 0; j < count; j++)
            if (intents[j].pack == intents[i].pack && rows[j] == LS_ROW_DONE)
                rows[j] = LS_ROW_SPLIT;
    }
}

/* Takes the attempt over. The row was judged good. */
static void write_intent(const struct memory_call *call,
                         const struct ls_intent_row *row,
                         struct memory_attempt *attempt)
{
    struct memory_op *op = owned(call, row->op, row->token);
    bool moved = op != NULL &&
                 memory_move(call->store, op, LS_STATE_SUBMITTED, LS_SUB_SENT, LS_MOVER_WORKER);
    assert(moved);
    struct memory_nonce *nonce = memory_nonce_of(call->store, op);
    if (nonce != NULL) nonce->is_used = true;
    memory_cut(op->row.cause, sizeof op->row.cause,
               op->newest == NULL ? "" : op->newest->cause);
    if (op->newest == NULL) {
        op->attempts = attempt;
    } else {
        op->newest->next = attempt;
    }
    op->newest = attempt;
    op->row.attempts_made = row->attempt;
    pin(op, row);
    ls_signature_text(&row->signature, op->row.signature);
    if (row->has_mint) {
        op->has_mint = true;
        op->mint = row->mint;
    }
}

void memory_intent(const struct memory_call *call)
{
    size_t count = call->request->intent_count;
    const struct ls_intent_row *intents = call->request->intents;
    enum ls_row_result *rows = ls_arena_take(call->arena, count * sizeof *rows);
    struct memory_attempt **made =
        ls_arena_take(call->arena, count * sizeof(struct memory_attempt *));
    bool is_short = rows == NULL || made == NULL;
    for (size_t i = 0; !is_short && i < count; i++) {
        made[i] = new_attempt(&intents[i]);
        is_short = made[i] == NULL;
    }
    for (size_t i = 0; !is_short && i < count; i++) rows[i] = judge_intent(call, i);
    if (!is_short) split_packs(call, rows);
    for (size_t i = 0; !is_short && i < count; i++) {
        if (rows[i] != LS_ROW_DONE) continue;
        write_intent(call, &intents[i], made[i]);
        made[i] = NULL;
    }
    for (size_t i = 0; made != NULL && i < count; i++) free(made[i]);
    if (is_short) {
        call->reply->err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "store intent");
        return;
    }
    call->reply->rows = rows;
    call->reply->row_count = count;
}

static void mark_attempts(struct memory_op *op, const struct ls_move_row *row)
{
    for (struct memory_attempt *it = op->attempts; it != NULL; it = it->next) {
        if (it->stored.attempt == row->attempt) {
            it->stored.state = row->attempt_state;
            if (row->cause != NULL) memory_cut(it->cause, sizeof it->cause, row->cause);
        } else if (row->siblings_dead && it->stored.state == LS_ATTEMPT_LIVE) {
            it->stored.state = LS_ATTEMPT_DEAD;
        }
    }
}

/* Found by its marker: another attempt than the one that was followed landed. */
static void mark_landed(struct memory_op *op, const struct ls_move_row *row)
{
    if (row->to != LS_STATE_DONE || !row->has_signature) return;
    for (struct memory_attempt *it = op->attempts; it != NULL; it = it->next) {
        if (ls_signature_equal(&it->stored.signature, &row->signature))
            it->stored.state = LS_ATTEMPT_LANDED;
    }
}

static bool may_move(const struct memory_op *op, enum ls_state to)
{
    if (to == LS_STATE_LEASED || to == LS_STATE_BLOCKED) return false; /* the store's own */
    if (to == LS_STATE_SUBMITTED && op->row.state != LS_STATE_SUBMITTED) return false;
    return ls_transition_allowed(op->row.state, to, LS_MOVER_WORKER);
}

static enum ls_row_result write_move(const struct memory_call *call,
                                     const struct ls_move_row *row)
{
    struct memory_op *op = owned(call, row->op, row->token);
    if (op == NULL) return LS_ROW_STALE;
    if (!may_move(op, row->to)) return LS_ROW_REFUSED;

    mark_attempts(op, row);
    mark_landed(op, row);
    memory_nonce_settle(call->store, op, row->nonce, row->slot);
    if (row->cause != NULL) memory_cut(op->row.cause, sizeof op->row.cause, row->cause);
    if (row->has_signature) ls_signature_text(&row->signature, op->row.signature);
    if (row->slot != 0) op->row.slot = row->slot;
    bool is_ready = row->to == LS_STATE_READY;
    if (is_ready) op->row.run_at_ms = memory_now(call->store) + row->delay_ms;
    if (is_ready && row->counts) op->attempts_round++;
    bool moved = memory_move(call->store, op, row->to, is_ready ? LS_SUB_NONE : row->sub,
                             LS_MOVER_WORKER);
    return moved ? LS_ROW_DONE : LS_ROW_REFUSED;
}

void memory_move_rows(const struct memory_call *call)
{
    size_t count = call->request->move_count;
    enum ls_row_result *rows = ls_arena_take(call->arena, count * sizeof *rows);
    if (rows == NULL) {
        call->reply->err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "store move");
        return;
    }
    bool is_decision = false;
    for (size_t i = 0; i < count; i++) {
        const struct ls_move_row *row = &call->request->moves[i];
        rows[i] = write_move(call, row);
        is_decision =
            is_decision ||
            (rows[i] == LS_ROW_DONE &&
             (row->to == LS_STATE_FAILED || row->to == LS_STATE_HELD || row->evidence != NULL));
    }
    if (is_decision) call->store->decisions++; /* one entry for all of a transaction */
    call->reply->rows = rows;
    call->reply->row_count = count;
}
