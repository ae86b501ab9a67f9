/* Payloads of the token kinds. */
#include "intent_read.h"

#include <string.h>

enum { DECIMALS_MAX = 9 };

ls_err ls_read_to(const struct ls_payload *payload, struct ls_intent *intent)
{
    LS_TRY(ls_payload_address(payload, "to", &intent->to));
    intent->has_to = true;
    return LS_OK;
}

ls_err ls_read_from(const struct ls_payload *payload, struct ls_intent *intent)
{
    if (json_object_get(payload->object, "from") == NULL) return LS_OK; /* the payer */
    LS_TRY(ls_payload_address(payload, "from", &intent->from));
    intent->has_from = true;
    return LS_OK;
}

/* The mint as {"key": KEY}: the operation that creates it. */
static ls_err
read_mint_key(const struct ls_payload *payload, struct ls_intent *intent, json_t *mint)
{
    static const char cure[] = "must be an address or {\"key\": \"…\"} with the key of the "
                               "operation that creates the mint";
    if (!json_is_object(mint) || json_object_size(mint) != 1 ||
        json_object_get(mint, "key") == NULL)
        return LS_PAYLOAD_REFUSE(payload, "\"mint\" %s", cure);

    struct ls_payload inner = *payload;
    inner.object = mint;
    const char *key = NULL;
    LS_TRY(ls_payload_text(&inner, "key", LS_INTENT_KEY_BYTES_MAX, &key));
    memcpy(intent->mint_key, key, strlen(key) + 1);
    intent->mint_by_key = true;
    return LS_OK;
}

static ls_err read_mint(const struct ls_payload *payload, struct ls_intent *intent)
{
    json_t *mint = json_object_get(payload->object, "mint");
    if (mint != NULL && !json_is_string(mint)) return read_mint_key(payload, intent, mint);
    LS_TRY(ls_payload_address(payload, "mint", &intent->mint));
    intent->has_mint = true;
    return LS_OK;
}

/* One text of a mint's metadata, which may be left out. */
static ls_err read_metadata(const struct ls_payload *payload,
                            const char *field,
                            char out[LS_METADATA_BYTES_MAX + 1])
{
    if (json_object_get(payload->object, field) == NULL) return LS_OK;
    const char *text = NULL;
    LS_TRY(ls_payload_text(payload, field, LS_METADATA_BYTES_MAX, &text));
    memcpy(out, text, strlen(text) + 1);
    return LS_OK;
}

static ls_err read_all_metadata(const struct ls_payload *payload, struct ls_intent *intent)
{
    LS_TRY(read_metadata(payload, "name", intent->name));
    LS_TRY(read_metadata(payload, "symbol", intent->symbol));
    LS_TRY(read_metadata(payload, "uri", intent->uri));
    const size_t bytes = strlen(intent->name) + strlen(intent->symbol) + strlen(intent->uri);
    intent->has_metadata = bytes > 0;
    if (bytes > LS_METADATA_BYTES_MAX) {
        return LS_PAYLOAD_REFUSE(payload,
                                 "\"name\", \"symbol\" and \"uri\" have %zu bytes together "
                                 "and may have %d; shorten them",
                                 bytes, LS_METADATA_BYTES_MAX);
    }
    if (intent->has_metadata && intent->program != LS_TOKEN_2022) {
        return LS_PAYLOAD_REFUSE(payload, "%s",
                                 "\"name\", \"symbol\" and \"uri\" stand on chain with "
                                 "\"program\": \"token-2022\" alone; add it or remove them");
    }
    return LS_OK;
}

static ls_err read_program(const struct ls_payload *payload, struct ls_intent *intent)
{
    intent->program = LS_TOKEN_CLASSIC;
    if (json_object_get(payload->object, "program") == NULL) return LS_OK;
    const char *program = NULL;
    LS_TRY(ls_payload_text(payload, "program", LS_INTENT_TEXT_BYTES_MAX, &program));
    if (strcmp(program, "token") == 0) return LS_OK;
    intent->program = LS_TOKEN_2022;
    if (strcmp(program, "token-2022") == 0) return LS_OK;
    return LS_PAYLOAD_REFUSE(payload,
                             "\"program\" is \"%.*s\"; use \"token\" or \"token-2022\"",
                             ls_payload_shown(program), program);
}

ls_err ls_read_create_mint(const struct ls_payload *payload, struct ls_intent *intent)
{
    LS_TRY(read_program(payload, intent));
    LS_TRY(read_all_metadata(payload, intent));
    if (json_object_get(payload->object, "max_supply") != NULL) {
        LS_TRY(ls_payload_amount(payload, "max_supply", &intent->max_supply));
        intent->has_max_supply = true;
    }
    const json_t *decimals = json_object_get(payload->object, "decimals");
    if (!json_is_integer(decimals) || json_integer_value(decimals) < 0 ||
        json_integer_value(decimals) > DECIMALS_MAX) {
        return LS_PAYLOAD_REFUSE(
            payload, "\"decimals\" %s a whole number from 0 to %d, without quotes",
            decimals == NULL ? "is missing; add" : "must be", DECIMALS_MAX);
    }
    intent->decimals = (uint8_t)json_integer_value(decimals);
    return LS_OK;
}

ls_err ls_read_mint_to(const struct ls_payload *payload, struct ls_intent *intent)
{
    LS_TRY(read_mint(payload, intent));
    LS_TRY(ls_read_to(payload, intent));
    return ls_payload_amount(payload, "amount", &intent->amount);
}

ls_err ls_read_burn(const struct ls_payload *payload, struct ls_intent *intent)
{
    LS_TRY(read_mint(payload, intent));
    LS_TRY(ls_read_from(payload, intent));
    return ls_payload_amount(payload, "amount", &intent->amount);
}

ls_err ls_read_token_transfer(const struct ls_payload *payload, struct ls_intent *intent)
{
    LS_TRY(ls_read_from(payload, intent));
    return ls_read_mint_to(payload, intent);
}
