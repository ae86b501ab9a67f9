#include "memory_journal.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "memory_copy.h"

#define JOURNAL_BYTES_MAX ((size_t)1 << 30)
enum { RECORDS_MAX = 1 << 22, SCRATCH_BYTES_MAX = 64 << 20 };

struct record {
    int64_t now_ms;
    const struct ls_memory_enqueue *enqueue; /* one of these */
    const struct ls_action *action;
    const struct ls_store_request *request;
    int64_t worker_id; /* of the request */
    ls_op_id committed;
    ls_op_id taken_back;
    const char *batch_name; /* opened */
    enum ls_batch_policy batch_policy;
    int64_t sealed; /* batch */
};

struct memory_journal {
    ls_arena *arena; /* what the records point to */
    struct record *records;
    size_t count, capacity;
    bool is_broken; /* memory did not suffice */
};

ls_err ls_memory_store_record(ls_memory_store *store)
{
    assert(store->op_count == 0 && store->worker_count == 0 && store->journal == NULL);
    struct memory_journal *journal = calloc(1, sizeof *journal);
    if (journal == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "store record");
    journal->arena = ls_arena_new(JOURNAL_BYTES_MAX);
    store->journal = journal;
    return journal->arena == NULL ? LS_FAIL(LS_CODE_NO_MEMORY, 0, "store record") : LS_OK;
}

void memory_journal_free(struct memory_journal *journal)
{
    if (journal == NULL) return;
    ls_arena_free(journal->arena);
    free(journal->records);
    free(journal);
}

int64_t ls_memory_store_moment(const ls_memory_store *store)
{
    return store->journal == NULL ? 0 : (int64_t)store->journal->count;
}

static void keep(struct ls_memory_store *store, struct record record, bool is_whole)
{
    struct memory_journal *journal = store->journal;
    void *records = journal->records;
    bool has_room = memory_grow(&records, &journal->capacity, journal->count,
                                sizeof *journal->records, RECORDS_MAX);
    journal->records = records;
    if (!has_room || !is_whole) {
        journal->is_broken = true;
        return;
    }
    record.now_ms = memory_now(store);
    journal->records[journal->count++] = record;
}

static const char *copy_text(ls_arena *arena, const char *text, bool *is_whole)
{
    if (text == NULL) return NULL;
    const char *copy = ls_arena_copy(arena, text, strlen(text));
    if (copy == NULL) *is_whole = false;
    return copy;
}

void memory_journal_enqueue(struct ls_memory_store *store,
                            const struct ls_memory_enqueue *request)
{
    if (store->journal == NULL) return;
    ls_arena *arena = store->journal->arena;
    struct ls_memory_enqueue *copy = ls_arena_take(arena, sizeof *copy);
    bool is_whole = copy != NULL;
    if (is_whole) {
        *copy = *request;
        copy->payload = copy_text(arena, request->payload, &is_whole);
        copy->key = copy_text(arena, request->key, &is_whole);
        copy->entity = copy_text(arena, request->entity, &is_whole);
        copy->depends_on_key = copy_text(arena, request->depends_on_key, &is_whole);
        copy->fence = copy_text(arena, request->fence, &is_whole);
    }
    keep(store, (struct record){.enqueue = copy}, is_whole);
}

void memory_journal_commit(struct ls_memory_store *store, ls_op_id op)
{
    if (store->journal != NULL) keep(store, (struct record){.committed = op}, true);
}

void memory_journal_take_back(struct ls_memory_store *store, ls_op_id op)
{
    if (store->journal != NULL) keep(store, (struct record){.taken_back = op}, true);
}

void memory_journal_batch(struct ls_memory_store *store,
                          const char *name,
                          enum ls_batch_policy policy)
{
    if (store->journal == NULL) return;
    bool is_whole = true;
    const char *copy = copy_text(store->journal->arena, name, &is_whole);
    keep(store, (struct record){.batch_name = copy, .batch_policy = policy}, is_whole);
}

void memory_journal_seal(struct ls_memory_store *store, int64_t batch)
{
    if (store->journal != NULL) keep(store, (struct record){.sealed = batch}, true);
}

void memory_journal_act(struct ls_memory_store *store, const struct ls_action *action)
{
    if (store->journal == NULL) return;
    struct ls_action *copy = ls_arena_take(store->journal->arena, sizeof *copy);
    if (copy != NULL) *copy = *action;
    if (copy != NULL && action->op_count > 0) {
        const size_t bytes = action->op_count * sizeof *action->ops;
        struct ls_frozen_op *ops = ls_arena_take(store->journal->arena, bytes);
        if (ops != NULL) memcpy(ops, action->ops, bytes);
        copy->ops = ops;
        if (ops == NULL) copy = NULL;
    }
    keep(store, (struct record){.action = copy}, copy != NULL);
}

void memory_journal_request(struct ls_memory_store *store,
                            int64_t worker_id,
                            const struct ls_store_request *request)
{
    if (store->journal == NULL) return;
    const struct ls_store_request *copy = memory_copy(store->journal->arena, request);
    keep(store, (struct record){.request = copy, .worker_id = worker_id}, copy != NULL);
}

/* What happened then happens again; what failed then fails again. */
static void
happen_again(struct ls_memory_store *store, ls_arena *scratch, const struct record *record)
{
    struct ls_why why;
    ls_op_id op;
    store->then_ms = record->now_ms;
    ls_arena_reset(scratch);
    if (record->enqueue != NULL) {
        ls_err again = ls_memory_store_enqueue(store, record->enqueue, &op, &why);
        (void)again; /* a refusal was one then, too */
    } else if (record->action != NULL) {
        struct ls_action_result result;
        ls_memory_store_act(store, record->action, &result);
    } else if (record->request != NULL) {
        struct ls_store_reply reply = {0};
        int64_t worker_id = record->worker_id;
        memory_carry_out(&(struct memory_call){.store = store,
                                               .arena = scratch,
                                               .worker_id = &worker_id,
                                               .request = record->request,
                                               .reply = &reply});
    } else if (record->batch_name != NULL) {
        int64_t batch = 0;
        ls_err again = ls_memory_store_batch_open(store, record->batch_name,
                                                  record->batch_policy, &batch, &why);
        (void)again; /* a refusal was one then, too */
    } else if (record->taken_back.value != 0) {
        ls_memory_store_take_back(store, record->taken_back);
    } else if (record->sealed != 0) {
        ls_err again = ls_memory_store_batch_seal(store, record->sealed, &why);
        (void)again; /* likewise */
    } else {
        ls_memory_store_commit(store, record->committed);
    }
}

/* What the store was after `count` records, without their journal; NULL without memory. */
static struct ls_memory_store *make_anew(const struct ls_memory_store *store, size_t count)
{
    struct ls_memory_store *anew = ls_memory_store_new(&store->options);
    ls_arena *scratch = ls_arena_new(SCRATCH_BYTES_MAX);
    if (anew != NULL) {
        memcpy(anew->kinds, store->kinds, sizeof anew->kinds);
        anew->markers_ms = store->markers_ms;
        memcpy(anew->tag_key, store->tag_key, sizeof anew->tag_key);
        anew->made_ms = store->made_ms;
        anew->place.started_us = store->place.started_us;
        memory_nonce_begin(anew, store);
    }
    for (size_t i = 0; anew != NULL && scratch != NULL && i < count; i++)
        happen_again(anew, scratch, &store->journal->records[i]);
    if (scratch == NULL) {
        ls_memory_store_free(anew);
        return NULL;
    }
    ls_arena_free(scratch);
    return anew;
}

ls_err ls_memory_store_restore(ls_memory_store *store, int64_t moment)
{
    struct memory_journal *journal = store->journal;
    if (journal == NULL || journal->is_broken || moment < 0 ||
        (uint64_t)moment > journal->count)
        return LS_FAIL(LS_CODE_INVALID, 0, "store restore");
    struct ls_memory_store *anew = make_anew(store, (size_t)moment);
    if (anew == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "store restore");

    struct ls_memory_store old = *store;
    journal->count = (size_t)moment;
    *store = *anew;
    store->faults = old.faults;
    memcpy(store->fired, old.fired, sizeof store->fired);
    store->random = old.random;
    store->then_ms = 0;
    store->journal = journal;
    store->timeline = old.timeline + 1;
    old.journal = NULL;
    *anew = old;
    store->former = anew;
    return LS_OK;
}

int64_t ls_memory_store_timeline(const ls_memory_store *store)
{
    return store->timeline;
}
