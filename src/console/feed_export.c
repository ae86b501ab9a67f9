#include "feed_export.h"

#include <stdio.h>
#include <string.h>

enum { TELL_MS = 300 };

bool feed_export_is_wanted(const struct ls_ui_request *request)
{
    return request->kind == LS_UI_WANT_EXPORT || request->kind == LS_UI_WANT_STOP_EXPORT;
}

static struct feed_answer *tell(const struct feed_export *it, uint64_t ticket, bool is_end)
{
    struct feed_answer *answer = feed_answer_new(LS_UI_EXPORT, 0);
    if (answer == NULL) return NULL;
    answer->message.ticket = ticket;
    answer->message.is_end = is_end;
    if (it->job == NULL) return answer;
    answer->message.rows_done = export_job_rows(it->job);
    answer->message.permille = export_job_permille(it->job);
    return answer;
}

static struct feed_answer *
fail(struct feed_export *it, uint64_t ticket, ls_err err, const struct ls_why *why)
{
    struct feed_answer *answer = tell(it, ticket, true);
    export_job_free(it->job);
    it->job = NULL;
    if (answer == NULL) return NULL;
    answer->message.is_bad = true;
    answer->message.status = err.code == LS_CODE_REFUSED; /* it exists */
    answer->why = *why;
    if (why->text[0] == '\0')
        (void)snprintf(answer->why.text, sizeof answer->why.text, "%s: %s",
                       err.what == NULL ? "export" : err.what, ls_code_name(err.code));
    return answer;
}

struct feed_answer *feed_export_ask(struct feed_export *it, const struct ls_ui_request *request)
{
    struct ls_why why = {0};
    if (request->kind == LS_UI_WANT_STOP_EXPORT) {
        if (it->job == NULL) return NULL;
        (void)snprintf(why.text, sizeof why.text, "export stopped; no file was made");
        return fail(it, export_job_ticket(it->job), LS_OK, &why);
    }
    if (request->is_further) {
        if (it->job != NULL) export_job_add(it->job, &request->filter);
        return NULL;
    }
    export_job_free(it->job);
    it->job = NULL;
    const ls_err err = export_job_new(request, &it->job, &why);
    return ls_failed(err) ? fail(it, request->ticket, err, &why) : NULL;
}

static struct feed_answer *finish(struct feed_export *it)
{
    struct ls_why why = {0};
    const uint64_t ticket = export_job_ticket(it->job);
    const ls_err err = export_job_finish(it->job, &why);
    if (ls_failed(err)) return fail(it, ticket, err, &why);
    struct feed_answer *answer = tell(it, ticket, true);
    if (answer != NULL)
        (void)snprintf(answer->why.text, sizeof answer->why.text, "%.400s",
                       export_job_path(it->job));
    export_job_free(it->job);
    it->job = NULL;
    return answer;
}

struct feed_answer *
feed_export_step(struct feed_export *it, ls_session *session, int64_t now_ms)
{
    bool is_over = false;
    struct ls_why why = {0};
    const ls_err err = export_job_step(it->job, session, &is_over, &why);
    if (ls_failed(err)) return fail(it, export_job_ticket(it->job), err, &why);
    if (is_over) return finish(it);
    if (now_ms - it->told_ms < TELL_MS) return NULL;
    it->told_ms = now_ms;
    return tell(it, export_job_ticket(it->job), false);
}
