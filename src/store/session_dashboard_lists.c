#include <stdlib.h>

#include "lockstep/core/kinds.h"
#include "read.h"
#include "session_dashboard.h"
#include "session_rows.h"

/* The lists of a dashboard; each form for now and from a sample has the same columns. */
#define SAMPLED(view_, part_)                              \
    " FROM jsonb_populate_recordset(NULL::lockstep." view_ \
    ", lockstep.sampled($1::timestamptz, '" part_ "')) "

static int rows_of(const PGresult *result, int most)
{
    int rows = PQntuples(result);
    return rows < most ? rows : most;
}

static void read_worker(const PGresult *result, int row, struct ls_worker_row *out)
{
    out->id = read_int(result, row, 0);
    read_text(result, row, 1, out->host, sizeof out->host);
    out->pid = read_int(result, row, 2);
    read_text(result, row, 3, out->version, sizeof out->version);
    out->started_ms = read_int(result, row, 4);
    out->heartbeat_ms = read_int(result, row, 5);
    out->is_alive = read_bool(result, row, 6);
    out->is_leader = read_bool(result, row, 7);
    out->is_paused = read_bool(result, row, 8);
    out->is_draining = read_bool(result, row, 9);
    out->in_flight = read_int(result, row, 10);
    read_text(result, row, 11, out->payer, sizeof out->payer);
    out->is_catching_up = read_bool(result, row, 13);
    read_text(result, row, 14, out->doing, sizeof out->doing);
    read_text(result, row, 15, out->trouble, sizeof out->trouble);
    out->doing_ms = read_int(result, row, 16);
    if (PQgetisnull(result, row, 12)) return;
    /* Only kinds of this schema stand there; the schema is ours. */
    (void)ls_failed(ls_kinds_parse(PQgetvalue(result, row, 12), &out->works_on, NULL));
}

static ls_err read_workers(const struct reading *reading)
{
#define WORKER                                                                \
    "SELECT w.id, w.host, w.pid, w.version, lockstep.ms(w.started_at),"       \
    " lockstep.ms(w.heartbeat_at), w.is_alive, w.is_leader, w.is_paused,"     \
    " w.is_draining, w.in_flight, w.payer, array_to_string(w.works_on, ',')," \
    " coalesce(w.is_catching_up, false), w.doing, w.trouble, lockstep.ms(w.doing_since)"
    static const struct reading_sql sql = {
        WORKER " FROM lockstep.workers w WHERE NOT w.is_gone AND (w.is_alive"
               " OR w.heartbeat_at > now() - interval '1 hour')"
               " ORDER BY w.is_alive DESC, CASE WHEN w.is_alive THEN w.id END,"
               " w.heartbeat_at DESC LIMIT 16",
        WORKER SAMPLED("workers", "workers") "w"};
#undef WORKER
    struct ls_dashboard *out = reading->out;
    PGresult *result = NULL;

    LS_TRY(reading_query(reading, &sql, &result));
    out->worker_count = (size_t)rows_of(result, LS_FACTS_WORKERS_MAX);
    for (int row = 0; row < (int)out->worker_count; row++)
        read_worker(result, row, &out->workers[row]);
    PQclear(result);
    return LS_OK;
}

static ls_err read_waiting(const struct reading *reading)
{
    static const struct reading_sql sql = {
        "SELECT k.kind, k.waiting, k.is_attended FROM lockstep.kinds_waiting() k",
        "SELECT k.kind, k.waiting, k.is_attended" SAMPLED("kind_waiting", "waiting") "k"};
    struct ls_dashboard *out = reading->out;
    PGresult *result = NULL;

    LS_TRY(reading_query(reading, &sql, &result));
    out->waiting_count = (size_t)rows_of(result, LS_KIND_MAX + 1);
    for (int row = 0; row < (int)out->waiting_count; row++) {
        out->waiting[row] = (struct ls_kind_waiting){
            .kind = (enum ls_kind)read_int(result, row, 0),
            .waiting = read_int(result, row, 1),
            .is_attended = read_bool(result, row, 2),
        };
    }
    PQclear(result);
    return LS_OK;
}

static ls_err read_payer(const struct reading *reading)
{
    static const struct reading_sql sql = {
        "SELECT payer, balance, (SELECT max(finalized_height) FROM lockstep.workers),"
        " (SELECT lockstep.ms(max(heartbeat_at)) FROM lockstep.workers)"
        " FROM lockstep.workers ORDER BY balance_at DESC NULLS LAST, id DESC LIMIT 1",
        "SELECT w.payer, w.balance, max(w.finalized_height) OVER (),"
        " lockstep.ms(max(w.heartbeat_at) OVER ())" SAMPLED(
            "workers", "workers") "w ORDER BY w.balance_at DESC NULLS LAST, w.id DESC LIMIT 1"};
    struct ls_dashboard *out = reading->out;
    PGresult *result = NULL;

    LS_TRY(reading_query(reading, &sql, &result));
    if (PQntuples(result) == 1) {
        read_text(result, 0, 0, out->payer, sizeof out->payer);
        out->has_balance = !PQgetisnull(result, 0, 1);
        out->balance_lamports = strtoull(PQgetvalue(result, 0, 1), NULL, 10);
        out->finalized_height = read_int(result, 0, 2);
        out->heard_ms = read_int(result, 0, 3);
    }
    PQclear(result);
    return LS_OK;
}

static ls_err read_endpoints(const struct reading *reading)
{
#define ENDPOINT                                                                 \
    "SELECT e.name, e.is_up, e.slot, e.latency_ms, e.error_permille, e.trouble," \
    " lockstep.ms(e.changed_at), lockstep.ms(e.seen_at)"
    static const struct reading_sql sql = {
        ENDPOINT " FROM lockstep.endpoints e ORDER BY e.name LIMIT 8",
        ENDPOINT SAMPLED("endpoints", "endpoints") "e ORDER BY e.name"};
#undef ENDPOINT
    struct ls_dashboard *out = reading->out;
    PGresult *result = NULL;

    LS_TRY(reading_query(reading, &sql, &result));
    out->endpoint_count = (size_t)rows_of(result, LS_FACTS_ENDPOINTS_MAX);
    for (int row = 0; row < (int)out->endpoint_count; row++) {
        struct ls_endpoint_row *endpoint = &out->endpoints[row];
        read_text(result, row, 0, endpoint->name, sizeof endpoint->name);
        endpoint->is_up = read_bool(result, row, 1);
        endpoint->slot = read_int(result, row, 2);
        endpoint->latency_ms = read_int(result, row, 3);
        endpoint->error_permille = read_int(result, row, 4);
        read_text(result, row, 5, endpoint->trouble, sizeof endpoint->trouble);
        endpoint->changed_ms = read_int(result, row, 6);
        endpoint->seen_ms = read_int(result, row, 7);
    }
    PQclear(result);
    return LS_OK;
}

static ls_err read_gates(const struct reading *reading)
{
#define GATE "SELECT g.selector, g.reason, g.actor, g.by_worker, lockstep.ms(g.since)"
    static const struct reading_sql sql = {GATE
                                           " FROM lockstep.gates g ORDER BY g.since LIMIT 32",
                                           GATE SAMPLED("gates", "gates") "g ORDER BY g.since"};
#undef GATE
    struct ls_dashboard *out = reading->out;
    PGresult *result = NULL;

    LS_TRY(reading_query(reading, &sql, &result));
    out->gate_count = (size_t)rows_of(result, LS_FACTS_GATES_MAX);
    for (int row = 0; row < (int)out->gate_count; row++) {
        struct ls_gate_row *gate = &out->gates[row];
        read_text(result, row, 0, gate->selector, sizeof gate->selector);
        read_text(result, row, 1, gate->reason, sizeof gate->reason);
        read_text(result, row, 2, gate->actor, sizeof gate->actor);
        gate->by_worker = read_bool(result, row, 3);
        gate->since_ms = read_int(result, row, 4);
    }
    PQclear(result);
    return LS_OK;
}

static ls_err read_causes(const struct reading *reading)
{
    static const struct reading_sql sql = {"SELECT c.* FROM lockstep.causes(24) c",
                                           "SELECT c.*" SAMPLED("cause_row", "causes") "c"};
    struct ls_dashboard *out = reading->out;
    PGresult *result = NULL;

    LS_TRY(reading_query(reading, &sql, &result));
    out->cause_count = (size_t)rows_of(result, LS_FACTS_CAUSES_MAX);
    for (int row = 0; row < (int)out->cause_count; row++)
        read_cause_row(result, row, &out->causes[row]);
    PQclear(result);
    return LS_OK;
}

static ls_err read_news(const struct reading *reading)
{
    static const struct reading_sql sql = {
        "SELECT e.* FROM lockstep.events(NULL, 16) e",
        "SELECT e.* FROM lockstep.events($1::timestamptz + interval '1 minute', 16) e"};
    struct ls_dashboard *out = reading->out;
    PGresult *result = NULL;

    LS_TRY(reading_query(reading, &sql, &result));
    out->event_count = (size_t)rows_of(result, LS_FACTS_NEWS_MAX);
    for (int row = 0; row < (int)out->event_count; row++) {
        struct ls_event_row *event = &out->events[row];
        event->at_ms = read_int(result, row, 0);
        read_text(result, row, 1, event->who, sizeof event->who);
        read_text(result, row, 2, event->action, sizeof event->action);
        read_text(result, row, 3, event->target, sizeof event->target);
        read_text(result, row, 4, event->reason, sizeof event->reason);
    }
    PQclear(result);
    return LS_OK;
}

ls_err reading_lists(const struct reading *reading)
{
    LS_TRY(read_workers(reading));
    LS_TRY(read_waiting(reading));
    LS_TRY(read_payer(reading));
    LS_TRY(read_endpoints(reading));
    LS_TRY(read_gates(reading));
    LS_TRY(read_causes(reading));
    return read_news(reading);
}
