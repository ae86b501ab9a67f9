/* The tag that ties an operation to its transaction, and the seed of its derived
 * addresses. Both are keyed by the installation's secret K, so that nobody can guess
 * one and squat on it, and bound to one ledger by its genesis hash. Never derived from
 * operation ids, which are reused after lost commits.
 *
 *   tag  = base58(first 16 bytes of SHA-256(K || genesis || SHA-256(key)))
 *   seed = first 32 hex digits of SHA-256("lockstep/seed/1" || K || genesis || SHA-256(key))
 *   marker = the same under the label "lockstep/marker/1" */
#ifndef LOCKSTEP_SOLANA_TAG_H
#define LOCKSTEP_SOLANA_TAG_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"

enum { LS_TAG_TEXT_BYTES = 24, LS_SEED_TEXT_BYTES = 33, LS_TAG_KEY_BYTES = 32 };

struct ls_tag {
    char text[LS_TAG_TEXT_BYTES];
    char seed[LS_SEED_TEXT_BYTES];   /* of the account that the operation itself creates */
    char marker[LS_SEED_TEXT_BYTES]; /* of the account that excludes a second landing */
};

struct ls_tag ls_tag_make(const uint8_t tag_key[LS_TAG_KEY_BYTES],
                          const struct ls_hash *genesis,
                          const char *key,
                          size_t key_bytes);

#endif
