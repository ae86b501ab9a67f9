#include "pg_wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "link.h"
#include "lockstep/base/base58.h"

const char *wire_sql(enum ls_store_verb verb)
{
    switch (verb) {
    case LS_STORE_HELLO:
        return "SELECT h.*, " LINK_SCHEMA_COLUMNS
               ", p.* FROM lockstep.worker_hello($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) h,"
               " lockstep.worker_past() p";
    case LS_STORE_TICK: return "SELECT * FROM lockstep.worker_tick($1)";
    case LS_STORE_CLAIM:
        return "SELECT * FROM lockstep.worker_claim($1, $2::integer, $3, $4, $5, $6)";
    case LS_STORE_INTENT:
        return "SELECT * FROM lockstep.worker_intent($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
               " $11, $12, $13, $14, $15, $16, $17)";
    case LS_STORE_MOVE:
        return "SELECT * FROM lockstep.worker_move($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
               "$11,"
               " $12, $13, $14, $15, $16)";
    case LS_STORE_ADOPT: return "SELECT * FROM lockstep.worker_adopt($1, $2::integer, $3)";
    case LS_STORE_GATE: return "SELECT lockstep.worker_gate($1, $2, $3, $4)";
    case LS_STORE_OBSERVE:
        return "SELECT lockstep.worker_observe($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
               " $12, $13, $14)";
    case LS_STORE_RAISE:
        return "SELECT lockstep.worker_raise($1, $2, $3, $4::smallint, $5, $6)";
    case LS_STORE_BYE: return "SELECT lockstep.worker_bye($1)";
    case LS_STORE_BULK: return "SELECT lockstep.bulk_step($1)";
    case LS_STORE_LANDED:
        return "SELECT * FROM lockstep.worker_landed($1, $2, $3, $4, $5, $6, $7)";
    case LS_STORE_FIND:
        return "SELECT * FROM lockstep.worker_find($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
               " $11, $12, $13, $14, $15, $16, $17)";
    case LS_STORE_MARK:
        return "SELECT lockstep.worker_mark($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    }
    return "";
}

static ls_err check_intents(const struct ls_store_request *request)
{
    if (request->intent_count == 0 || request->intent_count > LS_STORE_ROWS_MAX)
        return LS_FAIL(LS_CODE_INVALID, 0, "intent rows");
    for (size_t i = 0; i < request->intent_count; i++) {
        if (request->intents[i].tx_bytes > LS_TX_BYTES_MAX)
            return LS_FAIL(LS_CODE_INVALID, 0, "intent transaction bytes");
    }
    return LS_OK;
}

static ls_err check_moves(const struct ls_store_request *request)
{
    if (request->move_count == 0 || request->move_count > LS_STORE_ROWS_MAX)
        return LS_FAIL(LS_CODE_INVALID, 0, "move rows");
    for (size_t i = 0; i < request->move_count; i++) {
        const char *evidence = request->moves[i].evidence;
        if (evidence != NULL && strlen(evidence) > LS_STORE_EVIDENCE_MAX)
            return LS_FAIL(LS_CODE_INVALID, 0, "move evidence bytes");
    }
    return LS_OK;
}

ls_err wire_check(const struct ls_store_request *request)
{
    switch (request->verb) {
    case LS_STORE_HELLO:
        if (request->hello.signer_count > LS_SIGNERS_MAX)
            return LS_FAIL(LS_CODE_INVALID, 0, "hello signers");
        return LS_OK;
    case LS_STORE_CLAIM:
    case LS_STORE_ADOPT:
        if (request->limit < 1 || request->limit > LS_STORE_ROWS_MAX)
            return LS_FAIL(LS_CODE_INVALID, 0, "claim limit");
        return LS_OK;
    case LS_STORE_INTENT: return check_intents(request);
    case LS_STORE_MOVE: return check_moves(request);
    case LS_STORE_OBSERVE:
        if (request->observation == NULL ||
            request->observation->endpoint_count > LS_ENDPOINTS_MAX)
            return LS_FAIL(LS_CODE_INVALID, 0, "observation endpoints");
        return LS_OK;
    case LS_STORE_LANDED:
    case LS_STORE_FIND: return wire_check_landed(request);
    case LS_STORE_TICK:
    case LS_STORE_GATE:
    case LS_STORE_RAISE:
    case LS_STORE_MARK:
    case LS_STORE_BULK:
    case LS_STORE_BYE: return LS_OK;
    }
    return LS_FAIL(LS_CODE_INVALID, 0, "store verb");
}

/* The numbers of the bits that are set. */
static void encode_bits(uint32_t bits, struct params *params)
{
    size_t count = 0;
    for (int bit = 0; bit < 32; bit++) count += bits >> bit & 1u;
    params_array(params, PARAM_INT2, count);
    for (int bit = 0; bit < 32; bit++)
        if ((bits >> bit & 1u) != 0) params_element_int(params, PARAM_INT2, bit);
}

static void encode_hello(const struct ls_store_hello *hello, struct params *params)
{
    char genesis[LS_HASH_TEXT_BYTES];
    char address[LS_ADDRESS_TEXT_BYTES];

    params_text(params, hello->host);
    params_int(params, hello->pid);
    params_text(params, hello->version);
    params_int(params, hello->lease_ms);
    ls_hash_text(&hello->genesis, genesis);
    params_text(params, genesis);
    ls_address_text(&hello->payer, address);
    params_text(params, address);
    params_array(params, PARAM_TEXT, hello->signer_count);
    for (size_t i = 0; i < hello->signer_count; i++) {
        ls_address_text(&hello->signers[i], address);
        params_element_text(params, address);
    }
    params_int(params, hello->heartbeat_ms > 0 ? hello->heartbeat_ms : hello->lease_ms);
    encode_bits(hello->works_on, params);
}

static void
encode_intent_names(const struct ls_intent_row *rows, size_t count, struct params *params)
{
    char text[LS_SIGNATURE_TEXT_BYTES];

    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) {
        ls_signature_text(&rows[i].signature, text);
        params_element_text(params, text);
    }
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) {
        ls_hash_text(&rows[i].blockhash, text);
        params_element_text(params, text);
    }
    params_array(params, PARAM_INT8, count);
    for (size_t i = 0; i < count; i++)
        params_element_int(params, PARAM_INT8, rows[i].last_valid_height);
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) {
        ls_address_text(&rows[i].signer, text);
        params_element_text(params, text);
    }
}

static void
encode_intent_address(bool has, const struct ls_address *address, struct params *params)
{
    char text[LS_ADDRESS_TEXT_BYTES];

    if (has) ls_address_text(address, text);
    params_element_text(params, has ? text : NULL);
}

static void
encode_intent_fences(const struct ls_intent_row *rows, size_t count, struct params *params)
{
    params_array(params, PARAM_INT2, count);
    for (size_t i = 0; i < count; i++)
        params_element_int(params, PARAM_INT2, (int64_t)rows[i].fence);
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++)
        encode_intent_address(rows[i].has_nonce, &rows[i].nonce, params);
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++)
        encode_intent_address(rows[i].has_marker, &rows[i].marker, params);
}

static void
encode_intents(const struct ls_intent_row *rows, size_t count, struct params *params)
{
    params_array(params, PARAM_INT8, count);
    for (size_t i = 0; i < count; i++) params_element_int(params, PARAM_INT8, rows[i].op.value);
    params_array(params, PARAM_INT8, count);
    for (size_t i = 0; i < count; i++) params_element_int(params, PARAM_INT8, rows[i].token);
    params_array(params, PARAM_INT4, count);
    for (size_t i = 0; i < count; i++) params_element_int(params, PARAM_INT4, rows[i].attempt);
    encode_intent_names(rows, count, params);
    params_array(params, PARAM_BYTEA, count);
    for (size_t i = 0; i < count; i++) {
        bool is_again = i > 0 && rows[i].pack != 0 && rows[i].pack == rows[i - 1].pack;
        params_element_bytes(params, is_again ? NULL : rows[i].tx, rows[i].tx_bytes);
    }
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++)
        encode_intent_address(rows[i].has_mint, &rows[i].mint, params);
    encode_intent_fences(rows, count, params);
    params_array(params, PARAM_INT4, count);
    for (size_t i = 0; i < count; i++) params_element_int(params, PARAM_INT4, rows[i].pack);
    params_array(params, PARAM_BOOL, count);
    for (size_t i = 0; i < count; i++) params_element_bool(params, rows[i].is_cancel);
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) params_element_text(params, rows[i].seal_key);
    params_array(params, PARAM_BYTEA, count);
    for (size_t i = 0; i < count; i++) {
        params_element_bytes(params, rows[i].seal_key == NULL ? NULL : rows[i].seal,
                             sizeof rows[i].seal);
    }
}

enum move_number {
    MOVE_OP,
    MOVE_TOKEN,
    MOVE_STATE,
    MOVE_SUB,
    MOVE_DELAY,
    MOVE_ATTEMPT,
    MOVE_ATTEMPT_STATE,
    MOVE_SLOT,
    MOVE_NONCE
};

static int64_t move_number(const struct ls_move_row *row, enum move_number which)
{
    switch (which) {
    case MOVE_OP: return row->op.value;
    case MOVE_TOKEN: return row->token;
    case MOVE_STATE: return (int64_t)row->to;
    case MOVE_SUB: return (int64_t)row->sub;
    case MOVE_DELAY: return row->delay_ms;
    case MOVE_ATTEMPT: return row->attempt;
    case MOVE_ATTEMPT_STATE: return (int64_t)row->attempt_state;
    case MOVE_SLOT: return row->slot;
    case MOVE_NONCE: return (int64_t)row->nonce;
    }
    return 0;
}

static void encode_numbers(const struct ls_store_request *request,
                           enum move_number which,
                           enum param_type type,
                           struct params *params)
{
    params_array(params, type, request->move_count);
    for (size_t i = 0; i < request->move_count; i++)
        params_element_int(params, type, move_number(&request->moves[i], which));
}

static void encode_moves(const struct ls_store_request *request, struct params *params)
{
    const struct ls_move_row *rows = request->moves;
    size_t count = request->move_count;
    char signature[LS_SIGNATURE_TEXT_BYTES];

    encode_numbers(request, MOVE_OP, PARAM_INT8, params);
    encode_numbers(request, MOVE_TOKEN, PARAM_INT8, params);
    encode_numbers(request, MOVE_STATE, PARAM_INT2, params);
    encode_numbers(request, MOVE_SUB, PARAM_INT2, params);
    encode_numbers(request, MOVE_DELAY, PARAM_INT8, params);
    params_array(params, PARAM_BOOL, count);
    for (size_t i = 0; i < count; i++) params_element_bool(params, rows[i].counts);
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) params_element_text(params, rows[i].cause);
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) params_element_text(params, rows[i].detail);
    encode_numbers(request, MOVE_ATTEMPT, PARAM_INT4, params);
    encode_numbers(request, MOVE_ATTEMPT_STATE, PARAM_INT2, params);
    params_array(params, PARAM_BOOL, count);
    for (size_t i = 0; i < count; i++) params_element_bool(params, rows[i].siblings_dead);
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].has_signature) ls_signature_text(&rows[i].signature, signature);
        params_element_text(params, rows[i].has_signature ? signature : NULL);
    }
    encode_numbers(request, MOVE_SLOT, PARAM_INT8, params);
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) params_element_text(params, rows[i].evidence);
    encode_numbers(request, MOVE_NONCE, PARAM_INT2, params);
}

static void encode_endpoints(const struct ls_observation *seen, struct params *params)
{
    const struct ls_endpoint_seen *rows = seen->endpoints;
    size_t count = seen->endpoint_count;

    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) params_element_text(params, rows[i].name);
    params_array(params, PARAM_BOOL, count);
    for (size_t i = 0; i < count; i++) params_element_bool(params, rows[i].is_up);
    params_array(params, PARAM_INT8, count);
    for (size_t i = 0; i < count; i++) params_element_int(params, PARAM_INT8, rows[i].slot);
    params_array(params, PARAM_INT8, count);
    for (size_t i = 0; i < count; i++)
        params_element_int(params, PARAM_INT8, rows[i].latency_ms);
    params_array(params, PARAM_INT8, count);
    for (size_t i = 0; i < count; i++)
        params_element_int(params, PARAM_INT8, rows[i].error_permille);
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) params_element_text(params, rows[i].trouble);
}

static void encode_observation(const struct ls_observation *seen, struct params *params)
{
    char balance[24];

    (void)snprintf(balance, sizeof balance, "%" PRIu64, seen->balance_lamports);
    params_text(params, seen->has_balance ? balance : NULL);
    params_int(params, seen->finalized_height);
    params_int(params, seen->in_flight);
    params_bool(params, seen->is_draining);
    encode_endpoints(seen, params);
    params_bool(params, seen->is_catching_up);
    params_text(params, seen->doing);
    params_text(params, seen->trouble);
}

static void encode_known(const struct ls_store_request *request, struct params *params)
{
    params_int(params, request->limit);
    params_array(params, PARAM_INT8, request->known_count);
    for (size_t i = 0; i < request->known_count; i++)
        params_element_int(params, PARAM_INT8, request->known[i].value);
}

void wire_encode(const struct ls_store_request *request,
                 const struct wire_context *context,
                 struct params *params)
{
    params_int(params, request->verb == LS_STORE_HELLO ? request->hello.previous_worker
                                                       : context->worker_id);
    switch (request->verb) {
    case LS_STORE_HELLO: encode_hello(&request->hello, params); return;
    case LS_STORE_CLAIM:
        params_int(params, request->limit);
        params_bool(params, context->is_fair_turn);
        params_array(params, PARAM_INT8, LS_LANE_COUNT);
        for (size_t i = 0; i < LS_LANE_COUNT; i++)
            params_element_int(params, PARAM_INT8, context->low_ms[i]);
        encode_bits(request->pack_kinds, params);
        encode_bits(request->lanes == 0 ? (1u << LS_LANE_COUNT) - 1u : request->lanes, params);
        return;
    case LS_STORE_INTENT:
        encode_intents(request->intents, request->intent_count, params);
        return;
    case LS_STORE_MOVE: encode_moves(request, params); return;
    case LS_STORE_ADOPT: encode_known(request, params); return;
    case LS_STORE_GATE:
        params_text(params, request->gate.selector);
        params_bool(params, request->gate.on);
        params_text(params, request->gate.reason);
        return;
    case LS_STORE_OBSERVE: encode_observation(request->observation, params); return;
    case LS_STORE_RAISE:
        params_text(params, request->alert.rule);
        params_text(params, request->alert.subject);
        params_int(params, request->alert.severity);
        params_text(params, request->alert.message);
        params_bool(params, request->alert.is_over);
        return;
    case LS_STORE_LANDED:
    case LS_STORE_FIND:
    case LS_STORE_MARK: wire_encode_landed(request, params); return;
    case LS_STORE_TICK:
    case LS_STORE_BULK:
    case LS_STORE_BYE: return;
    }
}
