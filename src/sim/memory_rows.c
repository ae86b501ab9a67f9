#include "memory_rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "memory_journal.h"

int64_t memory_now(const struct ls_memory_store *store)
{
    return store->then_ms != 0 ? store->then_ms : store->options.now_ms(store->options.self);
}

struct memory_op *memory_find(const struct ls_memory_store *store, ls_op_id op)
{
    if (op.value < 1 || (uint64_t)op.value > store->op_count) return NULL;
    struct memory_op *found = store->ops[op.value - 1];
    return found->is_open ? NULL : found;
}

struct memory_op *memory_find_key(const struct ls_memory_store *store, const char *key)
{
    for (size_t i = 0; i < store->op_count; i++)
        if (strcmp(store->ops[i]->row.key, key) == 0) return store->ops[i];
    return NULL;
}

bool memory_grow(void **items, size_t *capacity, size_t count, size_t item_bytes, size_t max)
{
    if (count < *capacity) return true;
    if (count >= max) return false;
    size_t wanted = *capacity == 0 ? 16 : *capacity * 2;
    if (wanted > max) wanted = max;
    void *grown = realloc(*items, wanted * item_bytes);
    if (grown == NULL) return false;
    *items = grown;
    *capacity = wanted;
    return true;
}

void memory_mark(struct ls_memory_store *store, struct memory_op *op)
{
    if (op->is_changed) return;
    void *changed = store->changed;
    bool has_room = memory_grow(&changed, &store->changed_capacity, store->changed_count,
                                sizeof *store->changed, LS_MEMORY_OPS_MAX);
    store->changed = changed;
    if (!has_room) {
        store->has_lost_changes = true;
        return;
    }
    op->is_changed = true;
    store->changed[store->changed_count++] = op->row.op.value;
}

void memory_cut(char *out, size_t out_bytes, const char *text)
{
    assert(out_bytes > 0);
    size_t length = strlen(text);
    if (length >= out_bytes) length = out_bytes - 1;
    memcpy(out, text, length);
    out[length] = '\0';
}

static char *copy_text(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);
    if (copy != NULL) memcpy(copy, text, bytes);
    return copy;
}

static struct memory_entity *entity_named(struct ls_memory_store *store, const char *name)
{
    for (struct memory_entity *entity = store->entities; entity != NULL; entity = entity->next)
        if (strcmp(entity->first->row.entity, name) == 0) return entity;
    return NULL;
}

/* Join its entity's operations; the entity is made when this is its first. */
static bool join_entity(struct ls_memory_store *store, struct memory_op *op)
{
    if (op->row.entity[0] == '\0') return true;
    struct memory_entity *entity = entity_named(store, op->row.entity);
    if (entity == NULL) {
        entity = calloc(1, sizeof *entity);
        if (entity == NULL) return false;
        *entity = (struct memory_entity){.next = store->entities, .first = op, .last = op};
        store->entities = entity;
    } else {
        entity->last->entity_next = op;
        entity->last = op;
    }
    op->entity = entity;
    return true;
}

static void join_needed(struct ls_memory_store *store, struct memory_op *op)
{
    if (op->depends_on_key == NULL) return;
    op->needs = memory_find_key(store, op->depends_on_key);
    assert(op->needs != NULL);
    op->dependant_next = op->needs->dependant;
    op->needs->dependant = op;
}

static void fill_row(const struct ls_memory_store *store,
                     const struct ls_memory_enqueue *request,
                     struct ls_op_row *row)
{
    int64_t now = memory_now(store);
    *row = (struct ls_op_row){
        .op = {(int64_t)store->op_count + 1},
        .version = 1,
        .kind = request->kind,
        .lane = request->lane,
        .attempts_max = request->attempts_max == 0 ? 5 : request->attempts_max,
        .created_ms = now,
        .updated_ms = now,
        .run_at_ms = now + request->delay_ms,
    };
    memory_cut(row->key, sizeof row->key, request->key);
    if (request->entity != NULL) memory_cut(row->entity, sizeof row->entity, request->entity);
}

static bool fill_texts(struct memory_op *op, const struct ls_memory_enqueue *request)
{
    op->payload = copy_text(request->payload);
    if (op->payload == NULL) return false;
    op->payload_bytes = strlen(op->payload);
    if (request->depends_on_key == NULL) return true;
    op->depends_on_key = copy_text(request->depends_on_key);
    return op->depends_on_key != NULL;
}

static struct memory_op *maker_of(const struct ls_memory_store *store,
                                  const struct ls_intent *intent)
{
    for (size_t i = 0; i < store->op_count; i++) {
        struct memory_op *op = store->ops[i];
        if (op->row.kind != LS_KIND_TOKEN_CREATE_MINT) continue;
        if (intent->mint_by_key && strcmp(op->row.key, intent->mint_key) == 0) return op;
        if (intent->has_mint && op->has_mint && ls_address_equal(&op->mint, &intent->mint))
            return op;
    }
    return NULL;
}

/* What its payload says that others ask for. Payloads are not checked here. */
void memory_read_payload(const struct ls_memory_store *store, struct memory_op *op)
{
    struct ls_intent intent;
    bool is_mint = op->row.kind == LS_KIND_TOKEN_CREATE_MINT;
    if (!is_mint && op->row.kind != LS_KIND_TOKEN_MINT_TO) return;
    if (ls_failed(ls_intent_parse(ls_kind_name(op->row.kind), op->payload, op->payload_bytes,
                                  &intent, NULL)))
        return;
    op->mint_is_2022 = intent.program == LS_TOKEN_2022;
    op->has_max_supply = intent.has_max_supply;
    op->max_supply = intent.max_supply;
    if (is_mint) return;
    op->amount = intent.amount;
    op->mint_of = maker_of(store, &intent);
}

static void free_op(struct memory_op *op)
{
    struct memory_attempt *attempt = op->attempts;
    while (attempt != NULL) {
        struct memory_attempt *next = attempt->next;
        free(attempt);
        attempt = next;
    }
    free(op->payload);
    free(op->depends_on_key);
    free(op);
}

static void begin_state(struct memory_op *op)
{
    op->row.state = LS_STATE_READY;
    if (op->batch != 0) {
        op->row.state = LS_STATE_BLOCKED;
        op->row.sub = LS_SUB_BATCH;
        return;
    }
    if (op->needs != NULL && op->needs->row.state != LS_STATE_DONE) {
        op->row.state = LS_STATE_BLOCKED;
        op->row.sub = LS_SUB_DEPENDENCY;
    }
    if (op->entity == NULL) return;
    op->row.state = LS_STATE_BLOCKED;
    op->row.sub = LS_SUB_ENTITY;
}

ls_err memory_add_op(struct ls_memory_store *store,
                     const struct ls_memory_enqueue *request,
                     struct memory_op **op_out)
{
    if (store->op_count >= LS_MEMORY_OPS_MAX) return LS_FAIL(LS_CODE_FULL, 0, "enqueue");
    void *ops = store->ops;
    bool has_room = memory_grow(&ops, &store->op_capacity, store->op_count,
                                sizeof(struct memory_op *), LS_MEMORY_OPS_MAX);
    store->ops = ops;
    struct memory_op *op = has_room ? calloc(1, sizeof *op) : NULL;
    if (op == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "enqueue");

    fill_row(store, request, &op->row);
    op->has_fence = request->fence != NULL;
    bool has_fence = memory_fence(store, request->kind, request->fence, &op->fence);
    assert(has_fence); /* checked before */
    op->is_open = request->is_open;
    op->batch = request->batch;
    if (!fill_texts(op, request) || !join_entity(store, op)) {
        free_op(op);
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, "enqueue");
    }
    join_needed(store, op);
    begin_state(op);
    memory_read_payload(store, op);
    store->ops[store->op_count++] = op;
    memory_mark(store, op);
    *op_out = op;
    return LS_OK;
}

ls_memory_store *ls_memory_store_new(const struct ls_memory_store_options *options)
{
    assert(options != NULL && options->now_ms != NULL);
    struct ls_memory_store *store = calloc(1, sizeof *store);
    if (store == NULL) return NULL;
    store->options = *options;
    store->random = options->seed;
    store->made_ms = memory_now(store);
    store->place = (struct ls_store_place){
        .system_id = options->seed + 1, .timeline = 1, .started_us = store->made_ms * 1000};
    if (options->tag_key != NULL)
        memcpy(store->tag_key, options->tag_key, sizeof store->tag_key);
    return store;
}

static void free_one(struct ls_memory_store *store)
{
    for (size_t i = 0; i < store->op_count; i++) free_op(store->ops[i]);
    struct memory_entity *entity = store->entities;
    while (entity != NULL) {
        struct memory_entity *next = entity->next;
        free(entity);
        entity = next;
    }
    free(store->ops);
    free(store->workers);
    free(store->batches);
    free(store->alerts);
    free(store->landings);
    free(store->actions);
    free(store->changed);
    memory_journal_free(store->journal);
    free(store);
}

void ls_memory_store_free(ls_memory_store *store)
{
    while (store != NULL) {
        struct ls_memory_store *former = store->former;
        free_one(store);
        store = former;
    }
}
