/* Plays a story: what the operator asks is answered and done by the database of
 * story_world.h, and time passes. */
#ifndef LOCKSTEP_TESTS_TUI_STORY_PLAY_H
#define LOCKSTEP_TESTS_TUI_STORY_PLAY_H

#include "story_world.h"

static inline ls_err
story_act_on_op(struct story *story, const struct ls_action *action, struct ls_why *why)
{
    if (action->verb != LS_VERB_RETRY && action->verb != LS_VERB_RESOLVE_LANDED)
        return ls_refuse(why, LS_CODE_REFUSED, "story", "this database knows no %s",
                         ls_verb_name(action->verb));
    struct story_op *op = story_find(story, action->op);
    struct ls_op_row *row = &op->row;
    const long long id = (long long)row->op.value;
    if (!ls_verb_allowed(action->verb, row->op, row->kind, row->state, row->sub, why))
        return (ls_err){.code = LS_CODE_REFUSED};
    if (action->expected_version != row->version)
        return ls_refuse(why, LS_CODE_REFUSED, "op", "op %lld changed meanwhile", id);
    if (action->verb == LS_VERB_RETRY) {
        story_move(story, op, LS_STATE_READY, LS_SUB_DUE);
        row->attempts_made = 0;
        row->cause[0] = row->signature[0] = '\0';
    } else {
        if (strcmp(action->signature, row->signature) != 0)
            return ls_refuse(why, LS_CODE_REFUSED, "op", "no attempt of op %lld signed that",
                             id);
        story_move(story, op, LS_STATE_SUBMITTED, LS_SUB_CONFIRMED);
        row->cause[0] = '\0';
    }
    (void)snprintf(why->text, sizeof why->text, "op %lld is %s", id, ls_state_name(row->state));
    return LS_OK;
}

static inline ls_err
story_acknowledge(struct story *story, const struct ls_action *action, struct ls_why *why)
{
    for (size_t i = 0; i < story->alerts.count; i++) {
        struct ls_alert_row *alert = &story->alerts.rows[i];
        if (alert->id != action->alert_id) continue;
        if (alert->version != action->expected_version || alert->state != LS_ALERT_FIRING)
            return ls_refuse(why, LS_CODE_REFUSED, "alert", "the alert changed meanwhile");
        alert->version++;
        alert->state = LS_ALERT_ACKED;
        alert->acked_until_ms = story_now_ms(story) + action->duration_ms;
        (void)snprintf(alert->owner, sizeof alert->owner, "op1");
        (void)snprintf(alert->note, sizeof alert->note, "%s", action->reason);
        (void)snprintf(why->text, sizeof why->text, "alert %lld is yours",
                       (long long)alert->id);
        return LS_OK;
    }
    return ls_refuse(why, LS_CODE_NOT_FOUND, "alert", "there is no such alert");
}

/* Ask for everything that the last message wanted, behind what is asked already. */
static inline void story_enqueue(struct story *story)
{
    const struct ls_ui_requests *asked = &story->world->requests;
    for (size_t i = 0; i < asked->count; i++) {
        if (story->queue_count == story->queue_max) abort();
        story->queue[story->queue_count++] = asked->items[i];
    }
}

static inline void story_tell(struct story *story, struct ls_ui_message message)
{
    fixture_tell(story->world, message);
    story_enqueue(story);
}

static inline void story_show_dashboard(struct story *story)
{
    story_fill_dashboard(story);
    story_tell(story,
               (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &story->dashboard});
}

static inline void story_act(struct story *story, const struct ls_ui_request *request)
{
    struct ls_action_result result = {0};
    story->acts++;
    result.err = request->action.verb == LS_VERB_ALERT_ACK
                     ? story_acknowledge(story, &request->action, &result.why)
                     : story_act_on_op(story, &request->action, &result.why);
    story_tell(story, (struct ls_ui_message){
                          .kind = LS_UI_ACTED, .ticket = request->ticket, .acted = &result});
}

static inline void story_answer(struct story *story, const struct ls_ui_request *request)
{
    struct fixture *world = story->world;
    struct ls_ui_message message = {.ticket = request->ticket};
    switch ((int)request->kind) {
    case LS_UI_WANT_OPS:
        story_fill_ops(story, request);
        message.kind = LS_UI_OPS;
        message.ops = &world->ops;
        break;
    case LS_UI_WANT_DETAIL:
        story_fill_detail(story, request->op);
        message.kind = LS_UI_DETAIL;
        message.detail = &world->detail;
        break;
    case LS_UI_WANT_ALERTS:
        message.kind = LS_UI_ALERTS;
        message.alerts = &story->alerts;
        break;
    case LS_UI_WANT_CHECK:
        story_fill_check(story, request);
        message.kind = LS_UI_CHECK;
        message.preflight = &world->preflight;
        break;
    case LS_UI_WANT_CHOSEN:
        world->chosen = (struct ls_op_page){.count = request->op_count};
        for (size_t i = 0; i < request->op_count; i++)
            world->chosen.rows[i] = story_find(story, request->ops[i])->row;
        message.kind = LS_UI_CHOSEN;
        message.ops = &world->chosen;
        break;
    case LS_UI_WANT_ACT: story_act(story, request); return;
    case LS_UI_WANT_REFRESH: story_show_dashboard(story); return;
    default:
        fixture_answer(world, request);
        story_enqueue(story);
        world->requests.count = 0;
        return;
    }
    story_tell(story, message);
}

/* Send a message and answer what it asks for, until nothing is asked. */
static inline void story_send(struct story *story, struct ls_ui_message message)
{
    story_tell(story, message);
    while (story->queue_first < story->queue_count) {
        const struct ls_ui_request request = story->queue[story->queue_first++];
        story->world->requests.count = 0;
        story_answer(story, &request);
    }
    story->queue_first = story->queue_count = 0;
}

static inline void story_step_op(struct story *story, struct story_op *op)
{
    const int64_t waited_ms = story_now_ms(story) - op->moved_ms;
    struct ls_op_row *row = &op->row;
    if (row->state == LS_STATE_READY && waited_ms >= STORY_SENT_MS) {
        story_move(story, op, LS_STATE_SUBMITTED, LS_SUB_SENT);
        row->attempts_made++;
        story_sign(row);
    } else if (row->state == LS_STATE_SUBMITTED && op->is_poor && !story->is_funded &&
               waited_ms >= STORY_REFUSED_MS) {
        story_move(story, op, LS_STATE_FAILED, LS_SUB_NONE);
        row->attempts_made = row->attempts_max;
        (void)snprintf(row->cause, sizeof row->cause, "InsufficientFunds");
    } else if (row->state == LS_STATE_SUBMITTED && waited_ms >= STORY_DONE_MS) {
        story_move(story, op, LS_STATE_DONE, LS_SUB_NONE);
        row->slot = 312904000 + row->op.value;
        op->has_landed = true;
    }
}

/* Those that are over come last, as the database orders them. */
static inline int story_by_state(const void *left, const void *right)
{
    const struct ls_alert_row *a = left, *b = right;
    const int a_over = a->state == LS_ALERT_RESOLVED, b_over = b->state == LS_ALERT_RESOLVED;
    return a_over != b_over ? a_over - b_over : (int)b->severity - (int)a->severity;
}

static inline void story_step_alerts(struct story *story)
{
    for (size_t i = 0; i < story->alerts.count; i++) {
        struct ls_alert_row *alert = &story->alerts.rows[i];
        if (strcmp(alert->rule, "held") != 0 || alert->state == LS_ALERT_RESOLVED ||
            story->dashboard.held_ambiguous > 0)
            continue;
        alert->state = LS_ALERT_RESOLVED;
        alert->version++;
    }
    qsort(story->alerts.rows, story->alerts.count, sizeof story->alerts.rows[0],
          story_by_state);
}

/* Time passes, a second at a time: workers go on, the feed reads. */
static inline void story_wait(struct story *story, int64_t seconds)
{
    for (int64_t i = 0; i < seconds; i++) {
        story->world->elapsed_ms += 1000;
        for (size_t op = 0; op < STORY_OPS; op++) story_step_op(story, &story->ops[op]);
        story_fill_dashboard(story);
        story_step_alerts(story);
        story_show_dashboard(story);
        story_send(story, (struct ls_ui_message){.kind = LS_UI_TICK});
    }
}

static inline struct story *story_new(void)
{
    struct story *story = calloc(1, sizeof *story);
    if (story == NULL) abort();
    story->world = fixture_new(100, 30, false);
    story->queue_max = 4096;
    story->queue = calloc(story->queue_max, sizeof *story->queue);
    story->ops = calloc(STORY_OPS, sizeof *story->ops);
    if (story->queue == NULL || story->ops == NULL) abort();
    for (size_t i = 0; i < STORY_OPS; i++) story_fill_op(story, i);
    story_break_some(story);
    story_fill_alerts(story);
    story->world->desk = (struct ls_people){0};
    fixture_desk(story->world);
    story_fill_dashboard(story);
    story_send(story,
               (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &story->dashboard});
    return story;
}

static inline void story_free(struct story *story)
{
    fixture_free(story->world);
    free(story->queue);
    free(story->ops);
    free(story);
}

#endif
