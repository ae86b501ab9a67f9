/* The conformance suite on PostgreSQL. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"
#include "database.h"
#include "lockstep/base/base58.h"
#include "lockstep/store/pg_store.h"

struct world {
    PGconn *hands;
    PGconn *open; /* its transaction holds an enqueue back */
    ls_session *session;
    struct ls_clock clock;
    ls_pg_store *stores[CONFORMANCE_PORTS_MAX];
};

static void reset(void *self)
{
    struct world *world = self;
    if (PQtransactionStatus(world->open) != PQTRANS_IDLE) database_run(world->open, "ROLLBACK");
    database_empty(world->hands);
    database_run(world->hands, "UPDATE lockstep.kind SET fence = 0, value_limit = NULL");
}

static ls_err enqueue(void *self,
                      const struct conformance_enqueue *request,
                      ls_op_id *op_out,
                      struct ls_why *why)
{
    struct world *world = self;
    return ls_session_enqueue(world->session,
                              &(struct ls_enqueue){.kind = ls_kind_name(request->kind),
                                                   .payload = request->payload,
                                                   .key = request->key,
                                                   .entity = request->entity,
                                                   .lane = request->lane,
                                                   .delay_ms = request->delay_ms,
                                                   .fence = request->fence,
                                                   .batch = request->batch},
                              op_out, why);
}

static int64_t batch_open(void *self, const char *name, enum ls_batch_policy policy)
{
    int64_t batch = 0;
    struct ls_why why = {0};
    ls_err err = ls_session_batch_open(((struct world *)self)->session, name,
                                       ls_batch_policy_name(policy), &batch, &why);
    if (ls_failed(err)) fail_msg("%s", why.text);
    return batch;
}

static ls_err batch_seal(void *self, int64_t batch, struct ls_why *why)
{
    return ls_session_batch_seal(((struct world *)self)->session, batch, why);
}

static enum ls_batch_state batch_state(void *self, int64_t batch)
{
    char sql[100];
    (void)snprintf(sql, sizeof sql, "SELECT state FROM lockstep.batch WHERE id = %lld",
                   (long long)batch);
    return (enum ls_batch_state)database_number(((struct world *)self)->hands, sql);
}

static void
enqueue_open(void *self, const struct conformance_enqueue *request, ls_op_id *op_out)
{
    struct world *world = self;
    const char *const values[] = {ls_kind_name(request->kind), request->payload, request->key,
                                  request->entity};
    database_run(world->open, "BEGIN");
    PGresult *result =
        PQexecParams(world->open, "SELECT lockstep.enqueue($1, $2::jsonb, $3, $4)", 4, NULL,
                     values, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) fail_msg("%s", PQresultErrorMessage(result));
    op_out->value = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
}

static void commit_open(void *self)
{
    database_run(((struct world *)self)->open, "COMMIT");
}

static void
configure_kind(void *self, enum ls_kind kind, enum ls_fence fence, int64_t value_limit)
{
    bool has_changed = false;
    struct ls_why why = {0};
    ls_err err =
        ls_session_configure_kind(((struct world *)self)->session,
                                  &(struct ls_kind_settings){.kind = ls_kind_name(kind),
                                                             .fence = ls_fence_name(fence),
                                                             .has_value_limit = true,
                                                             .value_limit = value_limit},
                                  &has_changed, &why);
    if (ls_failed(err)) fail_msg("kind: %s", why.text);
}

static void
act_on(void *self, const struct ls_action *action, struct ls_action_result *result_out)
{
    ls_session_act(((struct world *)self)->session, action, result_out);
}

static bool detail_of(struct world *world, ls_op_id op, struct ls_op_detail *detail)
{
    struct ls_why why = {0};
    ls_err err = ls_session_op(world->session, op, NULL, detail, &why);
    if (err.code == LS_CODE_NOT_FOUND) return false;
    if (ls_failed(err)) fail_msg("op %lld: %s", (long long)op.value, why.text);
    return true;
}

static bool op_of(void *self, ls_op_id op, struct ls_op_row *row_out)
{
    struct ls_op_detail *detail = calloc(1, sizeof *detail);
    assert_non_null(detail);
    bool is_there = detail_of(self, op, detail);
    if (is_there) *row_out = detail->row;
    free(detail);
    return is_there;
}

static size_t
attempts(void *self, ls_op_id op, struct conformance_attempt *attempts_out, size_t max)
{
    struct ls_op_detail *detail = calloc(1, sizeof *detail);
    assert_non_null(detail);
    size_t count = detail_of(self, op, detail) ? detail->attempt_count : 0;
    if (count > max) count = max;
    for (size_t i = 0; i < count; i++) {
        attempts_out[i].attempt = detail->attempts[i].attempt;
        attempts_out[i].state = detail->attempts[i].state;
        (void)snprintf(attempts_out[i].signature, sizeof attempts_out[i].signature, "%s",
                       detail->attempts[i].signature);
    }
    free(detail);
    return count;
}

static struct ls_store_port port_open(void *self, size_t slot)
{
    struct world *world = self;
    assert_null(world->stores[slot]);
    world->stores[slot] =
        ls_pg_store_new(&(struct ls_pg_store_options){.url = database_url()}, &world->clock);
    assert_non_null(world->stores[slot]);
    return ls_pg_store_port(world->stores[slot]);
}

static void port_close(void *self, size_t slot)
{
    struct world *world = self;
    ls_pg_store_free(world->stores[slot]);
    world->stores[slot] = NULL;
}

/* Wait for whichever store's socket has something, at most 100 ms. */
static void pump(void *self)
{
    struct world *world = self;
    struct pollfd sockets[CONFORMANCE_PORTS_MAX];
    nfds_t count = 0;
    for (size_t i = 0; i < CONFORMANCE_PORTS_MAX; i++) {
        int wants_write = 0;
        if (world->stores[i] == NULL) continue;
        int socket = ls_pg_store_socket(world->stores[i], &wants_write);
        if (socket < 0) continue;
        sockets[count++] = (struct pollfd){
            .fd = socket, .events = (short)(POLLIN | (wants_write != 0 ? POLLOUT : 0))};
    }
    (void)poll(sockets, count, 100);
}

static void set_run_at(void *self, ls_op_id op, int64_t ms)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql,
                   "UPDATE lockstep.op SET run_at = clock_timestamp() + %lld * interval '1 ms'"
                   " WHERE id = %lld",
                   (long long)ms, (long long)op.value);
    database_run(((struct world *)self)->hands, sql);
}

static void lose_worker(void *self, int64_t worker_id)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql,
                   "UPDATE lockstep.worker SET heartbeat_at = heartbeat_at - interval '1 day'"
                   " WHERE id = %lld",
                   (long long)worker_id);
    database_run(((struct world *)self)->hands, sql);
}

static int64_t audit_count(void *self)
{
    return database_number(((struct world *)self)->hands,
                           "SELECT count(*) FROM lockstep.audit");
}

static bool alert_is_open(void *self, const char *rule, const char *subject)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM lockstep.alert WHERE rule = '%s' AND subject = '%s'"
                   " AND state < 2",
                   rule, subject);
    return database_number(((struct world *)self)->hands, sql) == 1;
}

static void worker_of(void *self, int64_t worker_id, struct ls_worker_row *row_out)
{
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    struct ls_why why = {0};
    bool is_found = false;
    assert_non_null(facts);
    if (ls_failed(ls_session_dashboard(((struct world *)self)->session, facts, &why)))
        fail_msg("dashboard: %s", why.text);
    for (size_t i = 0; i < facts->worker_count && !is_found; i++) {
        is_found = facts->workers[i].id == worker_id;
        *row_out = facts->workers[i];
    }
    free(facts);
    assert_true(is_found);
}

static void add_nonce(void *self,
                      const struct ls_address *nonce,
                      const struct ls_address *authority,
                      int64_t slot)
{
    char address[LS_ADDRESS_TEXT_BYTES];
    char payer[LS_ADDRESS_TEXT_BYTES];
    char sql[512];
    ls_address_text(nonce, address);
    ls_address_text(authority, payer);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO lockstep.nonce (address, number, authority, slot)"
                   " VALUES ('%s', nextval('lockstep.nonce_number'), '%s', %lld)",
                   address, payer, (long long)slot);
    database_run(((struct world *)self)->hands, sql);
}

static struct conformance_nonce nonce_of(void *self, const struct ls_address *nonce)
{
    struct ls_nonce_row *rows = NULL;
    struct ls_why why = {0};
    struct conformance_nonce found = {0};
    char address[LS_ADDRESS_TEXT_BYTES];
    size_t count = 0;
    bool is_found = false;
    ls_address_text(nonce, address);
    if (ls_failed(ls_session_nonces(((struct world *)self)->session, &rows, &count, &why)))
        fail_msg("nonces: %s", why.text);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].address, address) != 0) continue;
        is_found = true;
        found = (struct conformance_nonce){
            .state = rows[i].state, .op = {rows[i].op}, .slot = rows[i].slot};
    }
    free(rows);
    assert_true(is_found);
    return found;
}

int main(void)
{
    struct world world = {.clock = database_clock()};
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
    database_migrate();
    world.hands = database_open(database_url());
    world.open = database_open(database_url());
    world.session = session_open_url(database_url());
    int failures = conformance_run("pg store", &fixture);
    ls_session_free(world.session);
    PQfinish(world.open);
    PQfinish(world.hands);
    return failures;
}
