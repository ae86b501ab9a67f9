#include "list_view.h"

#include <stdlib.h>

#include "database.h"
#include "listing_out.h"
#include "lockstep/report/out.h"

struct printing {
    const struct list_view *view;
    enum listing listing;
    struct listing_out *out; /* NULL: no lines are ended */
    int64_t left;            /* rows that may still be printed */
    size_t count;
    struct ls_buf *json;
    struct ls_out_table table;
};

static void add_cell(struct printing *printing, size_t column, const char *text)
{
    char time[LS_OUT_TIME_BYTES];
    if (printing->view->columns[column].title == NULL) return;
    if (printing->view->columns[column].form == LIST_TIME) {
        ls_out_time(strtoll(text, NULL, 10), time);
        text = time;
    }
    ls_out_table_cell(&printing->table, text);
}

static void add_member(struct printing *printing, size_t column, const char *text)
{
    const struct list_column *of = &printing->view->columns[column];
    if (of->form == LIST_TEXT) {
        ls_out_json_field(printing->json, of->name, text);
    } else {
        ls_out_json_number(printing->json, of->name, strtoll(text, NULL, 10));
    }
}

static void take_row(void *self, const char *const *texts)
{
    struct printing *printing = self;
    const bool is_table = printing->listing == LISTING_TABLE;
    if (printing->left-- <= 0) return;
    printing->count++;
    if (!is_table) {
        if (printing->listing == LISTING_JSON) ls_out_json_comma(printing->json);
        ls_buf_add_char(printing->json, '{');
    }
    for (size_t i = 0; i < printing->view->count; i++) {
        if (is_table) add_cell(printing, i, texts[i]);
        if (!is_table) add_member(printing, i, texts[i]);
    }
    if (!is_table) ls_buf_add_char(printing->json, '}');
    if (!is_table && printing->out != NULL) listing_out_row(printing->out);
}

static void open_table(struct ls_out_table *table, const struct list_view *view)
{
    const char *titles[LS_LIST_COLUMNS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < view->count; i++)
        if (view->columns[i].title != NULL) titles[count++] = view->columns[i].title;
    ls_out_table_init(table, titles, count, view->flexible);
}

enum ls_exit list_view_print(const struct command_call *call, const struct list_view *view)
{
    struct listing_out out;
    struct printing printing = {
        .view = view, .listing = database_listing(call), .out = &out, .json = &out.json};
    struct ls_why why = {0};
    ls_session *session = NULL;
    ls_err err = database_limit(call, &printing.left, &why);
    if (ls_failed(err)) return ls_complain_err(call->command->group, err, &why);
    const enum ls_exit opened = database_open(call, &session);
    if (opened != LS_EXIT_DONE) return opened;

    listing_out_init(&out, call);
    open_table(&printing.table, view);
    printing.table.is_wide = arguments_has(call->arguments, OPTION_WIDE);
    err = ls_session_list(session, view->list, 0, take_row, &printing, &why);
    ls_session_free(session);
    if (!ls_failed(err) && printing.listing == LISTING_TABLE) {
        listing_out_drop(&out);
        return ls_out_table_done(&printing.table);
    }
    ls_buf_done(&printing.table.text);
    if (!ls_failed(err)) return listing_out_done(&out);
    listing_out_drop(&out);
    return ls_complain_err(call->command->group, err, &why);
}

ls_err list_view_table(ls_session *session,
                       const struct list_view *view,
                       int64_t id,
                       size_t *count_out,
                       struct ls_why *why)
{
    struct printing printing = {.view = view, .listing = LISTING_TABLE, .left = INT64_MAX};
    open_table(&printing.table, view);
    const ls_err err = ls_session_list(session, view->list, id, take_row, &printing, why);
    *count_out = printing.count;
    if (ls_failed(err) || printing.count == 0) {
        ls_buf_done(&printing.table.text);
        return err;
    }
    (void)ls_out_table_done(&printing.table); /* the stream's error is looked at at the end */
    return LS_OK;
}

ls_err list_view_json(ls_session *session,
                      const struct list_view *view,
                      int64_t id,
                      struct ls_buf *out,
                      struct ls_why *why)
{
    struct printing printing = {
        .view = view, .listing = LISTING_JSON, .left = INT64_MAX, .json = out};
    return ls_session_list(session, view->list, id, take_row, &printing, why);
}
