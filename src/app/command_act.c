#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "confirm.h"
#include "database.h"
#include "lockstep/base/base58.h"
#include "lockstep/report/out.h"
#include "lockstep/service/act.h"
#include "target.h"
#include "target_look.h"
#include "target_plan.h"

/* The command's word is the audit log's word. */
static enum ls_verb verb_of(const struct command *command)
{
    static const enum ls_verb verbs[] = {LS_VERB_RETRY, LS_VERB_COMPENSATE, LS_VERB_HOLD,
                                         LS_VERB_RELEASE, LS_VERB_CANCEL};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(ls_verb_name(verbs[i]), command->group) == 0) return verbs[i];
    }
    return LS_VERB_RETRY;
}

struct tally {
    const struct target_looks *looks;
    size_t acted;
    enum ls_exit status; /* the worst so far */
    bool is_json;
    struct ls_buf out;
};

static void
report(struct tally *tally, const struct target *target, const struct ls_action_result *result)
{
    const bool is_done = !ls_failed(result->err);
    if (tally->is_json) {
        ls_out_json_comma(&tally->out);
        ls_buf_add_char(&tally->out, '{');
        ls_out_json_number(&tally->out, "id", target->op.value);
        ls_out_json_flag(&tally->out, "ok", is_done);
        ls_out_json_field(&tally->out, "code", ls_code_name(result->err.code));
        ls_out_json_field(&tally->out, "message", result->why.text);
        ls_out_json_number(&tally->out, "audit_seq", result->audit_seq);
        ls_out_json_number(&tally->out, "new_op", result->new_op);
        if (tally->looks->is_made) target_json(&tally->out, target);
        ls_buf_add_char(&tally->out, '}');
        return;
    }
    if (!is_done) return;
    ls_out_gated(&tally->out, result->why.text);
    ls_buf_add_char(&tally->out, '\n');
}

static void act_on(const struct command_call *call,
                   ls_session *session,
                   const struct targets *targets,
                   struct tally *tally)
{
    for (size_t i = 0; i < targets->count; i++) {
        const struct target *target = &targets->items[i];
        struct ls_action action;
        struct ls_action_result result = {0};
        struct ls_why why = {0};
        if (!target_may_go(target)) { /* it was complained about */
            result.err = LS_FAIL(LS_CODE_REFUSED, 0, "look");
            target_why_words(target, result.why.text);
            if (tally->is_json) report(tally, target, &result);
            continue;
        }
        result.err = database_action(call, targets->verb, &action, &why);
        if (ls_failed(result.err)) {
            result.why = why;
        } else {
            action.op = target->op;
            action.expected_version = target->version;
            ls_act(session, &action, &result);
        }
        report(tally, target, &result);
        if (!ls_failed(result.err)) {
            tally->acted++;
            continue;
        }
        const enum ls_exit status =
            ls_complain_err(call->command->group, result.err, &result.why);
        if (tally->status == LS_EXIT_DONE) tally->status = status;
        if (result.err.code == LS_CODE_UNAVAILABLE) return;
    }
}

static enum ls_exit perform(const struct command_call *call,
                            ls_session *session,
                            const struct targets *targets,
                            const struct target_looks *looks)
{
    struct tally tally = {.looks = looks,
                          .is_json = arguments_has(call->arguments, OPTION_JSON)};
    tally.status = targets_complain(call, targets);
    ls_buf_init(&tally.out, LS_OUT_BYTES_MAX);
    if (tally.is_json) ls_buf_add_text(&tally.out, "{\"results\":[");
    act_on(call, session, targets, &tally);
    if (tally.is_json) {
        ls_buf_printf(&tally.out, "],\"acted\":%zu,\"matched\":%zu,\"left_out\":%zu",
                      tally.acted, targets->count, targets->left_out);
        target_looks_json(&tally.out, looks);
        ls_buf_add_text(&tally.out, "}\n");
    } else if (tally.acted > 0) {
        if (targets->count > 1) {
            target_looks_line(&tally.out, looks);
            ls_buf_printf(&tally.out, "%zu of %zu done\n", tally.acted, targets->count);
        }
        targets_left_out_line(&tally.out, targets);
    }
    const enum ls_exit printed = ls_out_print(&tally.out);
    return tally.status == LS_EXIT_DONE ? printed : tally.status;
}

/* The targets are there: look, tell or ask, act. */
static enum ls_exit
act_on_targets(const struct command_call *call, ls_session *session, struct targets *targets)
{
    const bool is_trial = arguments_has(call->arguments, OPTION_DRY_RUN);
    struct target_looks looks = {0};
    struct ls_why why = {0};
    ls_err err = is_trial ? LS_OK : targets_check(call, targets, &why);
    if (ls_failed(err)) return ls_complain_err(call->command->group, err, &why);
    if (target_look_needed(targets->verb) && targets->count > 0) {
        const enum ls_exit looked = targets_look(call, session, targets, &looks);
        if (looked != LS_EXIT_DONE) return looked;
    }
    if (is_trial) return targets_print_plan(call, targets, &looks);
    if (targets_going(targets, &looks) > 0)
        err = targets_ask(call, targets->verb, targets_going(targets, &looks), &why);
    if (ls_failed(err)) return ls_complain_err(call->command->group, err, &why);
    return perform(call, session, targets, &looks);
}

static enum ls_exit act(const struct command_call *call, ls_session *session)
{
    struct targets targets;
    struct ls_why why = {0};
    ls_err err =
        targets_gather(session, call->arguments, verb_of(call->command), &targets, &why);
    if (ls_failed(err)) return ls_complain_err(call->command->group, err, &why);
    const enum ls_exit status = act_on_targets(call, session, &targets);
    targets_done(&targets);
    return status;
}

enum ls_exit command_act(const struct command_call *call)
{
    struct ls_action trial;
    struct ls_why why = {0};
    ls_session *session = NULL;
    if (!arguments_has(call->arguments, OPTION_DRY_RUN)) {
        const ls_err err = database_action(call, verb_of(call->command), &trial, &why);
        if (ls_failed(err)) return ls_complain_err(call->command->group, err, &why);
    }
    enum ls_exit status = database_open(call, &session);
    if (status != LS_EXIT_DONE) return status;
    status = act(call, session);
    ls_session_free(session);
    return status;
}

static ls_err
prepare_resolve(const struct command_call *call, struct ls_action *action, struct ls_why *why)
{
    const struct arguments *arguments = call->arguments;
    const char *landed = arguments_value(arguments, OPTION_LANDED);
    const bool is_never = arguments_has(arguments, OPTION_NEVER_LANDED);
    struct ls_signature signature;
    if ((landed != NULL) == is_never) {
        return ls_refuse(why, LS_CODE_INVALID, "usage",
                         "say one of --landed SIGNATURE and --never-landed");
    }
    if (landed != NULL && !ls_signature_parse(landed, &signature)) {
        return ls_refuse(why, LS_CODE_INVALID, "usage",
                         "--landed %.100s is no transaction's signature (64 bytes in base58)",
                         landed);
    }
    LS_TRY(database_action(call, is_never ? LS_VERB_RESOLVE_NEVER : LS_VERB_RESOLVE_LANDED,
                           action, why));
    if (landed != NULL) memcpy(action->signature, landed, strlen(landed) + 1);
    LS_TRY(database_id(arguments->positional[0], "operation", &action->op.value, why));
    if (!is_never || arguments_has(arguments, OPTION_YES)) return LS_OK;
    return confirm("record that it never landed (if it did, a retry would do it twice)", why);
}

enum ls_exit command_resolve(const struct command_call *call)
{
    struct ls_action action;
    struct ls_why why = {0};
    const ls_err err = prepare_resolve(call, &action, &why);
    if (ls_failed(err)) return ls_complain_err("resolve", err, &why);
    return database_act_alone(call, &action);
}
