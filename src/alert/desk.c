#include "lockstep/alert/desk.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/gate.h"

enum { RULES_TOLD_MAX = 4 };

struct shown {
    int64_t id; /* 0: this place is free */
    int64_t at_ms;
    enum ls_severity severity;
    char message[sizeof((struct ls_alert_row *)0)->message];
};

struct ls_desk {
    struct shown shown[LS_DESK_SHOWN_MAX];
    int64_t new_ms[LS_DESK_NEW_MAX]; /* when the last new ones were shown; a ring */
    size_t new_at;
    size_t rest; /* told together */
    int64_t rest_ms;
};

ls_desk *ls_desk_new(void)
{
    ls_desk *desk = calloc(1, sizeof *desk);
    if (desk != NULL) ls_desk_forget(desk);
    return desk;
}

void ls_desk_free(ls_desk *desk)
{
    free(desk);
}

void ls_desk_forget(ls_desk *desk)
{
    *desk = (struct ls_desk){0};
    for (size_t i = 0; i < LS_DESK_NEW_MAX; i++) desk->new_ms[i] = INT64_MIN / 2;
}

void ls_alert_notice_of(const struct ls_alert_row *alert, struct ls_alert_notice *notice_out)
{
    *notice_out = (struct ls_alert_notice){.alert_id = alert->id, .severity = alert->severity};
    char rule[40], subject[80];
    (void)ls_gate_text(alert->rule, strlen(alert->rule), rule, sizeof rule);
    (void)ls_gate_text(alert->subject, strlen(alert->subject), subject, sizeof subject - 8);
    (void)snprintf(notice_out->title, sizeof notice_out->title, "%.8s: %.39s%s%.71s",
                   ls_severity_name(alert->severity), rule, subject[0] == '\0' ? "" : " ",
                   subject);
    (void)ls_gate_text(alert->message, strlen(alert->message), notice_out->body,
                       sizeof notice_out->body);
}

static struct ls_alert_notice *add(struct ls_desk_plan *plan)
{
    assert(plan->count < LS_DESK_NOTICES_MAX);
    return &plan->notices[plan->count++];
}

static void take_down(struct shown *shown, struct ls_desk_plan *plan)
{
    *add(plan) = (struct ls_alert_notice){.alert_id = shown->id, .is_resolved = true};
    shown->id = 0;
}

static const struct ls_alert_row *firing(const struct ls_alert_page *open, int64_t id)
{
    for (size_t i = 0; i < open->count; i++) {
        const struct ls_alert_row *alert = &open->rows[i];
        if (alert->id == id && alert->state == LS_ALERT_FIRING) return alert;
    }
    return NULL;
}

static void remember(struct shown *shown, const struct ls_alert_row *alert, int64_t now_ms)
{
    shown->id = alert->id;
    shown->at_ms = now_ms;
    shown->severity = alert->severity;
    memcpy(shown->message, alert->message, sizeof shown->message);
}

/* What stands there already: down, changed, or left alone. */
static void keep_up(ls_desk *desk,
                    const struct ls_alert_page *open,
                    int64_t now_ms,
                    struct ls_desk_plan *plan)
{
    for (size_t i = 0; i < LS_DESK_SHOWN_MAX; i++) {
        struct shown *shown = &desk->shown[i];
        if (shown->id == 0) continue;
        const struct ls_alert_row *alert = firing(open, shown->id);
        if (alert == NULL) {
            /* Beyond a page that was cut nothing is known. */
            if (!open->has_more) take_down(shown, plan);
            continue;
        }
        const bool is_worse = alert->severity > shown->severity;
        const bool is_other =
            alert->severity != shown->severity || strcmp(alert->message, shown->message) != 0;
        if (!is_worse && (!is_other || now_ms - shown->at_ms < LS_DESK_UPDATE_MS)) continue;
        struct ls_alert_notice *notice = add(plan);
        ls_alert_notice_of(alert, notice);
        notice->is_update = !is_worse;
        remember(shown, alert, now_ms);
    }
}

static bool is_shown(const ls_desk *desk, int64_t id)
{
    for (size_t i = 0; i < LS_DESK_SHOWN_MAX; i++)
        if (desk->shown[i].id == id) return true;
    return false;
}

static bool is_before(const struct ls_alert_row *left, const struct ls_alert_row *right)
{
    if (left->severity != right->severity) return left->severity > right->severity;
    return left->fired_ms != right->fired_ms ? left->fired_ms < right->fired_ms
                                             : left->id < right->id;
}

/* The worst, then oldest, that fires and has no notification. */
static const struct ls_alert_row *next_new(const ls_desk *desk,
                                           const struct ls_alert_page *open)
{
    const struct ls_alert_row *best = NULL;
    for (size_t i = 0; i < open->count; i++) {
        const struct ls_alert_row *alert = &open->rows[i];
        if (alert->state != LS_ALERT_FIRING || is_shown(desk, alert->id)) continue;
        if (best == NULL || is_before(alert, best)) best = alert;
    }
    return best;
}

/* A free place, or that of the least severe, which must be less severe than this one. */
static struct shown *
find_place(ls_desk *desk, const struct ls_alert_row *alert, struct ls_desk_plan *plan)
{
    struct shown *least = NULL;
    for (size_t i = 0; i < LS_DESK_SHOWN_MAX; i++) {
        struct shown *shown = &desk->shown[i];
        if (shown->id == 0) return shown;
        if (least == NULL || shown->severity < least->severity) least = shown;
    }
    if (least->severity >= alert->severity) return NULL;
    /* Not twice in one plan: each place is worth a notice down and one up. */
    if (plan->count + 3 > LS_DESK_NOTICES_MAX) return NULL;
    take_down(least, plan);
    return least;
}

static void show_new(ls_desk *desk,
                     const struct ls_alert_page *open,
                     int64_t now_ms,
                     struct ls_desk_plan *plan)
{
    const struct ls_alert_row *alert = NULL;
    while ((alert = next_new(desk, open)) != NULL && plan->count + 2 < LS_DESK_NOTICES_MAX) {
        if (now_ms - desk->new_ms[desk->new_at] < LS_DESK_WINDOW_MS) return;
        struct shown *place = find_place(desk, alert, plan);
        if (place == NULL) return;
        remember(place, alert, now_ms);
        desk->new_ms[desk->new_at] = now_ms;
        desk->new_at = (desk->new_at + 1) % LS_DESK_NEW_MAX;
        ls_alert_notice_of(alert, add(plan));
    }
}

static size_t
count_rest(const ls_desk *desk, const struct ls_alert_page *open, enum ls_severity *worst_out)
{
    size_t count = 0;
    *worst_out = LS_SEVERITY_INFO;
    for (size_t i = 0; i < open->count; i++) {
        const struct ls_alert_row *alert = &open->rows[i];
        if (alert->state != LS_ALERT_FIRING || is_shown(desk, alert->id)) continue;
        count++;
        if (alert->severity > *worst_out) *worst_out = alert->severity;
    }
    return count;
}

/* "age, held, stuck and others" */
static void
write_rules(const ls_desk *desk, const struct ls_alert_page *open, char *out, size_t out_bytes)
{
    const char *told[RULES_TOLD_MAX];
    size_t count = 0, used = 0;
    for (size_t i = 0; i < open->count; i++) {
        const struct ls_alert_row *alert = &open->rows[i];
        if (alert->state != LS_ALERT_FIRING || is_shown(desk, alert->id)) continue;
        bool is_told = false;
        for (size_t t = 0; t < count; t++)
            is_told = is_told || strcmp(told[t], alert->rule) == 0;
        if (is_told) continue;
        char rule[40];
        (void)ls_gate_text(alert->rule, strlen(alert->rule), rule, sizeof rule);
        const bool is_full = count == RULES_TOLD_MAX;
        const int put = snprintf(out + used, out_bytes - used, "%s%s",
                                 is_full      ? " and others"
                                 : count == 0 ? ""
                                              : ", ",
                                 is_full ? "" : rule);
        if (put > 0 && (size_t)put < out_bytes - used) used += (size_t)put;
        if (is_full) return;
        told[count++] = alert->rule;
    }
}

static void tell_rest(ls_desk *desk,
                      const struct ls_alert_page *open,
                      int64_t now_ms,
                      struct ls_desk_plan *plan)
{
    enum ls_severity worst = LS_SEVERITY_INFO;
    const size_t rest = count_rest(desk, open, &worst);
    if (rest == 0) {
        if (desk->rest > 0)
            *add(plan) =
                (struct ls_alert_notice){.alert_id = LS_DESK_REST, .is_resolved = true};
        desk->rest = 0;
        return;
    }
    if (rest == desk->rest || (desk->rest > 0 && now_ms - desk->rest_ms < LS_DESK_UPDATE_MS))
        return;
    struct ls_alert_notice *notice = add(plan);
    *notice = (struct ls_alert_notice){.alert_id = LS_DESK_REST, .severity = worst};
    (void)snprintf(notice->title, sizeof notice->title, "%zu%s more alert%s fire%s", rest,
                   open->has_more ? " or" : "", rest == 1 ? "" : "s", rest == 1 ? "s" : "");
    write_rules(desk, open, notice->body, sizeof notice->body);
    notice->is_update = desk->rest > 0;
    desk->rest = rest;
    desk->rest_ms = now_ms;
}

void ls_desk_plan(ls_desk *desk,
                  const struct ls_alert_page *open,
                  int64_t now_ms,
                  struct ls_desk_plan *plan_out)
{
    plan_out->count = 0;
    keep_up(desk, open, now_ms, plan_out);
    show_new(desk, open, now_ms, plan_out);
    tell_rest(desk, open, now_ms, plan_out);
}
