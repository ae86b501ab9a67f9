/* Which part of the operations one statement of a listing looks at.
 *
 * A listing of millions of rows is read window by window along the order in which it is
 * shown, so that a rare match is found in many short statements instead of a long one. Where
 * an index names the rows at once there is one window only. */
#ifndef LS_STORE_OPS_WINDOW_H
#define LS_STORE_OPS_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/buf.h"
#include "lockstep/store/session.h"
#include "params.h"

enum {
    OPS_WHOLE, /* one statement over everything */
    OPS_IDS,   /* windows of ids */
    OPS_TIMES, /* windows of the last change, ms since 1970 */
    OPS_KEYS,  /* chunks of the keys that have an entity, a batch or a prefix, by id */
};
enum { OPS_CHUNK = 5000 }; /* keys of one chunk */

/* The filter's term that names rows through op_key; NULL if none does. */
const struct ls_filter_term *ops_key_term(const struct ls_filter *filter);
/* Append the condition of `term` on key_facts named k. */
void ops_key_condition(const struct ls_filter_term *term,
                       struct ls_buf *sql,
                       struct params *params);
/* Whether live rows, or finished ones, can match at all. */
bool ops_may_be_live(const struct ls_filter *filter);
bool ops_may_be_past(const struct ls_filter *filter);
/* Whether one statement over everything finds the rows by an index. */
bool ops_is_whole(const struct ls_filter *filter);
bool ops_is_ascending(enum ls_op_sort sort);

/* The next window of `search`: from `*low_out` (included) to `*high_out` (not included). */
void ops_window(const struct ls_ops_search *search,
                enum ls_op_sort sort,
                int64_t *low_out,
                int64_t *high_out);
/* Go on behind that window, which took `took_ms`, and judge how wide the next may be. */
void ops_advance(struct ls_ops_search *search, enum ls_op_sort sort, int64_t took_ms);

#endif
