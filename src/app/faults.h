/* Named days of the simulated ledger: which faults it draws. */
#ifndef LOCKSTEP_APP_FAULTS_H
#define LOCKSTEP_APP_FAULTS_H

#include "lockstep/base/err.h"
#include "lockstep/sim/sim_ledger.h"

/* NULL or "none": a good day. LS_CODE_INVALID lists the names. */
LS_MUST_CHECK ls_err faults_named(const char *name,
                                  struct ls_sim_faults *faults_out,
                                  struct ls_why *why);
/* The name at `index`, NULL beyond the last. */
const char *faults_name(size_t index);

#endif
