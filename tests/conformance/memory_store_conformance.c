/* The conformance suite on the store in memory, with a little delay on every request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"
#include "lockstep/base/base58.h"
#include "lockstep/sim/memory_store.h"

struct world {
    int64_t now_ms;
    ls_memory_store *store;
    ls_memory_port *ports[CONFORMANCE_PORTS_MAX];
    ls_op_id open;
};

static int64_t now_ms(void *self)
{
    return ((const struct world *)self)->now_ms;
}

static void reset(void *self)
{
    struct world *world = self;
    uint8_t tag_key[32];
    memset(tag_key, 0x4b, sizeof tag_key);
    ls_memory_store_free(world->store);
    world->now_ms = 1000000;
    world->store = ls_memory_store_new(&(struct ls_memory_store_options){
        .seed = 7, .now_ms = now_ms, .self = world, .tag_key = tag_key});
    assert_non_null(world->store);
    ls_memory_store_set_faults(world->store, &(struct ls_memory_faults){.delay_ms_max = 5});
}

static ls_err enqueue_with(struct world *world,
                           const struct conformance_enqueue *request,
                           bool is_open,
                           ls_op_id *op_out,
                           struct ls_why *why)
{
    return ls_memory_store_enqueue(
        world->store,
        &(struct ls_memory_enqueue){.kind = request->kind,
                                    .payload = request->payload,
                                    .key = request->key,
                                    .entity = request->entity,
                                    .depends_on_key = request->depends_on_key,
                                    .lane = request->lane,
                                    .delay_ms = request->delay_ms,
                                    .fence = request->fence,
                                    .batch = request->batch,
                                    .is_open = is_open},
        op_out, why);
}

static ls_err enqueue(void *self,
                      const struct conformance_enqueue *request,
                      ls_op_id *op_out,
                      struct ls_why *why)
{
    return enqueue_with(self, request, false, op_out, why);
}

static int64_t batch_open(void *self, const char *name, enum ls_batch_policy policy)
{
    int64_t batch = 0;
    struct ls_why why = {0};
    ls_err err =
        ls_memory_store_batch_open(((struct world *)self)->store, name, policy, &batch, &why);
    if (ls_failed(err)) fail_msg("%s", why.text);
    return batch;
}

static ls_err batch_seal(void *self, int64_t batch, struct ls_why *why)
{
    return ls_memory_store_batch_seal(((struct world *)self)->store, batch, why);
}

static enum ls_batch_state batch_state(void *self, int64_t batch)
{
    enum ls_batch_state state = LS_BATCH_OPEN;
    assert_true(ls_memory_store_batch(((struct world *)self)->store, batch, &state));
    return state;
}

static void
enqueue_open(void *self, const struct conformance_enqueue *request, ls_op_id *op_out)
{
    struct world *world = self;
    ls_err err = enqueue_with(world, request, true, op_out, NULL);
    assert_false(ls_failed(err));
    world->open = *op_out;
}

static void commit_open(void *self)
{
    struct world *world = self;
    ls_memory_store_commit(world->store, world->open);
}

static void
configure_kind(void *self, enum ls_kind kind, enum ls_fence fence, int64_t value_limit)
{
    ls_memory_store_configure(
        ((struct world *)self)->store, kind,
        &(struct ls_memory_kind){.fence = fence,
                                 .has_value_limit = value_limit >= 0,
                                 .value_limit = value_limit < 0 ? 0 : (uint64_t)value_limit});
}

static void
act_on(void *self, const struct ls_action *action, struct ls_action_result *result_out)
{
    ls_memory_store_act(((struct world *)self)->store, action, result_out);
}

static bool op_of(void *self, ls_op_id op, struct ls_op_row *row_out)
{
    return ls_memory_store_op(((struct world *)self)->store, op, row_out);
}

static size_t
attempts(void *self, ls_op_id op, struct conformance_attempt *attempts_out, size_t max)
{
    struct ls_stored_attempt stored_attempts[LS_STORE_ATTEMPTS_MAX];
    if (max > LS_STORE_ATTEMPTS_MAX) max = LS_STORE_ATTEMPTS_MAX;
    size_t count =
        ls_memory_store_attempts(((struct world *)self)->store, op, stored_attempts, max);
    for (size_t i = 0; i < count; i++) {
        attempts_out[i].attempt = stored_attempts[i].attempt;
        attempts_out[i].state = stored_attempts[i].state;
        ls_signature_text(&stored_attempts[i].signature, attempts_out[i].signature);
    }
    return count;
}

static struct ls_store_port port_open(void *self, size_t slot)
{
    struct world *world = self;
    assert_null(world->ports[slot]);
    world->ports[slot] = ls_memory_port_new(world->store);
    assert_non_null(world->ports[slot]);
    return ls_memory_port_face(world->ports[slot]);
}

static void port_close(void *self, size_t slot)
{
    struct world *world = self;
    ls_memory_port_free(world->ports[slot]);
    world->ports[slot] = NULL;
}

static void pump(void *self)
{
    ((struct world *)self)->now_ms++;
}

static void set_run_at(void *self, ls_op_id op, int64_t ms)
{
    ls_memory_store_set_run_at(((struct world *)self)->store, op, ms);
}

static void lose_worker(void *self, int64_t worker_id)
{
    ls_memory_store_lose_worker(((struct world *)self)->store, worker_id);
}

static int64_t audit_count(void *self)
{
    const ls_memory_store *store = ((struct world *)self)->store;
    return ls_memory_store_audit_count(store) + ls_memory_store_decision_count(store);
}

static bool alert_is_open(void *self, const char *rule, const char *subject)
{
    struct ls_alert_row row;
    return ls_memory_store_alert(((struct world *)self)->store, rule, subject, &row) &&
           row.state != LS_ALERT_RESOLVED;
}

static void worker_of(void *self, int64_t worker_id, struct ls_worker_row *row_out)
{
    assert_true(ls_memory_store_worker(((struct world *)self)->store, worker_id, row_out));
}

static void add_nonce(void *self,
                      const struct ls_address *nonce,
                      const struct ls_address *authority,
                      int64_t slot)
{
    assert_true(
        ls_memory_store_add_nonce(((struct world *)self)->store, nonce, authority, slot));
}

static struct conformance_nonce nonce_of(void *self, const struct ls_address *nonce)
{
    struct ls_memory_nonce row;
    assert_true(ls_memory_store_nonce(((struct world *)self)->store, nonce, &row));
    return (struct conformance_nonce){.state = row.state, .op = row.op, .slot = row.slot};
}

int main(void)
{
    struct world world = {0};
    const struct conformance_fixture fixture = {
        .self = &world,
        .reset = reset,
        .enqueue = enqueue,
        .batch_open = batch_open,
        .batch_seal = batch_seal,
        .batch_state = batch_state,
        .enqueue_open = enqueue_open,
        .commit_open = commit_open,
        .configure_kind = configure_kind,
        .act = act_on,
        .op = op_of,
        .attempts = attempts,
        .port_open = port_open,
        .port_close = port_close,
        .pump = pump,
        .set_run_at = set_run_at,
        .lose_worker = lose_worker,
        .audit_count = audit_count,
        .alert_is_open = alert_is_open,
        .worker = worker_of,
        .add_nonce = add_nonce,
        .nonce = nonce_of,
    };
    int failures = conformance_run("memory store", &fixture);
    ls_memory_store_free(world.store);
    return failures;
}
