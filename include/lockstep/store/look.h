/* Looks at the ledger, through the database: who asks, who answers, and what is known
 * before operations are sent again. Errors as session.h says. */
#ifndef LOCKSTEP_STORE_LOOK_H
#define LOCKSTEP_STORE_LOOK_H

#include "lockstep/core/action.h"
#include "lockstep/core/look.h"
#include "lockstep/store/session.h"

/* Ask a worker to look `count` operations up (1..1000). Of `action` request id, reason and
 * claims are taken. A refusal is in the result: LS_CODE_REFUSED when no worker lives. */
void ls_session_look_ask(ls_session *session,
                         const struct ls_action *action,
                         const ls_op_id *ops,
                         size_t count,
                         struct ls_action_result *result_out);

/* One attempt of an operation that somebody waits for; of an operation that signed nothing
 * yet one row without an attempt (`has_attempt` false). */
struct ls_look_row {
    uint8_t request_id[LS_REQUEST_ID_BYTES];
    ls_op_id op;
    bool has_attempt;
    struct ls_signature signature;
    struct ls_look_attempt attempt; /* what the database knows of it */
};
/* Take at most `max` operations to look up; `take` is called for their rows, the rows of one
 * operation one after the other. What a session took and did not answer is somebody else's as
 * soon as its connection is gone, else after 30 s. Needs lockstep_worker. */
LS_MUST_CHECK ls_err ls_session_look_take(ls_session *session,
                                          int32_t max,
                                          void (*take)(void *self,
                                                       const struct ls_look_row *row),
                                          void *self,
                                          struct ls_why *why);
struct ls_look_found {
    uint8_t request_id[LS_REQUEST_ID_BYTES];
    ls_op_id op;
    enum ls_look look;
    char signature[LS_SIGNATURE_TEXT_BYTES]; /* of what was found; "" */
    int64_t slot, height;
    char detail[256];
};
/* Wait until somebody asks for a look, `wake_fd` is readable (-1: none) or `ms` have passed.
 * Returns at once when it has only now begun to listen: what was asked before is to be taken
 * first. Not before ls_session_look_take() has connected. UNAVAILABLE: not connected. */
LS_MUST_CHECK ls_err ls_session_look_wait(ls_session *session, int wake_fd, int32_t ms);
/* Write `count` answers (0: nothing is done) in one transaction. What was answered by somebody
 * else meanwhile stays as that. */
LS_MUST_CHECK ls_err ls_session_look_answer(ls_session *session,
                                            const struct ls_look_found *found,
                                            size_t count,
                                            struct ls_why *why);

/* Everything of struct ls_preflight but what the caller asked for itself (has_look,
 * no_look_why, request_id) and the fee: `tx` is called with the bytes of a transaction
 * of each operation that has one. At most LS_PREFLIGHT_OPS_MAX operations; those that are
 * not known are left out. `for_retry`: values are of what may be sent again; else of all. */
struct ls_preflight_query {
    const ls_op_id *ops;
    size_t count;
    const uint8_t *request_id; /* of the look; LS_REQUEST_ID_BYTES */
    bool for_retry;
    void (*tx)(void *self, const uint8_t *bytes, size_t count);
    void *self;
};
LS_MUST_CHECK ls_err ls_session_preflight(ls_session *session,
                                          const struct ls_preflight_query *query,
                                          struct ls_preflight *out,
                                          struct ls_why *why);

#endif
