/* lockstep batch retry: what failed of a batch is looked up on the ledger, and what may go by
 * that goes again, each as it was seen, in one audited action. */
#include "command.h"

#include <inttypes.h>
#include <stdlib.h>

#include "database.h"
#include "lockstep/report/out.h"
#include "lockstep/service/act.h"
#include "target.h"
#include "target_look.h"
#include "target_plan.h"

#define WHAT "batch"

/* Those that may go, as they were seen; free() it. NULL: memory is exhausted. */
static struct ls_frozen_op *freeze(const struct targets *targets, size_t *count_out)
{
    struct ls_frozen_op *frozen = calloc(targets->count + 1, sizeof *frozen);
    size_t count = 0;
    for (size_t i = 0; frozen != NULL && i < targets->count; i++) {
        const struct target *target = &targets->items[i];
        if (target_may_go(target))
            frozen[count++] = (struct ls_frozen_op){target->op, target->version};
    }
    *count_out = count;
    return frozen;
}

static enum ls_exit print_done(const struct command_call *call,
                               const struct targets *targets,
                               const struct target_looks *looks,
                               const struct ls_action_result *result)
{
    struct ls_buf out;
    ls_buf_init(&out, LS_OUT_BYTES_MAX);
    if (!arguments_has(call->arguments, OPTION_JSON)) {
        target_looks_line(&out, looks);
        ls_out_gated(&out, result->why.text);
        ls_buf_add_char(&out, '\n');
        return ls_out_print(&out);
    }
    ls_buf_add_char(&out, '{');
    ls_out_json_field(&out, "message", result->why.text);
    ls_out_json_number(&out, "audit_seq", result->audit_seq);
    target_looks_json(&out, looks);
    ls_buf_add_text(&out, ",\"looked\":[");
    for (size_t i = 0; i < targets->count; i++) {
        ls_out_json_comma(&out);
        ls_buf_add_char(&out, '{');
        ls_out_json_number(&out, "id", targets->items[i].op.value);
        target_json(&out, &targets->items[i]);
        ls_buf_add_char(&out, '}');
    }
    ls_buf_add_text(&out, "]}\n");
    return ls_out_print(&out);
}

/* The database decides again: on none of them, too, it says what is wrong with the batch. */
static enum ls_exit act(const struct command_call *call,
                        ls_session *session,
                        const struct targets *targets,
                        const struct target_looks *looks,
                        struct ls_action *action)
{
    struct ls_action_result result = {0};
    const enum ls_exit left_out = targets_complain(call, targets);
    if (targets->count > 0 && targets_going(targets, looks) == 0) return left_out;
    struct ls_frozen_op *frozen = freeze(targets, &action->op_count);
    if (frozen == NULL) return ls_complain_memory(WHAT);
    action->ops = frozen;
    ls_act(session, action, &result);
    free(frozen);
    if (ls_failed(result.err)) return ls_complain_err(WHAT, result.err, &result.why);
    const enum ls_exit printed = print_done(call, targets, looks, &result);
    return left_out == LS_EXIT_DONE ? printed : left_out;
}

static enum ls_exit retry(const struct command_call *call,
                          ls_session *session,
                          struct targets *targets,
                          struct ls_action *action)
{
    const bool is_trial = arguments_has(call->arguments, OPTION_DRY_RUN);
    struct target_looks looks = {0};
    struct ls_why why = {0};
    ls_err err = is_trial || targets->count == 0 ? LS_OK : targets_check(call, targets, &why);
    if (ls_failed(err)) return ls_complain_err(WHAT, err, &why);
    if (targets->count > 0) {
        const enum ls_exit looked = targets_look(call, session, targets, &looks);
        if (looked != LS_EXIT_DONE) return looked;
    }
    if (is_trial) return targets_print_plan(call, targets, &looks);
    return act(call, session, targets, &looks, action);
}

enum ls_exit command_batch_retry(const struct command_call *call)
{
    struct ls_action action = {0};
    struct ls_why why = {0};
    struct targets targets = {0};
    ls_session *session = NULL;
    int64_t batch = 0;
    ls_err err = LS_OK;
    if (!arguments_has(call->arguments, OPTION_DRY_RUN))
        err = database_action(call, LS_VERB_BATCH_RETRY, &action, &why);
    if (!ls_failed(err)) err = database_id(call->arguments->positional[0], WHAT, &batch, &why);
    if (ls_failed(err)) return ls_complain_err(WHAT, err, &why);
    action.batch_id = batch;
    enum ls_exit status = database_open(call, &session);
    if (status != LS_EXIT_DONE) return status;
    err = targets_of_batch(session, batch, &targets, &why);
    status = ls_failed(err) ? ls_complain_err(WHAT, err, &why)
                            : retry(call, session, &targets, &action);
    targets_done(&targets);
    ls_session_free(session);
    return status;
}
