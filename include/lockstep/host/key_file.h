/* A Solana keypair file: a JSON array of 64 numbers, the secret seed's 32 bytes and then
 * the public key's. The secret lives in guarded memory of libsodium, is zeroed when freed
 * and never copied elsewhere. sodium_init() comes first. */
#ifndef LOCKSTEP_HOST_KEY_FILE_H
#define LOCKSTEP_HOST_KEY_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"
#include "lockstep/base/err.h"

enum { LS_KEY_FILE_BYTES_MAX = 1024, LS_SECRET_BYTES = 64 };

struct ls_keypair {
    struct ls_address address;
    uint8_t *secret; /* LS_SECRET_BYTES of sodium_malloc; owned, NULL when empty */
};

/* Read `path`. LS_CODE_INVALID with `why` (path, what, cure) unless it is a regular file,
 * not a symbolic link, owned by this user or root, without rights for group and others,
 * and both halves belong together; LS_CODE_NOT_FOUND when there is none. The caller frees
 * with ls_keypair_done(). */
LS_MUST_CHECK ls_err ls_keypair_read(const char *path,
                                     struct ls_keypair *key_out,
                                     struct ls_why *why);
void ls_keypair_done(struct ls_keypair *key);

/* Make a new random key in a new file with mode 0600, synced to disk. LS_CODE_REFUSED when
 * the file exists: a key is never overwritten. */
LS_MUST_CHECK ls_err ls_keypair_create(const char *path,
                                       struct ls_address *address_out,
                                       struct ls_why *why);

/* The text of another secret's file under the same rules of owner and mode, into
 * LS_KEY_FILE_BYTES_MAX + 1 bytes of guarded memory; and a new file of mode 0600 with it. */
LS_MUST_CHECK ls_err ls_key_text_read(const char *path, char *text, struct ls_why *why);
LS_MUST_CHECK ls_err ls_key_text_create(const char *path,
                                        const char *text,
                                        size_t bytes,
                                        struct ls_why *why);

/* Keep key material out of core dumps and away from debuggers of the same user:
 * PR_SET_DUMPABLE 0 and RLIMIT_CORE 0. Call at start, before a key is read. */
void ls_process_harden(void);

#endif
