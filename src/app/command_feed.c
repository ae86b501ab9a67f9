#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "list_view.h"

/* What applications have lockstep do for them: on_settled functions and outcome consumers. */

static const struct list_view hooks = {
    LS_LIST_HOOKS,
    7,
    1U << 1 | 1U << 4,
    {{"kind", "KIND", LIST_TEXT},
     {"function", "FUNCTION", LIST_TEXT},
     {"definition", "DEFINITION", LIST_TEXT},
     {"waiting", "WAITING", LIST_NUMBER},
     {"last_error", "LAST ERROR", LIST_TEXT},
     {"registered_by", "BY", LIST_TEXT},
     {"registered_ms", "SINCE", LIST_TIME}},
};

static const struct list_view consumers = {
    LS_LIST_CONSUMERS,
    7,
    1U << 0,
    {{"name", "CONSUMER", LIST_TEXT},
     {"login", "LOGIN", LIST_TEXT},
     {"acked", "ACKED", LIST_NUMBER},
     {"lag", "LAG", LIST_NUMBER},
     {"lost", "LOST", LIST_NUMBER},
     {"oldest_ms", "OLDEST", LIST_TIME},
     {"acked_ms", "ACKED AT", LIST_TIME}},
};

enum ls_exit command_hook_list(const struct command_call *call)
{
    return list_view_print(call, &hooks);
}

enum ls_exit command_consumer_list(const struct command_call *call)
{
    return list_view_print(call, &consumers);
}

static ls_err copy_argument(char *out, size_t out_bytes, const char *text, struct ls_why *why)
{
    if (text[0] != '\0' && strlen(text) < out_bytes) {
        memcpy(out, text, strlen(text) + 1);
        return LS_OK;
    }
    return ls_refuse(why, LS_CODE_INVALID, "usage", "%.60s%s", text,
                     text[0] == '\0' ? "an argument is empty" : "… is too long to be a name");
}

static enum ls_exit
act_on_name(const struct command_call *call, enum ls_verb verb, const char *function)
{
    struct ls_action action;
    struct ls_why why = {0};
    ls_err err = database_action(call, verb, &action, &why);
    if (!ls_failed(err)) {
        err = copy_argument(action.selector, sizeof action.selector,
                            call->arguments->positional[0], &why);
    }
    if (!ls_failed(err) && function != NULL)
        err = copy_argument(action.function, sizeof action.function, function, &why);
    if (ls_failed(err)) return ls_complain_err(call->command->group, err, &why);
    return database_act_alone(call, &action);
}

enum ls_exit command_hook_add(const struct command_call *call)
{
    return act_on_name(call, LS_VERB_HOOK_ADD, call->arguments->positional[1]);
}

enum ls_exit command_hook_remove(const struct command_call *call)
{
    return act_on_name(call, LS_VERB_HOOK_REMOVE, NULL);
}

enum ls_exit command_consumer_drop(const struct command_call *call)
{
    return act_on_name(call, LS_VERB_CONSUMER_DROP, NULL);
}
