/* Payloads of account.create and program.invoke. */
#include "intent_read.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "json_load.h"
#include "lockstep/base/buf.h"
#include "lockstep/solana/canonical.h"

enum { VOID_BYTES_MAX = LS_SIGNATURE_TEXT_BYTES + LS_INTENT_KEY_BYTES_MAX };

ls_err ls_read_void(const struct ls_payload *payload, struct ls_intent *intent)
{
    static const char prefix[] = "void ";
    const char *text = NULL;
    if (json_object_get(payload->object, "void") == NULL) return LS_OK;
    LS_TRY(ls_payload_text(payload, "void", VOID_BYTES_MAX, &text));
    memcpy(intent->text, prefix, sizeof prefix);
    memcpy(intent->text + sizeof prefix - 1, text, strlen(text) + 1);
    intent->text_bytes = sizeof prefix - 1 + strlen(text);
    return LS_OK;
}

ls_err ls_read_account_create(const struct ls_payload *payload, struct ls_intent *intent)
{
    const json_t *space = json_object_get(payload->object, "space");
    const json_int_t bytes = json_integer_value(space);
    if (!json_is_integer(space) || bytes < 0 || bytes > LS_ACCOUNT_SPACE_MAX) {
        return LS_PAYLOAD_REFUSE(payload,
                                 "\"space\" %s a whole number of bytes from 0 to %d, without "
                                 "quotes",
                                 space == NULL ? "is missing; add" : "must be",
                                 LS_ACCOUNT_SPACE_MAX);
    }
    intent->space = (uint64_t)bytes;
    return ls_payload_address(payload, "owner", &intent->owner);
}

/* A flag of an account; absent: false. */
static ls_err read_flag(const struct ls_payload *account, const char *field, bool *flag_out)
{
    const json_t *value = json_object_get(account->object, field);
    *flag_out = json_is_true(value);
    if (value == NULL || json_is_boolean(value)) return LS_OK;
    return LS_PAYLOAD_REFUSE(account, "\"%s\" of an account must be true or false", field);
}

static ls_err
read_account(const struct ls_payload *payload, json_t *value, struct ls_account_meta *meta)
{
    struct ls_payload account = *payload;
    account.object = value;
    size_t known = 1;
    if (!json_is_object(value)) {
        return LS_PAYLOAD_REFUSE(payload, "%s",
                                 "each of \"accounts\" must be an object such as {\"address\": "
                                 "\"…\", \"signer\": false, \"writable\": true}");
    }
    LS_TRY(ls_payload_address(&account, "address", &meta->address));
    LS_TRY(read_flag(&account, "signer", &meta->is_signer));
    LS_TRY(read_flag(&account, "writable", &meta->is_writable));
    known += json_object_get(value, "signer") != NULL;
    known += json_object_get(value, "writable") != NULL;
    if (json_object_size(value) == known) return LS_OK;
    return LS_PAYLOAD_REFUSE(payload, "%s",
                             "an account takes \"address\", \"signer\" and \"writable\" alone");
}

static ls_err read_accounts(const struct ls_payload *payload, struct ls_instruction *invoke)
{
    json_t *accounts = json_object_get(payload->object, "accounts");
    if (accounts == NULL) return LS_OK;
    if (!json_is_array(accounts))
        return LS_PAYLOAD_REFUSE(payload, "\"accounts\" %s", "must be a list");
    if (json_array_size(accounts) > LS_INSTRUCTION_ACCOUNTS_MAX) {
        return LS_PAYLOAD_REFUSE(payload, "\"accounts\" has %zu entries and may have %d",
                                 json_array_size(accounts), LS_INSTRUCTION_ACCOUNTS_MAX);
    }
    for (size_t i = 0; i < json_array_size(accounts); i++) {
        LS_TRY(read_account(payload, json_array_get(accounts, i), &invoke->accounts[i]));
        invoke->account_count++;
    }
    return LS_OK;
}

static ls_err put_data(const struct ls_payload *payload,
                       const void *bytes,
                       size_t count,
                       struct ls_instruction *invoke)
{
    if (count > LS_INSTRUCTION_DATA_MAX) {
        return LS_PAYLOAD_REFUSE(payload, "\"data\" has %zu bytes and may have %d; shorten it",
                                 count, LS_INSTRUCTION_DATA_MAX);
    }
    if (count > 0) memcpy(invoke->data, bytes, count);
    invoke->data_bytes = count;
    return LS_OK;
}

/* The canonical form of any JSON value. */
static ls_err
put_json(const struct ls_payload *payload, json_t *value, struct ls_instruction *invoke)
{
    struct ls_buf canonical;
    ls_buf_init(&canonical, (size_t)LS_INTENT_PAYLOAD_BYTES_MAX * 6);
    ls_err err = ls_json_canonical_value(value, &canonical);
    if (err.code == LS_CODE_INVALID) {
        err = LS_PAYLOAD_REFUSE(payload, "\"data\" %s",
                                "holds a whole number beyond 2^53, which JSON readers round; "
                                "give it as a string");
    } else if (!ls_failed(err)) {
        err = put_data(payload, ls_buf_text(&canonical), canonical.length, invoke);
    }
    ls_buf_done(&canonical);
    return err;
}

static bool decode(const char *form, const char *text, struct ls_instruction *invoke)
{
    const char *end = NULL;
    const size_t length = strlen(text);
    const int failed =
        strcmp(form, "hex") == 0
            ? sodium_hex2bin(invoke->data, sizeof invoke->data, text, length, NULL,
                             &invoke->data_bytes, &end)
            : sodium_base642bin(invoke->data, sizeof invoke->data, text, length, NULL,
                                &invoke->data_bytes, &end, sodium_base64_VARIANT_ORIGINAL);
    return failed == 0 && end == text + length;
}

static ls_err
put_encoded(const struct ls_payload *data, const char *form, struct ls_instruction *invoke)
{
    const char *text = json_string_value(json_object_get(data->object, form));
    if (text == NULL) return LS_PAYLOAD_REFUSE(data, "\"%s\" must be a string", form);
    if (strlen(text) != json_string_length(json_object_get(data->object, form)))
        return LS_PAYLOAD_REFUSE(data, "\"%s\" holds the character U+0000; remove it", form);
    if (decode(form, text, invoke)) return LS_OK;
    return LS_PAYLOAD_REFUSE(data, "\"%s\" is not valid %s of at most %d bytes", form,
                             strcmp(form, "hex") == 0 ? "hexadecimal" : "base64 with padding",
                             LS_INSTRUCTION_DATA_MAX);
}

/* {"utf8": …}, {"base64": …}, {"hex": …} or {"json": …}; absent: no bytes. */
static ls_err read_data(const struct ls_payload *payload, struct ls_instruction *invoke)
{
    struct ls_payload data = *payload;
    data.object = json_object_get(payload->object, "data");
    if (data.object == NULL) return LS_OK;
    json_t *utf8 = json_object_get(data.object, "utf8");
    json_t *value = json_object_get(data.object, "json");
    if (json_object_size(data.object) == 1) {
        if (json_object_get(data.object, "hex") != NULL)
            return put_encoded(&data, "hex", invoke);
        if (json_object_get(data.object, "base64") != NULL)
            return put_encoded(&data, "base64", invoke);
        if (value != NULL) return put_json(&data, value, invoke);
        if (json_is_string(utf8))
            return put_data(&data, json_string_value(utf8), json_string_length(utf8), invoke);
    }
    return LS_PAYLOAD_REFUSE(payload, "\"data\" %s",
                             "must be one of {\"utf8\": \"…\"}, {\"base64\": \"…\"}, "
                             "{\"hex\": \"…\"} and {\"json\": …}");
}

static ls_err read_instruction(const struct ls_payload *payload, struct ls_instruction *invoke)
{
    static const char mark[] = "ls1:";
    LS_TRY(ls_payload_address(payload, "program", &invoke->program));
    LS_TRY(read_accounts(payload, invoke));
    LS_TRY(read_data(payload, invoke));
    const bool is_memo = ls_address_equal(&invoke->program, &LS_PROGRAM_MEMO);
    const bool is_marked = invoke->data_bytes >= sizeof mark - 1 &&
                           memcmp(invoke->data, mark, sizeof mark - 1) == 0;
    if (!is_memo || !is_marked) return LS_OK;
    /* Who reads the ledger would take it for the memo of another operation. */
    return LS_PAYLOAD_REFUSE(payload, "\"data\" %s",
                             "begins with \"ls1:\", which marks memos of operations; write "
                             "another text");
}

/* The instruction that undoes this one: checked now, carried out when it is asked for. */
static ls_err read_compensation(const struct ls_payload *payload)
{
    struct ls_payload inner = *payload;
    inner.object = json_object_get(payload->object, "compensate");
    if (inner.object == NULL) return LS_OK;
    size_t known = 0;
    known += json_object_get(inner.object, "program") != NULL;
    known += json_object_get(inner.object, "accounts") != NULL;
    known += json_object_get(inner.object, "data") != NULL;
    if (!json_is_object(inner.object) || json_object_size(inner.object) != known) {
        return LS_PAYLOAD_REFUSE(payload, "\"compensate\" %s",
                                 "must be an object of \"program\", \"accounts\" and \"data\"");
    }
    struct ls_instruction *undo = calloc(1, sizeof *undo);
    if (undo == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "payload");
    const ls_err err = read_instruction(&inner, undo);
    free(undo);
    return err;
}

ls_err ls_read_invoke(const struct ls_payload *payload, struct ls_intent *intent)
{
    LS_TRY(ls_read_void(payload, intent));
    LS_TRY(read_compensation(payload));
    return read_instruction(payload, &intent->invoke);
}
