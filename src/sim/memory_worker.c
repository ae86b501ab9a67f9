/* Workers come, beat, are lost and go. */
#include <assert.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "memory_journal.h"
#include "memory_rows.h"

struct memory_worker *memory_worker(const struct ls_memory_store *store, int64_t worker_id)
{
    if (worker_id < 1 || (uint64_t)worker_id > store->worker_count) return NULL;
    return &store->workers[worker_id - 1];
}

static bool is_registered(const struct memory_worker *worker)
{
    return worker != NULL && !worker->is_lost && !worker->is_gone;
}

bool memory_can_sign(const struct ls_memory_store *store, const char *address)
{
    struct ls_address wanted;
    if (!ls_address_parse(address, &wanted)) return false;
    for (size_t i = 0; i < store->worker_count; i++) {
        const struct memory_worker *worker = &store->workers[i];
        if (!is_registered(worker)) continue;
        for (size_t at = 0; at < worker->signer_count; at++)
            if (ls_address_equal(&worker->signers[at], &wanted)) return true;
    }
    return false;
}

/* It slows nothing any more, and keeps nothing waiting. */
static void end_alerts(struct ls_memory_store *store, int64_t worker_id)
{
    char subject[32];
    (void)snprintf(subject, sizeof subject, "worker %" PRId64, worker_id);
    memory_end_alert(store, "brake", subject);
    memory_end_alert(store, "catchup", subject);
}

static void release_leases(struct ls_memory_store *store, int64_t worker_id)
{
    for (size_t i = 0; i < store->op_count; i++) {
        struct memory_op *op = store->ops[i];
        if (op->row.state != LS_STATE_LEASED || op->owner != worker_id) continue;
        bool moved = memory_move(store, op, LS_STATE_READY, LS_SUB_NONE, LS_MOVER_STORE);
        assert(moved);
    }
}

void ls_memory_store_take_back(ls_memory_store *store, ls_op_id id)
{
    struct memory_op *op = memory_find(store, id);
    if (op == NULL || op->row.state != LS_STATE_LEASED) return;
    memory_journal_take_back(store, id);
    op->token = ++store->last_token;
    bool moved = memory_move(store, op, LS_STATE_READY, LS_SUB_NONE, LS_MOVER_STORE);
    assert(moved);
    memory_settle_batches(store);
}

static void orphan_submitted(struct ls_memory_store *store, int64_t worker_id)
{
    for (size_t i = 0; i < store->op_count; i++)
        if (store->ops[i]->owner == worker_id) store->ops[i]->owner = 0;
}

static bool is_other_ledger(const struct memory_call *call)
{
    const struct ls_hash *genesis = &call->request->hello.genesis;
    char pinned[LS_HASH_TEXT_BYTES];
    char other[LS_HASH_TEXT_BYTES];
    if (!call->store->has_genesis) return false;
    if (memcmp(genesis, &call->store->genesis, sizeof *genesis) == 0) return false;
    ls_hash_text(&call->store->genesis, pinned);
    ls_hash_text(genesis, other);
    call->reply->err = ls_refuse(&call->reply->why, LS_CODE_REFUSED, "store hello",
                                 "this store belongs to the ledger with genesis %s, but the "
                                 "endpoint's is %s; point it at the right ledger",
                                 pinned, other);
    return true;
}

static struct memory_worker *register_worker(struct ls_memory_store *store)
{
    void *workers = store->workers;
    bool has_room = memory_grow(&workers, &store->worker_capacity, store->worker_count,
                                sizeof *store->workers, LS_MEMORY_WORKERS_MAX);
    store->workers = workers;
    if (!has_room) return NULL;
    struct memory_worker *worker = &store->workers[store->worker_count++];
    *worker = (struct memory_worker){0};
    worker->row.id = (int64_t)store->worker_count;
    worker->row.started_ms = worker->row.heartbeat_ms = worker->row.doing_ms =
        memory_now(store);
    return worker;
}

/* It goes, by its own word or by that of the process that it was: nothing waits for its
 * lease. */
static void part(struct ls_memory_store *store, int64_t worker_id)
{
    struct memory_worker *worker = memory_worker(store, worker_id);
    if (!is_registered(worker)) return;
    worker->is_gone = true;
    end_alerts(store, worker_id);
    release_leases(store, worker_id);
    orphan_submitted(store, worker_id);
}

/* What people made of the process before it lost the store. */
static void keep_word(const struct ls_memory_store *store,
                      struct memory_worker *worker,
                      const struct ls_store_hello *hello)
{
    const struct memory_worker *was = memory_worker(store, hello->previous_worker);
    const bool is_same = was != NULL && was->row.pid == worker->row.pid &&
                         strcmp(was->row.host, worker->row.host) == 0;
    worker->row.works_on = is_same ? was->row.works_on : hello->works_on;
    worker->row.is_paused = is_same && was->row.is_paused;
}

void memory_hello(const struct memory_call *call)
{
    const struct ls_store_hello *hello = &call->request->hello;
    struct ls_memory_store *store = call->store;
    if (is_other_ledger(call)) return;
    struct memory_worker *worker = register_worker(store);
    if (worker == NULL) {
        call->reply->err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "store hello");
        return;
    }
    store->has_genesis = true;
    store->genesis = hello->genesis;
    worker->lease_ms = hello->lease_ms;
    worker->row.pid = hello->pid;
    memory_cut(worker->row.host, sizeof worker->row.host, hello->host);
    memory_cut(worker->row.version, sizeof worker->row.version, hello->version);
    ls_address_text(&hello->payer, worker->row.payer);
    worker->signer_count = hello->signer_count;
    memcpy(worker->signers, hello->signers, sizeof worker->signers);
    keep_word(store, worker, hello);
    part(store, hello->previous_worker);
    memory_tell_past(call);

    *call->worker_id = worker->row.id;
    call->reply->worker_id = worker->row.id;
    call->reply->genesis = store->genesis;
    memcpy(call->reply->tag_key, store->tag_key, sizeof store->tag_key);
}

static void recover_the_lost(struct ls_memory_store *store)
{
    int64_t now = memory_now(store);
    for (size_t i = 0; i < store->worker_count; i++) {
        struct memory_worker *worker = &store->workers[i];
        if (!is_registered(worker)) continue;
        if (now - worker->row.heartbeat_ms <= worker->lease_ms) continue;
        worker->is_lost = true;
        end_alerts(store, worker->row.id);
        release_leases(store, worker->row.id);
        orphan_submitted(store, worker->row.id);
    }
}

static int64_t leader_of(const struct ls_memory_store *store)
{
    for (size_t i = 0; i < store->worker_count; i++)
        if (is_registered(&store->workers[i])) return store->workers[i].row.id;
    return 0;
}

static void count_ops(const struct memory_call *call)
{
    int64_t now = memory_now(call->store);
    for (size_t i = 0; i < call->store->op_count; i++) {
        const struct memory_op *op = call->store->ops[i];
        if (op->is_open) continue;
        if (op->row.state == LS_STATE_SUBMITTED && op->owner == 0) call->reply->orphan_count++;
        if (op->row.state != LS_STATE_READY || op->row.run_at_ms > now) continue;
        if (!memory_is_gated(call->store, op, NULL)) call->reply->due_count++;
    }
}

static void fill_gates(const struct memory_call *call, struct ls_store_gate *gates)
{
    for (size_t i = 0; i < call->store->gate_count; i++) {
        const struct memory_gate *gate = &call->store->gates[i];
        char *selector = ls_arena_copy(call->arena, gate->selector, strlen(gate->selector));
        if (selector == NULL) break;
        gates[call->reply->gate_count++] =
            (struct ls_store_gate){.selector = selector, .by_worker = gate->by_worker};
    }
    call->reply->gates = gates;
}

static void fill_wishes(const struct memory_call *call, struct ls_store_wish *wishes)
{
    for (size_t i = 0; i < call->store->op_count; i++) {
        const struct memory_op *op = call->store->ops[i];
        if (op->owner != *call->worker_id || op->row.request == LS_REQUEST_NONE) continue;
        if (call->reply->wish_count == LS_STORE_REQUESTS_MAX) break;
        wishes[call->reply->wish_count++] =
            (struct ls_store_wish){.op = op->row.op, .request = op->row.request};
    }
    call->reply->wishes = wishes;
}

void memory_tick(const struct memory_call *call)
{
    struct memory_worker *worker = memory_worker(call->store, *call->worker_id);
    struct ls_store_gate *gates =
        ls_arena_take(call->arena, LS_STORE_GATES_MAX * sizeof *gates);
    struct ls_store_wish *wishes =
        ls_arena_take(call->arena, LS_STORE_REQUESTS_MAX * sizeof *wishes);
    if (gates == NULL || wishes == NULL) {
        call->reply->err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "store tick");
        return;
    }
    if (!is_registered(worker)) {
        call->reply->is_lost = true;
        return;
    }
    worker->row.heartbeat_ms = memory_now(call->store);
    recover_the_lost(call->store);
    memory_promote_all(call->store);
    call->reply->is_leader = leader_of(call->store) == worker->row.id;
    if (call->reply->is_leader) memory_reclaim(call->store);
    call->reply->is_paused = worker->row.is_paused;
    call->reply->works_on = worker->row.works_on;
    call->reply->shall_drain = worker->shall_drain;
    call->reply->place = memory_place(call->store);
    call->reply->landing_count = memory_landings_due(call->store);
    count_ops(call);
    fill_gates(call, gates);
    fill_wishes(call, wishes);
}

static bool is_at_the_same(const struct ls_worker_row *row, const struct ls_observation *seen)
{
    const size_t words = strcspn(row->doing, ":");
    return words == strcspn(seen->doing, ":") && memcmp(row->doing, seen->doing, words) == 0 &&
           (row->trouble[0] == '\0') == (seen->trouble[0] == '\0');
}

void memory_observe(const struct memory_call *call)
{
    struct memory_worker *worker = memory_worker(call->store, *call->worker_id);
    const struct ls_observation *seen = call->request->observation;
    if (worker == NULL || seen == NULL) return;
    worker->row.in_flight = seen->in_flight;
    worker->row.is_draining = seen->is_draining;
    worker->row.is_catching_up = seen->is_catching_up;
    if (!is_at_the_same(&worker->row, seen)) worker->row.doing_ms = memory_now(call->store);
    memcpy(worker->row.doing, seen->doing, sizeof worker->row.doing);
    memcpy(worker->row.trouble, seen->trouble, sizeof worker->row.trouble);
}

void memory_bye(const struct memory_call *call)
{
    part(call->store, *call->worker_id);
}

bool ls_memory_store_worker(const ls_memory_store *store,
                            int64_t worker_id,
                            struct ls_worker_row *row_out)
{
    const struct memory_worker *worker = memory_worker(store, worker_id);
    if (worker == NULL) return false;
    *row_out = worker->row;
    row_out->is_alive = is_registered(worker);
    row_out->is_leader = leader_of(store) == worker_id;
    return true;
}

void ls_memory_store_lose_worker(ls_memory_store *store, int64_t worker_id)
{
    struct memory_worker *worker = memory_worker(store, worker_id);
    assert(worker != NULL);
    worker->row.heartbeat_ms = memory_now(store) - worker->lease_ms - 1;
}
