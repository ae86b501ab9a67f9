/* Walk through the operations that match a filter, page by page. */
#ifndef LOCKSTEP_REPORT_OP_LIST_H
#define LOCKSTEP_REPORT_OP_LIST_H

#include "lockstep/core/filter.h"
#include "lockstep/store/session.h"

struct ls_op_list_options {
    struct ls_filter filter;
    enum ls_op_sort sort;
    int64_t limit; /* rows at most */
};

/* The order called `name`. LS_CODE_INVALID lists them; untouched then. */
LS_MUST_CHECK ls_err ls_op_list_sort(const char *name,
                                     enum ls_op_sort *sort_out,
                                     struct ls_why *why);
/* The name at `index`, NULL beyond the last. Static storage. */
const char *ls_op_list_sort_name(size_t index);

/* Call `take` for each row in order; it may stop the walk by an error. */
LS_MUST_CHECK ls_err ls_op_list(ls_session *session,
                                const struct ls_op_list_options *options,
                                ls_err (*take)(void *self, const struct ls_op_row *row),
                                void *self,
                                struct ls_why *why);

/* Where the page behind `row` begins. */
struct ls_op_cursor ls_op_list_after(enum ls_op_sort sort, const struct ls_op_row *row);

#endif
