#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "database.h"
#include "listing_out.h"
#include "lockstep/core/filter.h"
#include "lockstep/host/clock.h"
#include "lockstep/report/op_json.h"
#include "lockstep/report/op_list.h"
#include "lockstep/report/out.h"
#include "target.h"

static ls_err
read_sort(const struct command_call *call, enum ls_op_sort *sort_out, struct ls_why *why)
{
    const char *name = arguments_value(call->arguments, OPTION_SORT);
    *sort_out = LS_SORT_ID_DESC;
    return name == NULL ? LS_OK : ls_op_list_sort(name, sort_out, why);
}

struct printing {
    enum listing listing;
    int64_t now_ms;
    struct listing_out out;
    struct ls_out_table table;
    int64_t count;
};

static ls_err print_row(void *self, const struct ls_op_row *row)
{
    struct printing *printing = self;
    char age[LS_OUT_AGE_BYTES];
    char state[48];
    printing->count++;
    if (printing->listing != LISTING_TABLE) {
        ls_json_op(&printing->out.json, row);
        listing_out_row(&printing->out);
        return LS_OK;
    }
    ls_out_age(printing->now_ms - row->created_ms, age);
    (void)snprintf(state, sizeof state, "%s%s%s%s", ls_state_name(row->state),
                   row->sub == LS_SUB_NONE ? "" : "(",
                   row->sub == LS_SUB_NONE ? "" : ls_sub_name(row->sub),
                   row->sub == LS_SUB_NONE ? "" : ")");
    ls_out_table_number(&printing->table, row->op.value);
    ls_out_table_cell(&printing->table, state);
    ls_out_table_cell(&printing->table, ls_kind_name(row->kind));
    ls_out_table_cell(&printing->table, row->key);
    ls_out_table_cell(&printing->table, row->entity);
    ls_out_table_cell(&printing->table, age);
    ls_out_table_number(&printing->table, row->attempts_made);
    ls_out_table_cell(&printing->table, row->cause);
    return LS_OK;
}

/* A person is told that a full page may not be all; a pipe gets the rows alone. */
static void hint_more(int64_t count, int64_t limit)
{
    if (count < limit || isatty(STDOUT_FILENO) == 0) return;
    printf("the first %" PRId64 "; --limit N shows more\n", count);
}

/* The names of CSV's columns do not depend on what matches. */
static void add_sample(struct listing_out *out)
{
    const struct ls_op_row every = {.batch = 1};
    struct ls_buf sample;
    ls_buf_init(&sample, 1 << 16);
    ls_json_op(&sample, &every);
    listing_out_sample(out, ls_buf_text(&sample));
    ls_buf_done(&sample);
}

static enum ls_exit print_ops(const struct command_call *call,
                              ls_session *session,
                              const struct ls_op_list_options *options)
{
    static const char *const titles[] = {"ID",     "STATE", "KIND",  "KEY",
                                         "ENTITY", "AGE",   "TRIES", "CAUSE"};
    enum { FLEXIBLE = 1U << 3 | 1U << 4 | 1U << 7 };
    const struct ls_clock clock = ls_system_clock();
    const enum listing listing = database_listing(call);
    struct printing printing = {.listing = listing, .now_ms = clock.wall_ms(clock.self)};
    struct ls_why why = {0};
    listing_out_init(&printing.out, call);
    add_sample(&printing.out);
    if (listing == LISTING_TABLE) ls_out_table_init(&printing.table, titles, 8, FLEXIBLE);
    printing.table.is_wide = arguments_has(call->arguments, OPTION_WIDE);

    const ls_err err = ls_op_list(session, options, print_row, &printing, &why);
    if (ls_failed(err)) {
        listing_out_drop(&printing.out);
        if (listing == LISTING_TABLE) ls_buf_done(&printing.table.text);
        return ls_complain_err("ops", err, &why);
    }
    if (listing == LISTING_TABLE) {
        listing_out_drop(&printing.out);
        const enum ls_exit status = ls_out_table_done(&printing.table);
        if (status == LS_EXIT_DONE) hint_more(printing.count, options->limit);
        return status;
    }
    return listing_out_done(&printing.out);
}

enum ls_exit command_ops(const struct command_call *call)
{
    struct ls_op_list_options options = {0};
    struct ls_why why = {0};
    ls_session *session = NULL;
    ls_err err = targets_filter(call->arguments, &options.filter, &why);
    if (!ls_failed(err)) err = read_sort(call, &options.sort, &why);
    if (!ls_failed(err)) err = database_limit(call, &options.limit, &why);
    if (ls_failed(err)) return ls_complain_err("ops", err, &why);

    enum ls_exit status = database_open(call, &session);
    if (status != LS_EXIT_DONE) return status;
    status = print_ops(call, session, &options);
    ls_session_free(session);
    return status;
}
