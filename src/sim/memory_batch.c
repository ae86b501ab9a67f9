/* Batches: what their policies make of what happens to their operations. */
#include <stddef.h>
#include <string.h>

#include "memory_journal.h"
#include "memory_rows.h"

enum { ATOMIC_OPS_MAX = 32 };

struct memory_batch *memory_batch(const struct ls_memory_store *store, int64_t batch)
{
    if (batch < 1 || (uint64_t)batch > store->batch_count) return NULL;
    return &store->batches[batch - 1];
}

bool memory_is_atomic(const struct ls_memory_store *store, const struct memory_op *op)
{
    const struct memory_batch *batch = memory_batch(store, op->batch);
    return batch != NULL && batch->policy == LS_BATCH_ATOMIC;
}

static bool is_live(enum ls_state state)
{
    return !ls_state_is_terminal(state);
}

static int64_t id_of(const struct ls_memory_store *store, const struct memory_batch *batch)
{
    return (int64_t)(batch - store->batches) + 1;
}

/* The batch's first live operation; NULL when all have ended. */
static struct memory_op *first_live(const struct ls_memory_store *store, int64_t batch)
{
    for (size_t i = 0; i < store->op_count; i++) {
        struct memory_op *op = store->ops[i];
        if (op->batch == batch && is_live(op->row.state)) return op;
    }
    return NULL;
}

static bool has_in(const struct ls_memory_store *store, int64_t batch, enum ls_state state)
{
    for (size_t i = 0; i < store->op_count; i++)
        if (store->ops[i]->batch == batch && store->ops[i]->row.state == state) return true;
    return false;
}

static bool all_blocked(const struct ls_memory_store *store, int64_t batch)
{
    for (size_t i = 0; i < store->op_count; i++) {
        const struct memory_op *op = store->ops[i];
        if (op->batch == batch && op->row.state != LS_STATE_BLOCKED) return false;
    }
    return true;
}

/* It goes no further; but what may land of it already is seen through, and then undone. */
static bool has_turned_back(const struct memory_batch *batch)
{
    return batch->state == LS_BATCH_COMPENSATING ||
           batch->state == LS_BATCH_COMPENSATION_FAILED;
}

bool memory_batch_lets(const struct ls_memory_store *store, const struct memory_op *op)
{
    const struct memory_batch *batch = memory_batch(store, op->batch);
    if (batch == NULL) return true;
    if (has_turned_back(batch) && memory_is_pinned(op)) return true;
    if (batch->state != LS_BATCH_SEALED) return false;
    if (batch->policy == LS_BATCH_BEST_EFFORT) return true;
    if (first_live(store, op->batch) != op) return false;
    return batch->policy != LS_BATCH_ATOMIC || all_blocked(store, op->batch);
}

bool memory_batch_goes_on(const struct ls_memory_store *store, const struct memory_op *op)
{
    const struct memory_batch *batch = memory_batch(store, op->batch);
    if (batch == NULL) return true;
    if (batch->policy == LS_BATCH_ATOMIC && op->row.state == LS_STATE_FAILED) return false;
    if (has_turned_back(batch) && memory_is_pinned(op)) return true;
    return batch->state == LS_BATCH_OPEN || batch->state == LS_BATCH_SEALED;
}

/* What has not begun of the batch ends as `to`. */
static void end_waiting(struct ls_memory_store *store, int64_t batch, enum ls_state to)
{
    bool has_ended = false;
    for (size_t i = 0; i < store->op_count; i++) {
        struct memory_op *op = store->ops[i];
        const bool is_held = op->row.state == LS_STATE_HELD && op->row.sub == LS_SUB_OPERATOR;
        bool waits = op->row.state == LS_STATE_BLOCKED ||
                     (to == LS_STATE_CANCELLED && (op->row.state == LS_STATE_READY || is_held));
        if (op->batch != batch || !waits || memory_is_pinned(op)) continue;
        if (!memory_move(store, op, to, LS_SUB_NONE, LS_MOVER_STORE)) continue;
        memory_cut(op->row.cause, sizeof op->row.cause, "batch");
        has_ended = true;
    }
    if (has_ended) store->decisions++;
}

/* The latest of what landed and is not undone; NULL when nothing is left. */
static struct memory_op *latest_done(const struct ls_memory_store *store, int64_t batch)
{
    for (size_t i = store->op_count; i > 0; i--) {
        struct memory_op *op = store->ops[i - 1];
        if (op->batch == batch && op->row.state == LS_STATE_DONE) return op;
    }
    return NULL;
}

/* Whether something of it may still land. */
static bool is_under_way(const struct ls_memory_store *store, int64_t batch)
{
    for (size_t i = 0; i < store->op_count; i++) {
        const struct ls_op_row *row = &store->ops[i]->row;
        bool may_land = row->state == LS_STATE_LEASED || row->state == LS_STATE_SUBMITTED ||
                        (row->state == LS_STATE_HELD && row->sub == LS_SUB_AMBIGUOUS) ||
                        (!ls_state_is_terminal(row->state) && memory_is_pinned(store->ops[i]));
        if (store->ops[i]->batch == batch && may_land) return true;
    }
    return false;
}

static void undo(struct ls_memory_store *store, struct memory_batch *batch)
{
    if (is_under_way(store, id_of(store, batch))) return;
    struct memory_op *op = latest_done(store, id_of(store, batch));
    struct ls_action_result result = {0};
    if (op == NULL) {
        batch->state = LS_BATCH_COMPENSATED;
    } else if (op->row.sub == LS_SUB_COMPENSATING) {
        batch->state = LS_BATCH_COMPENSATING;
    } else if (op->row.sub == LS_SUB_COMPENSATION_FAILED) {
        batch->state = LS_BATCH_COMPENSATION_FAILED;
    } else if (ls_failed(memory_compensate(store, op, &result))) {
        memory_mark_uncompensated(store, op);
        batch->state = LS_BATCH_COMPENSATION_FAILED;
    }
}

static void settle(struct ls_memory_store *store, struct memory_batch *batch)
{
    int64_t id = id_of(store, batch);
    bool is_broken =
        has_in(store, id, LS_STATE_FAILED) || has_in(store, id, LS_STATE_CANCELLED);
    bool was_sealed = batch->state == LS_BATCH_SEALED;
    if (batch->state == LS_BATCH_OPEN || batch->state == LS_BATCH_COMPENSATED ||
        batch->state == LS_BATCH_FINISHED)
        return;
    if (was_sealed && is_broken && batch->policy == LS_BATCH_SAGA)
        batch->state = LS_BATCH_COMPENSATING;
    if (was_sealed && is_broken && batch->policy == LS_BATCH_ATOMIC)
        end_waiting(store, id, LS_STATE_FAILED);
    if (batch->state != LS_BATCH_SEALED) {
        end_waiting(store, id, LS_STATE_CANCELLED); /* also what comes back meanwhile */
        undo(store, batch);
        return;
    }
    struct memory_op *head = first_live(store, id);
    if (head == NULL) {
        batch->state = LS_BATCH_FINISHED;
    } else if (batch->policy != LS_BATCH_BEST_EFFORT && head->row.state == LS_STATE_BLOCKED) {
        memory_unblock(store, head);
    }
}

static bool is_failed_in(const struct memory_op *op, int64_t batch)
{
    return op->batch == batch && op->row.state == LS_STATE_FAILED;
}

/* The frozen one that is this operation; NULL when it is none of them. */
static const struct ls_frozen_op *frozen_of(const struct ls_action *action, ls_op_id op)
{
    for (size_t i = 0; i < action->op_count; i++) {
        if (action->ops[i].op.value == op.value) return &action->ops[i];
    }
    return NULL;
}

/* Whether what was chosen is as it was seen, and an atomic batch whole. */
static bool may_retry(const struct ls_memory_store *store, const struct ls_action *action)
{
    size_t as_seen = 0;
    bool is_whole = true;
    if (action->ops == NULL) return true;
    for (size_t i = 0; i < store->op_count; i++) {
        const struct memory_op *op = store->ops[i];
        if (!is_failed_in(op, action->batch_id)) continue;
        const struct ls_frozen_op *frozen = frozen_of(action, op->row.op);
        if (frozen == NULL) is_whole = false;
        if (frozen != NULL && frozen->version == op->row.version) as_seen++;
    }
    const bool is_atomic = memory_batch(store, action->batch_id)->policy == LS_BATCH_ATOMIC;
    return as_seen == action->op_count && as_seen > 0 && (is_whole || !is_atomic);
}

/* What failed of it and was chosen goes again. */
static bool retry_chosen(struct ls_memory_store *store, const struct ls_action *action)
{
    const int64_t batch = action->batch_id;
    bool has_retried = false;
    if (memory_batch(store, batch)->state != LS_BATCH_SEALED) return false;
    if (memory_batch(store, batch)->policy == LS_BATCH_ATOMIC &&
        has_in(store, batch, LS_STATE_CANCELLED))
        return false;
    if (!may_retry(store, action)) return false;
    for (size_t i = 0; i < store->op_count; i++) {
        struct memory_op *op = store->ops[i];
        struct ls_why why;
        if (!is_failed_in(op, batch)) continue;
        if (action->ops != NULL && frozen_of(action, op->row.op) == NULL) continue;
        if (ls_failed(memory_supply(store, op, &why))) continue;
        op->attempts_round = 0;
        op->row.run_at_ms = memory_now(store);
        has_retried =
            memory_move(store, op, LS_STATE_BLOCKED, LS_SUB_BATCH, LS_MOVER_OPERATOR) ||
            has_retried;
    }
    return has_retried;
}

static bool turn_back(struct ls_memory_store *store, int64_t id)
{
    struct memory_batch *batch = memory_batch(store, id);
    bool may = batch->state == LS_BATCH_SEALED || batch->state == LS_BATCH_FINISHED ||
               batch->state == LS_BATCH_COMPENSATION_FAILED;
    if (!may || is_under_way(store, id) || has_in(store, id, LS_STATE_HELD)) return false;
    batch->state = LS_BATCH_COMPENSATING;
    batch->is_dirty = true;
    end_waiting(store, id, LS_STATE_CANCELLED);
    struct memory_op *op = latest_done(store, id);
    const bool is_free =
        op != NULL && (op->undone_by == NULL || op->undone_by->row.state == LS_STATE_CANCELLED);
    if (is_free) op->row.sub = LS_SUB_NONE; /* tried once more */
    return true;
}

ls_err memory_batch_act(struct ls_memory_store *store,
                        const struct ls_action *action,
                        struct ls_why *why)
{
    bool is_retry = action->verb == LS_VERB_BATCH_RETRY;
    if (memory_batch(store, action->batch_id) == NULL)
        return ls_refuse(why, LS_CODE_NOT_FOUND, "act", "there is no such batch");
    bool acted = is_retry ? retry_chosen(store, action) : turn_back(store, action->batch_id);
    if (acted) return LS_OK;
    return ls_refuse(why, LS_CODE_REFUSED, "act", "the batch is not in a state for that");
}

/* A settled batch makes no other dirty, and itself only as often as it has operations. */
void memory_settle_batches(struct ls_memory_store *store)
{
    bool has_changed = true;
    while (has_changed) {
        has_changed = false;
        for (size_t i = 0; i < store->batch_count; i++) {
            if (!store->batches[i].is_dirty) continue;
            store->batches[i].is_dirty = false;
            settle(store, &store->batches[i]);
            has_changed = true;
        }
    }
}

ls_err ls_memory_store_batch_open(ls_memory_store *store,
                                  const char *name,
                                  enum ls_batch_policy policy,
                                  int64_t *batch_out,
                                  struct ls_why *why)
{
    void *batches = store->batches;
    memory_journal_batch(store, name, policy);
    if (name[0] == '\0' || strlen(name) > LS_BATCH_NAME_BYTES_MAX)
        return ls_refuse(why, LS_CODE_INVALID, "batch", "a name has 1 to %d bytes",
                         LS_BATCH_NAME_BYTES_MAX);
    for (size_t i = 0; i < store->batch_count; i++) {
        if (strcmp(store->batches[i].name, name) != 0) continue;
        if (store->batches[i].policy != policy)
            return ls_refuse(why, LS_CODE_REFUSED, "batch",
                             "LS001: batch '%s' was opened under another policy", name);
        *batch_out = (int64_t)i + 1;
        return LS_OK;
    }
    bool has_room = memory_grow(&batches, &store->batch_capacity, store->batch_count,
                                sizeof *store->batches, LS_MEMORY_BATCHES_MAX);
    store->batches = batches;
    if (!has_room) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "batch");
    struct memory_batch *batch = &store->batches[store->batch_count++];
    *batch = (struct memory_batch){.policy = policy};
    memory_cut(batch->name, sizeof batch->name, name);
    *batch_out = (int64_t)store->batch_count;
    return LS_OK;
}

/* What one transaction for all can not take, or has to wait for. */
static ls_err
check_atomic(const struct ls_memory_store *store, int64_t id, int32_t total, struct ls_why *why)
{
    size_t bytes = 0;
    enum ls_kind highest = LS_KIND_NONE;
    const struct memory_op *waiting = NULL;
    for (size_t i = 0; i < store->op_count; i++) {
        const struct memory_op *op = store->ops[i];
        if (op->batch != id) continue;
        const size_t part = memory_part_bytes(op);
        if (part == 0)
            return ls_refuse(why, LS_CODE_REFUSED, "batch",
                             "LS004: kind %s (\"%s\") cannot be part of an atomic batch",
                             ls_kind_name(op->row.kind), op->row.key);
        bytes += part;
        if (op->row.kind > highest) highest = op->row.kind;
        if (op->needs != NULL && op->needs->row.state != LS_STATE_DONE) waiting = op;
    }
    bytes += memory_rest_bytes(highest);
    if (total > ATOMIC_OPS_MAX)
        return ls_refuse(why, LS_CODE_REFUSED, "batch",
                         "LS004: one transaction takes %d operations", ATOMIC_OPS_MAX);
    if (bytes > LS_TX_BYTES_MAX)
        return ls_refuse(why, LS_CODE_REFUSED, "batch",
                         "LS004: the batch needs up to %zu bytes, and one transaction has %d",
                         bytes, LS_TX_BYTES_MAX);
    if (waiting == NULL) return LS_OK;
    return ls_refuse(why, LS_CODE_REFUSED, "batch",
                     "LS004: what \"%s\" names is not done yet, and an atomic batch waits for "
                     "nothing",
                     waiting->row.key);
}

ls_err ls_memory_store_batch_seal(ls_memory_store *store, int64_t id, struct ls_why *why)
{
    struct memory_batch *batch = memory_batch(store, id);
    int32_t total = 0;
    memory_journal_seal(store, id);
    if (batch == NULL)
        return ls_refuse(why, LS_CODE_NOT_FOUND, "batch", "there is no such batch");
    if (batch->state != LS_BATCH_OPEN) return LS_OK;
    for (size_t i = 0; i < store->op_count; i++) total += store->ops[i]->batch == id ? 1 : 0;
    if (batch->policy == LS_BATCH_ATOMIC && total > 0)
        LS_TRY(check_atomic(store, id, total, why));
    batch->total = total;
    batch->state = LS_BATCH_SEALED;
    batch->is_dirty = true;
    memory_promote_all(store);
    memory_settle_batches(store);
    return LS_OK;
}

bool ls_memory_store_batch(const ls_memory_store *store,
                           int64_t id,
                           enum ls_batch_state *state_out)
{
    const struct memory_batch *batch = memory_batch(store, id);
    if (batch == NULL) return false;
    *state_out = batch->state;
    return true;
}
