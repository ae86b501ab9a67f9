/* What undoes a done operation: its kind, payload and key, and that there is one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/own_key.h"
#include "memory_rows.h"

enum { UNDO_BYTES_MAX = LS_PAYLOAD_BYTES_MAX + 512 };

static ls_err refuse(const struct memory_op *op, const char *reason, struct ls_why *why)
{
    return ls_refuse(why, LS_CODE_REFUSED, "act", "op %" PRId64 " cannot be compensated: %s",
                     op->row.op.value, reason);
}

/* Who paid for what landed, as its attempt says: an operation that was adopted after commits
 * were lost has no signer of its own yet. */
static const struct ls_address *sender_of(const struct memory_op *op)
{
    const struct memory_attempt *sender = op->newest;
    for (const struct memory_attempt *it = op->attempts; it != NULL; it = it->next)
        if (it->stored.state == LS_ATTEMPT_LANDED) sender = it;
    return sender == NULL ? &op->signer : &sender->signer;
}

/* SetAuthority of who mints, to nobody. */
static ls_err undo_mint(const struct memory_op *op, char *payload, struct ls_why *why)
{
    char mint[LS_ADDRESS_TEXT_BYTES];
    char authority[LS_ADDRESS_TEXT_BYTES];
    char program[LS_ADDRESS_TEXT_BYTES];
    if (!op->has_mint) return refuse(op, "its mint's address is not known", why);
    ls_address_text(&op->mint, mint);
    ls_address_text(sender_of(op), authority);
    ls_address_text(op->mint_is_2022 ? &LS_PROGRAM_TOKEN_2022 : &LS_PROGRAM_TOKEN, program);
    (void)snprintf(
        payload, UNDO_BYTES_MAX,
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
    ls_address_text(sender_of(op), base);
    made = json_pack("{s:{s:s}, s:s, s:s, s:s}", "from", "key", op->row.key, "to", base,
                     "lamports", "all", "void", op->row.signature);
    const size_t length = made == NULL ? 0 : json_dumpb(made, payload, UNDO_BYTES_MAX - 1, 0);
    json_decref(made);
    if (length == 0 || length >= UNDO_BYTES_MAX) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "act");
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
                              : json_dumpb(undo, payload, UNDO_BYTES_MAX - 1, 0);
    json_decref(given);
    if (length == 0 || length >= UNDO_BYTES_MAX) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "act");
    payload[length] = '\0';
    return LS_OK;
}

/* Where the signature of nobody that lives is needed. */
static ls_err need_signer(const struct ls_memory_store *store,
                          const struct memory_op *op,
                          const char *address,
                          struct ls_why *why)
{
    if (memory_can_sign(store, address)) return LS_OK;
    return refuse(op, "no living worker can sign for what has to be taken back", why);
}

/* Lamports or tokens back from who got them to who gave them; what was minted is burnt. */
static ls_err undo_gift(const struct ls_memory_store *store,
                        const struct memory_op *op,
                        const json_t *given,
                        char *payload,
                        struct ls_why *why)
{
    char payer[LS_ADDRESS_TEXT_BYTES];
    char made[LS_ADDRESS_TEXT_BYTES];
    const bool has_mint = op->needs != NULL && op->needs->has_mint;
    const char *to = json_string_value(json_object_get(given, "to"));
    const char *from = json_string_value(json_object_get(given, "from"));
    if (to == NULL) return refuse(op, "its payload names nobody who got it", why);
    LS_TRY(need_signer(store, op, to, why));
    ls_address_text(sender_of(op), payer);
    json_t *mint = json_incref(json_object_get(given, "mint"));
    if (has_mint) {
        ls_address_text(&op->needs->mint, made);
        json_decref(mint);
        mint = json_string(made);
    }
    json_t *undo = json_pack("{s:s}", "from", to);
    int failed = 0;
    if (op->row.kind != LS_KIND_TOKEN_MINT_TO)
        failed |= json_object_set_new(undo, "to", json_string(from == NULL ? payer : from));
    if (op->row.kind == LS_KIND_SOL_TRANSFER) {
        failed |= json_object_set(undo, "lamports", json_object_get(given, "lamports"));
        failed |= json_object_set_new(undo, "void", json_string(op->row.signature));
    } else {
        failed |= json_object_set(undo, "mint", mint);
        failed |= json_object_set(undo, "amount", json_object_get(given, "amount"));
    }
    json_decref(mint);
    const size_t length = failed != 0 ? 0 : json_dumpb(undo, payload, UNDO_BYTES_MAX - 1, 0);
    json_decref(undo);
    if (length == 0 || length >= UNDO_BYTES_MAX) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "act");
    payload[length] = '\0';
    return LS_OK;
}

static ls_err undo_transfer(const struct ls_memory_store *store,
                            const struct memory_op *op,
                            char *payload,
                            struct ls_why *why)
{
    json_t *given = json_loads(op->payload, 0, NULL);
    const bool is_undo = json_is_object(json_object_get(given, "from"));
    const ls_err err = is_undo ? refuse(op, "it undid another operation itself", why)
                               : undo_gift(store, op, given, payload, why);
    json_decref(given);
    return err;
}

/* The kind and payload of what undoes `op`, as PostgreSQL's compensation_of(). LS_CODE_REFUSED
 * with the reason where it is not possible. */
static ls_err undo_of(const struct ls_memory_store *store,
                      const struct memory_op *op,
                      enum ls_kind *kind_out,
                      char payload_out[UNDO_BYTES_MAX],
                      struct ls_why *why)
{
    if (op->undoes != NULL) return refuse(op, "it undid another operation itself", why);
    switch (op->row.kind) {
    case LS_KIND_MEMO:
    case LS_KIND_EVENT:
        *kind_out = LS_KIND_MEMO;
        (void)snprintf(payload_out, UNDO_BYTES_MAX, "{\"text\": \"void %s\"}",
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
    case LS_KIND_TOKEN_MINT_TO:
        *kind_out = LS_KIND_TOKEN_BURN;
        return undo_transfer(store, op, payload_out, why);
    case LS_KIND_SOL_TRANSFER:
    case LS_KIND_TOKEN_TRANSFER:
        *kind_out = op->row.kind;
        return undo_transfer(store, op, payload_out, why);
    case LS_KIND_TOKEN_BURN: return refuse(op, "what was burnt is gone", why);
    case LS_KIND_NONCE:
    case LS_KIND_NONE: break;
    }
    return refuse(op, "accounts of the pool of nonces are closed, not undone", why);
}

/* Whether another may be made beside the newest one that undoes `op`. One that is cancelled was
 * proved not to have landed; where a failover took the proof with what it was about, it may
 * have. */
static ls_err
check_undone(const struct memory_op *op, const struct memory_op *undo, struct ls_why *why)
{
    if (undo == NULL) return LS_OK;
    if (undo->row.state != LS_STATE_CANCELLED) {
        return ls_refuse(why, LS_CODE_REFUSED, "act",
                         "the compensation of op %" PRId64 " is op %" PRId64
                         ": retry or cancel that one",
                         op->row.op.value, undo->row.op.value);
    }
    for (const struct memory_attempt *it = undo->attempts; it != NULL; it = it->next) {
        if (it->stored.state != LS_ATTEMPT_LANDED) continue;
        return ls_refuse(why, LS_CODE_REFUSED, "act",
                         "the compensation of op %" PRId64 ", op %" PRId64
                         ", was cancelled and landed all the same: it is undone",
                         op->row.op.value, undo->row.op.value);
    }
    return LS_OK;
}

/* Whatever undoes an operation is the same on the ledger, so that no failover makes two of
 * them: the key is the new one's now. */
static void give_up_key(struct ls_memory_store *store, struct memory_op *undo)
{
    (void)snprintf(undo->row.key, sizeof undo->row.key, "ls:cancelled:%" PRId64,
                   undo->row.op.value); /* fits */
    undo->has_tag = false;
    memory_touch(store, undo);
}

ls_err memory_compensate(struct ls_memory_store *store,
                         struct memory_op *op,
                         struct ls_action_result *result)
{
    char key[LS_OWN_KEY_BYTES_MAX + 1];
    char payload[UNDO_BYTES_MAX];
    enum ls_kind kind = LS_KIND_NONE;
    struct memory_op *undo = NULL;
    LS_TRY(check_undone(op, op->undone_by, &result->why));
    LS_TRY(undo_of(store, op, &kind, payload, &result->why));
    ls_own_key(LS_OWN_UNDO, op->row.key, key);
    LS_TRY(memory_add_op(
        store, &(struct ls_memory_enqueue){.kind = kind, .payload = payload, .key = key},
        &undo));
    if (op->undone_by != NULL) give_up_key(store, op->undone_by);
    undo->undoes = op;
    op->undone_by = undo;
    result->new_op = undo->row.op.value;
    bool moved = memory_move(store, op, LS_STATE_DONE, LS_SUB_COMPENSATING, LS_MOVER_OPERATOR);
    return moved ? LS_OK : LS_FAIL(LS_CODE_REFUSED, 0, "act");
}
