#include "feed_request.h"

#include <stdlib.h>
#include <string.h>

#include "lockstep/host/clock.h"
#include "lockstep/service/act.h"
#include "lockstep/store/edit.h"

enum { UNKNOWN_TRIES = 3 };

struct ls_ui_request *feed_request_copy(const struct ls_ui_request *request)
{
    struct ls_ui_request *copy = malloc(sizeof *copy);
    if (copy == NULL) return NULL;
    *copy = *request;
    if (request->payload == NULL) return copy;
    copy->payload = strdup(request->payload);
    if (copy->payload != NULL) return copy;
    free(copy);
    return NULL;
}

void feed_request_free(struct ls_ui_request *request)
{
    if (request == NULL) return;
    free((void *)(uintptr_t)request->payload);
    free(request);
}

void feed_request_name(struct ls_action *action)
{
    static const uint8_t none[sizeof action->request_id];
    if (memcmp(action->request_id, none, sizeof none) != 0) return;
    const struct ls_entropy entropy = ls_system_entropy();
    entropy.fill(entropy.self, action->request_id, sizeof action->request_id);
    ls_act_claims(action);
}

/* The request keeps what its action is about, each as it was seen. */
static void act_on_frozen(ls_session *session,
                          const struct ls_ui_request *request,
                          struct ls_action action,
                          struct ls_action_result *result_out)
{
    struct ls_frozen_op frozen[LS_PREFLIGHT_OPS_MAX];
    for (size_t i = 0; i < request->op_count; i++)
        frozen[i] = (struct ls_frozen_op){request->ops[i], request->versions[i]};
    action.ops = frozen;
    action.op_count = request->op_count;
    ls_act(session, &action, result_out);
}

void feed_request_act(ls_session *session,
                      const struct ls_ui_request *request,
                      const struct ls_action *action,
                      struct ls_action_result *result_out)
{
    bool is_lost = false;
    if (action->verb == LS_VERB_BATCH_RETRY && request->op_count > 0) {
        act_on_frozen(session, request, *action, result_out);
        return;
    }
    if (action->verb != LS_VERB_EDIT || request->payload == NULL) {
        ls_act(session, action, result_out);
        return;
    }
    for (int i = 0; i < UNKNOWN_TRIES; i++) {
        ls_session_edit(session, action, request->payload, result_out);
        if (is_lost && result_out->err.code == LS_CODE_UNAVAILABLE)
            result_out->err.code = LS_CODE_UNKNOWN; /* of what was sent before */
        if (result_out->err.code != LS_CODE_UNKNOWN) return;
        is_lost = true;
    }
}
