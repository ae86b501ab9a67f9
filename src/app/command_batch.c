#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "database.h"
#include "list_view.h"
#include "lockstep/core/batch.h"
#include "lockstep/report/out.h"

#define WHAT "batch"

static const struct list_view batches = {
    LS_LIST_BATCHES,
    16,
    1U << 1,
    {{"id", "ID", LIST_NUMBER},
     {"name", "NAME", LIST_TEXT},
     {"policy", "POLICY", LIST_TEXT},
     {"state", "STATE", LIST_TEXT},
     {"total", "OPS", LIST_NUMBER},
     {"done", "DONE", LIST_NUMBER},
     {"failed", "FAILED", LIST_NUMBER},
     {"held", "HELD", LIST_NUMBER},
     {"live", "LIVE", LIST_NUMBER},
     {"cancelled", "CANCELLED", LIST_NUMBER},
     {"compensated", "UNDONE", LIST_NUMBER},
     {"opened_ms", "OPENED", LIST_TIME},
     {"sealed_ms", NULL, LIST_NUMBER},
     {"ended_ms", NULL, LIST_NUMBER},
     {"opened_by", NULL, LIST_TEXT},
     {"detail", NULL, LIST_TEXT}},
};

static const struct list_view batch_ops = {
    LS_LIST_BATCH_OPS,
    8,
    1U << 1 | 1U << 6,
    {{"id", "ID", LIST_NUMBER},
     {"key", "KEY", LIST_TEXT},
     {"kind", "KIND", LIST_TEXT},
     {"state", "STATE", LIST_TEXT},
     {"sub", "SUB", LIST_TEXT},
     {"attempt", "ATTEMPT", LIST_NUMBER},
     {"cause", "CAUSE", LIST_TEXT},
     {"signature", NULL, LIST_TEXT}},
};

static enum ls_exit report(const struct command_call *call, int64_t batch, const char *done)
{
    struct ls_buf out;
    ls_buf_init(&out, 4096);
    if (arguments_has(call->arguments, OPTION_JSON)) {
        ls_buf_add_char(&out, '{');
        ls_out_json_number(&out, "batch", batch);
        ls_buf_add_text(&out, "}\n");
    } else {
        ls_buf_printf(&out, done, batch);
    }
    return ls_out_print(&out);
}

enum ls_exit command_batch_open(const struct command_call *call)
{
    struct ls_why why = {0};
    ls_session *session = NULL;
    enum ls_batch_policy policy = LS_BATCH_BEST_EFFORT;
    int64_t batch = 0;
    const char *wanted = arguments_value(call->arguments, OPTION_POLICY);
    if (wanted == NULL || !ls_batch_policy_parse(wanted, &policy)) {
        ls_complain(WHAT, "%s%.60s; give --policy best_effort, ordered, saga or atomic",
                    wanted == NULL ? "no policy is given" : "there is no policy ",
                    wanted == NULL ? "" : wanted);
        return LS_EXIT_USAGE;
    }
    const enum ls_exit opened = database_open(call, &session);
    if (opened != LS_EXIT_DONE) return opened;
    const ls_err err = ls_session_batch_open(session, call->arguments->positional[0],
                                             ls_batch_policy_name(policy), &batch, &why);
    ls_session_free(session);
    if (ls_failed(err)) return ls_complain_err(WHAT, err, &why);
    return report(call, batch, "%" PRId64 "\n");
}

/* The batch of the command's first argument, and a session; not DONE: it was complained. */
static enum ls_exit
open_batch(const struct command_call *call, int64_t *batch_out, ls_session **session_out)
{
    struct ls_why why = {0};
    const ls_err err = database_id(call->arguments->positional[0], WHAT, batch_out, &why);
    if (ls_failed(err)) return ls_complain_err(WHAT, err, &why);
    return database_open(call, session_out);
}

enum ls_exit command_batch_seal(const struct command_call *call)
{
    struct ls_why why = {0};
    ls_session *session = NULL;
    int64_t batch = 0;
    const enum ls_exit opened = open_batch(call, &batch, &session);
    if (opened != LS_EXIT_DONE) return opened;
    const ls_err err = ls_session_batch_seal(session, batch, &why);
    ls_session_free(session);
    if (ls_failed(err)) return ls_complain_err(WHAT, err, &why);
    return report(call, batch, "batch %" PRId64 " is sealed\n");
}

enum ls_exit command_batch_list(const struct command_call *call)
{
    return list_view_print(call, &batches);
}

static ls_err show_json(ls_session *session, int64_t batch, size_t *count, struct ls_why *why)
{
    struct ls_buf out;
    struct ls_buf row;
    ls_buf_init(&out, LS_OUT_BYTES_MAX);
    ls_buf_init(&row, LS_OUT_BYTES_MAX);
    ls_buf_add_char(&row, '[');
    ls_err err = list_view_json(session, &batches, batch, &row, why);
    *count = row.length > 1 ? 1 : 0;
    ls_buf_add_text(&out, "{\"batch\":");
    ls_buf_add(&out, row.data + 1, row.length - 1);
    ls_buf_done(&row);
    ls_buf_add_text(&out, ",\"ops\":[");
    if (!ls_failed(err)) err = list_view_json(session, &batch_ops, batch, &out, why);
    ls_buf_add_text(&out, "]}\n");
    if (ls_failed(err) || *count == 0) {
        ls_buf_done(&out);
        return err;
    }
    (void)ls_out_print(&out); /* the stream's error is looked at at the end */
    return LS_OK;
}

enum ls_exit command_batch_show(const struct command_call *call)
{
    struct ls_why why = {0};
    ls_session *session = NULL;
    int64_t batch = 0;
    size_t count = 0;
    size_t ops = 0;
    ls_err err = LS_OK;
    const enum ls_exit opened = open_batch(call, &batch, &session);
    if (opened != LS_EXIT_DONE) return opened;
    if (arguments_has(call->arguments, OPTION_JSON)) {
        err = show_json(session, batch, &count, &why);
    } else {
        err = list_view_table(session, &batches, batch, &count, &why);
        if (!ls_failed(err) && count > 0)
            err = list_view_table(session, &batch_ops, batch, &ops, &why);
    }
    ls_session_free(session);
    if (ls_failed(err)) return ls_complain_err(WHAT, err, &why);
    if (count > 0) return LS_EXIT_DONE;
    ls_complain(WHAT, "there is no batch %" PRId64 "; lockstep batch list shows them", batch);
    return LS_EXIT_NO_MATCH;
}

enum ls_exit command_batch_compensate(const struct command_call *call)
{
    struct ls_action action;
    struct ls_why why = {0};
    ls_err err = database_action(call, LS_VERB_BATCH_COMPENSATE, &action, &why);
    if (!ls_failed(err))
        err = database_id(call->arguments->positional[0], WHAT, &action.batch_id, &why);
    if (ls_failed(err)) return ls_complain_err(WHAT, err, &why);
    return database_act_alone(call, &action);
}

/* A batch is paused by a gate of its own. */
enum ls_exit command_batch_pause(const struct command_call *call)
{
    struct ls_action action;
    struct ls_why why = {0};
    int64_t batch = 0;
    const bool is_on = strcmp(call->command->name, "pause") == 0;
    ls_err err =
        database_action(call, is_on ? LS_VERB_GATE_ON : LS_VERB_GATE_OFF, &action, &why);
    if (!ls_failed(err)) err = database_id(call->arguments->positional[0], WHAT, &batch, &why);
    if (ls_failed(err)) return ls_complain_err(WHAT, err, &why);
    (void)snprintf(action.selector, sizeof action.selector, "batch:%" PRId64, batch); /* fits */
    return database_act_alone(call, &action);
}
