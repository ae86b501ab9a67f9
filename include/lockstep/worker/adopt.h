/* The adoption test: whether a transaction that was found on the ledger is one that this
 * installation signed for an operation. A memo proves nothing, since anybody can copy it; an
 * account at the marker's address proves nothing, since anybody can fund it. What proves is
 * that the message is what the operation's intent compiles to, signed by our key.
 *
 * Pure: no port is touched. It says nothing of whether the transaction landed, and how. */
#ifndef LOCKSTEP_WORKER_ADOPT_H
#define LOCKSTEP_WORKER_ADOPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"
#include "lockstep/base/err.h"
#include "lockstep/core/op.h"
#include "lockstep/solana/tag.h"

/* The operation as the store has it, and the installation. */
struct ls_adoption {
    struct ls_address payer; /* our key that pays */
    const uint8_t *tag_key;  /* LS_TAG_KEY_BYTES */
    struct ls_hash genesis;
    enum ls_kind kind;
    const char *key;
    const char *payload; /* JSON, as enqueued */
    size_t payload_bytes;
    bool has_mint; /* the payload's {"key": …} resolved */
    struct ls_address mint;
    struct ls_address mint_payer; /* unless has_mint: our key that paid for such a mint */
};

/* Rebuild the message from the intent and compare byte for byte. What an attempt may choose
 * is taken from the transaction itself: its blockhash, whether it carries the marker, and
 * the rent that it pays into accounts of the operation's own. A transaction that carries
 * several operations is compared instruction by instruction in the operation's own part.
 *
 * LS_OK: it is the operation's. LS_CODE_REFUSED: it is not, `why` says what differs.
 * LS_CODE_CORRUPT: the bytes are no transaction of the sort that we sign. LS_CODE_INVALID:
 * the payload is unreadable. LS_CODE_NO_MEMORY: nothing is concluded. `why` may be NULL. */
LS_MUST_CHECK ls_err ls_worker_adoption_test(const struct ls_adoption *op,
                                             const uint8_t *tx,
                                             size_t tx_bytes,
                                             struct ls_why *why);

#endif
