#include "pg_wire.h"

#include <stdlib.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "read.h"

/* Columns of worker_claim; worker_adopt adds those of one attempt. */
enum op_column {
    COLUMN_OP,
    COLUMN_TOKEN,
    COLUMN_KIND,
    COLUMN_STATE,
    COLUMN_SUB,
    COLUMN_REQUEST,
    COLUMN_MADE,
    COLUMN_ROUND,
    COLUMN_MAX,
    COLUMN_AGE,
    COLUMN_KEY,
    COLUMN_PAYLOAD,
    COLUMN_MINT,
    COLUMN_MINT_PROGRAM,
    COLUMN_ORIGINAL,
    COLUMN_FENCE,
    COLUMN_STRICT,
    COLUMN_PINNED,
    COLUMN_SIGNER,
    COLUMN_NONCE,
    COLUMN_MARKER,
    COLUMN_NONCE_SLOT,
    COLUMN_BATCH,
    COLUMN_BATCH_SIZE,
    COLUMN_LANE,
    COLUMN_ATTEMPT,
    COLUMN_ATTEMPT_STATE,
    COLUMN_SIGNATURE,
    COLUMN_BLOCKHASH,
    COLUMN_HEIGHT,
    COLUMN_TX,
    COLUMN_CANCELS,
    COLUMN_MAC_KEY,
    COLUMN_MAC,
    COLUMN_RUN_AT = COLUMN_ATTEMPT, /* of worker_claim */
    COLUMN_EARLIER,
    COLUMN_CHAIN,
    COLUMN_AFTER,
};

enum { HELLO_PAST = 5 }; /* worker_hello's three columns and the schema's two come before */

static ls_err corrupt(const char *what)
{
    return LS_FAIL(LS_CODE_CORRUPT, 0, what);
}

static ls_err decode_hello(const PGresult *result, struct ls_store_reply *reply)
{
    if (PQntuples(result) != 1) return corrupt("hello");
    reply->worker_id = read_int(result, 0, 0);
    if (!read_hex(result, 0, 1, reply->tag_key, sizeof reply->tag_key))
        return corrupt("tag key");
    if (!ls_hash_parse(PQgetvalue(result, 0, 2), &reply->genesis)) return corrupt("genesis");
    return wire_decode_past(result, HELLO_PAST, reply);
}

static void decode_vitals(const PGresult *result, int row, struct ls_store_reply *reply)
{
    int64_t flags = read_int(result, row, 1);
    reply->is_lost = (flags & 1) != 0;
    reply->is_leader = (flags & 2) != 0;
    reply->is_paused = (flags & 4) != 0;
    reply->shall_drain = (flags & 16) != 0;
    reply->has_bulk = (flags & 32) != 0;
    reply->due_count = read_int(result, row, 2);
    reply->orphan_count = read_int(result, row, 3);
}

bool wire_has_hooks(const PGresult *result)
{
    return PQntuples(result) > 0 && (read_int(result, 0, 1) & 8) != 0;
}

static ls_err
decode_tick(const PGresult *result, struct ls_arena *arena, struct ls_store_reply *reply)
{
    int rows = PQntuples(result);
    struct ls_store_gate *gates = ls_arena_take(arena, sizeof *gates * LS_STORE_GATES_MAX);
    struct ls_store_wish *wishes = ls_arena_take(arena, sizeof *wishes * LS_STORE_REQUESTS_MAX);

    if (gates == NULL || wishes == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "tick");
    reply->gates = gates;
    reply->wishes = wishes;
    for (int row = 0; row < rows; row++) {
        int64_t what = read_int(result, row, 0);
        if (what == 0) {
            decode_vitals(result, row, reply);
        } else if (what == 1 && reply->gate_count < LS_STORE_GATES_MAX) {
            gates[reply->gate_count++] = (struct ls_store_gate){
                .selector = PQgetvalue(result, row, 4),
                .by_worker = read_int(result, row, 1) != 0,
            };
        } else if (what == 2 && reply->wish_count < LS_STORE_REQUESTS_MAX) {
            wishes[reply->wish_count++] = (struct ls_store_wish){
                .op = {read_int(result, row, 1)},
                .request = (enum ls_request)read_int(result, row, 2),
            };
        } else if (what == 3) {
            wire_decode_place(result, row, reply);
        } else if (what == 4) {
            reply->works_on = (uint32_t)read_int(result, row, 1);
        }
    }
    return LS_OK;
}

/* An address or NULL; false for what is neither. */
static bool
read_address(const PGresult *result, int row, int column, bool *has_out, struct ls_address *out)
{
    *has_out = !PQgetisnull(result, row, column);
    return !*has_out || ls_address_parse(PQgetvalue(result, row, column), out);
}

static ls_err decode_fence(const PGresult *result, int row, struct ls_stored_op *op)
{
    bool has_signer = false;
    int64_t fence = read_int(result, row, COLUMN_FENCE);
    if (fence < 0 || fence >= LS_FENCE_COUNT) return corrupt("fence");
    op->fence = (enum ls_fence)fence;
    op->is_strict = read_bool(result, row, COLUMN_STRICT);
    op->is_pinned = read_bool(result, row, COLUMN_PINNED);
    op->nonce_slot = read_int(result, row, COLUMN_NONCE_SLOT);
    if (!read_address(result, row, COLUMN_SIGNER, &has_signer, &op->signer) ||
        !read_address(result, row, COLUMN_NONCE, &op->has_nonce, &op->nonce) ||
        !read_address(result, row, COLUMN_MARKER, &op->has_marker, &op->marker))
        return corrupt("pinned address");
    return LS_OK;
}

static ls_err decode_op(const PGresult *result, int row, struct ls_stored_op *op)
{
    op->op.value = read_int(result, row, COLUMN_OP);
    op->token = read_int(result, row, COLUMN_TOKEN);
    op->kind = (enum ls_kind)read_int(result, row, COLUMN_KIND);
    op->state = (enum ls_state)read_int(result, row, COLUMN_STATE);
    op->sub = (enum ls_sub)read_int(result, row, COLUMN_SUB);
    op->request = (enum ls_request)read_int(result, row, COLUMN_REQUEST);
    op->attempts_made = (int32_t)read_int(result, row, COLUMN_MADE);
    op->attempts_round = (int32_t)read_int(result, row, COLUMN_ROUND);
    op->attempts_max = (int32_t)read_int(result, row, COLUMN_MAX);
    op->age_ms = read_int(result, row, COLUMN_AGE);
    op->lane = (int32_t)read_int(result, row, COLUMN_LANE);
    op->batch = read_int(result, row, COLUMN_BATCH);
    op->batch_size = (int32_t)read_int(result, row, COLUMN_BATCH_SIZE);
    op->key = PQgetvalue(result, row, COLUMN_KEY);
    op->payload = PQgetvalue(result, row, COLUMN_PAYLOAD);
    op->payload_bytes = (size_t)PQgetlength(result, row, COLUMN_PAYLOAD);
    if (!PQgetisnull(result, row, COLUMN_ORIGINAL))
        op->original_signature = PQgetvalue(result, row, COLUMN_ORIGINAL);
    if (!read_address(result, row, COLUMN_MINT, &op->has_mint, &op->mint))
        return corrupt("mint address");
    op->mint_is_2022 = strcmp(PQgetvalue(result, row, COLUMN_MINT_PROGRAM), "token-2022") == 0;
    return decode_fence(result, row, op);
}

/* "1:signature 2:signature": what an operation's earlier attempts were signed as. */
static ls_err decode_earlier(const char *text, struct ls_arena *arena, struct ls_stored_op *op)
{
    struct ls_stored_attempt *attempts =
        ls_arena_take(arena, sizeof *attempts * LS_STORE_ATTEMPTS_MAX);
    if (attempts == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "claim");
    while (*text != '\0') {
        char signature[LS_SIGNATURE_TEXT_BYTES];
        char *end = NULL;
        long number = strtol(text, &end, 10);
        if (op->attempt_count == LS_STORE_ATTEMPTS_MAX || *end != ':' || number < 1)
            return corrupt("earlier attempts");
        size_t length = strcspn(end + 1, " ");
        if (length >= sizeof signature) return corrupt("earlier attempts");
        memcpy(signature, end + 1, length);
        signature[length] = '\0';
        struct ls_stored_attempt *attempt = &attempts[op->attempt_count++];
        *attempt =
            (struct ls_stored_attempt){.attempt = (int32_t)number, .state = LS_ATTEMPT_DEAD};
        if (!ls_signature_parse(signature, &attempt->signature))
            return corrupt("earlier attempts");
        text = end + 1 + length;
        text += strspn(text, " ");
    }
    op->attempts = attempts;
    return LS_OK;
}

static ls_err
decode_claim(const PGresult *result, struct ls_arena *arena, struct ls_store_reply *reply)
{
    int rows = PQntuples(result);
    if (rows > LS_STORE_ROWS_MAX) return corrupt("claim rows");
    struct ls_stored_op *ops = ls_arena_take(arena, sizeof *ops * (size_t)(rows + 1));

    if (ops == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "claim");
    for (int row = 0; row < rows; row++) {
        LS_TRY(decode_op(result, row, &ops[row]));
        ops[row].chain = read_int(result, row, COLUMN_CHAIN);
        ops[row].after.value = read_int(result, row, COLUMN_AFTER);
        if (!PQgetisnull(result, row, COLUMN_EARLIER))
            LS_TRY(decode_earlier(PQgetvalue(result, row, COLUMN_EARLIER), arena, &ops[row]));
    }
    reply->op_count = (size_t)rows;
    reply->ops = ops;
    return LS_OK;
}

void wire_mark(const PGresult *result, struct claim_mark *mark)
{
    for (int row = 0; row < PQntuples(result); row++) {
        claim_mark_raise(mark, read_int(result, row, COLUMN_LANE),
                         read_int(result, row, COLUMN_RUN_AT));
    }
}

static ls_err decode_attempt(const PGresult *result,
                             int row,
                             struct ls_arena *arena,
                             struct ls_stored_attempt *attempt)
{
    size_t digits = (size_t)PQgetlength(result, row, COLUMN_TX);
    uint8_t *tx = ls_arena_take(arena, digits / 2 + 1);

    if (tx == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "attempt bytes");
    attempt->attempt = (int32_t)read_int(result, row, COLUMN_ATTEMPT);
    attempt->state = (enum ls_attempt_state)read_int(result, row, COLUMN_ATTEMPT_STATE);
    attempt->last_valid_height = read_int(result, row, COLUMN_HEIGHT);
    if (!ls_signature_parse(PQgetvalue(result, row, COLUMN_SIGNATURE), &attempt->signature))
        return corrupt("attempt signature");
    if (!ls_hash_parse(PQgetvalue(result, row, COLUMN_BLOCKHASH), &attempt->blockhash))
        return corrupt("attempt blockhash");
    if (!read_hex_text(PQgetvalue(result, row, COLUMN_TX), tx, digits / 2))
        return corrupt("attempt bytes");
    attempt->is_cancel = read_bool(result, row, COLUMN_CANCELS);
    /* A seal of another length is none: the worker judges, not this. */
    if (!PQgetisnull(result, row, COLUMN_MAC_KEY) &&
        read_hex_text(PQgetvalue(result, row, COLUMN_MAC), attempt->seal, sizeof attempt->seal))
        attempt->seal_key = PQgetvalue(result, row, COLUMN_MAC_KEY);
    attempt->tx = tx;
    attempt->tx_bytes = digits / 2;
    return LS_OK;
}

/* Rows of one operation stand together; each is one of its attempts. */
static ls_err
decode_adopt(const PGresult *result, struct ls_arena *arena, struct ls_store_reply *reply)
{
    int rows = PQntuples(result);
    if (rows > LS_STORE_ROWS_MAX * LS_STORE_ATTEMPTS_MAX) return corrupt("adopt rows");
    struct ls_stored_op *ops = ls_arena_take(arena, sizeof *ops * (size_t)(rows + 1));
    struct ls_stored_attempt *attempts =
        ls_arena_take(arena, sizeof *attempts * (size_t)(rows + 1));
    size_t count = 0;

    if (ops == NULL || attempts == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "adopt");
    for (int row = 0; row < rows; row++) {
        int64_t id = read_int(result, row, COLUMN_OP);
        if (count == 0 || ops[count - 1].op.value != id) {
            LS_TRY(decode_op(result, row, &ops[count]));
            ops[count++].attempts = &attempts[row];
        }
        if (PQgetisnull(result, row, COLUMN_ATTEMPT)) continue;
        LS_TRY(decode_attempt(result, row, arena, &attempts[row]));
        ops[count - 1].attempt_count++;
    }
    reply->op_count = count;
    reply->ops = ops;
    return LS_OK;
}

static ls_err
decode_rows(const PGresult *result, struct ls_arena *arena, struct ls_store_reply *reply)
{
    int count = PQntuples(result);
    if (count > LS_STORE_ROWS_MAX) return corrupt("result rows");
    enum ls_row_result *rows = ls_arena_take(arena, sizeof *rows * (size_t)(count + 1));

    if (rows == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "result rows");
    for (int row = 0; row < count; row++) {
        int64_t value = read_int(result, row, 0);
        if (value < LS_ROW_DONE || value > LS_ROW_SPLIT) return corrupt("row result");
        rows[row] = (enum ls_row_result)value;
    }
    reply->row_count = (size_t)count;
    reply->rows = rows;
    return LS_OK;
}

ls_err wire_decode(enum ls_store_verb verb,
                   const PGresult *result,
                   struct ls_arena *arena,
                   struct ls_store_reply *reply)
{
    switch (verb) {
    case LS_STORE_HELLO: return decode_hello(result, reply);
    case LS_STORE_TICK: return decode_tick(result, arena, reply);
    case LS_STORE_CLAIM: return decode_claim(result, arena, reply);
    case LS_STORE_ADOPT: return decode_adopt(result, arena, reply);
    case LS_STORE_INTENT:
    case LS_STORE_MOVE: return decode_rows(result, arena, reply);
    case LS_STORE_LANDED: return wire_decode_landed(result, arena, reply);
    case LS_STORE_FIND: return wire_decode_found(result, arena, reply);
    case LS_STORE_BULK:
        if (PQntuples(result) != 1) return corrupt("bulk");
        reply->bulk_due_ms = read_int(result, 0, 0);
        return LS_OK;
    case LS_STORE_GATE:
    case LS_STORE_OBSERVE:
    case LS_STORE_RAISE:
    case LS_STORE_MARK:
    case LS_STORE_BYE: return LS_OK;
    }
    return corrupt("store verb");
}
