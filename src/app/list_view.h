/* Small lists of the database as tables and JSON: a view names the columns once. */
#ifndef LOCKSTEP_APP_LIST_VIEW_H
#define LOCKSTEP_APP_LIST_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "command.h"
#include "lockstep/base/buf.h"
#include "lockstep/store/session.h"

enum list_form { LIST_TEXT, LIST_NUMBER, LIST_TIME };

struct list_column {
    const char *name;  /* in JSON */
    const char *title; /* in a table; NULL: not shown there */
    enum list_form form;
};

struct list_view {
    enum ls_list list;
    size_t count;
    uint32_t flexible; /* columns of the table that give way, by bit */
    struct list_column columns[LS_LIST_COLUMNS_MAX];
};

/* The whole command of a listing: connect, read, print. */
enum ls_exit list_view_print(const struct command_call *call, const struct list_view *view);

/* Print the rows of `id` as a table. */
LS_MUST_CHECK ls_err list_view_table(ls_session *session,
                                     const struct list_view *view,
                                     int64_t id,
                                     size_t *count_out,
                                     struct ls_why *why);
/* Append the rows of `id` as JSON objects with commas between. */
LS_MUST_CHECK ls_err list_view_json(ls_session *session,
                                    const struct list_view *view,
                                    int64_t id,
                                    struct ls_buf *out,
                                    struct ls_why *why);

#endif
