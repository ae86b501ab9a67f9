#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "confirm.h"
#include "database.h"
#include "lockstep/core/bulk.h"
#include "lockstep/core/number.h"
#include "lockstep/report/out.h"

#define WHAT "bulk"

enum { SOL_DECIMALS = 9 };

static ls_err read_verb(const char *word, enum ls_verb *verb_out, struct ls_why *why)
{
    for (int verb = LS_VERB_RETRY; verb <= LS_VERB_CANCEL; verb++) {
        if (strcmp(ls_verb_name((enum ls_verb)verb), word) != 0) continue;
        *verb_out = (enum ls_verb)verb;
        return LS_OK;
    }
    return ls_refuse(why, LS_CODE_INVALID, "usage",
                     "%.60s is no action of a bulk job; use retry, cancel, hold, release or "
                     "compensate",
                     word);
}

/* The words after the action are the filter. */
static ls_err read_filter(const struct arguments *arguments,
                          char out[LS_FILTER_BYTES_MAX],
                          struct ls_why *why)
{
    struct ls_filter filter;
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 1; i < arguments->count; i++) {
        const char *word = arguments->positional[i];
        if (used + strlen(word) + 2 > LS_FILTER_BYTES_MAX)
            return ls_refuse(why, LS_CODE_INVALID, "usage", "the filter is too long");
        used += (size_t)snprintf(out + used, LS_FILTER_BYTES_MAX - used, "%s%s",
                                 i == 1 ? "" : " ", word);
    }
    return ls_filter_parse(out, &filter, why);
}

static ls_err read_number(const struct command_call *call,
                          enum option option,
                          int64_t most,
                          int32_t *number_out,
                          struct ls_why *why)
{
    const int64_t range[2] = {option == OPTION_RATE ? 1 : 0, most};
    int64_t number = *number_out;
    LS_TRY(arguments_number(call->arguments, option, range, &number, why));
    *number_out = (int32_t)number;
    return LS_OK;
}

static ls_err
read_order(const struct command_call *call, struct ls_bulk_order *order, struct ls_why *why)
{
    static const int64_t any[2] = {0, LS_BULK_TARGETS_MAX};
    struct ls_action action;
    *order = (struct ls_bulk_order){.expect = -1,
                                    .rate = LS_BULK_RATE_DEFAULT,
                                    .canary = LS_BULK_CANARY_DEFAULT,
                                    .abort_above = LS_BULK_ABORT_DEFAULT};
    LS_TRY(read_verb(call->arguments->positional[0], &order->verb, why));
    LS_TRY(read_filter(call->arguments, order->filter, why));
    LS_TRY(arguments_number(call->arguments, OPTION_EXPECT, any, &order->expect, why));
    LS_TRY(read_number(call, OPTION_RATE, LS_BULK_RATE_MAX, &order->rate, why));
    LS_TRY(read_number(call, OPTION_CANARY, LS_BULK_TARGETS_MAX, &order->canary, why));
    LS_TRY(
        read_number(call, OPTION_ABORT_ABOVE, LS_BULK_ABORT_NEVER, &order->abort_above, why));
    if (arguments_has(call->arguments, OPTION_DRY_RUN)) return LS_OK;
    LS_TRY(database_action(call, order->verb, &action, why));
    memcpy(order->request_id, action.request_id, sizeof order->request_id);
    memcpy(order->reason, action.reason, sizeof order->reason);
    memcpy(order->os_user, action.os_user, sizeof order->os_user);
    memcpy(order->tty, action.tty, sizeof order->tty);
    return LS_OK;
}

static void add_left_out(struct ls_buf *out, const struct ls_bulk_weight *weight)
{
    if (weight->left_out > 0)
        ls_buf_printf(out, "left out: %" PRId64 " in a state that does not allow it\n",
                      weight->left_out);
    if (weight->left_unknown > 0)
        ls_buf_printf(out, "left out: %" PRId64 " of which it is unknown whether they landed\n",
                      weight->left_unknown);
}

static enum ls_exit print_weight(const struct command_call *call,
                                 const struct ls_bulk_order *order,
                                 const struct ls_bulk_weight *weight)
{
    struct ls_buf out;
    ls_buf_init(&out, 4096);
    if (arguments_has(call->arguments, OPTION_JSON)) {
        ls_buf_add_char(&out, '{');
        ls_out_json_flag(&out, "dry_run", true);
        ls_out_json_field(&out, "action", ls_verb_name(order->verb));
        ls_out_json_number(&out, "targets", weight->targets);
        ls_out_json_number(&out, "left_out", weight->left_out);
        ls_out_json_number(&out, "left_unknown", weight->left_unknown);
        ls_out_json_field(&out, "lamports", weight->lamports);
        ls_out_json_number(&out, "token_ops", weight->token_ops);
        ls_out_json_field(&out, "tokens", weight->tokens);
        if (weight->decimals >= 0) ls_out_json_number(&out, "token_decimals", weight->decimals);
        ls_out_json_field(&out, "mint", weight->mint);
        ls_buf_add_text(&out, "}\n");
        return ls_out_print(&out);
    }
    char targets[LS_NUMBER_BYTES];
    ls_number_grouped(weight->targets, targets);
    ls_buf_printf(&out, "would %s %s operation%s; nothing was changed\n",
                  ls_verb_name(order->verb), targets, weight->targets == 1 ? "" : "s");
    char amount[LS_AMOUNT_BYTES];
    char tokens[LS_BULK_TOKENS_BYTES];
    ls_number_amount(weight->lamports, SOL_DECIMALS, amount);
    ls_bulk_tokens(weight, tokens);
    if (strcmp(weight->lamports, "0") != 0) ls_buf_printf(&out, "value: %s SOL\n", amount);
    if (tokens[0] != '\0') {
        ls_buf_add_text(&out, "tokens: ");
        ls_out_gated(&out, tokens);
        ls_buf_add_char(&out, '\n');
    }
    add_left_out(&out, weight);
    return ls_out_print(&out);
}

/* With --expect the number is what was looked at; else a person says yes to it. */
static ls_err confirm_order(const struct command_call *call,
                            ls_session *session,
                            struct ls_bulk_order *order,
                            struct ls_why *why)
{
    struct ls_bulk_weight weight;
    char question[96];
    if (order->expect >= 0 || arguments_has(call->arguments, OPTION_YES)) return LS_OK;
    LS_TRY(ls_session_bulk_weigh(session, order, &weight, why));
    order->expect = weight.targets;
    if (weight.targets == 0)
        return ls_refuse(
            why, LS_CODE_REFUSED, WHAT,
            "nothing that matches can be acted on; lockstep ops shows what a filter "
            "finds, --dry-run what is left out");
    (void)snprintf(question, sizeof question, "%s %" PRId64 " operation%s",
                   ls_verb_name(order->verb), weight.targets, weight.targets == 1 ? "" : "s");
    return confirm(question, why);
}

static enum ls_exit print_started(const struct command_call *call,
                                  const struct ls_action_result *result)
{
    struct ls_buf out;
    ls_buf_init(&out, 4096);
    if (arguments_has(call->arguments, OPTION_JSON)) {
        ls_buf_add_char(&out, '{');
        ls_out_json_number(&out, "bulk", result->new_op);
        ls_out_json_number(&out, "audit_seq", result->audit_seq);
        ls_out_json_field(&out, "message", result->why.text);
        ls_buf_add_text(&out, "}\n");
    } else {
        ls_out_gated(&out, result->why.text);
        ls_buf_add_char(&out, '\n');
    }
    return ls_out_print(&out);
}

static enum ls_exit
carry_out(const struct command_call *call, ls_session *session, struct ls_bulk_order *order)
{
    struct ls_action_result result = {0};
    struct ls_why why = {0};
    if (arguments_has(call->arguments, OPTION_DRY_RUN)) {
        struct ls_bulk_weight weight;
        const ls_err err = ls_session_bulk_weigh(session, order, &weight, &why);
        return ls_failed(err) ? ls_complain_err(WHAT, err, &why)
                              : print_weight(call, order, &weight);
    }
    const ls_err err = confirm_order(call, session, order, &why);
    if (ls_failed(err)) return ls_complain_err(WHAT, err, &why);
    for (int i = 0; i < 3; i++) { /* a lost reply: the request id makes it one */
        ls_session_bulk_start(session, order, &result);
        if (result.err.code != LS_CODE_UNKNOWN) break;
    }
    if (ls_failed(result.err)) return ls_complain_err(WHAT, result.err, &result.why);
    return print_started(call, &result);
}

enum ls_exit command_bulk_start(const struct command_call *call)
{
    struct ls_bulk_order order;
    struct ls_why why = {0};
    ls_session *session = NULL;
    const ls_err err = read_order(call, &order, &why);
    if (ls_failed(err)) return ls_complain_err(WHAT, err, &why);
    enum ls_exit status = database_open(call, &session);
    if (status != LS_EXIT_DONE) return status;
    status = carry_out(call, session, &order);
    ls_session_free(session);
    return status;
}

enum ls_exit command_bulk_change(const struct command_call *call)
{
    struct ls_action action;
    struct ls_why why = {0};
    const char *word = call->command->name;
    const enum ls_verb verb = strcmp(word, "pause") == 0    ? LS_VERB_BULK_PAUSE
                              : strcmp(word, "resume") == 0 ? LS_VERB_BULK_RESUME
                                                            : LS_VERB_BULK_ABORT;
    ls_err err = database_action(call, verb, &action, &why);
    if (!ls_failed(err))
        err = database_id(call->arguments->positional[0], WHAT, &action.bulk_id, &why);
    if (ls_failed(err)) return ls_complain_err(WHAT, err, &why);
    return database_act_alone(call, &action);
}
