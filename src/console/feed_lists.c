#include "feed_lists.h"

#include <stdio.h>
#include <string.h>

#include "feed_request.h"
#include "lockstep/store/edit.h"

enum { UNKNOWN_TRIES = 3 };

bool feed_answer_kind(enum ls_ui_request_kind want,
                      enum ls_ui_message_kind *answer_out,
                      size_t *bytes_out)
{
    static const struct {
        enum ls_ui_request_kind want;
        enum ls_ui_message_kind answer;
        size_t bytes;
    } kinds[] = {{LS_UI_WANT_BATCHES, LS_UI_BATCHES, sizeof(struct ls_batch_page)},
                 {LS_UI_WANT_BATCH, LS_UI_BATCH, sizeof(struct ls_batch_detail)},
                 {LS_UI_WANT_BULKS, LS_UI_BULKS, sizeof(struct ls_bulk_page)},
                 {LS_UI_WANT_TARGETS, LS_UI_TARGETS, sizeof(struct ls_bulk_target_page)},
                 {LS_UI_WANT_WEIGH, LS_UI_WEIGHED, sizeof(struct ls_bulk_weight)},
                 {LS_UI_WANT_WEIGH_EDIT, LS_UI_EDIT_WEIGHED, 0},
                 {LS_UI_WANT_DETAIL, LS_UI_DETAIL, sizeof(struct ls_op_detail)},
                 {LS_UI_WANT_ALERTS, LS_UI_ALERTS, sizeof(struct ls_alert_page)},
                 {LS_UI_WANT_AUDIT, LS_UI_AUDIT, sizeof(struct ls_audit_page)},
                 {LS_UI_WANT_PAST, LS_UI_PAST, sizeof(struct ls_dashboard)},
                 {LS_UI_WANT_CHOSEN, LS_UI_CHOSEN, sizeof(struct ls_op_page)},
                 {LS_UI_WANT_CHECK, LS_UI_CHECK, sizeof(struct ls_preflight)},
                 {LS_UI_WANT_BULK, LS_UI_ACTED, 0},
                 {LS_UI_WANT_ACT, LS_UI_ACTED, 0}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].want != want) continue;
        *answer_out = kinds[i].answer;
        *bytes_out = kinds[i].bytes;
        return true;
    }
    return false;
}

static ls_err read_batches(ls_session *session,
                           const struct ls_ui_request *request,
                           struct feed_answer *answer)
{
    struct ls_batch_filter filter;
    LS_TRY(ls_batch_filter_parse(request->text, &filter, &answer->why));
    LS_TRY(ls_session_batches(session, &filter, request->before_seq, answer->record,
                              &answer->why));
    answer->message.batches = answer->record;
    return LS_OK;
}

static ls_err
read_batch(ls_session *session, const struct ls_ui_request *request, struct feed_answer *answer)
{
    LS_TRY(ls_session_batch(session, request->batch, answer->record, &answer->why));
    answer->message.batch = answer->record;
    return LS_OK;
}

static ls_err
read_bulks(ls_session *session, const struct ls_ui_request *request, struct feed_answer *answer)
{
    LS_TRY(ls_session_bulks(session, 0, request->before_seq, answer->record, &answer->why));
    answer->message.bulks = answer->record;
    return LS_OK;
}

static ls_err read_targets(ls_session *session,
                           const struct ls_ui_request *request,
                           struct feed_answer *answer)
{
    LS_TRY(ls_session_bulk_targets(session, request->bulk, request->before_seq, answer->record,
                                   &answer->why));
    answer->message.targets = answer->record;
    return LS_OK;
}

static ls_err
weigh(ls_session *session, const struct ls_ui_request *request, struct feed_answer *answer)
{
    LS_TRY(ls_session_bulk_weigh(session, &request->order, answer->record, &answer->why));
    answer->message.weight = answer->record;
    return LS_OK;
}

ls_err feed_list_read(ls_session *session,
                      const struct ls_ui_request *request,
                      struct feed_answer *answer)
{
    if (request->kind == LS_UI_WANT_WEIGH_EDIT)
        return ls_session_weigh_edit(session, request->op, request->payload, &answer->why);
    if (request->kind == LS_UI_WANT_BATCHES) return read_batches(session, request, answer);
    if (request->kind == LS_UI_WANT_BATCH) return read_batch(session, request, answer);
    if (request->kind == LS_UI_WANT_BULKS) return read_bulks(session, request, answer);
    if (request->kind == LS_UI_WANT_TARGETS) return read_targets(session, request, answer);
    return weigh(session, request, answer);
}

bool feed_is_act(const struct ls_ui_request *request)
{
    return request->kind == LS_UI_WANT_ACT || request->kind == LS_UI_WANT_BULK;
}

static void start_bulk(ls_session *session,
                       const struct ls_ui_request *request,
                       const struct ls_action *action,
                       struct ls_action_result *result_out)
{
    struct ls_bulk_order order = request->order;
    memcpy(order.request_id, action->request_id, sizeof order.request_id);
    (void)snprintf(order.os_user, sizeof order.os_user, "%s", action->os_user);
    (void)snprintf(order.tty, sizeof order.tty, "%s", action->tty);
    for (int i = 0; i < UNKNOWN_TRIES; i++) {
        *result_out = (struct ls_action_result){0};
        ls_session_bulk_start(session, &order, result_out);
        if (result_out->err.code != LS_CODE_UNKNOWN) return;
    }
}

void feed_act(ls_session *session,
              const struct ls_ui_request *request,
              const struct ls_action *action,
              struct ls_action_result *result_out)
{
    if (request->kind == LS_UI_WANT_BULK) {
        start_bulk(session, request, action, result_out);
    } else {
        feed_request_act(session, request, action, result_out);
    }
}
