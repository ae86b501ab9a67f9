/* Seals on attempts: a keyed hash over everything that a worker later acts upon when it
 * takes a stored attempt over, made before the row is written and checked after it is read.
 * A row that somebody altered past the worker is found; who has the key can still lie, and
 * what a seal does not cover (an attempt's state, the operation's) it does not protect.
 *
 * Several keys may be known, so that a key can be changed: the first seals, all verify. */
#ifndef LOCKSTEP_AUDIT_MAC_H
#define LOCKSTEP_AUDIT_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"

enum {
    LS_MAC_BYTES = 32,
    LS_MAC_KEY_BYTES = 32,
    LS_MAC_ID_BYTES = 17, /* a key's name, 16 characters at most, with its terminator */
    LS_MAC_KEYS_MAX = 4,
};

struct ls_mac_key {
    char id[LS_MAC_ID_BYTES];
    const uint8_t *secret; /* LS_MAC_KEY_BYTES; the owner of the ring keeps them */
};

struct ls_mac_ring {
    size_t count; /* 0: nothing is sealed, and nothing can be verified */
    struct ls_mac_key keys[LS_MAC_KEYS_MAX];
};

/* What is sealed of an attempt. */
struct ls_mac_row {
    int64_t op;
    int32_t attempt;
    bool is_cancel;
    int32_t fence;
    int64_t last_valid_height;
    const struct ls_signature *signature;
    const struct ls_hash *blockhash;
    const struct ls_address *signer;
    const struct ls_address *nonce;  /* NULL: none */
    const struct ls_address *marker; /* NULL: none */
    const uint8_t *tx;
    size_t tx_bytes;
};

enum ls_mac_verdict {
    LS_MAC_UNVERIFIED = 0, /* no key is known here, or not the one that sealed it */
    LS_MAC_VERIFIED,
    LS_MAC_ALTERED, /* the seal is missing or is of another row */
};
const char *ls_mac_verdict_name(enum ls_mac_verdict verdict); /* "verified" … */

/* Seal with the ring's first key; the ring must have one. */
void ls_mac_seal(const struct ls_mac_ring *ring,
                 const struct ls_mac_row *row,
                 uint8_t mac_out[LS_MAC_BYTES]);
/* `key_id` and `mac` as they were stored; NULL where the row has none. A row without a seal
 * is ALTERED wherever a key is known: else taking a seal away would be the way past it. */
enum ls_mac_verdict ls_mac_verify(const struct ls_mac_ring *ring,
                                  const struct ls_mac_row *row,
                                  const char *key_id,
                                  const uint8_t *mac);

#endif
