#include "database.h"

#include <stdlib.h>
#include <string.h>

#include "lockstep/host/clock.h"
#include "lockstep/report/out.h"
#include "lockstep/service/act.h"

enum { CONNECT_TIMEOUT_S = 5, STATEMENT_TIMEOUT_MS = 15000 };

enum ls_exit database_open(const struct command_call *call, ls_session **session_out)
{
    const struct ls_session_options options = {
        .url = call->config->database_url,
        .application = "lockstep",
        .connect_timeout_s = CONNECT_TIMEOUT_S,
        .statement_timeout_ms = STATEMENT_TIMEOUT_MS,
    };
    struct ls_why why = {0};
    ls_session *session = ls_session_new(&options);
    if (session == NULL) {
        return ls_complain_memory("database");
    }
    const ls_err err = ls_session_connect(session, &why);
    if (ls_failed(err)) {
        ls_session_free(session);
        return ls_complain_err("database", err, &why);
    }
    *session_out = session;
    return LS_EXIT_DONE;
}

ls_err database_action(const struct command_call *call,
                       enum ls_verb verb,
                       struct ls_action *action_out,
                       struct ls_why *why)
{
    const char *reason = arguments_value(call->arguments, OPTION_REASON);
    if (reason == NULL || reason[strspn(reason, " \t\n")] == '\0') {
        return ls_refuse(why, LS_CODE_INVALID, "usage",
                         "no reason is given; add --reason \"why\" for the audit log");
    }
    if (strlen(reason) > LS_REASON_BYTES_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, "usage",
                         "the reason is longer than %d bytes; shorten it", LS_REASON_BYTES_MAX);
    }
    struct ls_action action = {.verb = verb};
    const struct ls_entropy entropy = ls_system_entropy();
    entropy.fill(entropy.self, action.request_id, sizeof action.request_id);
    memcpy(action.reason, reason, strlen(reason) + 1);
    ls_act_claims(&action);
    *action_out = action;
    return LS_OK;
}

enum ls_exit database_act_alone(const struct command_call *call, const struct ls_action *action)
{
    ls_session *session = NULL;
    struct ls_action_result result;
    const enum ls_exit opened = database_open(call, &session);
    if (opened != LS_EXIT_DONE) return opened;
    ls_act(session, action, &result);
    ls_session_free(session);
    if (ls_failed(result.err)) {
        return ls_complain_err(call->command->group, result.err, &result.why);
    }
    struct ls_buf line;
    ls_buf_init(&line, 4096);
    ls_out_gated(&line, result.why.text[0] == '\0' ? "done" : result.why.text);
    ls_buf_add_char(&line, '\n');
    return ls_out_print(&line);
}

ls_err database_limit(const struct command_call *call, int64_t *limit_out, struct ls_why *why)
{
    static const int64_t range[2] = {1, LISTING_MAX};
    const char *given = arguments_value(call->arguments, OPTION_LIMIT);
    *limit_out = LISTING_DEFAULT;
    if (given != NULL && strcmp(given, "all") == 0) {
        *limit_out = INT64_MAX;
        return LS_OK;
    }
    return arguments_number(call->arguments, OPTION_LIMIT, range, limit_out, why);
}

ls_err database_id(const char *text, const char *thing, int64_t *id_out, struct ls_why *why)
{
    char *end = NULL;
    if (text[0] >= '0' && text[0] <= '9' && strlen(text) <= 18) {
        const long long number = strtoll(text, &end, 10);
        if (*end == '\0' && number > 0) {
            *id_out = number;
            return LS_OK;
        }
    }
    return ls_refuse(why, LS_CODE_INVALID, "usage", "%s is no %s's number; the lists show them",
                     text, thing);
}

enum listing database_listing(const struct command_call *call)
{
    if (arguments_has(call->arguments, OPTION_JSON)) return LISTING_JSON;
    if (arguments_has(call->arguments, OPTION_JSONL)) return LISTING_JSONL;
    if (arguments_has(call->arguments, OPTION_CSV)) return LISTING_CSV;
    return LISTING_TABLE;
}
