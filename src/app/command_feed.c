#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "out.h"

/* What applications have lockstep do for them: on_settled functions and outcome consumers. */

enum column_form { FORM_TEXT, FORM_NUMBER, FORM_TIME };

struct column {
    const char *name;  /* in JSON */
    const char *title; /* in a table */
    enum column_form form;
};

struct view {
    enum ls_list list;
    size_t count;
    uint32_t flexible;
    struct column columns[LS_LIST_COLUMNS_MAX];
};

static const struct view hooks = {
    LS_LIST_HOOKS,
    7,
    1U << 1 | 1U << 4,
    {{"kind", "KIND", FORM_TEXT},
     {"function", "FUNCTION", FORM_TEXT},
     {"definition", "DEFINITION", FORM_TEXT},
     {"waiting", "WAITING", FORM_NUMBER},
     {"last_error", "LAST ERROR", FORM_TEXT},
     {"registered_by", "BY", FORM_TEXT},
     {"registered_ms", "SINCE", FORM_TIME}},
};

static const struct view consumers = {
    LS_LIST_CONSUMERS,
    7,
    1U << 0,
    {{"name", "CONSUMER", FORM_TEXT},
     {"login", "LOGIN", FORM_TEXT},
     {"acked", "ACKED", FORM_NUMBER},
     {"lag", "LAG", FORM_NUMBER},
     {"lost", "LOST", FORM_NUMBER},
     {"oldest_ms", "OLDEST", FORM_TIME},
     {"acked_ms", "ACKED AT", FORM_TIME}},
};

struct printing {
    const struct view *view;
    enum listing listing;
    int64_t left; /* rows that may still be printed */
    struct ls_buf json;
    struct out_table table;
};

static void add_cell(struct printing *printing, size_t column, const char *text)
{
    char time[OUT_TIME_BYTES];
    if (printing->view->columns[column].form == FORM_TIME) {
        out_time(strtoll(text, NULL, 10), time);
        text = time;
    }
    out_table_cell(&printing->table, text);
}

static void add_member(struct printing *printing, size_t column, const char *text)
{
    const struct column *of = &printing->view->columns[column];
    if (of->form == FORM_TEXT) {
        out_json_field(&printing->json, of->name, text);
    } else {
        out_json_number(&printing->json, of->name, strtoll(text, NULL, 10));
    }
}

static void take_row(void *self, const char *const *texts)
{
    struct printing *printing = self;
    const bool is_table = printing->listing == LISTING_TABLE;
    if (printing->left-- <= 0) return;
    if (!is_table) {
        if (printing->listing == LISTING_JSON) out_json_comma(&printing->json);
        ls_buf_add_char(&printing->json, '{');
    }
    for (size_t i = 0; i < printing->view->count; i++) {
        if (is_table) add_cell(printing, i, texts[i]);
        if (!is_table) add_member(printing, i, texts[i]);
    }
    if (!is_table) ls_buf_add_char(&printing->json, '}');
    if (printing->listing == LISTING_JSONL) ls_buf_add_char(&printing->json, '\n');
}

static enum ls_exit print_view(const struct command_call *call, const struct view *view)
{
    struct printing printing = {.view = view, .listing = database_listing(call)};
    const char *titles[LS_LIST_COLUMNS_MAX];
    struct ls_why why = {0};
    ls_session *session = NULL;
    ls_err err = database_limit(call, &printing.left, &why);
    if (ls_failed(err)) return complain_err(call->command->group, err, &why);
    const enum ls_exit opened = database_open(call, &session);
    if (opened != LS_EXIT_DONE) return opened;

    for (size_t i = 0; i < view->count; i++) titles[i] = view->columns[i].title;
    ls_buf_init(&printing.json, OUT_BYTES_MAX);
    out_table_init(&printing.table, titles, view->count, view->flexible);
    if (printing.listing == LISTING_JSON) ls_buf_add_char(&printing.json, '[');
    err = ls_session_list(session, view->list, 0, take_row, &printing, &why);
    ls_session_free(session);
    if (printing.listing == LISTING_JSON) ls_buf_add_text(&printing.json, "]\n");
    if (ls_failed(err)) {
        ls_buf_done(&printing.json);
        ls_buf_done(&printing.table.text);
        return complain_err(call->command->group, err, &why);
    }
    if (printing.listing == LISTING_TABLE) {
        ls_buf_done(&printing.json);
        return out_table_done(&printing.table);
    }
    ls_buf_done(&printing.table.text);
    return out_print(&printing.json);
}

enum ls_exit command_hook_list(const struct command_call *call)
{
    return print_view(call, &hooks);
}

enum ls_exit command_consumer_list(const struct command_call *call)
{
    return print_view(call, &consumers);
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
    if (ls_failed(err)) return complain_err(call->command->group, err, &why);
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
