#include "command.h"

#include <stdio.h>
#include <stdlib.h>

#include "database.h"
#include "listing_out.h"
#include "lockstep/core/cause.h"
#include "lockstep/report/op_json.h"
#include "lockstep/report/out.h"
#include "lockstep/store/people.h"

struct reading {
    struct ls_dashboard facts;
    struct ls_people people;
};

/* What to do next; of a group that somebody has, who does it. */
static void add_suggestion(struct ls_out_table *table,
                           const struct ls_cause_row *row,
                           const struct reading *reading)
{
    char target[LS_CAUSE_TARGET_BYTES];
    ls_cause_target(row, target);
    const struct ls_claim *claim = ls_people_claim(&reading->people, target);
    struct ls_cause_advice advice;
    ls_cause_advise(row, &advice);
    if (claim == NULL) {
        ls_out_table_cell(table, advice.words);
    } else {
        char words[128];
        char left[LS_OUT_AGE_BYTES];
        ls_out_age(claim->until_ms - reading->facts.now_ms, left);
        (void)snprintf(words, sizeof words, "%.60s has it, %s left", claim->login, left);
        ls_out_table_cell(table, words);
    }
    ls_out_table_cell(table, advice.command);
}

static void add_row(struct ls_out_table *table,
                    const struct ls_cause_row *row,
                    const struct reading *reading)
{
    const int64_t now_ms = reading->facts.now_ms;
    char title[LS_CAUSE_WORDS_BYTES];
    char outcome[LS_CAUSE_OUTCOME_BYTES];
    char age[LS_OUT_AGE_BYTES];
    ls_cause_title(row, title);
    ls_cause_outcome(row, outcome);
    ls_out_table_number(table, row->count);
    ls_out_table_cell(table, ls_cause_state(row));
    ls_out_table_cell(table, title);
    ls_out_age(now_ms - row->oldest_ms, age);
    ls_out_table_cell(table, age);
    ls_out_age(now_ms - row->since_ms, age);
    ls_out_table_cell(table, age);
    ls_out_table_cell(table, outcome);
    add_suggestion(table, row, reading);
}

static enum ls_exit
print_causes(const struct command_call *call, const struct reading *reading, size_t count)
{
    static const char *const titles[] = {
        "OPS", "STATE", "CAUSE", "OLDEST", "SINCE", "OUTCOME ON CHAIN", "SUGGESTED", "COMMAND"};
    if (database_listing(call) == LISTING_TABLE) {
        struct ls_out_table table;
        ls_out_table_init(&table, titles, sizeof titles / sizeof titles[0], 1U << 2 | 1U << 7);
        table.is_wide = arguments_has(call->arguments, OPTION_WIDE);
        for (size_t i = 0; i < count; i++) add_row(&table, &reading->facts.causes[i], reading);
        return ls_out_table_done(&table);
    }
    struct listing_out out;
    listing_out_init(&out, call);
    for (size_t i = 0; i < count; i++) {
        ls_json_cause(&out.json, &reading->facts.causes[i], &reading->people);
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

    struct reading *reading = calloc(1, sizeof *reading);
    if (reading == NULL) {
        ls_session_free(session);
        return ls_complain_memory("causes");
    }
    err = ls_session_dashboard(session, &reading->facts, &why);
    if (!ls_failed(err)) err = ls_session_people(session, &reading->people, &why);
    const size_t known = reading->facts.cause_count;
    status = ls_failed(err)
                 ? ls_complain_err("causes", err, &why)
                 : print_causes(call, reading, known < (size_t)limit ? known : (size_t)limit);
    free(reading);
    ls_session_free(session);
    return status;
}
