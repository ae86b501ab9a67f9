/* Before operations are sent again or undone: what database and ledger know of them, the
 * value they move and about what it costs. */
#ifndef LOCKSTEP_SERVICE_PREFLIGHT_H
#define LOCKSTEP_SERVICE_PREFLIGHT_H

#include "lockstep/core/action.h"
#include "lockstep/core/look.h"
#include "lockstep/store/session.h"
#include "lockstep/tui/ui.h"

/* Ask a worker for a look at the ledger. Where none can be asked, `out` says why
 * (no_look_why) and the database's own certificates are all there is. */
void ls_preflight_ask(ls_session *session,
                      const struct ls_action *action,
                      const ls_op_id *ops,
                      size_t count,
                      struct ls_preflight *out);

/* Read what is known now; has_look, no_look_why and request_id are kept of `*out`. */
LS_MUST_CHECK ls_err ls_preflight_read(ls_session *session,
                                       const ls_op_id *ops,
                                       size_t count,
                                       bool for_retry,
                                       struct ls_preflight *out,
                                       struct ls_why *why);

/* Wait until a worker has answered for each of `ops`, at most LS_PREFLIGHT_OPS_MAX, reading the
 * answers now and then; `tell` (may be NULL) hears how many are still open. Where none more was
 * answered for `patience_ms` it ends as well: `out->open` is not 0 then. Blocks the calling
 * thread; what ls_preflight_ask() put into `*out` is kept. */
struct ls_preflight_wait {
    int64_t patience_ms;
    void (*tell)(void *self, size_t open);
    void *self;
};
LS_MUST_CHECK ls_err ls_preflight_await(ls_session *session,
                                        const ls_op_id *ops,
                                        size_t count,
                                        const struct ls_preflight_wait *wait,
                                        struct ls_preflight *out,
                                        struct ls_why *why);

/* What a console wants to know (LS_UI_WANT_CHECK): the first question asks a worker to look,
 * later ones only read what it answered. */
LS_MUST_CHECK ls_err ls_preflight_check(ls_session *session,
                                        const struct ls_ui_request *request,
                                        struct ls_preflight *out,
                                        struct ls_why *why);

/* What a recorded transaction cost at most: signatures, and priority for all its units. 0
 * when it cannot be read. */
uint64_t ls_preflight_fee(const uint8_t *tx, size_t tx_bytes);

#endif
