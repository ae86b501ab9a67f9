#include "lockstep/store/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "read.h"
#include "session_core.h"

static ls_err
query(ls_session *session, const char *sql, PGresult **result_out, struct ls_why *why)
{
    struct params none;
    params_init(&none);
    return session_run(session, sql, &none, false, result_out, why);
}

static ls_err read_vitals(ls_session *session,
                          struct ls_dashboard *out,
                          bool *all_gated_out,
                          struct ls_why *why)
{
    PGresult *result = NULL;

    LS_TRY(query(session, "SELECT v.*, lockstep.schema_version() FROM lockstep.vitals() v",
                 &result, why));
    out->now_ms = read_int(result, 0, 0);
    out->age_ms = read_int(result, 0, 1);
    out->lag_ms = read_int(result, 0, 2);
    out->lag_p95_ms = read_int(result, 0, 3);
    out->stuck = read_int(result, 0, 4);
    out->oldest_stuck_ms = read_int(result, 0, 5);
    out->first_failed_ms = read_int(result, 0, 6);
    out->alerts_firing = read_int(result, 0, 7);
    out->alerts_critical = read_int(result, 0, 8);
    out->alerts_acked = read_int(result, 0, 9);
    *all_gated_out = read_bool(result, 0, 10);
    out->schema_version = (int32_t)read_int(result, 0, 11);
    PQclear(result);
    (void)snprintf(out->database, sizeof out->database, "%s", session->database);
    return LS_OK;
}

static void add_count(struct ls_dashboard *out, int64_t state, int64_t sub, int64_t n)
{
    if (state < 0 || state >= LS_STATE_COUNT) return;
    out->counts[state] += n;
    if (state == LS_STATE_READY && sub == LS_SUB_GATED) out->gated += n;
    if (state == LS_STATE_HELD && sub == LS_SUB_AMBIGUOUS) out->held_ambiguous += n;
}

static ls_err read_counts(ls_session *session, struct ls_dashboard *out, struct ls_why *why)
{
    PGresult *result = NULL;

    LS_TRY(query(session, "SELECT metric, state, sub, n FROM lockstep.counts", &result, why));
    for (int row = 0; row < PQntuples(result); row++) {
        int64_t metric = read_int(result, row, 0);
        int64_t n = read_int(result, row, 3);
        if (metric == 0) add_count(out, read_int(result, row, 1), read_int(result, row, 2), n);
        if (metric == 4) out->duplicates += n;
    }
    PQclear(result);
    out->depth = out->counts[LS_STATE_READY] + out->counts[LS_STATE_BLOCKED];
    return LS_OK;
}

static ls_err read_minutes(ls_session *session, struct ls_dashboard *out, struct ls_why *why)
{
    static const char sql[] = "SELECT 59 - (extract(epoch FROM date_trunc('minute', now()) - "
                              "m.minute) / 60)::integer,"
                              " m.enqueued, m.done, m.failed, m.depth FROM lockstep.minutes m"
                              " WHERE m.minute > now() - interval '60 minutes' AND m.minute <= "
                              "now() ORDER BY m.minute";
    PGresult *result = NULL;
    bool is_known[LS_FACTS_MINUTES] = {false};

    LS_TRY(query(session, sql, &result, why));
    for (int row = 0; row < PQntuples(result); row++) {
        int64_t at = read_int(result, row, 0);
        if (at < 0 || at >= LS_FACTS_MINUTES) continue;
        out->minute_enqueued[at] = read_int(result, row, 1);
        out->minute_done[at] = read_int(result, row, 2);
        out->minute_failed[at] = read_int(result, row, 3);
        out->minute_depth[at] = read_int(result, row, 4);
        is_known[at] = !PQgetisnull(result, row, 4);
    }
    PQclear(result);
    for (int at = 1; at < LS_FACTS_MINUTES; at++) { /* nothing changed: the depth stayed */
        if (!is_known[at]) out->minute_depth[at] = out->minute_depth[at - 1];
    }
    out->minute_depth[LS_FACTS_MINUTES - 1] = out->depth;
    return LS_OK;
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
}

static ls_err read_workers(ls_session *session, struct ls_dashboard *out, struct ls_why *why)
{
    static const char sql[] =
        "SELECT id, host, pid, version, lockstep.ms(started_at), lockstep.ms(heartbeat_at),"
        " is_alive, is_leader, is_paused, is_draining, in_flight, payer FROM lockstep.workers"
        " WHERE NOT is_gone AND (is_alive OR heartbeat_at > now() - interval '1 hour')"
        " ORDER BY is_alive DESC, heartbeat_at DESC LIMIT 16";
    static const char purse[] =
        "SELECT payer, balance, (SELECT max(finalized_height) FROM lockstep.workers)"
        " FROM lockstep.workers ORDER BY balance_at DESC NULLS LAST, id DESC LIMIT 1";
    PGresult *result = NULL;

    LS_TRY(query(session, sql, &result, why));
    out->worker_count = (size_t)PQntuples(result);
    for (int row = 0; row < PQntuples(result); row++)
        read_worker(result, row, &out->workers[row]);
    PQclear(result);
    LS_TRY(query(session, purse, &result, why));
    if (PQntuples(result) == 1) {
        read_text(result, 0, 0, out->payer, sizeof out->payer);
        out->has_balance = !PQgetisnull(result, 0, 1);
        out->balance_lamports = strtoull(PQgetvalue(result, 0, 1), NULL, 10);
        out->finalized_height = read_int(result, 0, 2);
    }
    PQclear(result);
    return LS_OK;
}

static ls_err read_endpoints(ls_session *session, struct ls_dashboard *out, struct ls_why *why)
{
    static const char sql[] =
        "SELECT name, is_up, slot, latency_ms, error_permille, trouble, "
        "lockstep.ms(changed_at),"
        " lockstep.ms(seen_at) FROM lockstep.endpoints ORDER BY name LIMIT 8";
    PGresult *result = NULL;

    LS_TRY(query(session, sql, &result, why));
    out->endpoint_count = (size_t)PQntuples(result);
    for (int row = 0; row < PQntuples(result); row++) {
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

static ls_err read_gates(ls_session *session, struct ls_dashboard *out, struct ls_why *why)
{
    PGresult *result = NULL;

    LS_TRY(query(session,
                 "SELECT selector, reason, actor, by_worker, lockstep.ms(since)"
                 " FROM lockstep.gates ORDER BY since LIMIT 32",
                 &result, why));
    out->gate_count = (size_t)PQntuples(result);
    for (int row = 0; row < PQntuples(result); row++) {
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

static ls_err read_causes(ls_session *session, struct ls_dashboard *out, struct ls_why *why)
{
    PGresult *result = NULL;

    LS_TRY(query(session, "SELECT * FROM lockstep.causes(24)", &result, why));
    out->cause_count = (size_t)PQntuples(result);
    for (int row = 0; row < PQntuples(result); row++) {
        struct ls_cause_row *cause = &out->causes[row];
        read_text(result, row, 0, cause->cause, sizeof cause->cause);
        read_text(result, row, 1, cause->example, sizeof cause->example);
        cause->state = (enum ls_state)read_int(result, row, 2);
        cause->sub = (enum ls_sub)read_int(result, row, 3);
        cause->is_stuck = read_bool(result, row, 4);
        cause->count = read_int(result, row, 5);
        cause->oldest_ms = read_int(result, row, 6);
        cause->since_ms = read_int(result, row, 7);
        cause->landed = read_int(result, row, 8);
        cause->errored = read_int(result, row, 9);
        cause->unknown = read_int(result, row, 10);
        read_text(result, row, 11, cause->signer, sizeof cause->signer);
    }
    PQclear(result);
    return LS_OK;
}

static ls_err read_all(ls_session *session, struct ls_dashboard *out, struct ls_why *why)
{
    bool all_gated = false;

    LS_TRY(read_vitals(session, out, &all_gated, why));
    LS_TRY(read_counts(session, out, why));
    if (all_gated) out->gated = out->counts[LS_STATE_READY];
    LS_TRY(read_minutes(session, out, why));
    LS_TRY(read_workers(session, out, why));
    LS_TRY(read_endpoints(session, out, why));
    LS_TRY(read_gates(session, out, why));
    return read_causes(session, out, why);
}

static int64_t now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

ls_err ls_session_dashboard(ls_session *session, struct ls_dashboard *out, struct ls_why *why)
{
    int64_t began_ms = now_ms();
    PGresult *folded = NULL;
    struct ls_dashboard *facts = calloc(1, sizeof *facts);

    if (facts == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "dashboard");
    ls_err err = ls_session_connect(session, why);
    if (!ls_failed(err) && !session->is_in_recovery) {
        err = query(session, "SELECT lockstep.fold_if_many()", &folded, why);
        if (!ls_failed(err)) PQclear(folded);
    }
    if (!ls_failed(err)) err = session_snapshot(session, why);
    if (!ls_failed(err)) {
        err = read_all(session, facts, why);
        session_snapshot_end(session);
    }
    facts->read_ms = now_ms() - began_ms;
    if (!ls_failed(err)) *out = *facts;
    free(facts);
    return err;
}
