#include "lockstep/sim/memory_store.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "memory_journal.h"

static bool is_same_text(const char *a, const char *b)
{
    if (a == NULL || b == NULL) return a == b;
    return strcmp(a, b) == 0;
}

static ls_err
check_request(const struct ls_memory_enqueue *request, const char *key, struct ls_why *why)
{
    if (request->kind <= LS_KIND_NONE || request->kind > (enum ls_kind)LS_KIND_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, "enqueue", "there is no kind %d",
                         (int)request->kind);
    }
    if (key[0] == '\0' || strlen(key) > LS_KEY_BYTES_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, "enqueue", "a key has 1 to %d bytes",
                         LS_KEY_BYTES_MAX);
    }
    if (strncmp(key, "ls:", 3) == 0) {
        return ls_refuse(why, LS_CODE_REFUSED, "enqueue",
                         "key '%s': keys that begin with ls: are reserved", key);
    }
    if (request->entity != NULL && strlen(request->entity) > LS_ENTITY_BYTES_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, "enqueue", "an entity has at most %d bytes",
                         LS_ENTITY_BYTES_MAX);
    }
    if (request->lane < 0 || request->lane >= LS_LANE_COUNT) {
        return ls_refuse(why, LS_CODE_INVALID, "enqueue", "lane %d is not in 0..%d",
                         (int)request->lane, LS_LANE_COUNT - 1);
    }
    if (request->fence != NULL && !ls_fence_parse(request->fence, &(enum ls_fence){0})) {
        return ls_refuse(why, LS_CODE_INVALID, "enqueue", "there is no fence '%s'",
                         request->fence);
    }
    if (strlen(request->payload) > LS_PAYLOAD_BYTES_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, "enqueue", "a payload has at most %d bytes",
                         LS_PAYLOAD_BYTES_MAX);
    }
    return LS_OK;
}

bool memory_fence(const struct ls_memory_store *store,
                  enum ls_kind kind,
                  const char *name,
                  enum ls_fence *fence_out)
{
    if (name != NULL) return ls_fence_parse(name, fence_out);
    *fence_out = store->kinds[kind].fence;
    return true;
}

void ls_memory_store_configure(ls_memory_store *store,
                               enum ls_kind kind,
                               const struct ls_memory_kind *settings)
{
    assert(kind > LS_KIND_NONE && kind <= (enum ls_kind)LS_KIND_MAX);
    store->kinds[kind] = *settings;
}

/* Both left it to the kind, or what this one gets is what that one got. */
static bool is_same_fence(const ls_memory_store *store,
                          const struct memory_op *known,
                          const struct ls_memory_enqueue *request)
{
    enum ls_fence fence = LS_FENCE_EXPIRY;
    if (!known->has_fence && request->fence == NULL) return true;
    return memory_fence(store, request->kind, request->fence, &fence) && fence == known->fence;
}

static ls_err same_again(const ls_memory_store *store,
                         const struct memory_op *known,
                         const struct ls_memory_enqueue *request,
                         ls_op_id *op_out,
                         struct ls_why *why)
{
    const char *entity = request->entity == NULL ? "" : request->entity;
    bool is_same = known->row.kind == request->kind &&
                   strcmp(known->payload, request->payload) == 0 &&
                   strcmp(known->row.entity, entity) == 0 &&
                   is_same_text(known->depends_on_key, request->depends_on_key) &&
                   known->batch == request->batch && is_same_fence(store, known, request);
    if (!is_same) {
        return ls_refuse(why, LS_CODE_REFUSED, "enqueue",
                         "LS001: key '%s' was used with other content", known->row.key);
    }
    *op_out = known->row.op;
    return LS_OK;
}

static ls_err check_supply(const struct ls_memory_store *store,
                           const struct ls_memory_enqueue *request,
                           struct ls_why *why)
{
    char payload[LS_PAYLOAD_BYTES_MAX + 1];
    memory_cut(payload, sizeof payload, request->payload); /* its length was checked */
    struct memory_op probe = {
        .row = {.kind = request->kind}, .payload = payload, .payload_bytes = strlen(payload)};
    memory_read_payload(store, &probe);
    return memory_supply(store, &probe, why);
}

static ls_err check_batch(const ls_memory_store *store,
                          const struct ls_memory_enqueue *request,
                          struct ls_why *why)
{
    const struct memory_batch *batch = memory_batch(store, request->batch);
    enum ls_fence fence = LS_FENCE_EXPIRY;
    if (request->batch == 0) return LS_OK;
    if (batch == NULL || batch->state != LS_BATCH_OPEN) {
        return ls_refuse(why, LS_CODE_REFUSED, "enqueue",
                         "LS004: the batch is sealed, or there is none");
    }
    if (batch->policy != LS_BATCH_BEST_EFFORT && request->entity != NULL) {
        return ls_refuse(why, LS_CODE_REFUSED, "enqueue",
                         "LS003: the batch has an order of its own");
    }
    if (batch->policy == LS_BATCH_ATOMIC &&
        memory_fence(store, request->kind, request->fence, &fence) &&
        fence != LS_FENCE_EXPIRY) {
        return ls_refuse(why, LS_CODE_REFUSED, "enqueue",
                         "LS003: the batch is atomic: its operations take the fence expiry");
    }
    return LS_OK;
}

ls_err ls_memory_store_enqueue(ls_memory_store *store,
                               const struct ls_memory_enqueue *request,
                               ls_op_id *op_out,
                               struct ls_why *why)
{
    assert(request->key != NULL && request->payload != NULL && op_out != NULL);
    memory_journal_enqueue(store, request);
    LS_TRY(check_request(request, request->key, why));
    const struct memory_op *known = memory_find_key(store, request->key);
    if (known != NULL) return same_again(store, known, request, op_out, why);
    LS_TRY(check_batch(store, request, why));
    if (request->depends_on_key != NULL &&
        memory_find_key(store, request->depends_on_key) == NULL) {
        return ls_refuse(why, LS_CODE_REFUSED, "enqueue",
                         "LS002: no operation has the key '%s'; enqueue it first",
                         request->depends_on_key);
    }

    LS_TRY(check_supply(store, request, why));
    struct memory_op *op = NULL;
    LS_TRY(memory_add_op(store, request, &op));
    *op_out = op->row.op;
    return LS_OK;
}

void ls_memory_store_commit(ls_memory_store *store, ls_op_id op)
{
    assert(op.value >= 1 && (uint64_t)op.value <= store->op_count);
    memory_journal_commit(store, op);
    store->ops[op.value - 1]->is_open = false;
    memory_mark(store, store->ops[op.value - 1]);
}

void ls_memory_store_changes(ls_memory_store *store,
                             void (*take)(void *self, ls_op_id op),
                             void *self)
{
    bool is_all = store->has_lost_changes;
    size_t count = is_all ? store->op_count : store->changed_count;
    for (size_t i = 0; i < store->changed_count; i++)
        store->ops[store->changed[i] - 1]->is_changed = false;
    for (size_t i = 0; i < count; i++)
        take(self, (ls_op_id){is_all ? (int64_t)i + 1 : store->changed[i]});
    store->changed_count = 0;
    store->has_lost_changes = false;
}

bool ls_memory_store_find(const ls_memory_store *store, const char *key, ls_op_id *op_out)
{
    const struct memory_op *found = memory_find_key(store, key);
    if (found == NULL) return false;
    *op_out = found->row.op;
    return true;
}

int64_t ls_memory_store_audit_count(const ls_memory_store *store)
{
    return store->last_audit_seq;
}

int64_t ls_memory_store_decision_count(const ls_memory_store *store)
{
    return store->decisions;
}

static enum ls_sub ready_sub(const struct ls_memory_store *store, const struct memory_op *op)
{
    if (memory_is_gated(store, op, NULL)) return LS_SUB_GATED;
    if (op->row.attempts_made > 0) return LS_SUB_BACKOFF;
    return op->row.run_at_ms > memory_now(store) ? LS_SUB_SCHEDULED : LS_SUB_DUE;
}

bool ls_memory_store_op(const ls_memory_store *store, ls_op_id op, struct ls_op_row *row_out)
{
    const struct memory_op *found = memory_find(store, op);
    if (found == NULL) return false;
    *row_out = found->row;
    if (found->row.state == LS_STATE_READY) row_out->sub = ready_sub(store, found);
    return true;
}

size_t ls_memory_store_attempts(const ls_memory_store *store,
                                ls_op_id op,
                                struct ls_stored_attempt *attempts_out,
                                size_t max)
{
    const struct memory_op *found = memory_find(store, op);
    size_t count = 0;
    if (found == NULL) return 0;
    for (const struct memory_attempt *it = found->attempts; it != NULL && count < max;
         it = it->next)
        attempts_out[count++] = it->stored;
    return count;
}

bool ls_memory_store_undoes(const ls_memory_store *store, ls_op_id op, ls_op_id *original_out)
{
    const struct memory_op *found = memory_find(store, op);
    if (found == NULL || found->undoes == NULL) return false;
    *original_out = found->undoes->row.op;
    return true;
}

bool ls_memory_store_undone_by(const ls_memory_store *store, ls_op_id op, ls_op_id *undo_out)
{
    const struct memory_op *found = memory_find(store, op);
    if (found == NULL || found->undone_by == NULL) return false;
    *undo_out = found->undone_by->row.op;
    return true;
}

int64_t ls_memory_store_last_id(const ls_memory_store *store)
{
    return (int64_t)store->op_count;
}

int64_t ls_memory_store_token(const ls_memory_store *store, ls_op_id op)
{
    const struct memory_op *found = memory_find(store, op);
    return found == NULL ? 0 : found->token;
}

void ls_memory_store_set_run_at(ls_memory_store *store, ls_op_id op, int64_t ms)
{
    struct memory_op *found = memory_find(store, op);
    assert(found != NULL);
    found->row.run_at_ms = memory_now(store) + ms;
}
