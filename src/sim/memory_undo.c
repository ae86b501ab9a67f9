/* What undoes a done operation. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "lockstep/base/base58.h"
#include "memory_rows.h"

static ls_err refuse(const struct memory_op *op, const char *reason, struct ls_why *why)
{
    return ls_refuse(why, LS_CODE_REFUSED, "act", "op %" PRId64 " cannot be compensated: %s",
                     op->row.op.value, reason);
}

/* SetAuthority of who mints, to nobody. */
static ls_err undo_mint(const struct memory_op *op, char *payload, struct ls_why *why)
{
    char mint[LS_ADDRESS_TEXT_BYTES];
    char authority[LS_ADDRESS_TEXT_BYTES];
    char program[LS_ADDRESS_TEXT_BYTES];
    if (!op->has_mint) return refuse(op, "its mint's address is not known", why);
    ls_address_text(&op->mint, mint);
    ls_address_text(&op->signer, authority);
    ls_address_text(op->mint_is_2022 ? &LS_PROGRAM_TOKEN_2022 : &LS_PROGRAM_TOKEN, program);
    (void)snprintf(
        payload, MEMORY_UNDO_BYTES_MAX,
        "{\"program\": \"%s\", \"accounts\": [{\"address\": \"%s\", \"writable\": true}, "
        "{\"address\": \"%s\", \"signer\": true}], \"data\": {\"hex\": \"060000\"}, "
        "\"void\": \"%s\"}",
        program, mint, authority, op->row.signature); /* fits by its size */
    return LS_OK;
}

static ls_err undo_account(const struct memory_op *op, char *payload, struct ls_why *why)
{
    struct ls_intent intent;
    char base[LS_ADDRESS_TEXT_BYTES];
    json_t *made = NULL;
    LS_TRY(ls_intent_parse(ls_kind_name(op->row.kind), op->payload, op->payload_bytes, &intent,
                           why));
    if (!ls_address_equal(&intent.owner, &LS_PROGRAM_SYSTEM) || intent.space > 0)
        return refuse(op, "its account belongs to a program or has data", why);
    ls_address_text(&op->signer, base);
    made = json_pack("{s:{s:s}, s:s, s:s, s:s}", "from", "key", op->row.key, "to", base,
                     "lamports", "all", "void", op->row.signature);
    const size_t length =
        made == NULL ? 0 : json_dumpb(made, payload, MEMORY_UNDO_BYTES_MAX - 1, 0);
    json_decref(made);
    if (length == 0 || length >= MEMORY_UNDO_BYTES_MAX)
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, "act");
    payload[length] = '\0';
    return LS_OK;
}

static ls_err undo_invoke(const struct memory_op *op, char *payload, struct ls_why *why)
{
    json_t *given = json_loads(op->payload, 0, NULL);
    json_t *undo = json_object_get(given, "compensate");
    if (undo == NULL) {
        json_decref(given);
        return refuse(op, "its payload gives no instruction for that (\"compensate\")", why);
    }
    (void)json_object_set_new(undo, "void", json_string(op->row.signature)); /* seen below */
    const size_t length = json_object_get(undo, "void") == NULL
                              ? 0
                              : json_dumpb(undo, payload, MEMORY_UNDO_BYTES_MAX - 1, 0);
    json_decref(given);
    if (length == 0 || length >= MEMORY_UNDO_BYTES_MAX)
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, "act");
    payload[length] = '\0';
    return LS_OK;
}

ls_err memory_undo(const struct memory_op *op,
                   enum ls_kind *kind_out,
                   char payload_out[MEMORY_UNDO_BYTES_MAX],
                   struct ls_why *why)
{
    if (op->undoes != NULL) return refuse(op, "it undid another operation itself", why);
    switch (op->row.kind) {
    case LS_KIND_MEMO:
    case LS_KIND_EVENT:
        *kind_out = LS_KIND_MEMO;
        (void)snprintf(payload_out, MEMORY_UNDO_BYTES_MAX, "{\"text\": \"void %s\"}",
                       op->row.signature); /* fits by its size */
        return LS_OK;
    case LS_KIND_TOKEN_CREATE_MINT:
        *kind_out = LS_KIND_PROGRAM_INVOKE;
        return undo_mint(op, payload_out, why);
    case LS_KIND_ACCOUNT_CREATE:
        *kind_out = LS_KIND_SOL_TRANSFER;
        return undo_account(op, payload_out, why);
    case LS_KIND_PROGRAM_INVOKE:
        *kind_out = LS_KIND_PROGRAM_INVOKE;
        return undo_invoke(op, payload_out, why);
    case LS_KIND_SOL_TRANSFER:
    case LS_KIND_TOKEN_MINT_TO:
    case LS_KIND_TOKEN_BURN:
    case LS_KIND_TOKEN_TRANSFER:
    case LS_KIND_NONCE:
    case LS_KIND_NONE: break;
    }
    return refuse(op, "the store in memory knows no keys of receivers", why);
}
