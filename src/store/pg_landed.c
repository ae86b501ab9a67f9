/* The statements of core/landed.h: landed transactions, findings, watermarks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "pg_wire.h"
#include "read.h"

enum { SYSTEM_ID_BYTES = 24 };

static ls_err corrupt(const char *what)
{
    return LS_FAIL(LS_CODE_CORRUPT, 0, what);
}

ls_err wire_check_landed(const struct ls_store_request *request)
{
    if (request->verb == LS_STORE_LANDED) {
        if (request->landed.count > LS_STORE_ROWS_MAX)
            return LS_FAIL(LS_CODE_INVALID, 0, "landed rows");
        return LS_OK;
    }
    if (request->find_count == 0 || request->find_count > LS_FINDINGS_MAX)
        return LS_FAIL(LS_CODE_INVALID, 0, "finding rows");
    for (size_t i = 0; i < request->find_count; i++) {
        if (request->findings[i].tx_bytes > LS_TX_BYTES_MAX)
            return LS_FAIL(LS_CODE_INVALID, 0, "finding transaction bytes");
        if (request->findings[i].elder_count > LS_ELDERS_MAX)
            return LS_FAIL(LS_CODE_INVALID, 0, "finding elders");
    }
    return LS_OK;
}

static void encode_page(const struct ls_landed_page *page, struct params *params)
{
    char text[LS_SIGNATURE_TEXT_BYTES];

    ls_address_text(&page->payer, text);
    params_text(params, text);
    params_int(params, page->low_slot);
    params_int(params, page->high_slot);
    params_array(params, PARAM_TEXT, page->count);
    for (size_t i = 0; i < page->count; i++) {
        ls_signature_text(&page->rows[i].signature, text);
        params_element_text(params, text);
    }
    params_array(params, PARAM_BYTEA, page->count);
    for (size_t i = 0; i < page->count; i++)
        params_element_bytes(params, page->rows[i].tag, LS_TAG_BYTES);
    params_array(params, PARAM_INT8, page->count);
    for (size_t i = 0; i < page->count; i++)
        params_element_int(params, PARAM_INT8, page->rows[i].slot);
}

static void encode_what(const struct ls_finding_row *rows, size_t count, struct params *params)
{
    char text[LS_SIGNATURE_TEXT_BYTES];

    params_array(params, PARAM_INT2, count);
    for (size_t i = 0; i < count; i++)
        params_element_int(params, PARAM_INT2, (int64_t)rows[i].finding);
    params_array(params, PARAM_INT8, count);
    for (size_t i = 0; i < count; i++) params_element_int(params, PARAM_INT8, rows[i].op.value);
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) {
        ls_signature_text(&rows[i].landed.signature, text);
        params_element_text(params, text);
    }
    params_array(params, PARAM_BYTEA, count);
    for (size_t i = 0; i < count; i++)
        params_element_bytes(params, rows[i].landed.tag, LS_TAG_BYTES);
    params_array(params, PARAM_INT8, count);
    for (size_t i = 0; i < count; i++)
        params_element_int(params, PARAM_INT8, rows[i].landed.slot);
}

static void
encode_transactions(const struct ls_finding_row *rows, size_t count, struct params *params)
{
    char text[LS_ADDRESS_TEXT_BYTES];

    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) {
        ls_address_text(&rows[i].payer, text);
        params_element_text(params, text);
    }
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) {
        ls_hash_text(&rows[i].blockhash, text);
        params_element_text(params, text);
    }
    params_array(params, PARAM_BYTEA, count);
    for (size_t i = 0; i < count; i++)
        params_element_bytes(params, rows[i].tx, rows[i].tx_bytes);
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].has_mint) ls_address_text(&rows[i].mint, text);
        params_element_text(params, rows[i].has_mint ? text : NULL);
    }
    params_array(params, PARAM_INT8, count);
    for (size_t i = 0; i < count; i++)
        params_element_int(params, PARAM_INT8, rows[i].finalized_height);
}

/* One array of what the elders of all rows are: which row, and then `of`. */
enum elder_field { ELDER_ROW, ELDER_SIGNATURE, ELDER_STATE, ELDER_SLOT, ELDER_CAUSE };

static void encode_elder(const struct ls_elder_end *elder,
                         enum elder_field field,
                         size_t row,
                         struct params *params)
{
    char text[LS_SIGNATURE_TEXT_BYTES];
    switch (field) {
    case ELDER_ROW: params_element_int(params, PARAM_INT4, (int64_t)row + 1); break;
    case ELDER_SIGNATURE:
        ls_signature_text(&elder->signature, text);
        params_element_text(params, text);
        break;
    case ELDER_STATE: params_element_int(params, PARAM_INT2, (int64_t)elder->state); break;
    case ELDER_SLOT: params_element_int(params, PARAM_INT8, elder->slot); break;
    case ELDER_CAUSE:
        params_element_text(params, elder->cause[0] == '\0' ? NULL : elder->cause);
        break;
    }
}

static void
encode_elders(const struct ls_finding_row *rows, size_t count, struct params *params)
{
    static const enum param_type types[] = {PARAM_INT4, PARAM_TEXT, PARAM_INT2, PARAM_INT8,
                                            PARAM_TEXT};
    size_t elders = 0;
    for (size_t i = 0; i < count; i++) elders += rows[i].elder_count;
    for (int field = ELDER_ROW; field <= ELDER_CAUSE; field++) {
        params_array(params, types[field], elders);
        for (size_t i = 0; i < count; i++)
            for (size_t e = 0; e < rows[i].elder_count; e++)
                encode_elder(&rows[i].elders[e], (enum elder_field)field, i, params);
    }
}

static void encode_mark(const struct ls_watermark *mark, struct params *params)
{
    char text[LS_SIGNATURE_TEXT_BYTES];
    char system_id[SYSTEM_ID_BYTES];

    ls_address_text(&mark->payer, text);
    params_text(params, text);
    params_int(params, mark->slot);
    params_int(params, mark->signature_slot);
    ls_signature_text(&mark->signature, text);
    params_text(params, text);
    (void)snprintf(system_id, sizeof system_id, "%" PRIu64, mark->place.system_id);
    params_text(params, system_id);
    params_int(params, mark->place.timeline);
    params_int(params, (int64_t)mark->place.position);
    params_int(params, mark->place.started_us);
}

void wire_encode_landed(const struct ls_store_request *request, struct params *params)
{
    if (request->verb == LS_STORE_LANDED) encode_page(&request->landed, params);
    if (request->verb == LS_STORE_MARK) encode_mark(&request->mark, params);
    if (request->verb != LS_STORE_FIND) return;
    params_bool(params, request->repair);
    encode_what(request->findings, request->find_count, params);
    encode_transactions(request->findings, request->find_count, params);
    encode_elders(request->findings, request->find_count, params);
}

static uint64_t read_u64(const PGresult *result, int row, int column)
{
    return strtoull(PQgetvalue(result, row, column), NULL, 10);
}

/* One line: payer, slot, signature's slot and, where there is one, the signature. */
static bool read_mark(char *line, struct ls_watermark *mark)
{
    char *rest = NULL;
    const char *payer = strtok_r(line, " ", &rest);
    const char *slot = strtok_r(NULL, " ", &rest);
    const char *signature_slot = strtok_r(NULL, " ", &rest);
    const char *signature = strtok_r(NULL, " ", &rest);
    if (payer == NULL || slot == NULL || signature_slot == NULL) return false;
    if (!ls_address_parse(payer, &mark->payer)) return false;
    mark->slot = strtoll(slot, NULL, 10);
    mark->signature_slot = strtoll(signature_slot, NULL, 10);
    if (mark->signature_slot == 0) return true;
    return signature != NULL && ls_signature_parse(signature, &mark->signature);
}

static ls_err read_marks(const char *text, struct ls_store_past *past)
{
    char line[LS_ADDRESS_TEXT_BYTES + LS_SIGNATURE_TEXT_BYTES + 2 * SYSTEM_ID_BYTES];
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        if (length >= sizeof line || past->mark_count == LS_PAYERS_MAX)
            return corrupt("watermarks");
        memcpy(line, text, length);
        line[length] = '\0';
        struct ls_watermark *mark = &past->marks[past->mark_count++];
        *mark = (struct ls_watermark){0};
        if (!read_mark(line, mark)) return corrupt("watermark");
        text += length;
        if (*text == '\n') text++;
    }
    return LS_OK;
}

static struct ls_store_place read_place(const PGresult *result, int column)
{
    return (struct ls_store_place){
        .system_id = read_u64(result, 0, column),
        .timeline = read_int(result, 0, column + 1),
        .position = read_u64(result, 0, column + 2),
        .started_us = read_int(result, 0, column + 3),
    };
}

ls_err wire_decode_past(const PGresult *result, int column, struct ls_store_reply *reply)
{
    reply->place = read_place(result, column);
    reply->past.has_place = read_bool(result, 0, column + 4);
    if (reply->past.has_place) reply->past.place = read_place(result, column + 5);
    reply->past.age_ms = read_int(result, 0, column + 9);
    return read_marks(PQgetvalue(result, 0, column + 10), &reply->past);
}

void wire_decode_place(const PGresult *result, int row, struct ls_store_reply *reply)
{
    const char *text = PQgetvalue(result, row, 4);
    char *end = NULL;
    reply->place.timeline = read_int(result, row, 1);
    reply->place.position = read_u64(result, row, 2);
    reply->landing_count = read_int(result, row, 3);
    reply->place.system_id = strtoull(text, &end, 10);
    reply->place.started_us = strtoll(end, NULL, 10);
}

enum landed_column {
    COLUMN_WHAT,
    COLUMN_ROW,
    COLUMN_VERDICT,
    COLUMN_OP,
    COLUMN_KIND,
    COLUMN_STATE,
    COLUMN_KEY,
    COLUMN_PAYLOAD,
    COLUMN_MINT,
    COLUMN_SIGNATURE,
    COLUMN_TAG,
    COLUMN_SLOT,
    COLUMN_TX,
    COLUMN_FENCE,
    COLUMN_BLOCKHASH,
    COLUMN_ELDERS,
};

static ls_err
read_tx(const PGresult *result, int row, struct ls_arena *arena, struct ls_landed *landed)
{
    if (PQgetisnull(result, row, COLUMN_TX)) return LS_OK;
    size_t digits = (size_t)PQgetlength(result, row, COLUMN_TX);
    uint8_t *tx = ls_arena_take(arena, digits / 2 + 1);
    if (tx == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "landed bytes");
    if (!read_hex_text(PQgetvalue(result, row, COLUMN_TX), tx, digits / 2))
        return corrupt("landed bytes");
    landed->tx = tx;
    landed->tx_bytes = digits / 2;
    return LS_OK;
}

/* "signature blockhash cancels", the last 0 or 1. */
static bool read_elder(char *line, struct ls_elder *elder)
{
    char *rest = NULL;
    const char *signature = strtok_r(line, " ", &rest);
    const char *blockhash = strtok_r(NULL, " ", &rest);
    const char *cancels = strtok_r(NULL, " ", &rest);
    if (signature == NULL || blockhash == NULL || cancels == NULL) return false;
    elder->is_cancel = strcmp(cancels, "1") == 0;
    return ls_signature_parse(signature, &elder->signature) &&
           ls_hash_parse(blockhash, &elder->blockhash);
}

/* A line each. */
static ls_err read_elders(const char *text, struct ls_arena *arena, struct ls_landed *landed)
{
    char line[LS_SIGNATURE_TEXT_BYTES + LS_HASH_TEXT_BYTES + 4];
    if (*text == '\0') return LS_OK;
    struct ls_elder *elders = ls_arena_take(arena, LS_ELDERS_MAX * sizeof *elders);
    if (elders == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "elders");
    landed->elders = elders;
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        if (length >= sizeof line || landed->elder_count == LS_ELDERS_MAX)
            return corrupt("elders");
        memcpy(line, text, length);
        line[length] = '\0';
        if (!read_elder(line, &elders[landed->elder_count++])) return corrupt("elder");
        text += length;
        if (*text == '\n') text++;
    }
    return LS_OK;
}

static ls_err
read_landed(const PGresult *result, int row, struct ls_arena *arena, struct ls_landed *landed)
{
    landed->row = (size_t)read_int(result, row, COLUMN_ROW);
    landed->verdict = (enum ls_landed_verdict)read_int(result, row, COLUMN_VERDICT);
    landed->op.value = read_int(result, row, COLUMN_OP);
    landed->kind = (enum ls_kind)read_int(result, row, COLUMN_KIND);
    landed->state = (enum ls_state)read_int(result, row, COLUMN_STATE);
    landed->key = PQgetvalue(result, row, COLUMN_KEY);
    landed->payload = PQgetvalue(result, row, COLUMN_PAYLOAD);
    landed->payload_bytes = (size_t)PQgetlength(result, row, COLUMN_PAYLOAD);
    landed->landed.slot = read_int(result, row, COLUMN_SLOT);
    landed->has_mint = !PQgetisnull(result, row, COLUMN_MINT);
    if (landed->has_mint &&
        !ls_address_parse(PQgetvalue(result, row, COLUMN_MINT), &landed->mint))
        return corrupt("landed mint");
    if (!ls_signature_parse(PQgetvalue(result, row, COLUMN_SIGNATURE),
                            &landed->landed.signature))
        return corrupt("landed signature");
    if (!read_hex_text(PQgetvalue(result, row, COLUMN_TAG), landed->landed.tag, LS_TAG_BYTES))
        return corrupt("landed tag");
    landed->fence = (enum ls_fence)read_int(result, row, COLUMN_FENCE);
    if (!PQgetisnull(result, row, COLUMN_BLOCKHASH) &&
        !ls_hash_parse(PQgetvalue(result, row, COLUMN_BLOCKHASH), &landed->blockhash))
        return corrupt("landed blockhash");
    LS_TRY(read_elders(PQgetvalue(result, row, COLUMN_ELDERS), arena, landed));
    return read_tx(result, row, arena, landed);
}

ls_err
wire_decode_landed(const PGresult *result, struct ls_arena *arena, struct ls_store_reply *reply)
{
    int rows = PQntuples(result);
    if (rows > LS_STORE_ROWS_MAX + LS_PHANTOMS_MAX) return corrupt("landed rows");
    struct ls_landed *landed = ls_arena_take(arena, sizeof *landed * (size_t)(rows + 1));
    struct ls_phantom *phantoms = ls_arena_take(arena, sizeof *phantoms * LS_PHANTOMS_MAX);

    if (landed == NULL || phantoms == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "landed");
    for (int row = 0; row < rows; row++) {
        if (read_int(result, row, COLUMN_WHAT) == 0) {
            LS_TRY(read_landed(result, row, arena, &landed[reply->landed_count]));
            reply->landed_count++;
            continue;
        }
        if (reply->phantom_count == LS_PHANTOMS_MAX) return corrupt("phantoms");
        struct ls_phantom *phantom = &phantoms[reply->phantom_count++];
        phantom->op.value = read_int(result, row, COLUMN_OP);
        phantom->slot = read_int(result, row, COLUMN_SLOT);
        if (!ls_signature_parse(PQgetvalue(result, row, COLUMN_SIGNATURE), &phantom->signature))
            return corrupt("phantom signature");
    }
    reply->landed = landed;
    reply->phantoms = phantoms;
    return LS_OK;
}

ls_err
wire_decode_found(const PGresult *result, struct ls_arena *arena, struct ls_store_reply *reply)
{
    int rows = PQntuples(result);
    if (rows > LS_FINDINGS_MAX) return corrupt("found rows");
    struct ls_found *found = ls_arena_take(arena, sizeof *found * (size_t)(rows + 1));

    if (found == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "found");
    for (int row = 0; row < rows; row++) {
        int64_t finding = read_int(result, row, 0);
        if (finding < LS_FINDING_UNRECORDED || finding > LS_FINDING_COUNT)
            return corrupt("finding");
        found[row] = (struct ls_found){
            .finding = (enum ls_finding)finding,
            .is_repaired = read_bool(result, row, 1),
            .op = {read_int(result, row, 2)},
        };
    }
    reply->found_count = (size_t)rows;
    reply->found = found;
    return LS_OK;
}
