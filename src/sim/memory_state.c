/* Every change of an operation's state, with what it entails for others. */
#include <assert.h>
#include <stddef.h>

#include "memory_rows.h"

void memory_touch(struct ls_memory_store *store, struct memory_op *op)
{
    op->row.version++;
    op->row.updated_ms = memory_now(store);
    memory_mark(store, op);
}

static bool is_active(enum ls_state state)
{
    return state == LS_STATE_READY || state == LS_STATE_LEASED || state == LS_STATE_SUBMITTED;
}

static bool is_dead_end(const struct memory_op *needs)
{
    return needs->row.state == LS_STATE_CANCELLED || needs->row.state == LS_STATE_COMPENSATED;
}

static void set_state(struct ls_memory_store *store,
                      struct memory_op *op,
                      enum ls_state to,
                      enum ls_sub sub)
{
    struct memory_batch *batch = memory_batch(store, op->batch);
    const bool is_given_back = op->row.state == LS_STATE_LEASED && to != LS_STATE_SUBMITTED;
    if (batch != NULL) batch->is_dirty = true;
    if (is_given_back) memory_nonce_give_back(store, op);
    op->row.state = to;
    op->row.sub = sub;
    if (to != LS_STATE_LEASED && to != LS_STATE_SUBMITTED) op->owner = 0;
    if (to == LS_STATE_HELD || to == LS_STATE_FAILED || ls_state_is_terminal(to))
        op->row.request = LS_REQUEST_NONE;
    memory_touch(store, op);
}

/* Its turn has come: on to ready, or to what blocks it next. */
void memory_unblock(struct ls_memory_store *store, struct memory_op *op)
{
    assert(op->row.state == LS_STATE_BLOCKED);
    if (!memory_batch_lets(store, op)) {
        if (op->row.sub != LS_SUB_BATCH) set_state(store, op, LS_STATE_BLOCKED, LS_SUB_BATCH);
    } else if (op->needs == NULL || op->needs->row.state == LS_STATE_DONE) {
        set_state(store, op, LS_STATE_READY, LS_SUB_NONE);
    } else if (is_dead_end(op->needs)) {
        set_state(store, op, LS_STATE_FAILED, LS_SUB_NONE);
        store->decisions++;
        memory_cut(op->row.cause, sizeof op->row.cause, "dependency");
    } else if (op->row.sub != LS_SUB_DEPENDENCY) {
        set_state(store, op, LS_STATE_BLOCKED, LS_SUB_DEPENDENCY);
    }
}

/* What is held as ambiguous may have landed, or land: nothing of its entity runs beside it. */
static bool is_under_way(const struct memory_op *op)
{
    const bool is_ambiguous = op->row.state == LS_STATE_HELD && op->row.sub == LS_SUB_AMBIGUOUS;
    return is_active(op->row.state) || is_ambiguous;
}

/* The lowest live id goes on when none of the entity is under way. */
static void promote(struct ls_memory_store *store, struct memory_entity *entity)
{
    struct memory_op *head = NULL;
    for (struct memory_op *op = entity->first; op != NULL; op = op->entity_next) {
        if (op->is_open || ls_state_is_terminal(op->row.state)) continue;
        if (is_under_way(op)) return;
        if (head == NULL) head = op;
    }
    if (head != NULL && head->row.state == LS_STATE_BLOCKED) memory_unblock(store, head);
}

static void release_dependants(struct ls_memory_store *store, struct memory_op *needed)
{
    for (struct memory_op *op = needed->dependant; op != NULL; op = op->dependant_next) {
        if (op->is_open || op->row.state != LS_STATE_BLOCKED) continue;
        if (op->entity != NULL) {
            promote(store, op->entity);
        } else {
            memory_unblock(store, op);
        }
    }
}

/* A compensation's state is told to what it undoes. */
static void settle_pair(struct ls_memory_store *store, const struct memory_op *undo)
{
    struct memory_op *original = undo->undoes;
    if (original->row.state != LS_STATE_DONE) return;
    if (undo->row.state == LS_STATE_DONE) {
        set_state(store, original, LS_STATE_COMPENSATED, LS_SUB_NONE);
        release_dependants(store, original);
    } else if (undo->row.state == LS_STATE_FAILED || undo->row.state == LS_STATE_CANCELLED) {
        set_state(store, original, LS_STATE_DONE, LS_SUB_COMPENSATION_FAILED);
    } else if (original->row.sub != LS_SUB_COMPENSATING) {
        set_state(store, original, LS_STATE_DONE, LS_SUB_COMPENSATING);
    }
}

/* Whether an earlier one of its entity is not finished: it was in one transaction with it. */
static bool is_behind(const struct memory_op *op)
{
    if (op->entity == NULL) return false;
    for (const struct memory_op *it = op->entity->first; it != op; it = it->entity_next)
        if (!it->is_open && !ls_state_is_terminal(it->row.state)) return true;
    return false;
}

bool memory_move(struct ls_memory_store *store,
                 struct memory_op *op,
                 enum ls_state to,
                 enum ls_sub sub,
                 enum ls_mover mover)
{
    if (!ls_transition_allowed(op->row.state, to, mover)) return false;
    bool waits =
        to == LS_STATE_READY && mover != LS_MOVER_OPERATOR && memory_is_atomic(store, op);
    if (waits && op->row.state == LS_STATE_BLOCKED) waits = false; /* its first goes on */
    if (to == LS_STATE_READY && is_behind(op)) {
        set_state(store, op, LS_STATE_BLOCKED, LS_SUB_ENTITY);
    } else {
        set_state(store, op, waits ? LS_STATE_BLOCKED : to, waits ? LS_SUB_BATCH : sub);
    }
    if (op->undoes != NULL) settle_pair(store, op);
    if (to == LS_STATE_FAILED || ls_state_is_terminal(to)) memory_nonce_end(store, op);
    if (!ls_state_is_terminal(to)) return true;
    if (op->entity != NULL) promote(store, op->entity);
    release_dependants(store, op);
    return true;
}

bool memory_let_go(struct ls_memory_store *store, struct memory_op *op)
{
    bool waits = op->entity != NULL || op->needs != NULL || op->batch != 0;
    if (!memory_batch_goes_on(store, op)) return false;
    enum ls_state to = waits ? LS_STATE_BLOCKED : LS_STATE_READY;
    enum ls_sub sub = LS_SUB_NONE;
    if (waits) sub = op->entity != NULL ? LS_SUB_ENTITY : LS_SUB_DEPENDENCY;
    if (op->batch != 0) sub = LS_SUB_BATCH;

    if (!memory_move(store, op, to, sub, LS_MOVER_OPERATOR)) return false;
    if (op->entity != NULL) {
        promote(store, op->entity);
    } else if (waits) {
        memory_unblock(store, op);
    }
    return true;
}

void memory_promote_all(struct ls_memory_store *store)
{
    for (struct memory_entity *entity = store->entities; entity != NULL; entity = entity->next)
        promote(store, entity);
    for (size_t i = 0; i < store->op_count; i++) {
        struct memory_op *op = store->ops[i];
        if (op->is_open || op->entity != NULL || op->row.state != LS_STATE_BLOCKED) continue;
        memory_unblock(store, op);
    }
}

void memory_mark_uncompensated(struct ls_memory_store *store, struct memory_op *op)
{
    set_state(store, op, LS_STATE_DONE, LS_SUB_COMPENSATION_FAILED);
}
