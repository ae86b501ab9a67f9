#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "listing_out.h"
#include "lockstep/host/clock.h"
#include "lockstep/report/op_json.h"
#include "lockstep/report/out.h"

static void
add_row(struct ls_out_table *table, const struct ls_alert_row *alert, int64_t now_ms)
{
    char age[LS_OUT_AGE_BYTES];
    ls_out_age(now_ms - alert->fired_ms, age);
    ls_out_table_number(table, alert->id);
    ls_out_table_cell(table, ls_severity_name(alert->severity));
    ls_out_table_cell(table, ls_alert_state_name(alert->state));
    ls_out_table_cell(table, alert->rule);
    ls_out_table_cell(table, age);
    ls_out_table_cell(table, alert->subject);
    ls_out_table_cell(table, alert->owner);
    ls_out_table_cell(table, alert->message);
}

/* The listing in the making, of one page after the other. */
struct alert_list {
    enum listing listing;
    int64_t now_ms, left; /* rows that may follow */
    struct ls_out_table table;
    struct listing_out out;
};

static void begin(struct alert_list *list, const struct command_call *call)
{
    static const char *const titles[] = {"ID",    "SEVERITY", "STATE", "RULE",
                                         "SINCE", "ABOUT",    "OWNER", "MESSAGE"};
    const struct ls_clock clock = ls_system_clock();
    list->now_ms = clock.wall_ms(clock.self);
    list->listing = database_listing(call);
    if (list->listing != LISTING_TABLE) {
        listing_out_init(&list->out, call);
        return;
    }
    ls_out_table_init(&list->table, titles, 8, 1U << 5 | 1U << 6 | 1U << 7);
    list->table.is_wide = arguments_has(call->arguments, OPTION_WIDE);
}

static void add_page(struct alert_list *list, const struct ls_alert_page *page)
{
    for (size_t i = 0; i < page->count && list->left > 0; i++, list->left--) {
        if (list->listing == LISTING_TABLE) {
            add_row(&list->table, &page->rows[i], list->now_ms);
            continue;
        }
        ls_json_alert(&list->out.json, &page->rows[i]);
        listing_out_row(&list->out);
    }
}

static ls_err read_all(const struct command_call *call,
                       ls_session *session,
                       struct ls_alert_page *page,
                       struct alert_list *list,
                       struct ls_why *why)
{
    const bool with_resolved = arguments_has(call->arguments, OPTION_ALL);
    int64_t after = 0;
    do {
        LS_TRY(ls_session_alerts(session, with_resolved, after, page, why));
        if (after == 0) begin(list, call);
        add_page(list, page);
        if (page->count > 0) after = page->rows[page->count - 1].id;
    } while (page->has_more && page->count > 0 && list->left > 0);
    return LS_OK;
}

static enum ls_exit print_alerts(const struct command_call *call,
                                 ls_session *session,
                                 struct ls_alert_page *page,
                                 int64_t limit)
{
    struct ls_why why = {0};
    struct alert_list list = {.left = limit, .listing = LISTING_TABLE};
    const ls_err err = read_all(call, session, page, &list, &why);
    if (ls_failed(err)) {
        if (list.now_ms > 0 && list.listing == LISTING_TABLE) ls_buf_done(&list.table.text);
        if (list.now_ms > 0 && list.listing != LISTING_TABLE) listing_out_drop(&list.out);
        return ls_complain_err("alert", err, &why);
    }
    return list.listing == LISTING_TABLE ? ls_out_table_done(&list.table)
                                         : listing_out_done(&list.out);
}

enum ls_exit command_alert_list(const struct command_call *call)
{
    struct ls_why why = {0};
    ls_session *session = NULL;
    int64_t limit = 0;
    ls_err err = database_limit(call, &limit, &why);
    if (ls_failed(err)) return ls_complain_err("alert", err, &why);
    enum ls_exit status = database_open(call, &session);
    if (status != LS_EXIT_DONE) return status;

    struct ls_alert_page *page = calloc(1, sizeof *page);
    status =
        page == NULL ? ls_complain_memory("alert") : print_alerts(call, session, page, limit);
    free(page);
    ls_session_free(session);
    return status;
}

enum ls_exit command_alert_change(const struct command_call *call)
{
    struct ls_action action;
    struct ls_why why = {0};
    const bool is_ack = strcmp(call->command->name, "ack") == 0;
    ls_err err = database_action(call, is_ack ? LS_VERB_ALERT_ACK : LS_VERB_ALERT_RESOLVE,
                                 &action, &why);
    if (!ls_failed(err)) {
        err = database_id(call->arguments->positional[0], "alert", &action.alert_id, &why);
    }
    if (!ls_failed(err) && is_ack) {
        err = arguments_duration(call->arguments, OPTION_FOR, &action.duration_ms, &why);
    }
    if (ls_failed(err)) return ls_complain_err("alert", err, &why);
    return database_act_alone(call, &action);
}
