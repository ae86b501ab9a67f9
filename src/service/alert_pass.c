#include "lockstep/service/alert_pass.h"

#include <stdlib.h>
#include <string.h>

#include "lockstep/alert/desk.h"

#define WHAT "alerts"

static void post(const struct ls_alert_pass *pass,
                 enum ls_alert_event event,
                 const struct ls_alert_row *alert)
{
    struct ls_alert_notice notice;
    ls_alert_notice_of(alert, &notice);
    notice.is_resolved = event == LS_ALERT_EVENT_RESOLVED;
    ls_desktop_post(pass->desktop, &notice);
}

static void write_log(const struct ls_alert_pass *pass,
                      const struct ls_dashboard *facts,
                      enum ls_alert_event event,
                      const struct ls_alert_row *alert)
{
    static const char *const names[] = {
        [LS_ALERT_EVENT_FIRED] = "alert.fired",
        [LS_ALERT_EVENT_WORSE] = "alert.worse",
        [LS_ALERT_EVENT_RESOLVED] = "alert.resolved",
    };
    const struct ls_log_record record = {
        .wall_ms = facts->now_ms,
        .level = event == LS_ALERT_EVENT_RESOLVED ? LS_LEVEL_INFO : LS_LEVEL_WARNING,
        .event = names[event],
        .field_count = 5,
        .fields = {{.name = "alert", .number = alert->id},
                   {.name = "rule", .text = alert->rule},
                   {.name = "subject", .text = alert->subject},
                   {.name = "severity", .text = ls_severity_name(alert->severity)},
                   {.name = "message", .text = alert->message}},
    };
    pass->log.write(pass->log.self, &record);
}

static const struct ls_alert_row *find(const struct ls_alert_page *page, int64_t id)
{
    for (size_t i = 0; page != NULL && i < page->count; i++) {
        if (page->rows[i].id == id) return &page->rows[i];
    }
    return NULL;
}

static void
tell_news(const struct ls_alert_pass *pass, const struct ls_alert_page *open, int64_t since_ms)
{
    for (size_t i = 0; i < open->count; i++) {
        const struct ls_alert_row *alert = &open->rows[i];
        const struct ls_alert_row *before = find(pass->told, alert->id);
        if (alert->state != LS_ALERT_FIRING) continue;
        if (before == NULL) {
            if (pass->told != NULL || alert->fired_ms >= since_ms)
                post(pass, LS_ALERT_EVENT_FIRED, alert);
        } else if (alert->severity > before->severity || before->state == LS_ALERT_ACKED) {
            post(pass, LS_ALERT_EVENT_WORSE, alert);
        }
    }
    for (size_t i = 0; pass->told != NULL && !open->has_more && i < pass->told->count; i++) {
        if (find(open, pass->told->rows[i].id) == NULL)
            post(pass, LS_ALERT_EVENT_RESOLVED, &pass->told->rows[i]);
    }
}

/* Another process may have made an alert fire, so the desktop hears of the open ones, not
 * of what this process changed. What could not be read now is told at the next pass. */
static void
tell_desktop(struct ls_alert_pass *pass, ls_session *session, const struct ls_dashboard *facts)
{
    struct ls_why why = {0};
    if (pass->desktop == NULL) return;
    struct ls_alert_page *open = calloc(1, sizeof *open);
    if (open == NULL || ls_failed(ls_session_alerts(session, false, 0, open, &why))) {
        free(open);
        return;
    }
    tell_news(pass, open, facts->now_ms);
    free(pass->told);
    pass->told = open;
}

void ls_alert_pass_done(struct ls_alert_pass *pass)
{
    free(pass->told);
    pass->told = NULL;
}

ls_err ls_alert_pass_run(struct ls_alert_pass *pass,
                         ls_session *session,
                         const struct ls_dashboard *facts,
                         bool *rings_out,
                         struct ls_why *why)
{
    struct ls_alerts_due *due = calloc(1, sizeof *due);
    struct ls_alert_news *news = calloc(1, sizeof *news);
    ls_err err = LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT);
    bool rings = false;
    if (due != NULL && news != NULL) {
        ls_alert_rules_evaluate(pass->rules, facts, due);
        err = ls_session_apply_alerts(session, due, news, why);
    }
    for (size_t i = 0; !ls_failed(err) && i < news->count; i++) {
        const enum ls_alert_event event = news->items[i].event;
        rings = rings || event != LS_ALERT_EVENT_RESOLVED;
        if (pass->log.write != NULL) write_log(pass, facts, event, &news->items[i].alert);
    }
    free(due);
    free(news);
    tell_desktop(pass, session, facts);
    if (!ls_failed(err)) *rings_out = rings;
    return err;
}
