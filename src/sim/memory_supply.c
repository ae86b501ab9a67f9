/* max_supply, counted anew each time: the sum of all live and done token.mint_to of a mint. */
#include <inttypes.h>
#include <stddef.h>

#include "memory_rows.h"

static bool counts(const struct memory_op *op, const struct memory_op *mint)
{
    return op->mint_of == mint && op->row.state != LS_STATE_FAILED &&
           op->row.state != LS_STATE_CANCELLED;
}

ls_err memory_supply(const struct ls_memory_store *store,
                     const struct memory_op *op,
                     struct ls_why *why)
{
    const struct memory_op *mint = op->mint_of;
    if (mint == NULL || !mint->has_max_supply) return LS_OK;
    uint64_t left = mint->max_supply;
    for (size_t i = 0; i < store->op_count; i++) {
        const struct memory_op *other = store->ops[i];
        if (other == op || !counts(other, mint)) continue;
        left -= other->amount < left ? other->amount : left;
    }
    if (op->amount <= left) return LS_OK;
    return ls_refuse(why, LS_CODE_REFUSED, "enqueue",
                     "LS006: mint '%s' has a max_supply of %" PRIu64 ", so %" PRIu64
                     " more are possible, not %" PRIu64,
                     mint->row.key, mint->max_supply, left, op->amount);
}
