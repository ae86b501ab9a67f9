/* The kind "nonce": what is done with accounts of the pool of nonces. */
#include <string.h>

#include "intent_read.h"
#include "payload.h"

static ls_err refuse_field(const struct ls_payload *payload, const char *field)
{
    return LS_PAYLOAD_REFUSE(payload, "\"%s\" does not go with this \"do\"; leave it out",
                             field);
}

static ls_err read_create(const struct ls_payload *payload, struct ls_intent *intent)
{
    static const char *const others[] = {"address", "lamports"};
    intent->kind = LS_INTENT_NONCE_CREATE;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (json_object_get(payload->object, others[i]) != NULL)
            return refuse_field(payload, others[i]);
    return LS_OK;
}

ls_err ls_read_nonce(const struct ls_payload *payload, struct ls_intent *intent)
{
    const char *what = NULL;
    LS_TRY(ls_payload_text(payload, "do", LS_INTENT_TYPE_BYTES_MAX, &what));
    if (strcmp(what, "create") == 0) return read_create(payload, intent);
    const bool is_close = strcmp(what, "close") == 0;
    if (!is_close && strcmp(what, "advance") != 0) {
        return LS_PAYLOAD_REFUSE(payload, "\"do\" is \"%.*s\"; it is create, advance or close",
                                 ls_payload_shown(what), what);
    }
    intent->kind = is_close ? LS_INTENT_NONCE_CLOSE : LS_INTENT_NONCE_ADVANCE;
    LS_TRY(ls_payload_address(payload, "address", &intent->to));
    intent->has_to = true;
    if (is_close) return ls_payload_amount(payload, "lamports", &intent->amount);
    return json_object_get(payload->object, "lamports") == NULL
               ? LS_OK
               : refuse_field(payload, "lamports");
}
