#include "lockstep/solana/intent.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "json_load.h"
#include "lockstep/base/base58.h"
#include "lockstep/base/utf8.h"

enum { FIELDS_MAX = 5, DECIMALS_MAX = 9, SHOWN_BYTES_MAX = 40 };

static const char what[] = "payload";
static const char carried_out[] = "memo, event, sol.transfer, token.create_mint, "
                                  "token.mint_to, token.burn, token.transfer";

/* What is being read, so that each refusal can say of which kind it speaks. */
struct reading {
    const char *kind;
    json_t *object;
    struct ls_intent *intent;
    struct ls_why *why;
};

struct rule {
    const char *kind;
    enum ls_intent_kind value;
    const char *fields[FIELDS_MAX]; /* that it takes */
    const char *example;
    ls_err (*read)(const struct reading *reading);
};

#define REFUSE(reading_, format_, ...)                                           \
    ls_refuse((reading_)->why, LS_CODE_INVALID, what, "payload of %s: " format_, \
              (reading_)->kind, __VA_ARGS__)

/* How much of a text from outside a refusal shows: whole scalars, never all of a long
 * one. */
static int shown(const char *text)
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

/* A string of 1..`bytes_max` bytes; points into the payload. */
static ls_err
read_text(const struct reading *reading, const char *field, size_t bytes_max, const char **out)
{
    const json_t *value = json_object_get(reading->object, field);
    if (value == NULL)
        return REFUSE(reading, "field \"%s\" is missing; add it as a string", field);
    if (!json_is_string(value))
        return REFUSE(reading, "\"%s\" must be a string in quotes", field);

    const size_t length = json_string_length(value);
    if (length == 0)
        return REFUSE(reading, "\"%s\" is empty; give at least one character", field);
    if (length > bytes_max)
        return REFUSE(reading, "\"%s\" has %zu bytes and may have %zu; shorten it", field,
                      length, bytes_max);
    if (strlen(json_string_value(value)) != length)
        return REFUSE(reading, "\"%s\" holds the character U+0000; remove it", field);
    *out = json_string_value(value);
    return LS_OK;
}

static ls_err parse_address(const struct reading *reading,
                            const char *field,
                            const char *text,
                            struct ls_address *out)
{
    if (ls_address_parse(text, out)) return LS_OK;
    return REFUSE(reading,
                  "\"%s\" is not an address: \"%.*s\"; give 32 bytes in base58 (32 to 44 "
                  "characters)",
                  field, shown(text), text);
}

static ls_err
read_address(const struct reading *reading, const char *field, struct ls_address *out)
{
    const char *text = NULL;
    LS_TRY(read_text(reading, field, LS_INTENT_TEXT_BYTES_MAX, &text));
    return parse_address(reading, field, text, out);
}

static ls_err read_to(const struct reading *reading)
{
    LS_TRY(read_address(reading, "to", &reading->intent->to));
    reading->intent->has_to = true;
    return LS_OK;
}

static ls_err read_from(const struct reading *reading)
{
    if (json_object_get(reading->object, "from") == NULL) return LS_OK; /* the payer */
    LS_TRY(read_address(reading, "from", &reading->intent->from));
    reading->intent->has_from = true;
    return LS_OK;
}

static ls_err read_amount(const struct reading *reading, const char *field)
{
    const json_t *value = json_object_get(reading->object, field);
    if (json_is_number(value))
        return REFUSE(reading,
                      "\"%s\" must be a decimal string, not a number; put it in quotes, such "
                      "as \"5\"",
                      field);
    const char *text = NULL;
    LS_TRY(read_text(reading, field, LS_INTENT_TEXT_BYTES_MAX, &text));
    if (!ls_amount_parse(text, &reading->intent->amount))
        return REFUSE(reading,
                      "\"%s\" is \"%.*s\"; give a whole number from 1 to "
                      "18446744073709551615 in digits only",
                      field, shown(text), text);
    if (reading->intent->amount == 0)
        return REFUSE(reading, "\"%s\" is 0; give at least 1", field);
    return LS_OK;
}

/* The mint as {"key": KEY}: the operation that creates it. */
static ls_err read_mint_key(const struct reading *reading, json_t *mint)
{
    static const char cure[] = "must be an address or {\"key\": \"…\"} with the key of the "
                               "operation that creates the mint";
    if (!json_is_object(mint) || json_object_size(mint) != 1 ||
        json_object_get(mint, "key") == NULL)
        return REFUSE(reading, "\"mint\" %s", cure);

    struct reading inner = *reading;
    inner.object = mint;
    const char *key = NULL;
    LS_TRY(read_text(&inner, "key", LS_INTENT_KEY_BYTES_MAX, &key));
    memcpy(reading->intent->mint_key, key, strlen(key) + 1);
    reading->intent->mint_by_key = true;
    return LS_OK;
}

static ls_err read_mint(const struct reading *reading)
{
    json_t *mint = json_object_get(reading->object, "mint");
    if (mint != NULL && !json_is_string(mint)) return read_mint_key(reading, mint);
    LS_TRY(read_address(reading, "mint", &reading->intent->mint));
    reading->intent->has_mint = true;
    return LS_OK;
}

static ls_err read_memo(const struct reading *reading)
{
    const char *text = NULL;
    LS_TRY(read_text(reading, "text", LS_INTENT_TEXT_BYTES_MAX, &text));
    reading->intent->text_bytes = strlen(text);
    memcpy(reading->intent->text, text, reading->intent->text_bytes + 1);
    return LS_OK;
}

/* "sha256:<base58>" of the canonical document. */
static ls_err digest_document(const struct reading *reading, json_t *document)
{
    static const char prefix[] = "sha256:";
    struct ls_buf canonical;
    /* An escape of one byte needs at most six. */
    ls_buf_init(&canonical, (size_t)LS_INTENT_PAYLOAD_BYTES_MAX * 6);
    const ls_err err = ls_json_canonical_value(document, &canonical);
    uint8_t digest[crypto_hash_sha256_BYTES] = {0};
    (void)crypto_hash_sha256(digest, (const uint8_t *)ls_buf_text(&canonical),
                             canonical.length);
    ls_buf_done(&canonical);
    if (err.code == LS_CODE_INVALID)
        return REFUSE(reading, "\"document\" %s",
                      "holds a whole number beyond 2^53, which JSON readers round; give it as "
                      "a string");
    LS_TRY(err);

    struct ls_intent *intent = reading->intent;
    memcpy(intent->text, prefix, sizeof prefix);
    intent->text_bytes = sizeof prefix - 1;
    intent->text_bytes += ls_base58_encode(
        digest, sizeof digest, intent->text + sizeof prefix - 1, LS_HASH_TEXT_BYTES);
    return LS_OK;
}

static ls_err read_event(const struct reading *reading)
{
    const char *text = NULL;
    LS_TRY(read_text(reading, "type", LS_INTENT_TYPE_BYTES_MAX, &text));
    LS_TRY(read_text(reading, "subject", LS_INTENT_SUBJECT_BYTES_MAX, &text));
    json_t *document = json_object_get(reading->object, "document");
    if (!json_is_object(document))
        return REFUSE(reading, "\"document\" %s",
                      document == NULL ? "is missing; add it as a JSON object"
                                       : "must be a JSON object");
    return digest_document(reading, document);
}

static ls_err read_sol_transfer(const struct reading *reading)
{
    LS_TRY(read_to(reading));
    return read_amount(reading, "lamports");
}

/* Fields of token.create_mint that stand in the documents and are not built yet: silence
 * about them would create a mint without its cap or name. */
static ls_err refuse_later_fields(const struct reading *reading)
{
    static const char *const later[] = {"max_supply", "name", "symbol", "uri"};
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
        if (json_object_get(reading->object, later[i]) != NULL)
            return REFUSE(reading, "this version does not carry out \"%s\" yet; remove it",
                          later[i]);
    }
    return LS_OK;
}

static ls_err read_create_mint(const struct reading *reading)
{
    LS_TRY(refuse_later_fields(reading));
    if (json_object_get(reading->object, "program") != NULL) {
        const char *program = NULL;
        LS_TRY(read_text(reading, "program", LS_INTENT_TEXT_BYTES_MAX, &program));
        if (strcmp(program, "token-2022") == 0)
            return REFUSE(reading, "this version does not carry out %s yet; use \"token\"",
                          "\"program\": \"token-2022\"");
        if (strcmp(program, "token") != 0)
            return REFUSE(reading, "\"program\" is \"%.*s\"; use \"token\"", shown(program),
                          program);
    }
    const json_t *decimals = json_object_get(reading->object, "decimals");
    if (!json_is_integer(decimals) || json_integer_value(decimals) < 0 ||
        json_integer_value(decimals) > DECIMALS_MAX)
        return REFUSE(reading, "\"decimals\" %s a whole number from 0 to %d, without quotes",
                      decimals == NULL ? "is missing; add" : "must be", DECIMALS_MAX);
    reading->intent->decimals = (uint8_t)json_integer_value(decimals);
    return LS_OK;
}

static ls_err read_mint_to(const struct reading *reading)
{
    LS_TRY(read_mint(reading));
    LS_TRY(read_to(reading));
    return read_amount(reading, "amount");
}

static ls_err read_burn(const struct reading *reading)
{
    LS_TRY(read_mint(reading));
    LS_TRY(read_from(reading));
    return read_amount(reading, "amount");
}

static ls_err read_token_transfer(const struct reading *reading)
{
    LS_TRY(read_from(reading));
    return read_mint_to(reading);
}

static const struct rule rules[] = {
    {"memo", LS_INTENT_MEMO, {"text"}, "{\"text\": \"…\"}", read_memo},
    {"event",
     LS_INTENT_EVENT,
     {"type", "subject", "document"},
     "{\"type\": \"…\", \"subject\": \"…\", \"document\": {…}}",
     read_event},
    {"sol.transfer",
     LS_INTENT_SOL_TRANSFER,
     {"to", "lamports"},
     "{\"to\": \"…\", \"lamports\": \"1000\"}",
     read_sol_transfer},
    {"token.create_mint",
     LS_INTENT_CREATE_MINT,
     {"decimals", "program"},
     "{\"decimals\": 0, \"program\": \"token\"}",
     read_create_mint},
    {"token.mint_to",
     LS_INTENT_MINT_TO,
     {"mint", "to", "amount"},
     "{\"mint\": \"…\", \"to\": \"…\", \"amount\": \"5\"}",
     read_mint_to},
    {"token.burn",
     LS_INTENT_BURN,
     {"mint", "from", "amount"},
     "{\"mint\": \"…\", \"from\": \"…\", \"amount\": \"5\"}",
     read_burn},
    {"token.transfer",
     LS_INTENT_TOKEN_TRANSFER,
     {"mint", "from", "to", "amount"},
     "{\"mint\": \"…\", \"from\": \"…\", \"to\": \"…\", \"amount\": \"5\"}",
     read_token_transfer},
};

static const struct rule *find_rule(const char *kind)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strcmp(rules[i].kind, kind) == 0) return &rules[i];
    return NULL;
}

static ls_err refuse_kind(const char *kind, struct ls_why *why)
{
    static const char *const later[] = {"account.create", "program.invoke"};
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
        if (strcmp(later[i], kind) == 0)
            return ls_refuse(why, LS_CODE_INVALID, what,
                             "this version does not carry out kind %s yet; use one of %s", kind,
                             carried_out);
    }
    return ls_refuse(why, LS_CODE_INVALID, what, "unknown kind \"%.*s\"; use one of %s",
                     shown(kind), kind, carried_out);
}

static bool takes(const struct rule *rule, const char *field)
{
    for (size_t i = 0; i < FIELDS_MAX && rule->fields[i] != NULL; i++)
        if (strcmp(rule->fields[i], field) == 0) return true;
    return false;
}

static ls_err check_fields(const struct rule *rule, const struct reading *reading)
{
    if (rule->value == LS_INTENT_CREATE_MINT) LS_TRY(refuse_later_fields(reading));
    const char *field = NULL;
    json_t *value = NULL;
    json_object_foreach(reading->object, field, value)
    {
        if (!takes(rule, field))
            return REFUSE(reading, "unknown field \"%.*s\"; it takes %s", shown(field), field,
                          rule->example);
    }
    return LS_OK;
}

static ls_err load(const struct rule *rule,
                   const char *payload,
                   size_t payload_bytes,
                   json_t **object_out,
                   struct ls_why *why)
{
    if (payload_bytes > LS_INTENT_PAYLOAD_BYTES_MAX)
        return ls_refuse(why, LS_CODE_INVALID, what,
                         "payload of %s: has %zu bytes and may have %d; shorten it", rule->kind,
                         payload_bytes, LS_INTENT_PAYLOAD_BYTES_MAX);
    if (!ls_json_depth_within(payload, payload_bytes, LS_JSON_DEPTH_MAX))
        return ls_refuse(why, LS_CODE_INVALID, what,
                         "payload of %s: nests deeper than %d; make it flatter", rule->kind,
                         LS_JSON_DEPTH_MAX);

    json_error_t error;
    json_t *object = NULL;
    const ls_err err = ls_json_load(payload, payload_bytes, JSON_ALLOW_NUL, &object, &error);
    if (err.code == LS_CODE_NO_MEMORY) return err;
    if (ls_failed(err) && json_error_code(&error) == json_error_numeric_overflow)
        return ls_refuse(
            why, LS_CODE_INVALID, what,
            "payload of %s: holds a number that is too large; give it as a decimal "
            "string, such as \"18446744073709551615\"",
            rule->kind);
    if (ls_failed(err))
        return ls_refuse(why, LS_CODE_INVALID, what,
                         "payload of %s: not JSON (line %d: %s); give one object such as %s",
                         rule->kind, error.line, error.text, rule->example);
    *object_out = object;
    return LS_OK;
}

ls_err ls_intent_parse(const char *kind,
                       const char *payload,
                       size_t payload_bytes,
                       struct ls_intent *intent_out,
                       struct ls_why *why)
{
    assert(kind != NULL && intent_out != NULL);
    assert(payload != NULL || payload_bytes == 0);

    const struct rule *rule = find_rule(kind);
    if (rule == NULL) return refuse_kind(kind, why);
    struct ls_intent intent = {.kind = rule->value};
    struct reading reading = {.kind = rule->kind, .intent = &intent, .why = why};
    LS_TRY(load(rule, payload, payload_bytes, &reading.object, why));

    ls_err err = LS_OK;
    if (json_is_object(reading.object)) {
        err = check_fields(rule, &reading);
        if (!ls_failed(err)) err = rule->read(&reading);
    } else {
        err = REFUSE(&reading, "must be a JSON object, such as %s", rule->example);
    }
    json_decref(reading.object);
    if (!ls_failed(err)) *intent_out = intent;
    return err;
}
