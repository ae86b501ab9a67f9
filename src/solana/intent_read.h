/* Readers of payloads, one a kind: each fills its part of an intent or refuses with the
 * field and the cure. Private to the solana layer. */
#ifndef LOCKSTEP_SOLANA_INTENT_READ_H
#define LOCKSTEP_SOLANA_INTENT_READ_H

#include "lockstep/solana/intent.h"
#include "payload.h"

/* The field "to". */
LS_MUST_CHECK ls_err ls_read_to(const struct ls_payload *payload, struct ls_intent *intent);

LS_MUST_CHECK ls_err ls_read_create_mint(const struct ls_payload *payload,
                                         struct ls_intent *intent);
LS_MUST_CHECK ls_err ls_read_mint_to(const struct ls_payload *payload,
                                     struct ls_intent *intent);
LS_MUST_CHECK ls_err ls_read_burn(const struct ls_payload *payload, struct ls_intent *intent);
LS_MUST_CHECK ls_err ls_read_token_transfer(const struct ls_payload *payload,
                                            struct ls_intent *intent);

LS_MUST_CHECK ls_err ls_read_nonce(const struct ls_payload *payload, struct ls_intent *intent);

#endif
