#include "ops_window.h"

#include <assert.h>
#include <stddef.h>

enum {
    QUICK_MS = 30, /* a statement that took no more beyond the least: the next looks at more */
    SLOW_MS = 90,
    GROWTH = 4,
};
static const int64_t width_most = (int64_t)1 << 40;
static const int64_t width_least = 1000;

const struct ls_filter_term *ops_key_term(const struct ls_filter *filter)
{
    const struct ls_filter_term *found = NULL;
    for (size_t i = 0; filter != NULL && i < filter->count; i++) {
        const struct ls_filter_term *term = &filter->terms[i];
        if (term->is_inverted) continue;
        if (term->field == LS_FILTER_KEY && !term->is_prefix) return term;
        if (term->field == LS_FILTER_BATCH) found = term;
        if (term->field == LS_FILTER_ENTITY && !term->is_prefix) found = term;
        if (term->field == LS_FILTER_KEY && found == NULL && term->text[0] != '\0')
            found = term;
    }
    return found;
}

void ops_key_condition(const struct ls_filter_term *term,
                       struct ls_buf *sql,
                       struct params *params)
{
    const char *column = term->field == LS_FILTER_ENTITY ? "k.entity" : "k.key";
    if (term->field == LS_FILTER_BATCH) {
        params_int(params, term->number);
        ls_buf_printf(sql, "k.batch = $%d", params->count);
        return;
    }
    params_text(params, term->text);
    int place = params->count;
    if (!term->is_prefix) {
        ls_buf_printf(sql, "%s = $%d", column, place);
        return;
    }
    /* The last code point of all: whatever begins with the prefix sorts before it. */
    ls_buf_printf(sql, "%s >= $%d AND %s < $%d || U&'\\+10FFFF'", column, place, column, place);
}

static bool is_terminal(int64_t state)
{
    return state == LS_STATE_DONE || state == LS_STATE_CANCELLED ||
           state == LS_STATE_COMPENSATED;
}

static bool has_state(const struct ls_filter *filter, bool terminal)
{
    for (size_t i = 0; filter != NULL && i < filter->count; i++) {
        const struct ls_filter_term *term = &filter->terms[i];
        if (term->is_inverted) continue;
        if (term->field == LS_FILTER_STATE && is_terminal(term->number) == terminal)
            return true;
        if (term->field == LS_FILTER_STUCK && !terminal) return true;
    }
    return false;
}

bool ops_may_be_live(const struct ls_filter *filter)
{
    return !has_state(filter, true);
}

bool ops_may_be_past(const struct ls_filter *filter)
{
    return !has_state(filter, false);
}

bool ops_is_whole(const struct ls_filter *filter)
{
    if (!ops_may_be_past(filter)) return true;
    for (size_t i = 0; filter != NULL && i < filter->count; i++) {
        const struct ls_filter_term *term = &filter->terms[i];
        bool is_done = term->field == LS_FILTER_STATE && term->number == LS_STATE_DONE;
        if (is_done && term->is_inverted) return true;
        if (term->is_inverted) continue;
        if (term->field == LS_FILTER_ID) return true;
        if (term->field == LS_FILTER_STATE && !is_done) return true;
    }
    return false;
}

bool ops_is_ascending(enum ls_op_sort sort)
{
    return sort == LS_SORT_ID_ASC || sort == LS_SORT_AGE_DESC;
}

/* The windows end with one that has no end, for rows outside what was asked first. */
void ops_window(const struct ls_ops_search *search,
                enum ls_op_sort sort,
                int64_t *low_out,
                int64_t *high_out)
{
    assert(!search->is_over);
    if (ops_is_ascending(sort)) {
        *low_out = search->next;
        *high_out = search->next > search->end ? INT64_MAX : search->next + search->width;
        return;
    }
    *high_out = search->next;
    *low_out = search->next <= search->end ? INT64_MIN : search->next - search->width;
}

void ops_advance(struct ls_ops_search *search, enum ls_op_sort sort, int64_t took_ms)
{
    int64_t low = 0;
    int64_t high = 0;
    ops_window(search, sort, &low, &high);
    if (low == INT64_MIN || high == INT64_MAX) {
        search->is_over = true;
        search->permille = 1000;
        return;
    }
    search->next = ops_is_ascending(sort) ? high : low;
    double whole = (double)(search->end - search->start);
    double looked = (double)(search->next - search->start);
    double share = whole == 0 ? 1 : looked / whole;
    search->permille = share >= 1 ? 999 : (int32_t)(share * 1000);
    /* What each step takes however narrow it is (a look at all live rows by their last change)
     * is no reason for narrow ones: that would only be more of them. */
    if (took_ms < search->base_ms) search->base_ms = took_ms;
    took_ms -= search->base_ms;
    if (took_ms < QUICK_MS && search->width < width_most) search->width *= GROWTH;
    if (took_ms > SLOW_MS && search->width > width_least) search->width /= 2;
}
