/* Columns of the views as the records of core/facts.h. */
#ifndef LS_STORE_SESSION_ROWS_H
#define LS_STORE_SESSION_ROWS_H

#include <libpq-fe.h>

#include "lockstep/core/facts.h"

/* The columns that read_op_row reads, of live_facts or past_facts named f. */
#define OP_ROW_COLUMNS                                                                        \
    "f.id, f.version, f.key, f.entity, f.kind, f.state, f.sub, f.request, f.lane,"            \
    " f.attempts_made, f.attempts_max, lockstep.ms(f.created_at), lockstep.ms(f.updated_at)," \
    " lockstep.ms(f.run_at), f.is_stuck, f.cause, f.signature, f.slot, f.batch"
enum { OP_ROW_WIDTH = 19 };

/* Behind them what the newest look found of f.id: joined by OP_LOOK_JOIN, read by read_op_look.
 */
#define OP_LOOK_COLUMNS ", s.outcome, lockstep.ms(s.answered_at), s.signature, s.slot"
#define OP_LOOK_JOIN                                                           \
    " LEFT JOIN LATERAL (SELECT l.outcome, l.answered_at, l.signature, l.slot" \
    " FROM lockstep.looks l WHERE l.op = f.id AND l.answered_at IS NOT NULL"   \
    " ORDER BY l.answered_at DESC LIMIT 1) AS s ON true"
enum { OP_LOOK_WIDTH = 4 };
/* The row's part of it, whose first column is `column`. */
void read_op_look(const PGresult *result, int row, int column, struct ls_op_row *out);
void read_op_row(const PGresult *result, int row, struct ls_op_row *out);

/* The columns that read_audit_row reads, of audit_log named g. */
#define AUDIT_ROW_COLUMNS                                                                   \
    "g.seq, lockstep.ms(g.at), g.actor, g.os_user, g.client, g.action, g.target, g.before," \
    " g.after, g.reason, g.hash, g.prev_hash, g.canonical::jsonb ->> 'worker'"
void read_audit_row(const PGresult *result, int row, struct ls_audit_row *out);

/* A row of lockstep.causes. */
void read_cause_row(const PGresult *result, int row, struct ls_cause_row *out);

#define ALERT_ROW_COLUMNS                                                 \
    "a.id, a.version, a.rule, a.subject, a.severity, a.state, a.message," \
    " lockstep.ms(a.fired_at), lockstep.ms(a.changed_at), a.owner, "      \
    "lockstep.ms(a.acked_until),"                                         \
    " a.note, a.times"
enum { ALERT_ROW_WIDTH = 13 };
void read_alert_row(const PGresult *result, int row, struct ls_alert_row *out);

/* id, at, target, login, body of lockstep.notes. */
void read_note_row(const PGresult *result, int row, struct ls_note *out);

#endif
