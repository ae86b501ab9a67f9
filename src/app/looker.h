/* Verify on chain, the answering side: a thread beside a worker that takes what people asked
 * to be looked up, asks the ledger's endpoints for every attempt, and writes down what they
 * said. It signs and sends nothing, and moves no operation. */
#ifndef LOCKSTEP_APP_LOOKER_H
#define LOCKSTEP_APP_LOOKER_H

#include "lockstep/app/worker_thread.h"

typedef struct looker looker;

/* Of `options` the worker's database url, endpoints and clock are used; all must outlive the
 * looker. LS_CODE_NO_MEMORY; LS_CODE_UNAVAILABLE when no thread can be made. A database or a
 * ledger that is down is no failure: it tries again, and says what it could not learn. */
LS_MUST_CHECK ls_err looker_start(const struct ls_worker_thread_options *options,
                                  looker **looker_out,
                                  struct ls_why *why);
/* Ends the thread (within one call's time) and frees. NULL is allowed. */
void looker_stop(looker *it);

#endif
