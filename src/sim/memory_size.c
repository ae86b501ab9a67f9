/* How long a transaction becomes, at worst, as PostgreSQL counts it (atomic_part,
 * atomic_bytes): what an atomic batch and a chain are measured by before anything is built. */
#include <stddef.h>

#include "memory_rows.h"

/* A memo's text and a mint's program stand in the payload. */
static size_t part_by_payload(const struct memory_op *op)
{
    enum { MEMO = 31, MINT = 240 };
    struct ls_intent intent;
    if (ls_failed(ls_intent_parse(ls_kind_name(op->row.kind), op->payload, op->payload_bytes,
                                  &intent, NULL)))
        return 0;
    if (op->row.kind == LS_KIND_MEMO) return MEMO + intent.text_bytes;
    return intent.program == LS_TOKEN_2022 ? 0 : MINT;
}

size_t memory_part_bytes(const struct memory_op *op)
{
    static const size_t parts[LS_KIND_MAX + 1] = {
        [LS_KIND_EVENT] = 82,           [LS_KIND_SOL_TRANSFER] = 78,
        [LS_KIND_TOKEN_MINT_TO] = 150,  [LS_KIND_TOKEN_BURN] = 210,
        [LS_KIND_TOKEN_TRANSFER] = 285,
    };
    const enum ls_kind kind = op->row.kind;
    if (kind == LS_KIND_MEMO || kind == LS_KIND_TOKEN_CREATE_MINT) return part_by_payload(op);
    return parts[kind];
}

size_t memory_rest_bytes(enum ls_kind highest)
{
    enum { REST = 218, SYSTEM = 32, TOKENS = 64 };
    if (highest < LS_KIND_SOL_TRANSFER) return REST;
    return highest == LS_KIND_SOL_TRANSFER ? REST + SYSTEM : REST + SYSTEM + TOKENS;
}
