/* Readers of payloads, one a kind: each fills its part of an intent or refuses with the
 * field and the cure. Private to the solana layer. */
#ifndef LOCKSTEP_SOLANA_INTENT_READ_H
#define LOCKSTEP_SOLANA_INTENT_READ_H

#include "lockstep/solana/intent.h"
#include "payload.h"

#define LS_INVOKE_EXAMPLE                                                              \
    "{\"program\": \"…\", \"accounts\": [{\"address\": \"…\", \"signer\": false, " \
    "\"writable\": "                                                                   \
    "true}], \"data\": {\"base64\": \"…\"}, \"compensate\": {…}}"

/* The field "to". */
LS_MUST_CHECK ls_err ls_read_to(const struct ls_payload *payload, struct ls_intent *intent);

/* The field "from", an address that signs; absent: the payer. */
LS_MUST_CHECK ls_err ls_read_from(const struct ls_payload *payload, struct ls_intent *intent);
/* The field "void", which compensations have: the signature of what they undo, for the memo. */
LS_MUST_CHECK ls_err ls_read_void(const struct ls_payload *payload, struct ls_intent *intent);

LS_MUST_CHECK ls_err ls_read_account_create(const struct ls_payload *payload,
                                            struct ls_intent *intent);
LS_MUST_CHECK ls_err ls_read_invoke(const struct ls_payload *payload, struct ls_intent *intent);
LS_MUST_CHECK ls_err ls_read_create_mint(const struct ls_payload *payload,
                                         struct ls_intent *intent);
LS_MUST_CHECK ls_err ls_read_mint_to(const struct ls_payload *payload,
                                     struct ls_intent *intent);
LS_MUST_CHECK ls_err ls_read_burn(const struct ls_payload *payload, struct ls_intent *intent);
LS_MUST_CHECK ls_err ls_read_token_transfer(const struct ls_payload *payload,
                                            struct ls_intent *intent);

LS_MUST_CHECK ls_err ls_read_nonce(const struct ls_payload *payload, struct ls_intent *intent);

#endif
