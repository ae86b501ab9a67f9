/* A request checked against the port's maximums and copied with all that it points to. */
#ifndef LOCKSTEP_SIM_MEMORY_COPY_H
#define LOCKSTEP_SIM_MEMORY_COPY_H

#include "memory_rows.h"

/* LS_CODE_INVALID naming the maximum that is broken. */
ls_err memory_check(const struct ls_store_request *request);
/* A deep copy into `arena`; NULL when it is exhausted. */
const struct ls_store_request *memory_copy(ls_arena *arena,
                                           const struct ls_store_request *request);

#endif
