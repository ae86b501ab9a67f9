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

static enum ls_exit
print_alerts(const struct command_call *call, const struct ls_alert_page *page, size_t count)
{
    static const char *const titles[] = {"ID",    "SEVERITY", "STATE", "RULE",
                                         "SINCE", "ABOUT",    "OWNER", "MESSAGE"};
    const struct ls_clock clock = ls_system_clock();
    const int64_t now_ms = clock.wall_ms(clock.self);
    if (database_listing(call) == LISTING_TABLE) {
        struct ls_out_table table;
        ls_out_table_init(&table, titles, 8, 1U << 5 | 1U << 6 | 1U << 7);
        table.is_wide = arguments_has(call->arguments, OPTION_WIDE);
        for (size_t i = 0; i < count; i++) add_row(&table, &page->rows[i], now_ms);
        return ls_out_table_done(&table);
    }
    struct listing_out out;
    listing_out_init(&out, call);
    for (size_t i = 0; i < count; i++) {
        ls_json_alert(&out.json, &page->rows[i]);
        listing_out_row(&out);
    }
    return listing_out_done(&out);
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
    if (page == NULL) {
        status = ls_complain_memory("alert");
    } else {
        err =
            ls_session_alerts(session, arguments_has(call->arguments, OPTION_ALL), page, &why);
        const size_t count = page->count < (size_t)limit ? page->count : (size_t)limit;
        status = ls_failed(err) ? ls_complain_err("alert", err, &why)
                                : print_alerts(call, page, count);
    }
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
