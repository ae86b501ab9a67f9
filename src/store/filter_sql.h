/* A filter as a condition with bound parameters, over live_facts or past_facts named f. */
#ifndef LS_STORE_FILTER_SQL_H
#define LS_STORE_FILTER_SQL_H

#include "lockstep/base/buf.h"
#include "lockstep/core/facts.h"
#include "lockstep/core/filter.h"
#include "params.h"

/* Append " AND (…)" for every term to `sql`; values go to `params`. */
void filter_sql(const struct ls_filter *filter, struct ls_buf *sql, struct params *params);
/* The order of a listing, and the condition that goes on after `after` (NULL or empty:
 * the first page). */
void filter_sql_after(enum ls_op_sort sort,
                      const struct ls_op_cursor *after,
                      struct ls_buf *sql,
                      struct params *params);
const char *filter_sql_order(enum ls_op_sort sort);

#endif
