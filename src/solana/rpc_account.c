/* Accounts as getMultipleAccounts answers them. */
#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/rpc.h"
#include "rpc_error_read.h"
#include "rpc_reply.h"

/* ["<base64>", "base64"]: its length, and what fits of it. */
static bool read_data(const json_t *data, struct ls_rpc_account *out)
{
    const char *text = ls_rpc_text(json_array_get(data, 0));
    const char *encoding = ls_rpc_text(json_array_get(data, 1));
    if (text == NULL || encoding == NULL || strcmp(encoding, "base64") != 0) return false;

    const size_t length = strlen(text);
    size_t padding = 0;
    while (padding < length && padding < 2 && text[length - 1 - padding] == '=') padding++;
    if (length % 4 != 0) return false;
    out->data_bytes = length / 4 * 3 - padding;

    const size_t kept = LS_RPC_ACCOUNT_DATA_MAX / 3 * 4;
    size_t read = 0;
    return sodium_base642bin(out->data, sizeof out->data, text, length < kept ? length : kept,
                             NULL, &read, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
           (length > kept || read == out->data_bytes);
}

static bool read_account(const json_t *entry, struct ls_rpc_account *out)
{
    *out = (struct ls_rpc_account){0};
    if (json_is_null(entry)) return true;

    int64_t lamports = 0;
    const char *owner = ls_rpc_text(json_object_get(entry, "owner"));
    if (owner == NULL || !ls_address_parse(owner, &out->owner) ||
        !ls_rpc_whole(json_object_get(entry, "lamports"), &lamports) ||
        !read_data(json_object_get(entry, "data"), out))
        return false;
    out->is_found = true;
    out->lamports = (uint64_t)lamports;
    return true;
}

ls_err ls_rpc_accounts_at(const ls_rpc_reply *reply,
                          size_t position,
                          struct ls_rpc_account *out,
                          size_t count,
                          int64_t *context_slot_out)
{
    assert(count > 0 && count <= LS_RPC_ACCOUNTS_MAX);
    static const char what[] = "rpc reply: accounts";
    json_t *result = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &result));
    const json_t *list = json_object_get(result, "value");
    int64_t slot = 0;
    if (!json_is_array(list) || json_array_size(list) != count ||
        !ls_rpc_whole(json_object_get(json_object_get(result, "context"), "slot"), &slot))
        return LS_FAIL(LS_CODE_CORRUPT, 0, what);

    /* Looked at once before anything is written, so that a bad entry changes nothing. */
    for (size_t i = 0; i < count; i++) {
        struct ls_rpc_account account;
        if (!read_account(json_array_get(list, i), &account))
            return LS_FAIL(LS_CODE_CORRUPT, 0, what);
    }
    for (size_t i = 0; i < count; i++) (void)read_account(json_array_get(list, i), &out[i]);
    *context_slot_out = slot;
    return LS_OK;
}
