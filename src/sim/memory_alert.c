#include <stddef.h>
#include <string.h>

#include "memory_rows.h"

static struct ls_alert_row *
find_alert(const struct ls_memory_store *store, const char *rule, const char *subject)
{
    for (size_t i = 0; i < store->alert_count; i++) {
        struct ls_alert_row *alert = &store->alerts[i];
        if (strcmp(alert->rule, rule) == 0 && strcmp(alert->subject, subject) == 0)
            return alert;
    }
    return NULL;
}

static struct ls_alert_row *add_alert(struct ls_memory_store *store)
{
    void *alerts = store->alerts;
    bool has_room = memory_grow(&alerts, &store->alert_capacity, store->alert_count,
                                sizeof *store->alerts, LS_MEMORY_ALERTS_MAX);
    store->alerts = alerts;
    if (!has_room) return NULL;
    struct ls_alert_row *alert = &store->alerts[store->alert_count++];
    *alert =
        (struct ls_alert_row){.id = (int64_t)store->alert_count, .state = LS_ALERT_RESOLVED};
    return alert;
}

/* It fires anew, is refreshed, or is opened again by a worse severity. */
static void
fire(struct ls_alert_row *alert, const struct ls_alert_change *change, int64_t now_ms)
{
    bool is_worse = change->severity > (int)alert->severity;
    if (alert->state == LS_ALERT_RESOLVED) {
        alert->fired_ms = now_ms;
        alert->times++;
    }
    if (alert->state == LS_ALERT_RESOLVED || is_worse) alert->state = LS_ALERT_FIRING;
    alert->severity = (enum ls_severity)change->severity;
    alert->changed_ms = now_ms;
    alert->version++;
    memory_cut(alert->message, sizeof alert->message, change->message);
}

bool memory_fire(struct ls_memory_store *store, const struct ls_alert_change *change)
{
    struct ls_alert_row *alert = find_alert(store, change->rule, change->subject);
    if (alert == NULL) {
        alert = add_alert(store);
        if (alert == NULL) return false;
        memory_cut(alert->rule, sizeof alert->rule, change->rule);
        memory_cut(alert->subject, sizeof alert->subject, change->subject);
    }
    fire(alert, change, memory_now(store));
    return true;
}

void memory_end_alert(struct ls_memory_store *store, const char *rule, const char *subject)
{
    struct ls_alert_row *alert = find_alert(store, rule, subject);
    if (alert == NULL || alert->state == LS_ALERT_RESOLVED) return;
    alert->state = LS_ALERT_RESOLVED;
    alert->changed_ms = memory_now(store);
    alert->version++;
}

void memory_raise(const struct memory_call *call)
{
    const struct ls_alert_change *change = &call->request->alert;
    if (change->is_over) {
        memory_end_alert(call->store, change->rule, change->subject);
        return;
    }
    if (memory_fire(call->store, &call->request->alert)) return;
    call->reply->err = LS_FAIL(LS_CODE_REFUSED, 0, "store raise: too many alerts");
}

bool ls_memory_store_alert(const ls_memory_store *store,
                           const char *rule,
                           const char *subject,
                           struct ls_alert_row *row_out)
{
    const struct ls_alert_row *alert = find_alert(store, rule, subject);
    if (alert == NULL) return false;
    *row_out = *alert;
    return true;
}
