/* What a node tells of its history: transactions and how far back it holds them. */
#include <string.h>

#include <sodium.h>

#include "lockstep/solana/rpc.h"
#include "rpc_error_read.h"
#include "rpc_reply.h"

static ls_err check(bool is_good)
{
    return is_good ? LS_OK : LS_FAIL(LS_CODE_CORRUPT, 0, "rpc reply");
}

/* ["…", "base64"] */
static bool read_bytes(const json_t *pair, struct ls_rpc_transaction *out)
{
    const char *text = ls_rpc_text(json_array_get(pair, 0));
    const char *encoding = ls_rpc_text(json_array_get(pair, 1));
    if (text == NULL || encoding == NULL || strcmp(encoding, "base64") != 0) return false;
    return sodium_base642bin(out->tx, sizeof out->tx, text, strlen(text), NULL, &out->tx_bytes,
                             NULL, sodium_base64_VARIANT_ORIGINAL) == 0;
}

ls_err ls_rpc_transaction_at(const ls_rpc_reply *reply,
                             size_t position,
                             struct ls_rpc_transaction *out)
{
    json_t *result = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &result));
    struct ls_rpc_transaction read = {.is_found = !json_is_null(result)};
    const json_t *err = json_object_get(json_object_get(result, "meta"), "err");
    if (read.is_found) {
        LS_TRY(check(err != NULL && ls_rpc_whole(json_object_get(result, "slot"), &read.slot) &&
                     read_bytes(json_object_get(result, "transaction"), &read)));
        read.has_error = !json_is_null(err);
    }
    *out = read;
    return LS_OK;
}

ls_err ls_rpc_slot_at(const ls_rpc_reply *reply, size_t position, int64_t *out)
{
    json_t *result = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &result));
    return check(ls_rpc_whole(result, out));
}
