/* Verify on chain, the answering side: a thread beside a worker that takes what people asked
 * to be looked up, asks the ledger's endpoints for every attempt, and writes down what they
 * said. It signs and sends nothing, and moves no operation. */
#ifndef LOCKSTEP_SERVICE_LOOKER_H
#define LOCKSTEP_SERVICE_LOOKER_H

#include "lockstep/service/worker_thread.h"

typedef struct ls_looker ls_looker;

/* Of `options` the worker's database url, endpoints and clock are used; all must outlive the
 * looker. LS_CODE_NO_MEMORY; LS_CODE_UNAVAILABLE when no thread can be made. A database or a
 * ledger that is down is no failure: it tries again, and says what it could not learn. */
LS_MUST_CHECK ls_err ls_looker_start(const struct ls_worker_thread_options *options,
                                     ls_looker **looker_out,
                                     struct ls_why *why);
/* Ends the thread (within one call's time) and frees. NULL is allowed. */
void ls_looker_stop(ls_looker *it);

#endif
