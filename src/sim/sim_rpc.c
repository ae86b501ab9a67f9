#include "sim_rpc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/sim/sim_ledger.h"

enum { IS_STATIC = 1 }; /* answers even on an unhealthy node */

static const struct method {
    const char *name;
    ls_sim_method run;
    unsigned flags;
} methods[] = {
    /* In order of name. */
    {"getAccountInfo", ls_sim_get_account_info, 0},
    {"getBalance", ls_sim_get_balance, 0},
    {"getBlock", ls_sim_get_block, 0},
    {"getBlockHeight", ls_sim_get_block_height, 0},
    {"getBlocks", ls_sim_get_blocks, 0},
    {"getEpochInfo", ls_sim_get_epoch_info, 0},
    {"getFirstAvailableBlock", ls_sim_get_first_block, IS_STATIC},
    {"getGenesisHash", ls_sim_get_genesis_hash, IS_STATIC},
    {"getHealth", ls_sim_get_health, 0},
    {"getIdentity", ls_sim_get_identity, IS_STATIC},
    {"getLatestBlockhash", ls_sim_get_latest_blockhash, 0},
    {"getMinimumBalanceForRentExemption", ls_sim_get_rent, IS_STATIC},
    {"getMultipleAccounts", ls_sim_get_multiple_accounts, 0},
    {"getRecentPrioritizationFees", ls_sim_get_priority_fees, 0},
    {"getSignatureStatuses", ls_sim_get_signature_statuses, 0},
    {"getSignaturesForAddress", ls_sim_get_signatures_for_address, 0},
    {"getSlot", ls_sim_get_slot, 0},
    {"getTokenAccountBalance", ls_sim_get_token_balance, 0},
    {"getTokenSupply", ls_sim_get_token_supply, 0},
    {"getTransaction", ls_sim_get_transaction, 0},
    {"getVersion", ls_sim_get_version, IS_STATIC},
    {"isBlockhashValid", ls_sim_is_blockhash_valid, 0},
    {"requestAirdrop", ls_sim_request_airdrop, 0},
    {"sendTransaction", ls_sim_send_transaction, 0},
    {"simulateTransaction", ls_sim_simulate_transaction, 0},
};

static int compare(const void *name, const void *method)
{
    return strcmp(name, ((const struct method *)method)->name);
}

static void add_id(const struct ls_sim_call *call)
{
    ls_buf_add_text(call->out, ",\"id\":");
    if (json_is_string(call->id)) {
        ls_buf_add_json(call->out, json_string_value(call->id), json_string_length(call->id));
    } else if (json_is_integer(call->id)) {
        ls_buf_printf(call->out, "%" JSON_INTEGER_FORMAT, json_integer_value(call->id));
    } else {
        ls_buf_add_text(call->out, "null");
    }
    ls_buf_add_char(call->out, '}');
}

static void run_method(struct ls_sim_call *call, const struct method *method)
{
    ls_sim_ledger *ledger = call->ledger;
    if ((method->flags & IS_STATIC) == 0 &&
        ls_sim_fault_happens(ledger, LS_SIM_FAULT_UNHEALTHY, ledger->faults.unhealthy_ppm)) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_UNHEALTHY, "{\"numSlotsBehind\":null}",
                               "Node is unhealthy");
        return;
    }
    ls_buf_add_text(call->out, "{\"jsonrpc\":\"2.0\",\"result\":");
    method->run(call);
}

static void answer_one(struct ls_sim_call *call, const json_t *request)
{
    call->mark = call->out->length;
    call->has_failed = false;
    call->id = json_object_get(request, "id");
    const json_t *version = json_object_get(request, "jsonrpc");
    const json_t *name = json_object_get(request, "method");
    call->params = json_object_get(request, "params");
    if (json_is_null(call->params)) call->params = NULL;
    bool has_id =
        json_is_string(call->id) || json_is_integer(call->id) || json_is_null(call->id);
    if (!has_id || !json_is_string(name) || !json_is_string(version) ||
        strcmp(json_string_value(version), "2.0") != 0) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_REQUEST, NULL, "Invalid request");
    } else if (call->params != NULL && !json_is_array(call->params)) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                               "Invalid params: invalid type: map, expected a list.");
    } else {
        const struct method *method =
            bsearch(json_string_value(name), methods, sizeof methods / sizeof methods[0],
                    sizeof methods[0], compare);
        if (method == NULL) {
            (void)ls_sim_call_fail(call, LS_SIM_RPC_METHOD, NULL, "Method not found");
        } else {
            run_method(call, method);
        }
    }
    add_id(call);
}

static void refuse_body(struct ls_sim_call *call, int32_t code, const char *message)
{
    call->mark = call->out->length;
    (void)ls_sim_call_fail(call, code, NULL, "%s", message);
    add_id(call);
}

/* The node that answers where `node` was asked: another of the pool, when the fault says. */
static int32_t
node_of(ls_sim_ledger *ledger, int32_t node, enum ls_sim_fault fault, int32_t ppm)
{
    if (!ls_sim_fault_happens(ledger, fault, ppm)) return node;
    return (int32_t)ls_sim_random_below(&ledger->fault_random, LS_SIM_POOL_NODES);
}

static void answer_batch(struct ls_sim_call *call, const json_t *batch)
{
    size_t count = json_array_size(batch);
    if (count == 0 || count > LS_SIM_BATCH_MAX) {
        refuse_body(call, LS_SIM_RPC_REQUEST, "Invalid request");
        return;
    }
    const int32_t node = call->endpoint;
    ls_buf_add_char(call->out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) ls_buf_add_char(call->out, ',');
        call->endpoint =
            node_of(call->ledger, node, LS_SIM_FAULT_SPLIT, call->ledger->faults.split_ppm);
        answer_one(call, json_array_get(batch, i));
    }
    ls_buf_add_char(call->out, ']');
}

/* A reply that outgrew its room is replaced: half a document helps nobody. */
static void check_room(struct ls_sim_call *call, size_t start)
{
    if (call->out->code != LS_CODE_FULL) return;
    call->out->length = start;
    call->out->code = LS_CODE_OK;
    if (call->out->data != NULL) call->out->data[start] = '\0';
    call->id = NULL;
    refuse_body(call, LS_SIM_RPC_INTERNAL, "Internal error: the reply is too long");
}

void ls_sim_ledger_answer(ls_sim_ledger *ledger,
                          int32_t endpoint,
                          int64_t now_ms,
                          const char *body,
                          size_t body_bytes,
                          struct ls_buf *reply)
{
    ls_sim_ledger_advance(ledger, now_ms);
    const int32_t asked = endpoint;
    endpoint = node_of(ledger, endpoint, LS_SIM_FAULT_BALANCE, ledger->faults.balance_ppm);
    if (ls_sim_chain_lag(ledger, endpoint) > 0) ls_sim_fault_count(ledger, LS_SIM_FAULT_LAG);
    struct ls_sim_call call = {
        .ledger = ledger, .asked = asked, .endpoint = endpoint, .out = reply};
    size_t start = reply->length;
    if (body_bytes > LS_SIM_BODY_BYTES_MAX) {
        refuse_body(&call, LS_SIM_RPC_REQUEST, "Invalid request: the body is too long");
        return;
    }
    json_t *request = json_loadb(body, body_bytes, 0, NULL);
    if (json_is_array(request)) {
        answer_batch(&call, request);
    } else if (json_is_object(request)) {
        answer_one(&call, request);
    } else {
        refuse_body(&call, LS_SIM_RPC_PARSE, "Parse error");
    }
    check_room(&call, start);
    json_decref(request);
}
