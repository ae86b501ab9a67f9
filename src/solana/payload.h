/* The fields of an operation's payload, read with refusals that name kind, field and cure.
 * Private to the solana layer. */
#ifndef LOCKSTEP_SOLANA_PAYLOAD_H
#define LOCKSTEP_SOLANA_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "lockstep/base/chain.h"
#include "lockstep/base/err.h"

struct ls_payload {
    const char *kind; /* named by every refusal */
    json_t *object;   /* borrowed */
    struct ls_why *why;
};

/* LS_CODE_INVALID with "payload of <kind>: …" in the payload's `why`. */
#define LS_PAYLOAD_REFUSE(payload_, format_, ...)                                     \
    ls_refuse((payload_)->why, LS_CODE_INVALID, "payload", "payload of %s: " format_, \
              (payload_)->kind, __VA_ARGS__)

/* How many bytes of a text from outside a refusal shows: whole scalars, never all of a
 * long one; for "%.*s". */
int ls_payload_shown(const char *text);

/* A string of 1..`bytes_max` bytes without U+0000; the text is the payload's. */
LS_MUST_CHECK ls_err ls_payload_text(const struct ls_payload *payload,
                                     const char *field,
                                     size_t bytes_max,
                                     const char **text_out);
LS_MUST_CHECK ls_err ls_payload_address(const struct ls_payload *payload,
                                        const char *field,
                                        struct ls_address *address_out);
/* 1..2^64 - 1 as a decimal string. */
LS_MUST_CHECK ls_err ls_payload_amount(const struct ls_payload *payload,
                                       const char *field,
                                       uint64_t *amount_out);

#endif
