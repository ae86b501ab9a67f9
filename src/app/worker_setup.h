/* From the configuration to a worker with its real ports: console and service alike. */
#ifndef LOCKSTEP_APP_WORKER_SETUP_H
#define LOCKSTEP_APP_WORKER_SETUP_H

#include "lockstep/app/config.h"
#include "lockstep/app/log_sink.h"
#include "lockstep/app/signer.h"
#include "lockstep/app/worker_thread.h"
#include "mac_key.h"

struct worker_setup {
    ls_file_signer *signer;
    struct ls_mac_ring macs; /* the options point to it: the setup stays where it is */
    char host[64];
    struct ls_worker_thread_options options;
};

/* Read the keys and fill the options; texts point into `config`, which must outlive the
 * setup, as must the log. LS_CODE_NOT_FOUND with `why` when no key or no endpoint is
 * configured; ls_file_signer_new()'s errors. */
LS_MUST_CHECK ls_err worker_setup_init(struct worker_setup *setup,
                                       const struct ls_config *config,
                                       struct ls_log_sink log,
                                       struct ls_why *why);
void worker_setup_done(struct worker_setup *setup);

#endif
