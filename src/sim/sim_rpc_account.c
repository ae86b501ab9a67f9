#include "sim_rpc.h"

#include <inttypes.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/program.h"

#include "sim_data.h"

enum { ACCOUNTS_MAX = 100, BASE58_DATA_MAX = 128 };

struct form {
    const char *encoding; /* NULL: the bare base58 text of old */
    size_t offset, length;
};

static const struct ls_sim_content *
find_content(const struct ls_sim_call *call, const struct ls_address *address, int32_t height)
{
    const struct ls_sim_accounts *accounts = &call->ledger->accounts;
    return ls_sim_accounts_read(accounts, ls_sim_accounts_find(accounts, address), height);
}

void ls_sim_get_balance(struct ls_sim_call *call)
{
    struct ls_address address;
    const json_t *config = NULL;
    int32_t height = 0;
    if (!ls_sim_call_address(call, 0, &address) || !ls_sim_call_config(call, 1, &config))
        return;
    if (!ls_sim_call_bank(call, config, "commitment", &height)) return;
    const struct ls_sim_content *content = find_content(call, &address, height);
    ls_sim_call_context(call, height);
    ls_buf_printf(call->out, "%" PRIu64 "}", content == NULL ? 0 : content->lamports);
}

static bool read_form(struct ls_sim_call *call, const json_t *config, struct form *form)
{
    static const char *const known[] = {"base58", "base64", "jsonParsed"};
    const json_t *slice = json_object_get(config, "dataSlice");
    const json_t *offset = json_object_get(slice, "offset");
    const json_t *length = json_object_get(slice, "length");
    *form = (struct form){.length = SIZE_MAX};
    if (json_is_object(slice)) {
        if (!json_is_integer(offset) || !json_is_integer(length) ||
            json_integer_value(offset) < 0 || json_integer_value(length) < 0) {
            return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                                    "Invalid params: dataSlice needs offset and length.");
        }
        form->offset = (size_t)json_integer_value(offset);
        form->length = (size_t)json_integer_value(length);
    }
    if (json_object_get(config, "encoding") == NULL) return true;
    form->encoding = ls_sim_call_text(call, config, "encoding", "base58");
    if (form->encoding == NULL) return false;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(form->encoding, known[i]) == 0) return true;
    return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                            "Invalid params: unknown variant `%s`, expected one of `base58`, "
                            "`base64`, `jsonParsed`.",
                            form->encoding);
}

/* base58 is for short data alone, as the real node has it. */
static bool
base58_json(struct ls_sim_call *call, const struct ls_sim_content *content, bool is_bare)
{
    if (content->space > BASE58_DATA_MAX) {
        return ls_sim_call_fail(call, LS_SIM_RPC_REQUEST, NULL,
                                "Encoded binary (base 58) data should be less than %d bytes, "
                                "please use Base64 encoding.",
                                BASE58_DATA_MAX);
    }
    uint8_t bytes[LS_SIM_LAYOUT_BYTES_MAX] = {0};
    (void)ls_sim_data_layout(content, bytes);
    ls_buf_add_text(call->out, is_bare ? "\"" : "[\"");
    ls_sim_text_base58(call->out, bytes, content->space);
    ls_buf_add_text(call->out, is_bare ? "\"" : "\",\"base58\"]");
    return true;
}

static void mint_json(struct ls_sim_call *call, const struct ls_sim_content *content)
{
    struct ls_buf *out = call->out;
    ls_buf_printf(out, "{\"decimals\":%u,\"freezeAuthority\":", content->decimals);
    if (content->has_freeze) {
        ls_sim_text_address(out, &content->mint);
    } else {
        ls_buf_add_text(out, "null");
    }
    ls_buf_add_text(out, ",\"isInitialized\":true,\"mintAuthority\":");
    if (content->has_authority) {
        ls_sim_text_address(out, &content->authority);
    } else {
        ls_buf_add_text(out, "null");
    }
    ls_buf_printf(out, ",\"supply\":\"%" PRIu64 "\"}", content->amount);
}

static void
token_json(struct ls_sim_call *call, const struct ls_sim_content *content, int32_t height)
{
    const struct ls_sim_content *mint = find_content(call, &content->mint, height);
    struct ls_buf *out = call->out;
    ls_buf_add_text(out, "{\"isNative\":false,\"mint\":");
    ls_sim_text_address(out, &content->mint);
    ls_buf_add_text(out, ",\"owner\":");
    ls_sim_text_address(out, &content->authority);
    ls_buf_add_text(out, ",\"state\":\"initialized\",\"tokenAmount\":");
    ls_sim_text_amount(out, content->amount, mint == NULL ? 0 : mint->decimals);
    ls_buf_add_char(out, '}');
}

static void nonce_json(struct ls_sim_call *call, const struct ls_sim_content *content)
{
    struct ls_buf *out = call->out;
    ls_buf_add_text(out, "{\"authority\":");
    ls_sim_text_address(out, &content->authority);
    ls_buf_add_text(out, ",\"blockhash\":");
    ls_sim_text_hash(out, &content->value);
    ls_buf_printf(out, ",\"feeCalculator\":{\"lamportsPerSignature\":\"%d\"}}",
                  LS_SIM_FEE_LAMPORTS);
}

static const char *program_name(const struct ls_sim_content *content)
{
    if (content->kind == LS_SIM_NONCE) return "nonce";
    return ls_address_equal(&content->owner, &LS_PROGRAM_TOKEN_2022) ? "spl-token-2022"
                                                                     : "spl-token";
}

/* What the node can read: {"parsed": …, "program": …, "space": …}. */
static void
parsed_json(struct ls_sim_call *call, const struct ls_sim_content *content, int32_t height)
{
    const char *type = content->kind == LS_SIM_MINT    ? "mint"
                       : content->kind == LS_SIM_TOKEN ? "account"
                                                       : "initialized";
    ls_buf_add_text(call->out, "{\"parsed\":{\"info\":");
    if (content->kind == LS_SIM_MINT) mint_json(call, content);
    if (content->kind == LS_SIM_TOKEN) token_json(call, content, height);
    if (content->kind == LS_SIM_NONCE) nonce_json(call, content);
    ls_buf_printf(call->out, ",\"type\":\"%s\"},\"program\":\"%s\",\"space\":%" PRIu32 "}",
                  type, program_name(content), content->space);
}

static bool data_json(struct ls_sim_call *call,
                      const struct ls_sim_content *content,
                      const struct form *form,
                      int32_t height)
{
    if (form->encoding == NULL) return base58_json(call, content, true);
    if (strcmp(form->encoding, "base58") == 0) return base58_json(call, content, false);
    if (strcmp(form->encoding, "jsonParsed") == 0 && content->kind != LS_SIM_PLAIN) {
        parsed_json(call, content, height);
        return true;
    }
    ls_buf_add_text(call->out, "[\"");
    ls_sim_data_base64(content, form->offset, form->length, call->out);
    ls_buf_add_text(call->out, "\",\"base64\"]");
    return true;
}

static bool account_json(struct ls_sim_call *call,
                         const struct ls_address *address,
                         const struct form *form,
                         int32_t height)
{
    const struct ls_sim_content *content = find_content(call, address, height);
    struct ls_buf *out = call->out;
    if (content == NULL) {
        ls_buf_add_text(out, "null");
        return true;
    }
    ls_buf_add_text(out, "{\"data\":");
    if (!data_json(call, content, form, height)) return false;
    ls_buf_printf(out, ",\"executable\":%s,\"lamports\":%" PRIu64 ",\"owner\":",
                  content->is_executable ? "true" : "false", content->lamports);
    ls_sim_text_address(out, &content->owner);
    ls_buf_printf(out, ",\"rentEpoch\":18446744073709551615,\"space\":%" PRIu32 "}",
                  content->space);
    return true;
}

void ls_sim_get_account_info(struct ls_sim_call *call)
{
    struct ls_address address;
    const json_t *config = NULL;
    struct form form;
    int32_t height = 0;
    if (!ls_sim_call_address(call, 0, &address) || !ls_sim_call_config(call, 1, &config))
        return;
    if (!ls_sim_call_bank(call, config, "commitment", &height)) return;
    if (!read_form(call, config, &form)) return;
    ls_sim_call_context(call, height);
    if (account_json(call, &address, &form, height)) ls_buf_add_char(call->out, '}');
}

static bool address_of(struct ls_sim_call *call, const json_t *value, struct ls_address *out)
{
    if (json_is_string(value) && ls_address_parse(json_string_value(value), out)) return true;
    return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL, "Invalid param: Invalid");
}

void ls_sim_get_multiple_accounts(struct ls_sim_call *call)
{
    const json_t *list = ls_sim_call_param(call, 0);
    const json_t *config = NULL;
    struct form form;
    int32_t height = 0;
    if (!json_is_array(list) || json_array_size(list) > ACCOUNTS_MAX) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                               json_is_array(list)
                                   ? "Too many inputs provided; max %d"
                                   : "Invalid params: expected a list of at most %d addresses.",
                               ACCOUNTS_MAX);
        return;
    }
    if (!ls_sim_call_config(call, 1, &config)) return;
    if (!ls_sim_call_bank(call, config, "commitment", &height)) return;
    if (!read_form(call, config, &form)) return;
    if (form.encoding == NULL) form.encoding = "base64";
    ls_sim_call_context(call, height);
    ls_buf_add_char(call->out, '[');
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct ls_address address;
        if (!address_of(call, json_array_get(list, i), &address)) return;
        if (i > 0) ls_buf_add_char(call->out, ',');
        if (!account_json(call, &address, &form, height)) return;
    }
    ls_buf_add_text(call->out, "]}");
}

/* A mint or token account of parameter 0 with its bank; `what` names it in the refusal. */
static const struct ls_sim_content *
token_content(struct ls_sim_call *call, enum ls_sim_kind kind, int32_t *height_out)
{
    const char *what = kind == LS_SIM_MINT ? "mint" : "account";
    struct ls_address address;
    const json_t *config = NULL;
    if (!ls_sim_call_address(call, 0, &address) || !ls_sim_call_config(call, 1, &config))
        return NULL;
    if (!ls_sim_call_bank(call, config, "commitment", height_out)) return NULL;
    const struct ls_sim_content *content = find_content(call, &address, *height_out);
    if (content == NULL) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                               "Invalid param: could not find %s", what);
        return NULL;
    }
    if (content->kind == kind) return content;
    (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL, "Invalid param: not a Token %s",
                           what);
    return NULL;
}

void ls_sim_get_token_supply(struct ls_sim_call *call)
{
    int32_t height = 0;
    const struct ls_sim_content *mint = token_content(call, LS_SIM_MINT, &height);
    if (mint == NULL) return;
    ls_sim_call_context(call, height);
    ls_sim_text_amount(call->out, mint->amount, mint->decimals);
    ls_buf_add_char(call->out, '}');
}

void ls_sim_get_token_balance(struct ls_sim_call *call)
{
    int32_t height = 0;
    const struct ls_sim_content *account = token_content(call, LS_SIM_TOKEN, &height);
    if (account == NULL) return;
    const struct ls_sim_content *mint = find_content(call, &account->mint, height);
    ls_sim_call_context(call, height);
    ls_sim_text_amount(call->out, account->amount, mint == NULL ? 0 : mint->decimals);
    ls_buf_add_char(call->out, '}');
}
