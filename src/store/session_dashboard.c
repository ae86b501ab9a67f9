#include "session_dashboard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "read.h"

ls_err reading_query(const struct reading *reading,
                     const struct reading_sql *sql,
                     PGresult **result_out)
{
    struct params params;
    bool is_past = reading->minute[0] != '\0';
    params_init(&params);
    if (is_past) params_text(&params, reading->minute);
    return session_run(reading->session, is_past ? sql->then : sql->now, &params, false,
                       result_out, reading->why);
}

static ls_err read_vitals(const struct reading *reading, bool *all_gated_out)
{
#define VITALS                                                                        \
    "v.now_ms, v.age_ms, v.lag_ms, v.lag_p95_ms, v.stuck, v.oldest_stuck_ms,"         \
    " v.first_failed_ms, v.oldest_trouble_ms, v.alerts_firing, v.alerts_critical,"    \
    " v.alerts_acked, v.everything_gated, v.first_at_ms, v.first_kind, v.first_what," \
    " v.first_why, lockstep.schema_version()"
    static const struct reading_sql sql = {
        "SELECT " VITALS " FROM lockstep.vitals() v",
        "SELECT " VITALS " FROM jsonb_populate_record(NULL::lockstep.vitals_row,"
        " lockstep.sampled($1::timestamptz, 'vitals')) v"};
#undef VITALS
    struct ls_dashboard *out = reading->out;
    PGresult *result = NULL;

    LS_TRY(reading_query(reading, &sql, &result));
    out->now_ms = read_int(result, 0, 0);
    out->age_ms = read_int(result, 0, 1);
    out->lag_ms = read_int(result, 0, 2);
    out->lag_p95_ms = read_int(result, 0, 3);
    out->stuck = read_int(result, 0, 4);
    out->oldest_stuck_ms = read_int(result, 0, 5);
    out->first_failed_ms = read_int(result, 0, 6);
    out->oldest_trouble_ms = read_int(result, 0, 7);
    out->alerts_firing = read_int(result, 0, 8);
    out->alerts_critical = read_int(result, 0, 9);
    out->alerts_acked = read_int(result, 0, 10);
    *all_gated_out = read_bool(result, 0, 11);
    out->first.at_ms = read_int(result, 0, 12);
    read_text(result, 0, 13, out->first.kind, sizeof out->first.kind);
    read_text(result, 0, 14, out->first.what, sizeof out->first.what);
    read_text(result, 0, 15, out->first.why, sizeof out->first.why);
    out->schema_version = (int32_t)read_int(result, 0, 16);
    PQclear(result);
    (void)snprintf(out->database, sizeof out->database, "%s", reading->session->database);
    return LS_OK;
}

static void add_count(struct ls_dashboard *out, int64_t state, int64_t sub, int64_t n)
{
    if (state < 0 || state >= LS_STATE_COUNT) return;
    out->counts[state] += n;
    if (state == LS_STATE_READY && sub == LS_SUB_GATED) out->gated += n;
    if (state == LS_STATE_HELD && sub == LS_SUB_AMBIGUOUS) out->held_ambiguous += n;
}

static ls_err read_counts(const struct reading *reading)
{
    static const struct reading_sql sql = {
        "SELECT metric, state, sub, n FROM lockstep.counts",
        "SELECT metric, state, sub, n FROM jsonb_populate_recordset(NULL::lockstep.counts,"
        " lockstep.sampled($1::timestamptz, 'counts'))"};
    struct ls_dashboard *out = reading->out;
    PGresult *result = NULL;

    LS_TRY(reading_query(reading, &sql, &result));
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

/* Rows of one minute each in the hour up to `end`, the first column their place of 0..59. A
 * moment of the past ends at the beginning of its minute: what came within it came later. */
#define HOUR(columns_, view_, until_, end_)                                          \
    "SELECT 59 - (extract(epoch FROM date_trunc('minute', " end_ ") - v.minute)"     \
    " / 60)::integer, " columns_ " FROM lockstep." view_ " v WHERE v.minute > " end_ \
    " - interval '60 minutes' AND v.minute " until_ " " end_ " ORDER BY v.minute"

/* The place of a row of HOUR; -1 outside. */
static int place_of(const PGresult *result, int row)
{
    int64_t at = read_int(result, row, 0);
    return at >= 0 && at < LS_FACTS_MINUTES ? (int)at : -1;
}

static ls_err read_minutes(const struct reading *reading)
{
    static const struct reading_sql sql = {
        HOUR("v.enqueued, v.done, v.failed, v.depth", "minutes", "<=", "now()"),
        HOUR("v.enqueued, v.done, v.failed, v.depth", "minutes", "<", "$1::timestamptz")};
    struct ls_dashboard *out = reading->out;
    PGresult *result = NULL;
    bool is_known[LS_FACTS_MINUTES] = {false};

    LS_TRY(reading_query(reading, &sql, &result));
    for (int row = 0; row < PQntuples(result); row++) {
        int at = place_of(result, row);
        if (at < 0) continue;
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

/* What the payer spent: every fall of the balance between two samples; a rise is no income of
 * ours, somebody funded it. */
static void
add_balance(struct ls_dashboard *out, int at, uint64_t balance, uint64_t *last, int *since)
{
    if (*since >= 0 && *last > balance) out->spent_lamports += *last - balance;
    if (*since < 0) *since = at;
    out->spent_minutes = at - *since;
    *last = balance;
}

static ls_err read_curves(const struct reading *reading)
{
    static const struct reading_sql sql = {
        HOUR("v.in_flight, v.stuck, v.lag_ms, v.balance", "samples", "<=", "now()"),
        HOUR("v.in_flight, v.stuck, v.lag_ms, v.balance", "samples", "<=", "$1::timestamptz")};
    struct ls_dashboard *out = reading->out;
    PGresult *result = NULL;
    uint64_t balance = 0;
    int balance_since = -1;

    LS_TRY(reading_query(reading, &sql, &result));
    for (int row = 0; row < PQntuples(result); row++) {
        int at = place_of(result, row);
        if (at < 0) continue;
        out->sampled |= UINT64_C(1) << at;
        out->minute_in_flight[at] = read_int(result, row, 1);
        out->minute_stuck[at] = read_int(result, row, 2);
        out->minute_lag_ms[at] = read_int(result, row, 3);
        if (!PQgetisnull(result, row, 4))
            add_balance(out, at, strtoull(PQgetvalue(result, row, 4), NULL, 10), &balance,
                        &balance_since);
    }
    PQclear(result);
    const int last = LS_FACTS_MINUTES - 1;
    out->minute_in_flight[last] =
        out->counts[LS_STATE_LEASED] + out->counts[LS_STATE_SUBMITTED];
    out->minute_stuck[last] = out->stuck;
    out->minute_lag_ms[last] = out->lag_ms;
    return LS_OK;
}

static ls_err read_all(const struct reading *reading)
{
    bool all_gated = false;

    LS_TRY(read_vitals(reading, &all_gated));
    LS_TRY(read_counts(reading));
    if (all_gated) reading->out->gated = reading->out->counts[LS_STATE_READY];
    LS_TRY(read_minutes(reading));
    LS_TRY(read_curves(reading));
    return reading_lists(reading);
}

static int64_t now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void fold(ls_session *session)
{
    struct params none;
    PGresult *folded = NULL;
    struct ls_why ignored = {0};
    params_init(&none);
    if (session->is_in_recovery) return;
    ls_err err =
        session_run(session, "SELECT lockstep.fold_if_many()", &none, false, &folded, &ignored);
    if (!ls_failed(err)) PQclear(folded); /* what fails here fails again at the reading */
}

static ls_err read_in_one_snapshot(const struct reading *reading)
{
    LS_TRY(session_snapshot(reading->session, reading->why));
    ls_err err = read_all(reading);
    session_snapshot_end(reading->session);
    return err;
}

ls_err ls_session_dashboard(ls_session *session, struct ls_dashboard *out, struct ls_why *why)
{
    int64_t began_ms = now_ms();
    struct reading reading = {.session = session, .why = why};
    reading.out = calloc(1, sizeof *reading.out);
    if (reading.out == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "dashboard");
    ls_err err = ls_session_connect(session, why);
    if (!ls_failed(err)) {
        fold(session);
        err = read_in_one_snapshot(&reading);
    }
    reading.out->read_ms = now_ms() - began_ms;
    if (!ls_failed(err)) *out = *reading.out;
    free(reading.out);
    return err;
}

static void write_moment(const PGresult *result, int column, char out[32])
{
    (void)snprintf(out, 32, "%s",
                   PQgetisnull(result, 0, column) ? "none" : PQgetvalue(result, 0, column));
}

/* The minute of the sample that tells of `at_ms`. */
static ls_err find_sample(struct reading *reading, int64_t at_ms)
{
    static const char sql[] =
        "SELECT s.minute, to_char(to_timestamp(s.before_ms / 1000.0) AT TIME ZONE 'UTC',"
        " 'YYYY-MM-DD HH24:MI'), to_char(to_timestamp(s.after_ms / 1000.0) AT TIME ZONE 'UTC',"
        " 'YYYY-MM-DD HH24:MI'), to_char(to_timestamp($1 / 1000.0) AT TIME ZONE 'UTC',"
        " 'YYYY-MM-DD HH24:MI') FROM lockstep.sample_at(to_timestamp($1 / 1000.0)) s";
    struct params params;
    PGresult *result = NULL;
    char at[32], before[32], after[32];

    params_init(&params);
    params_int(&params, at_ms);
    LS_TRY(session_run(reading->session, sql, &params, false, &result, reading->why));
    read_text(result, 0, 0, reading->minute, sizeof reading->minute);
    write_moment(result, 1, before);
    write_moment(result, 2, after);
    write_moment(result, 3, at);
    PQclear(result);
    if (reading->minute[0] != '\0') return LS_OK;
    return ls_refuse(
        reading->why, LS_CODE_NOT_FOUND, "sample",
        "nothing was recorded at %s UTC: no worker led then, or it is too long ago;"
        " before it %s, after it %s",
        at, before, after);
}

ls_err ls_session_dashboard_at(ls_session *session,
                               int64_t at_ms,
                               struct ls_dashboard *out,
                               struct ls_why *why)
{
    struct reading reading = {.session = session, .why = why};
    reading.out = calloc(1, sizeof *reading.out);
    if (reading.out == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "dashboard");
    reading.out->is_past = true;
    ls_err err = ls_session_connect(session, why);
    if (!ls_failed(err)) err = find_sample(&reading, at_ms);
    if (!ls_failed(err)) err = read_in_one_snapshot(&reading);
    if (!ls_failed(err)) *out = *reading.out;
    free(reading.out);
    return err;
}
