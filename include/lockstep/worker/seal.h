/* Seals on attempts, as a worker makes them and whoever reads a stored attempt judges them.
 * What of an attempt is sealed stands here alone. */
#ifndef LOCKSTEP_WORKER_SEAL_H
#define LOCKSTEP_WORKER_SEAL_H

#include "lockstep/audit/mac.h"
#include "lockstep/core/store_port.h"

/* What is sealed of the attempt that `row` writes or that was read back into it (token, pack
 * and mint aside); points into it. */
struct ls_mac_row ls_seal_row_of(const struct ls_intent_row *row);
/* Whether the attempt is as it was sealed, by its seal_key and seal. UNVERIFIED where the ring
 * has no key. */
enum ls_mac_verdict ls_seal_judge(const struct ls_mac_ring *ring,
                                  const struct ls_intent_row *row);

#endif
