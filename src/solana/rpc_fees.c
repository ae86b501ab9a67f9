#include <assert.h>
#include <stdlib.h>

#include "lockstep/solana/rpc.h"
#include "rpc_error_read.h"
#include "rpc_reply.h"

enum { SLOTS_MAX = 512, PERMILLE = 1000 };

static const char what[] = "rpc reply";

ls_err
ls_rpc_simulation_at(const ls_rpc_reply *reply, size_t position, struct ls_rpc_simulation *out)
{
    json_t *result = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &result));
    const json_t *value = json_object_get(result, "value");
    const json_t *err = json_object_get(value, "err");
    const json_t *used = json_object_get(value, "unitsConsumed");
    struct ls_rpc_simulation read = {.has_error = !json_is_null(err)};
    int64_t units = 0;
    const bool is_counted = used != NULL && !json_is_null(used);
    if (err == NULL || (is_counted && !ls_rpc_whole(used, &units)))
        return LS_FAIL(LS_CODE_CORRUPT, 0, what);
    read.units = (uint64_t)units;
    if (read.has_error) read.error = ls_rpc_error_from_transaction(err);
    *out = read;
    return LS_OK;
}

static int by_size(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

ls_err ls_rpc_priority_fee_at(const ls_rpc_reply *reply,
                              size_t position,
                              int32_t permille,
                              uint64_t *micro_lamports_out)
{
    assert(permille >= 0 && permille <= PERMILLE);
    int64_t fees[SLOTS_MAX];
    size_t count = 0;
    json_t *result = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &result));
    if (!json_is_array(result)) return LS_FAIL(LS_CODE_CORRUPT, 0, what);
    for (size_t i = 0; i < json_array_size(result) && count < SLOTS_MAX; i++) {
        const json_t *entry = json_array_get(result, i);
        if (!ls_rpc_whole(json_object_get(entry, "prioritizationFee"), &fees[count]))
            return LS_FAIL(LS_CODE_CORRUPT, 0, what);
        count++;
    }
    *micro_lamports_out = 0;
    if (count == 0) return LS_OK;
    qsort(fees, count, sizeof fees[0], by_size);
    size_t at = (count - 1) * (size_t)permille / PERMILLE;
    *micro_lamports_out = (uint64_t)fees[at];
    return LS_OK;
}
