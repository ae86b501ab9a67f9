#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "json_load.h"
#include "lockstep/base/base58.h"
#include "lockstep/base/utf8.h"
#include "lockstep/solana/rpc.h"
#include "rpc_error_read.h"
#include "rpc_reply.h"

static const char what[] = "rpc reply";

enum answer_state {
    ANSWER_MISSING,
    ANSWER_RESULT,
    ANSWER_ERROR,
    ANSWER_DOUBLED,
    ANSWER_MALFORMED
};

struct answer {
    enum answer_state state;
    json_t *value; /* result or error; borrowed from `root` */
};
struct ls_rpc_reply {
    json_t *root;
    size_t count;
    struct answer answers[LS_RPC_BATCH_MAX];
};

/* A response with exactly one of result and error; null counts as absent for error, and
 * for result when there is an error, as older servers write both. */
static struct answer answer_of(const json_t *response)
{
    json_t *result = json_object_get(response, "result");
    json_t *error = json_object_get(response, "error");
    if (json_is_null(error)) error = NULL;
    if (json_is_null(result) && error != NULL) result = NULL;
    if ((result == NULL) == (error == NULL)) return (struct answer){ANSWER_MALFORMED, NULL};
    return error != NULL ? (struct answer){ANSWER_ERROR, error}
                         : (struct answer){ANSWER_RESULT, result};
}

/* Responses stand in any order; one with an id that was not asked belongs to no position
 * and is left out, so that its position stays missing. */
static void sort_answers(struct ls_rpc_reply *reply)
{
    for (size_t i = 0; i < json_array_size(reply->root); i++) {
        const json_t *response = json_array_get(reply->root, i);
        int64_t id = 0;
        if (!ls_rpc_whole(json_object_get(response, "id"), &id) || (size_t)id >= reply->count)
            continue;
        struct answer *answer = &reply->answers[id];
        *answer = answer->state == ANSWER_MISSING ? answer_of(response)
                                                  : (struct answer){ANSWER_DOUBLED, NULL};
    }
}

static ls_err take_root(struct ls_rpc_reply *reply)
{
    if (json_is_array(reply->root)) {
        sort_answers(reply);
        return LS_OK;
    }
    const struct answer answer = answer_of(reply->root);
    if (answer.state != ANSWER_ERROR) return LS_FAIL(LS_CODE_CORRUPT, 0, what);
    for (size_t i = 0; i < reply->count; i++) reply->answers[i] = answer;
    return LS_OK;
}

/* A whole number above 2^63 - 1 (an account's rentEpoch in an error's data) makes jansson
 * refuse the body; only then are numbers read as reals. */
static ls_err load(const char *body, size_t body_bytes, json_t **root_out)
{
    json_error_t error;
    ls_err err = ls_json_load(body, body_bytes, JSON_ALLOW_NUL, root_out, &error);
    if (err.code == LS_CODE_INVALID && json_error_code(&error) == json_error_numeric_overflow) {
        err = ls_json_load(body, body_bytes, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, root_out,
                           &error);
    }
    if (err.code == LS_CODE_INVALID) return LS_FAIL(LS_CODE_CORRUPT, 0, what);
    return err;
}

ls_err ls_rpc_read(const char *body, size_t body_bytes, size_t count, ls_rpc_reply **reply_out)
{
    assert(count >= 1 && count <= LS_RPC_BATCH_MAX);
    assert(body != NULL || body_bytes == 0);
    if (body_bytes > LS_RPC_BODY_BYTES_MAX)
        return LS_FAIL(LS_CODE_CORRUPT, 0, "rpc reply: too long");
    if (!ls_json_depth_within(body, body_bytes, LS_RPC_DEPTH_MAX))
        return LS_FAIL(LS_CODE_CORRUPT, 0, "rpc reply: too deep");

    ls_rpc_reply *reply = calloc(1, sizeof *reply);
    if (reply == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, what);
    reply->count = count;
    ls_err err = load(body, body_bytes, &reply->root);
    if (!ls_failed(err)) err = take_root(reply);
    if (ls_failed(err)) {
        ls_rpc_reply_free(reply);
        return err;
    }
    *reply_out = reply;
    return LS_OK;
}

void ls_rpc_reply_free(ls_rpc_reply *reply)
{
    if (reply == NULL) return;
    json_decref(reply->root);
    free(reply);
}

bool ls_rpc_error_at(const ls_rpc_reply *reply, size_t position, struct ls_rpc_error *error_out)
{
    assert(position < reply->count);
    const struct answer *answer = &reply->answers[position];
    switch (answer->state) {
    case ANSWER_RESULT: return false;
    case ANSWER_ERROR: *error_out = ls_rpc_error_from_response(answer->value); return true;
    case ANSWER_MISSING: *error_out = ls_rpc_error_from_fault("missing"); return true;
    case ANSWER_DOUBLED: *error_out = ls_rpc_error_from_fault("doubled"); return true;
    case ANSWER_MALFORMED: *error_out = ls_rpc_error_from_fault("malformed"); return true;
    }
    assert(false);
    return true;
}

ls_err ls_rpc_result_at(const ls_rpc_reply *reply, size_t position, json_t **result_out)
{
    assert(position < reply->count);
    const struct answer *answer = &reply->answers[position];
    if (answer->state != ANSWER_RESULT) return LS_FAIL(LS_CODE_REFUSED, 0, what);
    *result_out = answer->value;
    return LS_OK;
}

static ls_err check(bool is_good)
{
    return is_good ? LS_OK : LS_FAIL(LS_CODE_CORRUPT, 0, what);
}

static bool context_slot(const json_t *result, int64_t *slot_out)
{
    return ls_rpc_whole(json_object_get(json_object_get(result, "context"), "slot"), slot_out);
}

ls_err
ls_rpc_blockhash_at(const ls_rpc_reply *reply, size_t position, struct ls_rpc_blockhash *out)
{
    json_t *result = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &result));
    const json_t *value = json_object_get(result, "value");
    const char *text = ls_rpc_text(json_object_get(value, "blockhash"));
    struct ls_rpc_blockhash read = {0};
    LS_TRY(check(
        text != NULL && ls_hash_parse(text, &read.blockhash) &&
        ls_rpc_whole(json_object_get(value, "lastValidBlockHeight"), &read.last_valid_height) &&
        context_slot(result, &read.slot)));
    *out = read;
    return LS_OK;
}

ls_err ls_rpc_epoch_at(const ls_rpc_reply *reply, size_t position, struct ls_rpc_epoch *out)
{
    json_t *result = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &result));
    struct ls_rpc_epoch read = {0};
    LS_TRY(check(ls_rpc_whole(json_object_get(result, "blockHeight"), &read.height) &&
                 ls_rpc_whole(json_object_get(result, "absoluteSlot"), &read.slot)));
    *out = read;
    return LS_OK;
}

ls_err ls_rpc_identity_at(const ls_rpc_reply *reply, size_t position, struct ls_address *out)
{
    json_t *result = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &result));
    const char *text = ls_rpc_text(json_object_get(result, "identity"));
    return check(text != NULL && ls_address_parse(text, out));
}

ls_err ls_rpc_genesis_at(const ls_rpc_reply *reply, size_t position, struct ls_hash *out)
{
    json_t *result = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &result));
    const char *text = ls_rpc_text(result);
    return check(text != NULL && ls_hash_parse(text, out));
}

ls_err
ls_rpc_version_at(const ls_rpc_reply *reply, size_t position, char out[LS_RPC_VERSION_BYTES])
{
    json_t *result = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &result));
    const char *text = ls_rpc_text(json_object_get(result, "solana-core"));
    LS_TRY(check(text != NULL));
    size_t length = strnlen(text, LS_RPC_VERSION_BYTES - 1);
    memcpy(out, text, length);
    out[length] = '\0';
    return LS_OK;
}

ls_err ls_rpc_lamports_at(const ls_rpc_reply *reply, size_t position, uint64_t *out)
{
    json_t *result = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &result));
    const json_t *value = json_is_object(result) ? json_object_get(result, "value") : result;
    int64_t lamports = 0;
    LS_TRY(check(ls_rpc_whole(value, &lamports)));
    *out = (uint64_t)lamports;
    return LS_OK;
}

ls_err ls_rpc_signature_at(const ls_rpc_reply *reply, size_t position, struct ls_signature *out)
{
    json_t *result = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &result));
    const char *text = ls_rpc_text(result);
    return check(text != NULL && ls_signature_parse(text, out));
}

static bool parse_commitment(const char *name, enum ls_commitment *out)
{
    static const enum ls_commitment all[] = {LS_PROCESSED, LS_CONFIRMED, LS_FINALIZED};
    for (size_t i = 0; name != NULL && i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(ls_commitment_name(all[i]), name) != 0) continue;
        *out = all[i];
        return true;
    }
    return false;
}

static bool read_status(const json_t *entry, struct ls_rpc_status *out)
{
    *out = (struct ls_rpc_status){0};
    if (json_is_null(entry)) return true;

    const json_t *err = json_object_get(entry, "err");
    out->is_found = true;
    out->has_error = err != NULL && !json_is_null(err);
    if (out->has_error) out->error = ls_rpc_error_from_transaction(err);
    return err != NULL && ls_rpc_whole(json_object_get(entry, "slot"), &out->slot) &&
           parse_commitment(ls_rpc_text(json_object_get(entry, "confirmationStatus")),
                            &out->commitment);
}

ls_err ls_rpc_statuses_at(const ls_rpc_reply *reply,
                          size_t position,
                          struct ls_rpc_status *out,
                          size_t count,
                          int64_t *context_slot_out)
{
    json_t *result = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &result));
    const json_t *list = json_object_get(result, "value");
    int64_t slot = 0;
    LS_TRY(check(json_is_array(list) && json_array_size(list) == count &&
                 context_slot(result, &slot)));

    /* Looked at once before anything is written, so that a bad entry changes nothing. */
    for (size_t i = 0; i < count; i++) {
        struct ls_rpc_status status;
        LS_TRY(check(read_status(json_array_get(list, i), &status)));
    }
    for (size_t i = 0; i < count; i++) (void)read_status(json_array_get(list, i), &out[i]);
    *context_slot_out = slot;
    return LS_OK;
}

ls_err ls_rpc_block_at(const ls_rpc_reply *reply,
                       size_t position,
                       struct ls_signature *signatures_out,
                       size_t max,
                       struct ls_rpc_block *out)
{
    json_t *result = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &result));
    if (json_is_null(result)) return LS_FAIL(LS_CODE_REFUSED, 0, what);
    const json_t *list = json_object_get(result, "signatures");
    struct ls_rpc_block read = {0};
    LS_TRY(check(ls_rpc_whole(json_object_get(result, "blockHeight"), &read.height) &&
                 (max == 0 || json_is_array(list))));
    if (!ls_rpc_whole(json_object_get(result, "parentSlot"), &read.parent_slot))
        read.parent_slot = INT64_MAX;
    for (size_t i = 0; i < json_array_size(list) && read.count < max; i++) {
        const char *text = ls_rpc_text(json_array_get(list, i));
        LS_TRY(check(text != NULL && ls_signature_parse(text, &signatures_out[read.count])));
        read.count++;
    }
    *out = read;
    return LS_OK;
}

ls_err ls_rpc_blocks_at(const ls_rpc_reply *reply,
                        size_t position,
                        int64_t from_slot,
                        int64_t to_slot,
                        int64_t *count_out,
                        bool *has_both_out)
{
    json_t *result = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &result));
    LS_TRY(check(json_is_array(result)));
    const size_t count = json_array_size(result);
    int64_t first = -1;
    int64_t last = from_slot - 1;
    for (size_t i = 0; i < count; i++) {
        int64_t slot = 0;
        LS_TRY(check(ls_rpc_whole(json_array_get(result, i), &slot) && slot > last &&
                     slot <= to_slot));
        if (i == 0) first = slot;
        last = slot;
    }
    *count_out = (int64_t)count;
    *has_both_out = first == from_slot && last == to_slot;
    return LS_OK;
}

ls_err ls_rpc_span_at(const ls_rpc_reply *reply,
                      size_t position,
                      int64_t from_slot,
                      int64_t wanted,
                      int64_t upper,
                      struct ls_rpc_span *out)
{
    json_t *result = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &result));
    LS_TRY(check(json_is_array(result)));
    const size_t count = json_array_size(result);
    struct ls_rpc_span span = {.last = from_slot - 1};
    for (size_t i = 0; i < count; i++) {
        int64_t slot = 0;
        LS_TRY(check(ls_rpc_whole(json_array_get(result, i), &slot) && slot > span.last));
        if (slot > upper) break;
        if (span.count == 0 || slot <= wanted) span = (struct ls_rpc_span){.low = slot};
        span.last = slot;
        span.count++;
    }
    *out = span;
    return LS_OK;
}

/* Copy what fits of a memo in whole scalars. U+0000, which a stranger's memo may hold,
 * becomes U+FFFD: the copy must not end where the memo does not. */
static void copy_memo(const json_t *memo, char *out, size_t out_bytes)
{
    static const char replacement[] = "\xef\xbf\xbd";
    const char *text = json_string_value(memo);
    const size_t length = json_string_length(memo);
    size_t written = 0;
    for (size_t at = 0; at < length;) {
        uint32_t scalar = 0;
        const size_t used = ls_utf8_next(text + at, length - at, &scalar);
        const bool is_plain = used > 0 && scalar != 0;
        const size_t size = is_plain ? used : sizeof replacement - 1;
        if (written + size >= out_bytes) break;
        memcpy(out + written, is_plain ? text + at : replacement, size);
        written += size;
        at += used > 0 ? used : 1;
    }
    out[written] = '\0';
}

static bool read_info(const json_t *entry, struct ls_rpc_signature_info *out)
{
    const char *text = ls_rpc_text(json_object_get(entry, "signature"));
    const json_t *err = json_object_get(entry, "err");
    const json_t *memo = json_object_get(entry, "memo");
    const bool has_memo = memo != NULL && !json_is_null(memo);
    if (text == NULL || !ls_signature_parse(text, &out->signature) || err == NULL ||
        !ls_rpc_whole(json_object_get(entry, "slot"), &out->slot) ||
        (has_memo && !json_is_string(memo)))
        return false;

    out->has_error = !json_is_null(err);
    out->memo[0] = '\0';
    if (has_memo) copy_memo(memo, out->memo, sizeof out->memo);
    return true;
}

ls_err ls_rpc_signatures_at(const ls_rpc_reply *reply,
                            size_t position,
                            struct ls_rpc_signature_info *out,
                            size_t out_max,
                            size_t *count_out)
{
    json_t *list = NULL;
    LS_TRY(ls_rpc_result_at(reply, position, &list));
    LS_TRY(check(json_is_array(list) && json_array_size(list) <= out_max));

    const size_t count = json_array_size(list);
    for (size_t i = 0; i < count; i++) { /* before anything is written */
        struct ls_rpc_signature_info info;
        LS_TRY(check(read_info(json_array_get(list, i), &info)));
    }
    for (size_t i = 0; i < count; i++) (void)read_info(json_array_get(list, i), &out[i]);
    *count_out = count;
    return LS_OK;
}
