#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "database.h"
#include "listing_out.h"
#include "lockstep/core/bulk.h"
#include "lockstep/report/batch_json.h"
#include "lockstep/report/out.h"

#define WHAT "bulk"

static void table_row(struct ls_out_table *table, const struct ls_bulk_row *row)
{
    ls_out_table_number(table, row->id);
    ls_out_table_cell(table, ls_verb_name(row->verb));
    ls_out_table_cell(table, ls_bulk_state_name(row->state));
    ls_out_table_number(table, row->total);
    ls_out_table_number(table, row->waiting);
    ls_out_table_number(table, row->sent);
    ls_out_table_number(table, row->done);
    ls_out_table_number(table, row->failed);
    ls_out_table_number(table, row->refused);
    ls_out_table_cell(table, row->actor);
    ls_out_table_cell(table, row->filter);
    ls_out_table_cell(table, row->reason);
}

static const char *const titles[] = {"ID",   "ACTION", "STATE",   "OPS", "WAITING", "SENT",
                                     "DONE", "FAILED", "REFUSED", "BY",  "FILTER",  "REASON"};
enum { COLUMNS = sizeof titles / sizeof titles[0] };

static void open_table(struct ls_out_table *table)
{
    ls_out_table_init(table, titles, COLUMNS, 1U << 10 | 1U << 11);
}

static enum ls_exit
print_page(const struct command_call *call, const struct ls_bulk_page *page, int64_t limit)
{
    struct listing_out out;
    struct ls_out_table table;
    const bool is_table = database_listing(call) == LISTING_TABLE;
    listing_out_init(&out, call);
    if (is_table) {
        open_table(&table);
        table.is_wide = arguments_has(call->arguments, OPTION_WIDE);
    }
    for (size_t i = 0; i < page->count && (int64_t)i < limit; i++) {
        if (is_table) {
            table_row(&table, &page->rows[i]);
            continue;
        }
        ls_json_bulk(&out.json, &page->rows[i]);
        listing_out_row(&out);
    }
    if (!is_table) return listing_out_done(&out);
    listing_out_drop(&out);
    return ls_out_table_done(&table);
}

enum ls_exit command_bulk_list(const struct command_call *call)
{
    struct ls_why why = {0};
    ls_session *session = NULL;
    int64_t limit = 0;
    ls_err err = database_limit(call, &limit, &why);
    if (ls_failed(err)) return ls_complain_err(WHAT, err, &why);
    struct ls_bulk_page *page = calloc(1, sizeof *page);
    if (page == NULL) return ls_complain_memory(WHAT);
    enum ls_exit status = database_open(call, &session);
    if (status == LS_EXIT_DONE) {
        err = ls_session_bulks(session, 0, 0, page, &why);
        status =
            ls_failed(err) ? ls_complain_err(WHAT, err, &why) : print_page(call, page, limit);
        ls_session_free(session);
    }
    free(page);
    return status;
}

struct shown {
    struct ls_bulk_page job;
    struct ls_bulk_target_page targets;
    bool is_json;
    struct ls_buf json;
    struct ls_out_table table;
};

static void add_targets(struct shown *shown)
{
    for (size_t i = 0; i < shown->targets.count; i++) {
        const struct ls_bulk_target_row *row = &shown->targets.rows[i];
        if (!shown->is_json) {
            ls_out_table_number(&shown->table, row->op.value);
            ls_out_table_cell(&shown->table, row->key);
            ls_out_table_cell(&shown->table, ls_bulk_target_state_name(row->state));
            ls_out_table_cell(&shown->table, row->why);
            continue;
        }
        ls_json_bulk_target(&shown->json, row);
    }
}

static ls_err
read_targets(ls_session *session, int64_t bulk, struct shown *shown, struct ls_why *why)
{
    int64_t after = 0;
    do {
        LS_TRY(ls_session_bulk_targets(session, bulk, after, &shown->targets, why));
        add_targets(shown);
        if (shown->targets.count > 0)
            after = shown->targets.rows[shown->targets.count - 1].op.value;
    } while (shown->targets.has_more);
    return LS_OK;
}

/* Why it stands as it does, and what the ledger said. */
static void print_words(const struct ls_bulk_row *row)
{
    char words[LS_BULK_WORDS_BYTES];
    struct ls_buf out;
    ls_bulk_words(row, words);
    if (row->why[0] == '\0' && words[0] == '\0') return;
    ls_buf_init(&out, 4096);
    ls_out_gated(&out, row->why);
    ls_buf_printf(&out, "%s%s\n", row->why[0] != '\0' && words[0] != '\0' ? "\n" : "", words);
    (void)ls_out_print(&out); /* the stream's error is looked at at the end */
}

static enum ls_exit print_shown(struct shown *shown)
{
    if (shown->is_json) {
        ls_buf_add_text(&shown->json, "]}\n");
        return ls_out_print(&shown->json);
    }
    struct ls_out_table head;
    open_table(&head);
    table_row(&head, &shown->job.rows[0]);
    (void)ls_out_table_done(&head); /* the stream's error is looked at at the end */
    print_words(&shown->job.rows[0]);
    return ls_out_table_done(&shown->table);
}

static enum ls_exit show(ls_session *session, int64_t bulk, struct shown *shown)
{
    static const char *const target_titles[] = {"OP", "KEY", "STATE", "WHY"};
    struct ls_why why = {0};
    ls_err err = ls_session_bulks(session, bulk, 0, &shown->job, &why);
    if (ls_failed(err)) return ls_complain_err(WHAT, err, &why);
    if (shown->job.count == 0) {
        ls_complain(WHAT, "there is no bulk job %" PRId64 "; lockstep bulk list shows them",
                    bulk);
        return LS_EXIT_NO_MATCH;
    }
    ls_buf_init(&shown->json, LS_OUT_BYTES_MAX);
    ls_out_table_init(&shown->table, target_titles, 4, 1U << 1 | 1U << 3);
    ls_buf_add_text(&shown->json, "{\"bulk\":");
    ls_json_bulk(&shown->json, &shown->job.rows[0]);
    ls_buf_add_text(&shown->json, ",\"targets\":[");
    err = read_targets(session, bulk, shown, &why);
    if (!ls_failed(err)) {
        const enum ls_exit printed = print_shown(shown);
        if (shown->is_json) ls_buf_done(&shown->table.text);
        if (!shown->is_json) ls_buf_done(&shown->json);
        return printed;
    }
    ls_buf_done(&shown->table.text);
    ls_buf_done(&shown->json);
    return ls_complain_err(WHAT, err, &why);
}

enum ls_exit command_bulk_show(const struct command_call *call)
{
    struct ls_why why = {0};
    ls_session *session = NULL;
    int64_t bulk = 0;
    const ls_err err = database_id(call->arguments->positional[0], WHAT, &bulk, &why);
    if (ls_failed(err)) return ls_complain_err(WHAT, err, &why);
    struct shown *shown = calloc(1, sizeof *shown);
    if (shown == NULL) return ls_complain_memory(WHAT);
    shown->is_json = arguments_has(call->arguments, OPTION_JSON);
    enum ls_exit status = database_open(call, &session);
    if (status == LS_EXIT_DONE) {
        status = show(session, bulk, shown);
        ls_session_free(session);
    }
    free(shown);
    return status;
}
