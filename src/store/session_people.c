#include "lockstep/store/people.h"

#include <string.h>

#include "read.h"
#include "session_core.h"
#include "session_rows.h"

static void read_presence(const PGresult *result, int row, struct ls_people *out)
{
    if (out->presence_count == LS_PEOPLE_PRESENCES_MAX) return;
    struct ls_presence *presence = &out->presences[out->presence_count++];
    read_text(result, row, 1, presence->id, sizeof presence->id);
    read_text(result, row, 2, presence->login, sizeof presence->login);
    read_text(result, row, 3, presence->os_user, sizeof presence->os_user);
    read_text(result, row, 4, presence->host, sizeof presence->host);
    read_text(result, row, 5, presence->screen, sizeof presence->screen);
    presence->since_ms = read_int(result, row, 6);
    presence->seen_ms = read_int(result, row, 7);
    presence->pid = read_int(result, row, 8);
}

static void read_claim(const PGresult *result, int row, struct ls_claim *out)
{
    read_text(result, row, 1, out->target, sizeof out->target);
    read_text(result, row, 2, out->login, sizeof out->login);
    read_text(result, row, 5, out->reason, sizeof out->reason);
    out->since_ms = read_int(result, row, 6);
    out->until_ms = read_int(result, row, 7);
    out->is_mine = PQgetisnull(result, row, 3) == 0;
}

static void read_row(const PGresult *result, int row, struct ls_people *out)
{
    const char *what = PQgetvalue(result, row, 0);
    if (strcmp(what, "presence") == 0) {
        read_presence(result, row, out);
    } else if (strcmp(what, "claim") == 0 && out->claim_count < LS_PEOPLE_CLAIMS_MAX) {
        read_claim(result, row, &out->claims[out->claim_count++]);
    } else if (strcmp(what, "silence") == 0 && out->silence_count < LS_PEOPLE_SILENCES_MAX) {
        read_claim(result, row, &out->silences[out->silence_count++]);
    } else if (strcmp(what, "note") == 0 && out->note_count < LS_PEOPLE_NOTES_MAX) {
        struct ls_note *note = &out->notes[out->note_count++];
        note->id = read_int(result, row, 8);
        note->at_ms = read_int(result, row, 6);
        read_text(result, row, 1, note->target, sizeof note->target);
        read_text(result, row, 2, note->login, sizeof note->login);
        read_text(result, row, 5, note->body, sizeof note->body);
    } else if (strcmp(what, "undo") == 0) {
        out->undo_seq = read_int(result, row, 8);
        read_text(result, row, 1, out->undo_target, sizeof out->undo_target);
        read_text(result, row, 3, out->undo_action, sizeof out->undo_action);
    }
}

ls_err ls_session_people(ls_session *session, struct ls_people *out, struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    LS_TRY(session_run(session, "SELECT * FROM lockstep.desk()", &params, false, &result, why));
    *out = (struct ls_people){0};
    for (int row = 0; row < PQntuples(result); row++) read_row(result, row, out);
    PQclear(result);
    return LS_OK;
}

ls_err ls_session_presence(ls_session *session,
                           const struct ls_presence_beat *beat,
                           struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_bytes(&params, beat->id, 16);
    params_text(&params, beat->os_user);
    params_text(&params, beat->host);
    params_int(&params, beat->pid);
    params_text(&params, beat->screen);
    LS_TRY(session_run(session, "SELECT lockstep.presence_beat($1, $2, $3, $4, $5)", &params,
                       false, &result, why));
    PQclear(result);
    return LS_OK;
}

ls_err ls_session_presence_end(ls_session *session, const uint8_t *id, struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_bytes(&params, id, 16);
    LS_TRY(
        session_run(session, "SELECT lockstep.presence_end($1)", &params, false, &result, why));
    PQclear(result);
    return LS_OK;
}

ls_err ls_session_notes(ls_session *session,
                        const char *target,
                        int32_t limit,
                        void (*take)(void *self, const struct ls_note *note),
                        void *self,
                        struct ls_why *why)
{
    static const char sql[] =
        "SELECT id, lockstep.ms(at), target, login, body FROM lockstep.notes"
        " WHERE $1::text IS NULL OR target = $1"
        " ORDER BY CASE WHEN $1::text IS NULL THEN -id ELSE id END LIMIT $2";
    struct params params;
    PGresult *result = NULL;
    struct ls_note note;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_text(&params, target);
    params_int(&params, limit);
    LS_TRY(session_run(session, sql, &params, false, &result, why));
    for (int row = 0; row < PQntuples(result); row++) {
        read_note_row(result, row, &note);
        take(self, &note);
    }
    PQclear(result);
    return LS_OK;
}
