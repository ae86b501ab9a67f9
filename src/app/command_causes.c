#include "command.h"

#include <stdlib.h>

#include "database.h"
#include "listing_out.h"
#include "lockstep/core/cause.h"
#include "lockstep/report/op_json.h"
#include "lockstep/report/out.h"

static void add_row(struct ls_out_table *table, const struct ls_cause_row *row, int64_t now_ms)
{
    char title[LS_CAUSE_WORDS_BYTES];
    char outcome[LS_CAUSE_OUTCOME_BYTES];
    char age[LS_OUT_AGE_BYTES];
    struct ls_cause_advice advice;
    ls_cause_title(row, title);
    ls_cause_outcome(row, outcome);
    ls_cause_advise(row, &advice);
    ls_out_table_number(table, row->count);
    ls_out_table_cell(table, ls_cause_state(row));
    ls_out_table_cell(table, title);
    ls_out_age(now_ms - row->oldest_ms, age);
    ls_out_table_cell(table, age);
    ls_out_age(now_ms - row->since_ms, age);
    ls_out_table_cell(table, age);
    ls_out_table_cell(table, outcome);
    ls_out_table_cell(table, advice.words);
    ls_out_table_cell(table, advice.command);
}

static enum ls_exit
print_causes(const struct command_call *call, const struct ls_dashboard *facts, size_t count)
{
    static const char *const titles[] = {
        "OPS", "STATE", "CAUSE", "OLDEST", "SINCE", "OUTCOME ON CHAIN", "SUGGESTED", "COMMAND"};
    if (database_listing(call) == LISTING_TABLE) {
        struct ls_out_table table;
        ls_out_table_init(&table, titles, sizeof titles / sizeof titles[0], 1U << 2 | 1U << 7);
        table.is_wide = arguments_has(call->arguments, OPTION_WIDE);
        for (size_t i = 0; i < count; i++) add_row(&table, &facts->causes[i], facts->now_ms);
        return ls_out_table_done(&table);
    }
    struct listing_out out;
    listing_out_init(&out, call);
    for (size_t i = 0; i < count; i++) {
        ls_json_cause(&out.json, &facts->causes[i]);
        listing_out_row(&out);
    }
    return listing_out_done(&out);
}

enum ls_exit command_causes(const struct command_call *call)
{
    struct ls_why why = {0};
    ls_session *session = NULL;
    int64_t limit = 0;
    ls_err err = database_limit(call, &limit, &why);
    if (ls_failed(err)) return ls_complain_err("causes", err, &why);
    enum ls_exit status = database_open(call, &session);
    if (status != LS_EXIT_DONE) return status;

    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    if (facts == NULL) {
        ls_session_free(session);
        return ls_complain_memory("causes");
    }
    err = ls_session_dashboard(session, facts, &why);
    size_t count = facts->cause_count < (size_t)limit ? facts->cause_count : (size_t)limit;
    status = ls_failed(err) ? ls_complain_err("causes", err, &why)
                            : print_causes(call, facts, count);
    free(facts);
    ls_session_free(session);
    return status;
}
