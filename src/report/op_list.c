#include "lockstep/report/op_list.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum ls_op_sort sort;
} orders[] = {{"newest", LS_SORT_ID_DESC},
              {"oldest", LS_SORT_ID_ASC},
              {"age", LS_SORT_AGE_DESC},
              {"updated", LS_SORT_UPDATED_DESC}};

ls_err ls_op_list_sort(const char *name, enum ls_op_sort *sort_out, struct ls_why *why)
{
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        if (strcmp(orders[i].name, name) != 0) continue;
        *sort_out = orders[i].sort;
        return LS_OK;
    }
    return ls_refuse(why, LS_CODE_INVALID, "usage",
                     "--sort %s is no order; use newest, oldest, age or updated", name);
}

const char *ls_op_list_sort_name(size_t index)
{
    return index < sizeof orders / sizeof orders[0] ? orders[index].name : NULL;
}

struct ls_op_cursor ls_op_list_after(enum ls_op_sort sort, const struct ls_op_row *row)
{
    struct ls_op_cursor cursor = {
        .has = true, .sort_value = row->op.value, .id = row->op.value};
    if (sort == LS_SORT_AGE_DESC) cursor.sort_value = row->created_ms;
    if (sort == LS_SORT_UPDATED_DESC) cursor.sort_value = row->updated_ms;
    return cursor;
}

ls_err ls_op_list(ls_session *session,
                  const struct ls_op_list_options *options,
                  ls_err (*take)(void *self, const struct ls_op_row *row),
                  void *self,
                  struct ls_why *why)
{
    struct ls_op_page *page = calloc(1, sizeof *page);
    struct ls_op_cursor cursor = {0};
    ls_err err = page == NULL ? LS_FAIL(LS_CODE_NO_MEMORY, 0, "ops") : LS_OK;
    for (int64_t left = options->limit; left > 0 && !ls_failed(err);) {
        const int32_t want = left < LS_FACTS_PAGE_MAX ? (int32_t)left : LS_FACTS_PAGE_MAX;
        const struct ls_ops_query query = {
            .filter = &options->filter,
            .sort = options->sort,
            .after = cursor.has ? &cursor : NULL,
            .limit = want,
        };
        err = ls_session_ops(session, &query, page, why);
        for (size_t i = 0; i < page->count && !ls_failed(err); i++) {
            err = take(self, &page->rows[i]);
        }
        if (ls_failed(err) || page->count == 0 || !page->has_more) break;
        left -= (int64_t)page->count;
        cursor = ls_op_list_after(options->sort, &page->rows[page->count - 1]);
    }
    free(page);
    return err;
}
