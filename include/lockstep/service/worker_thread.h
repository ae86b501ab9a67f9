/* The worker with its real ports (PostgreSQL, HTTP, keys), on a thread of its own beside
 * the console, or in the calling thread as a service.
 *
 * The thread waits in the ledger's poll with the database's socket beside it. Others talk
 * to it by a stop flag and a wake-up, and read one latest-wins snapshot. */
#ifndef LOCKSTEP_SERVICE_WORKER_THREAD_H
#define LOCKSTEP_SERVICE_WORKER_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/err.h"
#include "lockstep/base/log.h"
#include "lockstep/core/ledger_port.h"
#include "lockstep/core/worker_port.h"
#include "lockstep/tui/ui.h"
#include "lockstep/worker/worker.h"

typedef struct ls_worker_thread ls_worker_thread;

struct ls_worker_thread_options {
    const char *database_url; /* copied by the ports; the worker's own login */
    size_t endpoint_count;
    const char *endpoints[LS_ENDPOINTS_MAX];
    int32_t calls_per_second; /* budget an endpoint; 0: unlimited */
    struct ls_signer_port signer;
    struct ls_clock clock;
    struct ls_log_sink log;          /* called on the worker's thread */
    struct ls_worker_options worker; /* host, pid, lease, engine */
};

/* Start the worker on a thread. LS_CODE_INVALID for a bad endpoint, LS_CODE_NO_MEMORY,
 * LS_CODE_UNAVAILABLE when no thread can be made. */
LS_MUST_CHECK ls_err ls_worker_thread_start(const struct ls_worker_thread_options *options,
                                            ls_worker_thread **thread_out,
                                            struct ls_why *why);
/* Drain (at most the engine's drain_ms), join, free. NULL is allowed. */
void ls_worker_thread_stop(ls_worker_thread *thread);
/* The newest snapshot. Any thread. */
void ls_worker_thread_snapshot(ls_worker_thread *thread, struct ls_ui_worker *out);

/* The same without a thread of its own: returns when `*stop` becomes non-zero and the
 * drain is over. `beat` (may be NULL) is called after each turn: watchdog, status. */
LS_MUST_CHECK ls_err ls_worker_run(const struct ls_worker_thread_options *options,
                                   const volatile int *stop,
                                   void (*beat)(void *self,
                                                const struct ls_worker_status *status),
                                   void *self,
                                   struct ls_why *why);

#endif
