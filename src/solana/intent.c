#include "lockstep/solana/intent.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "intent_read.h"
#include "json_load.h"
#include "lockstep/base/base58.h"
#include "payload.h"

enum { FIELDS_MAX = 6 };

static const char what[] = "payload";
static const char carried_out[] = "memo, event, sol.transfer, token.create_mint, "
                                  "token.mint_to, token.burn, token.transfer, "
                                  "account.create, program.invoke";

struct rule {
    const char *kind;
    enum ls_intent_kind value;
    const char *fields[FIELDS_MAX]; /* that it takes */
    const char *example;
    ls_err (*read)(const struct ls_payload *payload, struct ls_intent *intent);
};

static ls_err read_memo(const struct ls_payload *payload, struct ls_intent *intent)
{
    const char *text = NULL;
    LS_TRY(ls_payload_text(payload, "text", LS_INTENT_TEXT_BYTES_MAX, &text));
    intent->text_bytes = strlen(text);
    memcpy(intent->text, text, intent->text_bytes + 1);
    return LS_OK;
}

/* "sha256:<base58>" of the canonical document. */
static ls_err
digest_document(const struct ls_payload *payload, struct ls_intent *intent, json_t *document)
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
    if (err.code == LS_CODE_INVALID) {
        return LS_PAYLOAD_REFUSE(
            payload, "\"document\" %s",
            "holds a whole number beyond 2^53, which JSON readers round; give it as "
            "a string");
    }
    LS_TRY(err);

    memcpy(intent->text, prefix, sizeof prefix);
    intent->text_bytes = sizeof prefix - 1;
    intent->text_bytes += ls_base58_encode(
        digest, sizeof digest, intent->text + sizeof prefix - 1, LS_HASH_TEXT_BYTES);
    return LS_OK;
}

static ls_err read_event(const struct ls_payload *payload, struct ls_intent *intent)
{
    const char *text = NULL;
    LS_TRY(ls_payload_text(payload, "type", LS_INTENT_TYPE_BYTES_MAX, &text));
    LS_TRY(ls_payload_text(payload, "subject", LS_INTENT_SUBJECT_BYTES_MAX, &text));
    json_t *document = json_object_get(payload->object, "document");
    if (!json_is_object(document)) {
        return LS_PAYLOAD_REFUSE(payload, "\"document\" %s",
                                 document == NULL ? "is missing; add it as a JSON object"
                                                  : "must be a JSON object");
    }
    return digest_document(payload, intent, document);
}

/* {"from": {"key": KEY}, "to": BASE, "lamports": "all"}: what an account holds that an
 * operation created for BASE goes back. The store makes it as a compensation; with "marker"
 * in the place of "key" it is the operation's marker, and the leader's duty. */
static ls_err read_reclaim(const struct ls_payload *payload, struct ls_intent *intent)
{
    struct ls_payload inner = *payload;
    inner.object = json_object_get(payload->object, "from");
    const char *key = NULL;
    const char *lamports = NULL;
    intent->from_marker = json_object_get(inner.object, "marker") != NULL;
    LS_TRY(ls_payload_text(&inner, intent->from_marker ? "marker" : "key",
                           LS_INTENT_KEY_BYTES_MAX, &key));
    LS_TRY(ls_payload_text(payload, "lamports", LS_INTENT_TEXT_BYTES_MAX, &lamports));
    if (json_object_size(inner.object) != 1 || strcmp(lamports, "all") != 0) {
        return LS_PAYLOAD_REFUSE(payload, "%s",
                                 "\"from\" with a \"key\" needs \"lamports\": \"all\"");
    }
    intent->kind = LS_INTENT_RECLAIM;
    intent->owner = LS_PROGRAM_SYSTEM;
    memcpy(intent->from_key, key, strlen(key) + 1);
    return LS_OK;
}

static ls_err read_sol_transfer(const struct ls_payload *payload, struct ls_intent *intent)
{
    LS_TRY(ls_read_to(payload, intent));
    LS_TRY(ls_read_void(payload, intent));
    if (json_is_object(json_object_get(payload->object, "from")))
        return read_reclaim(payload, intent);
    LS_TRY(ls_read_from(payload, intent));
    return ls_payload_amount(payload, "lamports", &intent->amount);
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
     {"to", "lamports", "from", "void"},
     "{\"to\": \"…\", \"lamports\": \"1000\", \"from\": \"…\"}",
     read_sol_transfer},
    {"token.create_mint",
     LS_INTENT_CREATE_MINT,
     {"decimals", "program", "max_supply", "name", "symbol", "uri"},
     "{\"decimals\": 0, \"program\": \"token\" or \"token-2022\", \"max_supply\": \"…\", "
     "\"name\": \"…\", \"symbol\": \"…\", \"uri\": \"…\"}",
     ls_read_create_mint},
    {"token.mint_to",
     LS_INTENT_MINT_TO,
     {"mint", "to", "amount"},
     "{\"mint\": \"…\", \"to\": \"…\", \"amount\": \"5\"}",
     ls_read_mint_to},
    {"token.burn",
     LS_INTENT_BURN,
     {"mint", "from", "amount"},
     "{\"mint\": \"…\", \"from\": \"…\", \"amount\": \"5\"}",
     ls_read_burn},
    {"token.transfer",
     LS_INTENT_TOKEN_TRANSFER,
     {"mint", "from", "to", "amount"},
     "{\"mint\": \"…\", \"from\": \"…\", \"to\": \"…\", \"amount\": \"5\"}",
     ls_read_token_transfer},
    {"account.create",
     LS_INTENT_ACCOUNT_CREATE,
     {"space", "owner"},
     "{\"space\": 0, \"owner\": \"…\"}",
     ls_read_account_create},
    {"program.invoke",
     LS_INTENT_INVOKE,
     {"program", "accounts", "data", "compensate", "void"},
     LS_INVOKE_EXAMPLE,
     ls_read_invoke},
    {"nonce",
     LS_INTENT_NONCE_CREATE,
     {"do", "address", "lamports"},
     "{\"do\": \"create\"}",
     ls_read_nonce},
};

static const struct rule *find_rule(const char *kind)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strcmp(rules[i].kind, kind) == 0) return &rules[i];
    return NULL;
}

static ls_err refuse_kind(const char *kind, struct ls_why *why)
{
    return ls_refuse(why, LS_CODE_INVALID, what, "unknown kind \"%.*s\"; use one of %s",
                     ls_payload_shown(kind), kind, carried_out);
}

static bool takes(const struct rule *rule, const char *field)
{
    for (size_t i = 0; i < FIELDS_MAX && rule->fields[i] != NULL; i++)
        if (strcmp(rule->fields[i], field) == 0) return true;
    return false;
}

static ls_err check_fields(const struct rule *rule, const struct ls_payload *payload)
{
    if (!json_is_object(payload->object))
        return LS_PAYLOAD_REFUSE(payload, "must be a JSON object, such as %s", rule->example);
    const char *field = NULL;
    json_t *value = NULL;
    json_object_foreach(payload->object, field, value)
    {
        if (!takes(rule, field)) {
            return LS_PAYLOAD_REFUSE(payload, "unknown field \"%.*s\"; it takes %s",
                                     ls_payload_shown(field), field, rule->example);
        }
    }
    return LS_OK;
}

static ls_err load(const struct rule *rule,
                   const char *payload,
                   size_t payload_bytes,
                   json_t **object_out,
                   struct ls_why *why)
{
    if (payload_bytes > LS_INTENT_PAYLOAD_BYTES_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, what,
                         "payload of %s: has %zu bytes and may have %d; shorten it", rule->kind,
                         payload_bytes, LS_INTENT_PAYLOAD_BYTES_MAX);
    }
    if (!ls_json_depth_within(payload, payload_bytes, LS_JSON_DEPTH_MAX)) {
        return ls_refuse(why, LS_CODE_INVALID, what,
                         "payload of %s: nests deeper than %d; make it flatter", rule->kind,
                         LS_JSON_DEPTH_MAX);
    }

    json_error_t error;
    json_t *object = NULL;
    const ls_err err = ls_json_load(payload, payload_bytes, JSON_ALLOW_NUL, &object, &error);
    if (err.code == LS_CODE_NO_MEMORY) return err;
    if (ls_failed(err) && json_error_code(&error) == json_error_numeric_overflow) {
        return ls_refuse(
            why, LS_CODE_INVALID, what,
            "payload of %s: holds a number that is too large; give it as a decimal "
            "string, such as \"18446744073709551615\"",
            rule->kind);
    }
    if (ls_failed(err)) {
        return ls_refuse(why, LS_CODE_INVALID, what,
                         "payload of %s: not JSON (line %d: %s); give one object such as %s",
                         rule->kind, error.line, error.text, rule->example);
    }
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
    struct ls_payload read = {.kind = rule->kind, .why = why};
    LS_TRY(load(rule, payload, payload_bytes, &read.object, why));

    ls_err err = check_fields(rule, &read);
    if (!ls_failed(err)) err = rule->read(&read, &intent);
    json_decref(read.object);
    if (!ls_failed(err)) *intent_out = intent;
    return err;
}
