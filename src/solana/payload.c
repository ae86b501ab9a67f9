#include "payload.h"

#include <string.h>

#include "lockstep/base/base58.h"
#include "lockstep/base/utf8.h"
#include "lockstep/solana/intent.h"

enum { SHOWN_BYTES_MAX = 40 };

int ls_payload_shown(const char *text)
{
    const size_t length = strnlen(text, SHOWN_BYTES_MAX + 4);
    size_t at = 0;
    while (at < length) {
        uint32_t scalar = 0;
        const size_t used = ls_utf8_next(text + at, length - at, &scalar);
        if (used == 0 || at + used > SHOWN_BYTES_MAX) break;
        at += used;
    }
    return (int)at;
}

bool ls_amount_parse(const char *text, uint64_t *amount_out)
{
    if (text[0] == '\0' || (text[0] == '0' && text[1] != '\0')) return false;

    uint64_t amount = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9') return false;
        const uint64_t digit = (uint64_t)(*at - '0');
        if (amount > (UINT64_MAX - digit) / 10) return false;
        amount = amount * 10 + digit;
    }
    *amount_out = amount;
    return true;
}

ls_err ls_payload_text(const struct ls_payload *payload,
                       const char *field,
                       size_t bytes_max,
                       const char **text_out)
{
    const json_t *value = json_object_get(payload->object, field);
    if (value == NULL)
        return LS_PAYLOAD_REFUSE(payload, "\"%s\" is missing; add it as a string", field);
    const char *text = json_string_value(value);
    if (text == NULL)
        return LS_PAYLOAD_REFUSE(payload, "\"%s\" must be a string in quotes", field);

    const size_t length = json_string_length(value);
    if (length == 0) {
        return LS_PAYLOAD_REFUSE(payload, "\"%s\" is empty; give at least one character",
                                 field);
    }
    if (length > bytes_max) {
        return LS_PAYLOAD_REFUSE(payload, "\"%s\" has %zu bytes and may have %zu; shorten it",
                                 field, length, bytes_max);
    }
    if (strlen(text) != length) {
        return LS_PAYLOAD_REFUSE(payload, "\"%s\" holds the character U+0000; remove it",
                                 field);
    }
    *text_out = text;
    return LS_OK;
}

ls_err ls_payload_address(const struct ls_payload *payload,
                          const char *field,
                          struct ls_address *address_out)
{
    const char *text = NULL;
    LS_TRY(ls_payload_text(payload, field, LS_INTENT_TEXT_BYTES_MAX, &text));
    if (ls_address_parse(text, address_out)) return LS_OK;
    return LS_PAYLOAD_REFUSE(payload,
                             "\"%s\" is not an address: \"%.*s\"; give 32 bytes in base58 (32 "
                             "to 44 characters)",
                             field, ls_payload_shown(text), text);
}

ls_err
ls_payload_amount(const struct ls_payload *payload, const char *field, uint64_t *amount_out)
{
    if (json_is_number(json_object_get(payload->object, field))) {
        return LS_PAYLOAD_REFUSE(payload,
                                 "\"%s\" must be a decimal string, not a number; put it in "
                                 "quotes, such as \"5\"",
                                 field);
    }
    const char *text = "";
    uint64_t amount = 0;
    LS_TRY(ls_payload_text(payload, field, LS_INTENT_TEXT_BYTES_MAX, &text));
    if (!ls_amount_parse(text, &amount)) {
        return LS_PAYLOAD_REFUSE(payload,
                                 "\"%s\" is \"%.*s\"; give a whole number from 1 to "
                                 "18446744073709551615 in digits only",
                                 field, ls_payload_shown(text), text);
    }
    if (amount == 0) return LS_PAYLOAD_REFUSE(payload, "\"%s\" is 0; give at least 1", field);
    *amount_out = amount;
    return LS_OK;
}
