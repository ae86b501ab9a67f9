/* The signer port over key files of this process. Several keys: the first pays. */
#ifndef LOCKSTEP_SERVICE_SIGNER_H
#define LOCKSTEP_SERVICE_SIGNER_H

#include "lockstep/base/err.h"
#include "lockstep/config/config.h"
#include "lockstep/core/worker_port.h"
#include "lockstep/host/key_file.h"

typedef struct ls_file_signer ls_file_signer;

/* Read every key that `config` names. LS_CODE_NOT_FOUND with `why` when it names none;
 * ls_keypair_read()'s errors; LS_CODE_INVALID when two files hold the same key. */
LS_MUST_CHECK ls_err ls_file_signer_new(const struct ls_config *config,
                                        ls_file_signer **signer_out,
                                        struct ls_why *why);
/* Zeroes the keys. NULL is allowed. */
void ls_file_signer_free(ls_file_signer *signer);
/* Valid while the signer lives; one thread at a time. */
struct ls_signer_port ls_file_signer_port(ls_file_signer *signer);

#endif
