/* The rest of what the worker is given: signing and waiting.
 *
 * Signing is a port so that keys may live in another process. Waiting is a port so
 * that the simulator can make time pass. */
#ifndef LOCKSTEP_CORE_WORKER_PORT_H
#define LOCKSTEP_CORE_WORKER_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"
#include "lockstep/base/err.h"

struct ls_signer_port {
    void *self;
    /* The fee payer's address. */
    struct ls_address (*payer)(void *self);
    /* Every address that a key is held for, payer first, at most `max`; the count. */
    size_t (*addresses)(void *self, struct ls_address *addresses_out, size_t max);
    /* Whether a key for `address` is configured. */
    bool (*holds)(void *self, const struct ls_address *address);
    /* Ed25519 over `message`. LS_CODE_NOT_FOUND when no key for `address` is held; it
     * is then not retried but held for a person. */
    ls_err (*sign)(void *self,
                   const struct ls_address *address,
                   const uint8_t *message,
                   size_t message_bytes,
                   struct ls_signature *signature_out);
};

struct ls_wait_port {
    void *self;
    /* Return when a store or ledger reply may be ready, somebody called for attention,
     * or `timeout_ms` (>= 0) passed; earlier is allowed. */
    void (*wait)(void *self, int64_t timeout_ms);
};

#endif
