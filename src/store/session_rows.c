#include "session_rows.h"

#include <string.h>

#include "read.h"

#define READ_TEXT(field_, column_) read_text(result, row, (column_), (field_), sizeof(field_))

void read_op_row(const PGresult *result, int row, struct ls_op_row *out)
{
    *out = (struct ls_op_row){
        .op = {read_int(result, row, 0)},
        .version = read_int(result, row, 1),
        .kind = (enum ls_kind)read_int(result, row, 4),
        .state = (enum ls_state)read_int(result, row, 5),
        .sub = (enum ls_sub)read_int(result, row, 6),
        .request = (enum ls_request)read_int(result, row, 7),
        .lane = (int32_t)read_int(result, row, 8),
        .attempts_made = (int32_t)read_int(result, row, 9),
        .attempts_max = (int32_t)read_int(result, row, 10),
        .created_ms = read_int(result, row, 11),
        .updated_ms = read_int(result, row, 12),
        .run_at_ms = read_int(result, row, 13),
        .is_stuck = read_bool(result, row, 14),
        .slot = read_int(result, row, 17),
        .batch = read_int(result, row, 18),
    };
    READ_TEXT(out->key, 2);
    READ_TEXT(out->entity, 3);
    READ_TEXT(out->cause, 15);
    READ_TEXT(out->signature, 16);
}

void read_op_look(const PGresult *result, int row, int column, struct ls_op_row *out)
{
    out->look = PQgetisnull(result, row, column) != 0
                    ? LS_LOOK_NEVER_ASKED
                    : (enum ls_look)read_int(result, row, column);
    out->looked_ms = read_int(result, row, column + 1);
}

void read_audit_row(const PGresult *result, int row, struct ls_audit_row *out)
{
    *out = (struct ls_audit_row){
        .seq = read_int(result, row, 0),
        .at_ms = read_int(result, row, 1),
    };
    READ_TEXT(out->actor, 2);
    READ_TEXT(out->os_user, 3);
    READ_TEXT(out->client, 4);
    READ_TEXT(out->action, 5);
    READ_TEXT(out->target, 6);
    READ_TEXT(out->before, 7);
    READ_TEXT(out->after, 8);
    READ_TEXT(out->reason, 9);
    READ_TEXT(out->hash, 10);
    READ_TEXT(out->prev_hash, 11);
    out->worker = read_int(result, row, 12);
}

void read_cause_row(const PGresult *result, int row, struct ls_cause_row *out)
{
    *out = (struct ls_cause_row){0};
    read_text(result, row, 0, out->cause, sizeof out->cause);
    read_text(result, row, 1, out->example, sizeof out->example);
    out->state = (enum ls_state)read_int(result, row, 2);
    out->sub = (enum ls_sub)read_int(result, row, 3);
    out->is_stuck = read_bool(result, row, 4);
    out->count = read_int(result, row, 5);
    out->oldest_ms = read_int(result, row, 6);
    out->since_ms = read_int(result, row, 7);
    out->landed = read_int(result, row, 8);
    out->errored = read_int(result, row, 9);
    out->unknown = read_int(result, row, 10);
    read_text(result, row, 11, out->signer, sizeof out->signer);
    read_text(result, row, 12, out->via, sizeof out->via);
}

static enum ls_severity severity_of(const char *name)
{
    if (strcmp(name, "critical") == 0) return LS_SEVERITY_CRITICAL;
    if (strcmp(name, "warning") == 0) return LS_SEVERITY_WARNING;
    return LS_SEVERITY_INFO;
}

static enum ls_alert_state alert_state_of(const char *name)
{
    if (strcmp(name, "resolved") == 0) return LS_ALERT_RESOLVED;
    if (strcmp(name, "acked") == 0) return LS_ALERT_ACKED;
    return LS_ALERT_FIRING;
}

void read_alert_row(const PGresult *result, int row, struct ls_alert_row *out)
{
    *out = (struct ls_alert_row){
        .id = read_int(result, row, 0),
        .version = read_int(result, row, 1),
        .severity = severity_of(PQgetvalue(result, row, 4)),
        .state = alert_state_of(PQgetvalue(result, row, 5)),
        .fired_ms = read_int(result, row, 7),
        .changed_ms = read_int(result, row, 8),
        .acked_until_ms = read_int(result, row, 10),
        .times = (int32_t)read_int(result, row, 12),
    };
    READ_TEXT(out->rule, 2);
    READ_TEXT(out->subject, 3);
    READ_TEXT(out->message, 6);
    READ_TEXT(out->owner, 9);
    READ_TEXT(out->note, 11);
}

void read_note_row(const PGresult *result, int row, struct ls_note *out)
{
    *out = (struct ls_note){.id = read_int(result, row, 0), .at_ms = read_int(result, row, 1)};
    READ_TEXT(out->target, 2);
    READ_TEXT(out->login, 3);
    READ_TEXT(out->body, 4);
}
