/* Every endpoint is asked about itself now and then: whose cluster it answers for, and how
 * far it sees. One of another cluster is never used; one that is far behind comes last. */
#include <string.h>

#include "worker_private.h"

enum {
    PROBE_MS = 2000,
    PROBE_AGAIN_MS = 300, /* of one that is not usable: it may be back */
    HEAD_KEPT_MS = 10000, /* an older head says nothing of today's lag */
};

static int64_t now_of(ls_worker *worker)
{
    return worker->ports.clock.monotonic_ms(worker->ports.clock.self);
}

static int32_t endpoints(const ls_worker *worker)
{
    return worker->options.core.endpoint_count;
}

void ls_worker_bar_endpoints(ls_worker *worker)
{
    for (int32_t i = 0; i < endpoints(worker); i++)
        worker->ports.ledger.judge(worker->ports.ledger.self, i, LS_LEDGER_UNPROVED);
}

void ls_worker_flush_probes(ls_worker *worker)
{
    int64_t now_ms = now_of(worker);
    if (worker->wants_learn) return; /* our own cluster is not known yet */
    for (int32_t i = 0; i < endpoints(worker); i++) {
        struct head *head = &worker->heads[i];
        if (head->is_asked || now_ms < head->due_ms) continue;
        struct ledger_call *call = ls_worker_call_open(worker, CALL_PROBE);
        if (call == NULL) return;
        struct ls_rpc_batch batch;
        call->endpoint = i;
        head->is_asked = true;
        head->due_ms = now_ms + PROBE_AGAIN_MS;
        ls_worker_body_open(worker, &batch);
        (void)ls_rpc_get_genesis_hash(&batch); /* position 0 */
        (void)ls_rpc_get_epoch_info(&batch, LS_CONFIRMED);
        ls_rpc_close(&batch);
        (void)ls_worker_call_begin(worker, call, i); /* asked again when due */
    }
}

int64_t ls_worker_probe_due_ms(const ls_worker *worker)
{
    int64_t due_ms = INT64_MAX;
    for (int32_t i = 0; i < endpoints(worker) && !worker->wants_learn; i++) {
        const struct head *head = &worker->heads[i];
        if (!head->is_asked && head->due_ms < due_ms) due_ms = head->due_ms;
    }
    return due_ms;
}

/* Where the endpoint's chain must be by now; -1 when it was not seen lately. */
static int64_t slot_now(const ls_worker *worker, const struct head *head, int64_t now_ms)
{
    struct ls_core_numbers numbers;
    if (head->slot == 0 || now_ms - head->seen_ms > HEAD_KEPT_MS) return -1;
    ls_core_numbers(worker->core, &numbers);
    return head->slot + (now_ms - head->seen_ms) * 1000 / numbers.slot_micros;
}

/* The tip as the endpoints see it. Of three or more the second highest: one that lies about
 * its height must not make all others look late. */
static int64_t best_slot(const ls_worker *worker, int64_t now_ms)
{
    int64_t best = -1;
    int64_t second = -1;
    int32_t seen = 0;
    for (int32_t i = 0; i < endpoints(worker); i++) {
        int64_t slot = slot_now(worker, &worker->heads[i], now_ms);
        if (slot >= 0) seen++;
        if (slot > best) {
            second = best;
            best = slot;
        } else if (slot > second) {
            second = slot;
        }
    }
    return seen >= 3 ? second : best;
}

int64_t ls_worker_endpoint_lag(ls_worker *worker, int32_t endpoint)
{
    int64_t now_ms = now_of(worker);
    int64_t slot = slot_now(worker, &worker->heads[endpoint], now_ms);
    int64_t best = best_slot(worker, now_ms);
    return slot < 0 || best < slot ? 0 : best - slot;
}

void ls_worker_probe_unanswered(ls_worker *worker, const struct ledger_call *call)
{
    worker->heads[call->endpoint].is_asked = false;
}

static void judge(ls_worker *worker, int32_t endpoint, enum ls_ledger_verdict verdict)
{
    worker->ports.ledger.judge(worker->ports.ledger.self, endpoint, verdict);
}

/* Logged when it changes: a probe comes every two seconds. */
static void note_cluster(ls_worker *worker, int32_t endpoint, bool is_ours)
{
    struct head *head = &worker->heads[endpoint];
    if (head->is_foreign == !is_ours) return;
    head->is_foreign = !is_ours;
    struct ls_endpoint_health health = {0};
    worker->ports.ledger.health(worker->ports.ledger.self, endpoint, &health);
    ls_worker_log_event(worker, is_ours ? LS_LEVEL_INFO : LS_LEVEL_ERROR,
                        is_ours ? "endpoint.ours" : "endpoint.foreign", (ls_op_id){0},
                        health.name);
}

bool ls_worker_is_ours(ls_worker *worker, int32_t endpoint, const struct ls_hash *genesis)
{
    bool is_ours = memcmp(genesis->bytes, worker->genesis.bytes, sizeof genesis->bytes) == 0;
    note_cluster(worker, endpoint, is_ours);
    judge(worker, endpoint, is_ours ? LS_LEDGER_PROVED : LS_LEDGER_FOREIGN);
    return is_ours;
}

/* The database belongs to another cluster than the endpoint that was asked: perhaps
 * another endpoint is right. */
void ls_worker_learn_anew(ls_worker *worker)
{
    if (endpoints(worker) < 2) return;
    worker->wants_learn = true;
    ls_worker_bar_endpoints(worker);
}

void ls_worker_read_probe(ls_worker *worker,
                          const struct ledger_call *call,
                          const ls_rpc_reply *parsed)
{
    struct head *head = &worker->heads[call->endpoint];
    struct ls_hash genesis;
    struct ls_rpc_epoch epoch;
    head->is_asked = false;
    if (ls_failed(ls_rpc_genesis_at(parsed, 0, &genesis))) return;
    bool is_ours = ls_worker_is_ours(worker, call->endpoint, &genesis);
    head->due_ms = now_of(worker) + PROBE_MS;
    if (!is_ours) head->slot = 0;
    if (!is_ours || ls_failed(ls_rpc_epoch_at(parsed, 1, &epoch))) return;
    head->slot = epoch.slot;
    head->seen_ms = now_of(worker);
    if (ls_worker_endpoint_lag(worker, call->endpoint) > worker->options.behind_slots)
        judge(worker, call->endpoint, LS_LEDGER_BEHIND);
}
