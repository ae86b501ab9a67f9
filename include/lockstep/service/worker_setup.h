/* From the configuration to a worker with its real ports: console and service alike. */
#ifndef LOCKSTEP_SERVICE_WORKER_SETUP_H
#define LOCKSTEP_SERVICE_WORKER_SETUP_H

#include "lockstep/config/config.h"
#include "lockstep/config/mac_key.h"
#include "lockstep/host/log_sink.h"
#include "lockstep/service/signer.h"
#include "lockstep/service/worker_thread.h"

struct ls_worker_setup {
    ls_file_signer *signer;
    struct ls_mac_ring macs; /* the options point to it: the setup stays where it is */
    char host[64];
    struct ls_worker_thread_options options;
};

/* Read the keys and fill the options; texts point into `config`, which must outlive the
 * setup, as must the log. LS_CODE_NOT_FOUND with `why` when no key or no endpoint is
 * configured; ls_file_signer_new()'s errors. */
LS_MUST_CHECK ls_err ls_worker_setup_init(struct ls_worker_setup *setup,
                                          const struct ls_config *config,
                                          struct ls_log_sink log,
                                          struct ls_why *why);
void ls_worker_setup_done(struct ls_worker_setup *setup);

#endif
