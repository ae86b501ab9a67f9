/* Files of the keys that seal attempts (lockstep/audit/mac.h): one line, the key's name and
 * its 32 bytes in hexadecimal. The same rules for owner and mode as for keypairs. */
#ifndef LOCKSTEP_CONFIG_MAC_KEY_H
#define LOCKSTEP_CONFIG_MAC_KEY_H

#include "lockstep/audit/mac.h"
#include "lockstep/base/err.h"
#include "lockstep/config/config.h"

/* Every [worker] mac_key_file, first first; without one the ring is empty. LS_CODE_INVALID or
 * LS_CODE_NOT_FOUND name the file and the cure. Secrets lie in guarded memory until
 * ls_mac_ring_done(). */
LS_MUST_CHECK ls_err ls_mac_ring_read(const struct ls_config *config,
                                      struct ls_mac_ring *ring_out,
                                      struct ls_why *why);
void ls_mac_ring_done(struct ls_mac_ring *ring);

/* Make a key with a random name in a new file; LS_CODE_REFUSED when it exists. */
LS_MUST_CHECK ls_err ls_mac_key_create(const char *path,
                                       char id_out[LS_MAC_ID_BYTES],
                                       struct ls_why *why);

#endif
