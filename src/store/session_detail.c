#include "lockstep/store/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "read.h"
#include "session_core.h"
#include "session_rows.h"

/* Which operation, and where it stands. */
struct place {
    int64_t op;
    char day[16]; /* history's day; "" while it lives */
};

static ls_err find(ls_session *session,
                   ls_op_id op,
                   const char *key,
                   struct place *place_out,
                   struct ls_op_detail *out,
                   struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    params_init(&params);
    params_int(&params, op.value);
    params_text(&params, key);
    LS_TRY(session_run(session,
                       "SELECT op, day, payload, mint FROM lockstep.op_content($1, $2)",
                       &params, false, &result, why));
    if (PQgetisnull(result, 0, 0)) {
        PQclear(result);
        if (key != NULL) {
            return ls_refuse(why, LS_CODE_NOT_FOUND, "operation",
                             "no operation has the key \"%s\"; lockstep ops lists them", key);
        }
        return ls_refuse(why, LS_CODE_NOT_FOUND, "operation",
                         "there is no operation %" PRId64 "; lockstep ops lists them",
                         op.value);
    }
    place_out->op = read_int(result, 0, 0);
    read_text(result, 0, 1, place_out->day, sizeof place_out->day);
    read_text(result, 0, 2, out->payload, sizeof out->payload);
    read_text(result, 0, 3, out->mint, sizeof out->mint);
    PQclear(result);
    return LS_OK;
}

static void params_place(struct params *params, const struct place *place)
{
    params_init(params);
    params_int(params, place->op);
    params_text(params, place->day[0] != '\0' ? place->day : NULL);
}

static ls_err read_row(ls_session *session,
                       const struct place *place,
                       struct ls_op_detail *out,
                       struct ls_why *why)
{
    static const char sql[] =
        "SELECT " OP_ROW_COLUMNS ", f.detail, f.depends_on, f.compensates, f.compensated_by,"
        " f.fence, f.signer, f.nonce, f.marker, f.reclaim" OP_LOOK_COLUMNS
        " FROM lockstep.live_facts f" OP_LOOK_JOIN
        " WHERE f.id = $1 AND $2::date IS NULL UNION ALL"
        " SELECT " OP_ROW_COLUMNS ", f.detail, f.depends_on, f.compensates, f.compensated_by,"
        " f.fence, f.signer, f.nonce, f.marker, f.reclaim" OP_LOOK_COLUMNS
        " FROM lockstep.past_facts f" OP_LOOK_JOIN " WHERE f.id = $1 AND f.day = $2::date";
    struct params params;
    PGresult *result = NULL;

    params_place(&params, place);
    LS_TRY(session_run(session, sql, &params, false, &result, why));
    if (PQntuples(result) != 1) {
        PQclear(result);
        return ls_refuse(why, LS_CODE_NOT_FOUND, "operation",
                         "operation %" PRId64
                         " ended on %s; its history is kept no longer, only "
                         "its key and what the audit log says of it",
                         place->op, place->day);
    }
    read_op_row(result, 0, &out->row);
    read_text(result, 0, OP_ROW_WIDTH, out->detail, sizeof out->detail);
    out->depends_on = read_int(result, 0, OP_ROW_WIDTH + 1);
    out->compensates = read_int(result, 0, OP_ROW_WIDTH + 2);
    out->compensated_by = read_int(result, 0, OP_ROW_WIDTH + 3);
    out->fence = (enum ls_fence)read_int(result, 0, OP_ROW_WIDTH + 4);
    read_text(result, 0, OP_ROW_WIDTH + 5, out->signer, sizeof out->signer);
    read_text(result, 0, OP_ROW_WIDTH + 6, out->nonce, sizeof out->nonce);
    read_text(result, 0, OP_ROW_WIDTH + 7, out->marker, sizeof out->marker);
    out->reclaimed_by = read_int(result, 0, OP_ROW_WIDTH + 8);
    read_op_look(result, 0, OP_ROW_WIDTH + 9, &out->row);
    read_text(result, 0, OP_ROW_WIDTH + 11, out->look_signature, sizeof out->look_signature);
    out->look_slot = read_int(result, 0, OP_ROW_WIDTH + 12);
    PQclear(result);
    return LS_OK;
}

static void read_attempt(const PGresult *result, int row, struct ls_attempt_row *out)
{
    out->attempt = (int32_t)read_int(result, row, 0);
    out->state = (enum ls_attempt_state)read_int(result, row, 1);
    read_text(result, row, 2, out->signature, sizeof out->signature);
    read_text(result, row, 3, out->blockhash, sizeof out->blockhash);
    out->last_valid_height = read_int(result, row, 4);
    out->created_ms = read_int(result, row, 5);
    out->slot = read_int(result, row, 6);
    read_text(result, row, 7, out->cause, sizeof out->cause);
    read_text(result, row, 8, out->evidence, sizeof out->evidence);
}

static ls_err read_attempts(ls_session *session,
                            const struct place *place,
                            struct ls_op_detail *out,
                            struct ls_why *why)
{
    static const char sql[] =
        "SELECT * FROM (SELECT attempt, state, signature, blockhash, last_valid_height,"
        " lockstep.ms(created_at), slot, cause, evidence FROM lockstep.attempt_facts"
        " WHERE op = $1 AND day IS NOT DISTINCT FROM $2::date"
        " ORDER BY attempt DESC LIMIT 16) AS newest ORDER BY attempt";
    struct params params;
    PGresult *result = NULL;

    params_place(&params, place);
    LS_TRY(session_run(session, sql, &params, false, &result, why));
    out->attempt_count = (size_t)PQntuples(result);
    for (int row = 0; row < PQntuples(result); row++)
        read_attempt(result, row, &out->attempts[row]);
    PQclear(result);
    return LS_OK;
}

static ls_err read_events(ls_session *session,
                          const struct place *place,
                          struct ls_op_detail *out,
                          struct ls_why *why)
{
    static const char sql[] =
        "SELECT " AUDIT_ROW_COLUMNS " FROM lockstep.audit_log g WHERE g.seq IN (SELECT o.seq"
        " FROM lockstep.audit_ops o WHERE o.op = $1 ORDER BY o.seq DESC LIMIT 32)"
        " ORDER BY g.seq DESC";
    struct params params;
    PGresult *result = NULL;

    params_init(&params);
    params_int(&params, place->op);
    LS_TRY(session_run(session, sql, &params, false, &result, why));
    out->event_count = (size_t)PQntuples(result);
    for (int row = 0; row < PQntuples(result); row++)
        read_audit_row(result, row, &out->events[row]);
    PQclear(result);
    return LS_OK;
}

static ls_err read_notes(ls_session *session,
                         const struct place *place,
                         struct ls_op_detail *out,
                         struct ls_why *why)
{
    static const char sql[] =
        "SELECT * FROM (SELECT id, lockstep.ms(at), target, login, body FROM lockstep.notes"
        " WHERE target = 'op ' || $1 ORDER BY id DESC LIMIT 8) AS newest ORDER BY id";
    struct params params;
    PGresult *result = NULL;

    params_init(&params);
    params_int(&params, place->op);
    LS_TRY(session_run(session, sql, &params, false, &result, why));
    out->note_count = (size_t)PQntuples(result);
    for (int row = 0; row < PQntuples(result); row++)
        read_note_row(result, row, &out->notes[row]);
    PQclear(result);
    return LS_OK;
}

static ls_err read_waiting(ls_session *session,
                           const struct place *place,
                           struct ls_op_detail *out,
                           struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    params_init(&params);
    params_int(&params, place->op);
    params_int(&params, LS_FACTS_WAITING_MAX);
    LS_TRY(session_run(session, "SELECT lockstep.waiting_behind($1, $2::integer)", &params,
                       false, &result, why));
    out->waiting_behind = read_int(result, 0, 0);
    PQclear(result);
    return LS_OK;
}

/* Why it is due and nothing happens: nobody begins its kind. */
static ls_err read_nobody(ls_session *session, struct ls_op_detail *out, struct ls_why *why)
{
    static const char sql[] =
        "SELECT FROM lockstep.kinds_waiting() k WHERE k.kind = $1 AND NOT k.is_attended";
    struct params params;
    PGresult *result = NULL;

    if (out->row.sub != LS_SUB_DUE || out->detail[0] != '\0') return LS_OK;
    params_init(&params);
    params_int(&params, out->row.kind);
    LS_TRY(session_run(session, sql, &params, false, &result, why));
    if (PQntuples(result) > 0)
        (void)snprintf(out->detail, sizeof out->detail,
                       "no living worker works on %s: lockstep worker list says on what",
                       ls_kind_name(out->row.kind));
    PQclear(result);
    return LS_OK;
}

static ls_err read_detail(ls_session *session,
                          ls_op_id op,
                          const char *key,
                          struct ls_op_detail *out,
                          struct ls_why *why)
{
    struct place place = {0};

    LS_TRY(find(session, op, key, &place, out, why));
    LS_TRY(read_row(session, &place, out, why));
    LS_TRY(read_attempts(session, &place, out, why));
    LS_TRY(read_events(session, &place, out, why));
    LS_TRY(read_notes(session, &place, out, why));
    LS_TRY(read_nobody(session, out, why));
    return read_waiting(session, &place, out, why);
}

ls_err ls_session_op(ls_session *session,
                     ls_op_id op,
                     const char *key,
                     struct ls_op_detail *out,
                     struct ls_why *why)
{
    struct ls_op_detail *detail = calloc(1, sizeof *detail);

    if (detail == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "operation");
    ls_err err = ls_session_connect(session, why);
    if (!ls_failed(err)) err = session_snapshot(session, why);
    if (!ls_failed(err)) {
        err = read_detail(session, op, key, detail, why);
        session_snapshot_end(session);
    }
    if (!ls_failed(err)) *out = *detail;
    free(detail);
    return err;
}
