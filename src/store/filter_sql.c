#include "filter_sql.h"

#include <assert.h>

#include "lockstep/core/fingerprint.h"

static int bind_text(struct params *params, const char *text)
{
    params_text(params, text);
    return params->count;
}

static int bind_int(struct params *params, int64_t value)
{
    params_int(params, value);
    return params->count;
}

static void compare_text(const char *column,
                         const struct ls_filter_term *term,
                         struct ls_buf *sql,
                         struct params *params)
{
    int place = bind_text(params, term->text);
    if (term->is_prefix) {
        ls_buf_printf(sql, "starts_with(%s, $%d)", column, place);
    } else {
        ls_buf_printf(sql, "%s = $%d", column, place);
    }
}

/* A cause is named by its fingerprint; one as written finds all of its group. */
static void
compare_cause(const struct ls_filter_term *term, struct ls_buf *sql, struct params *params)
{
    struct ls_filter_term grouped = *term;
    ls_cause_fingerprint(term->text, grouped.text);
    if (grouped.text[0] == '\0' && !term->is_prefix) {
        ls_buf_add_text(sql, "coalesce(f.cause, '') = ''");
        return;
    }
    compare_text("lockstep.fingerprint(f.cause)", &grouped, sql, params);
}

static void
compare_kind(const struct ls_filter_term *term, struct ls_buf *sql, struct params *params)
{
    if (!term->is_prefix) {
        ls_buf_printf(sql, "f.kind = $%d", bind_int(params, term->number));
        return;
    }
    ls_buf_printf(
        sql, "f.kind IN (SELECT k.kind FROM lockstep.kind k WHERE starts_with(k.name, $%d))",
        bind_text(params, term->text));
}

static void
look_for(const struct ls_filter_term *term, struct ls_buf *sql, struct params *params)
{
    int place = bind_text(params, term->text);
    ls_buf_printf(sql,
                  "strpos(lower(f.key), lower($%d::text)) > 0"
                  " OR strpos(lower(f.entity), lower($%d::text)) > 0"
                  " OR strpos(lower(f.cause), lower($%d::text)) > 0",
                  place, place, place);
}

static void
condition(const struct ls_filter_term *term, struct ls_buf *sql, struct params *params)
{
    switch (term->field) {
    case LS_FILTER_STATE:
        ls_buf_printf(sql, "f.state = $%d", bind_int(params, term->number));
        return;
    case LS_FILTER_SUB:
        ls_buf_printf(sql, "f.sub = $%d", bind_int(params, term->number));
        return;
    case LS_FILTER_KIND: compare_kind(term, sql, params); return;
    case LS_FILTER_KEY: compare_text("f.key", term, sql, params); return;
    case LS_FILTER_ENTITY: compare_text("f.entity", term, sql, params); return;
    case LS_FILTER_CAUSE: compare_cause(term, sql, params); return;
    case LS_FILTER_ID: ls_buf_printf(sql, "f.id = $%d", bind_int(params, term->number)); return;
    case LS_FILTER_BATCH:
        ls_buf_printf(sql, "f.batch = $%d", bind_int(params, term->number));
        return;
    case LS_FILTER_LANE:
        ls_buf_printf(sql, "f.lane = $%d", bind_int(params, term->number));
        return;
    case LS_FILTER_AGE:
        ls_buf_printf(sql, "f.created_at %s now() - $%d * interval '1 ms'",
                      term->is_greater ? "<" : ">=", bind_int(params, term->number));
        return;
    case LS_FILTER_STUCK: ls_buf_add_text(sql, "f.is_stuck"); return;
    case LS_FILTER_TEXT: look_for(term, sql, params); return;
    }
    assert(false); /* the parser makes no other field */
}

/* What few rows pass, of which each can be looked at. */
static bool is_narrow(const struct ls_filter *filter)
{
    for (size_t i = 0; i < filter->count; i++) {
        const struct ls_filter_term *term = &filter->terms[i];
        if (term->is_inverted) continue;
        if (term->field == LS_FILTER_ID || term->field == LS_FILTER_KEY) return true;
        if (term->field == LS_FILTER_ENTITY || term->field == LS_FILTER_BATCH) return true;
    }
    return false;
}

void filter_sql(const struct ls_filter *filter, struct ls_buf *sql, struct params *params)
{
    for (size_t i = 0; i < filter->count; i++) {
        const struct ls_filter_term *term = &filter->terms[i];
        if (term->is_inverted && term->field == LS_FILTER_STATE) {
            /* Never NULL, and an index serves it. */
            ls_buf_printf(sql, " AND f.state <> $%d", bind_int(params, term->number));
            continue;
        }
        if (!term->is_inverted && term->field == LS_FILTER_STUCK && !is_narrow(filter)) {
            /* All that is stuck, found at once: cheaper than a look at all that is live. */
            ls_buf_add_text(sql, " AND f.id = ANY ((SELECT lockstep.stuck_ids())::bigint[])");
            continue;
        }
        ls_buf_add_text(sql, term->is_inverted ? " AND NOT coalesce((" : " AND (");
        condition(term, sql, params);
        ls_buf_add_text(sql, term->is_inverted ? "), false)" : ")");
    }
}

void filter_sql_after(enum ls_op_sort sort,
                      const struct ls_op_cursor *after,
                      struct ls_buf *sql,
                      struct params *params)
{
    if (after == NULL || !after->has) return;
    int id = bind_int(params, after->id);
    switch (sort) {
    case LS_SORT_ID_DESC: ls_buf_printf(sql, " AND f.id < $%d", id); return;
    case LS_SORT_ID_ASC:
    case LS_SORT_AGE_DESC: ls_buf_printf(sql, " AND f.id > $%d", id); return;
    case LS_SORT_UPDATED_DESC:
        ls_buf_printf(sql, " AND (lockstep.ms(f.updated_at), f.id) < ($%d, $%d)",
                      bind_int(params, after->sort_value), id);
        return;
    }
}

const char *filter_sql_order(enum ls_op_sort sort)
{
    switch (sort) {
    case LS_SORT_ID_DESC: return " ORDER BY f.id DESC";
    case LS_SORT_ID_ASC:
    case LS_SORT_AGE_DESC: return " ORDER BY f.id"; /* ids are given in order of enqueue */
    case LS_SORT_UPDATED_DESC: return " ORDER BY lockstep.ms(f.updated_at) DESC, f.id DESC";
    }
    return " ORDER BY f.id DESC";
}
