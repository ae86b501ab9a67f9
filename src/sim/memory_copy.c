#include "memory_copy.h"

#include <stddef.h>
#include <string.h>

static bool is_short(const char *text, size_t bytes_max)
{
    return text == NULL || strlen(text) <= bytes_max;
}

static ls_err check_intents(const struct ls_store_request *request)
{
    if (request->intent_count > LS_STORE_ROWS_MAX)
        return LS_FAIL(LS_CODE_INVALID, 0, "store intent: too many rows");
    for (size_t i = 0; i < request->intent_count; i++) {
        if (request->intents[i].tx_bytes > LS_TX_BYTES_MAX)
            return LS_FAIL(LS_CODE_INVALID, 0, "store intent: transaction too long");
    }
    return LS_OK;
}

static ls_err check_moves(const struct ls_store_request *request)
{
    if (request->move_count > LS_STORE_ROWS_MAX)
        return LS_FAIL(LS_CODE_INVALID, 0, "store move: too many rows");
    for (size_t i = 0; i < request->move_count; i++) {
        if (!is_short(request->moves[i].evidence, LS_STORE_EVIDENCE_MAX))
            return LS_FAIL(LS_CODE_INVALID, 0, "store move: evidence too long");
    }
    return LS_OK;
}

static ls_err check_findings(const struct ls_store_request *request)
{
    if (request->find_count == 0 || request->find_count > LS_FINDINGS_MAX)
        return LS_FAIL(LS_CODE_INVALID, 0, "store find: rows");
    for (size_t i = 0; i < request->find_count; i++) {
        if (request->findings[i].tx_bytes > LS_TX_BYTES_MAX)
            return LS_FAIL(LS_CODE_INVALID, 0, "store find: transaction too long");
        if (request->findings[i].elder_count > LS_ELDERS_MAX)
            return LS_FAIL(LS_CODE_INVALID, 0, "store find: elders");
    }
    return LS_OK;
}

ls_err memory_check(const struct ls_store_request *request)
{
    bool has_limit = request->verb == LS_STORE_CLAIM || request->verb == LS_STORE_ADOPT;
    if (request->verb < LS_STORE_HELLO || request->verb > LS_STORE_BULK)
        return LS_FAIL(LS_CODE_INVALID, 0, "store verb");
    if (has_limit && (request->limit < 1 || request->limit > LS_STORE_ROWS_MAX))
        return LS_FAIL(LS_CODE_INVALID, 0, "store limit");
    if (request->verb == LS_STORE_HELLO && request->hello.signer_count > LS_SIGNERS_MAX)
        return LS_FAIL(LS_CODE_INVALID, 0, "store hello: too many signers");
    if (request->verb == LS_STORE_INTENT) return check_intents(request);
    if (request->verb == LS_STORE_MOVE) return check_moves(request);
    if (request->verb == LS_STORE_FIND) return check_findings(request);
    if (request->verb == LS_STORE_LANDED && request->landed.count > LS_STORE_ROWS_MAX)
        return LS_FAIL(LS_CODE_INVALID, 0, "store landed: too many rows");
    return LS_OK;
}

/* Copies as long as memory lasts; `ok` keeps whether it did. */
struct copier {
    ls_arena *arena;
    bool ok;
};

static void *copy_bytes(struct copier *copier, const void *bytes, size_t count)
{
    if (bytes == NULL || count == 0) return NULL;
    void *copy = ls_arena_take(copier->arena, count);
    if (copy == NULL) {
        copier->ok = false;
        return NULL;
    }
    memcpy(copy, bytes, count);
    return copy;
}

static const char *copy_text(struct copier *copier, const char *text)
{
    return text == NULL ? NULL : copy_bytes(copier, text, strlen(text) + 1);
}

static void copy_intents(struct copier *copier, struct ls_store_request *request)
{
    struct ls_intent_row *rows =
        copy_bytes(copier, request->intents, request->intent_count * sizeof *request->intents);
    for (size_t i = 0; rows != NULL && i < request->intent_count; i++)
        rows[i].tx = copy_bytes(copier, rows[i].tx, rows[i].tx_bytes);
    request->intents = rows;
}

static void copy_moves(struct copier *copier, struct ls_store_request *request)
{
    struct ls_move_row *rows =
        copy_bytes(copier, request->moves, request->move_count * sizeof *request->moves);
    for (size_t i = 0; rows != NULL && i < request->move_count; i++) {
        rows[i].cause = copy_text(copier, rows[i].cause);
        rows[i].detail = copy_text(copier, rows[i].detail);
        rows[i].evidence = copy_text(copier, rows[i].evidence);
    }
    request->moves = rows;
}

static void copy_landed(struct copier *copier, struct ls_store_request *request)
{
    struct ls_finding_row *rows =
        copy_bytes(copier, request->findings, request->find_count * sizeof *request->findings);
    for (size_t i = 0; rows != NULL && i < request->find_count; i++)
        rows[i].tx = copy_bytes(copier, rows[i].tx, rows[i].tx_bytes);
    request->findings = rows;
    request->landed.rows = copy_bytes(copier, request->landed.rows,
                                      request->landed.count * sizeof *request->landed.rows);
}

/* The names of an observation's endpoints are not kept by this store, and so not copied. */
static void copy_observation(struct copier *copier, struct ls_store_request *request)
{
    struct ls_observation *copy =
        copy_bytes(copier, request->observation, sizeof *request->observation);
    if (copy != NULL) copy->endpoint_count = 0;
    request->observation = copy;
}

const struct ls_store_request *memory_copy(ls_arena *arena,
                                           const struct ls_store_request *request)
{
    struct copier copier = {.arena = arena, .ok = true};
    struct ls_store_request *copy = copy_bytes(&copier, request, sizeof *request);
    if (copy == NULL) return NULL;
    copy->hello.host = copy_text(&copier, copy->hello.host);
    copy->hello.version = copy_text(&copier, copy->hello.version);
    copy->known = copy_bytes(&copier, copy->known, copy->known_count * sizeof *copy->known);
    copy->gate.selector = copy_text(&copier, copy->gate.selector);
    copy->gate.reason = copy_text(&copier, copy->gate.reason);
    copy->alert.rule = copy_text(&copier, copy->alert.rule);
    copy->alert.subject = copy_text(&copier, copy->alert.subject);
    copy->alert.message = copy_text(&copier, copy->alert.message);
    copy_intents(&copier, copy);
    copy_moves(&copier, copy);
    copy_landed(&copier, copy);
    copy_observation(&copier, copy);
    return copier.ok ? copy : NULL;
}
