#include "feed_search.h"

#include <assert.h>

enum { TELL_EVERY_MS = 300 };

void feed_search_begin(struct feed_search *it, const struct ls_ui_request *request)
{
    it->is_on = true;
    it->request = *request;
    it->search = (struct ls_ops_search){0};
    it->page.count = 0;
    it->page.has_more = false;
    it->page.is_stopped = false;
    it->told_ms = 0;
}

ls_err feed_search_step(struct feed_search *it,
                        ls_session *session,
                        int64_t now_ms,
                        bool *tells_out,
                        struct ls_why *why)
{
    assert(it->is_on);
    const struct ls_ops_query query = {
        .filter = &it->request.filter,
        .sort = it->request.sort,
        .after = it->request.after.has ? &it->request.after : NULL,
        .limit = it->request.limit,
    };
    ls_err err = ls_session_ops_step(session, &query, &it->search, &it->page, why);
    it->is_on = !ls_failed(err) && !it->search.is_over;
    LS_TRY(err);
    it->page.is_searching = it->is_on;
    *tells_out = !it->is_on || now_ms - it->told_ms >= TELL_EVERY_MS;
    if (*tells_out) it->told_ms = now_ms;
    return LS_OK;
}

bool feed_search_stop(struct feed_search *it, uint64_t ticket)
{
    if (!it->is_on || it->request.ticket != ticket) return false;
    it->is_on = false;
    it->page.is_searching = false;
    it->page.is_stopped = true;
    return true;
}
