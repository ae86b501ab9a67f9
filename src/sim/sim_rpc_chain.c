#include "sim_rpc.h"

#include <inttypes.h>
#include <string.h>

#include <sodium.h>

#include "lockstep/base/base58.h"

enum { EPOCH_SLOTS = 432000, UNHEALTHY_SLOTS = 128 };

void ls_sim_get_latest_blockhash(struct ls_sim_call *call)
{
    const json_t *config = NULL;
    int32_t height = 0;
    if (!ls_sim_call_config(call, 0, &config)) return;
    if (!ls_sim_call_bank(call, config, "commitment", &height)) return;
    ls_sim_call_context(call, height);
    ls_buf_add_text(call->out, "{\"blockhash\":");
    struct ls_hash hash = call->ledger->blocks[height].hash;
    if (ls_sim_call_is_foreign(call)) hash.bytes[0] ^= 1;
    ls_sim_text_hash(call->out, &hash);
    ls_buf_printf(call->out, ",\"lastValidBlockHeight\":%" PRId64 "}}",
                  height + LS_SIM_BLOCKHASH_AGE_MAX + ls_sim_call_above(call));
}

void ls_sim_is_blockhash_valid(struct ls_sim_call *call)
{
    const json_t *config = NULL;
    int32_t height = 0;
    struct ls_hash hash;
    const json_t *text = ls_sim_call_param(call, 0);
    if (!json_is_string(text) || !ls_hash_parse(json_string_value(text), &hash)) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL, "Invalid param: Invalid");
        return;
    }
    if (!ls_sim_call_config(call, 1, &config)) return;
    if (!ls_sim_call_bank(call, config, "commitment", &height)) return;
    int32_t born = ls_sim_chain_find(call->ledger, &hash);
    bool is_valid = born >= 0 && born <= height && height - born <= LS_SIM_BLOCKHASH_AGE_MAX;
    ls_sim_call_context(call, height);
    ls_buf_add_text(call->out, is_valid ? "true}" : "false}");
}

static bool bank_of_first(struct ls_sim_call *call, int32_t *height_out)
{
    const json_t *config = NULL;
    return ls_sim_call_config(call, 0, &config) &&
           ls_sim_call_bank(call, config, "commitment", height_out);
}

void ls_sim_get_block_height(struct ls_sim_call *call)
{
    int32_t height = 0;
    if (bank_of_first(call, &height)) ls_buf_printf(call->out, "%" PRId32, height);
}

void ls_sim_get_slot(struct ls_sim_call *call)
{
    int32_t height = 0;
    if (!bank_of_first(call, &height)) return;
    ls_buf_printf(call->out, "%" PRId64, ls_sim_call_slot(call, height));
}

void ls_sim_get_epoch_info(struct ls_sim_call *call)
{
    int32_t height = 0;
    if (!bank_of_first(call, &height)) return;
    const struct ls_sim_block *block = &call->ledger->blocks[height];
    ls_buf_printf(call->out,
                  "{\"absoluteSlot\":%" PRId64 ",\"blockHeight\":%" PRId64 ",\"epoch\":%" PRId64
                  ",\"slotIndex\":%" PRId64 ",\"slotsInEpoch\":%d,\"transactionCount\":%" PRIu32
                  "}",
                  block->slot + ls_sim_call_above(call), height + ls_sim_call_above(call),
                  block->slot / EPOCH_SLOTS, block->slot % EPOCH_SLOTS, EPOCH_SLOTS,
                  block->first_landing + block->landing_count);
}

void ls_sim_get_identity(struct ls_sim_call *call)
{
    struct ls_address identity;
    uint8_t index = (uint8_t)call->endpoint;
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, call->ledger->genesis.bytes, LS_HASH_BYTES);
    (void)crypto_hash_sha256_update(&state, &index, 1);
    (void)crypto_hash_sha256_final(&state, identity.bytes);
    ls_buf_add_text(call->out, "{\"identity\":");
    ls_sim_text_address(call->out, &identity);
    ls_buf_add_char(call->out, '}');
}

void ls_sim_get_health(struct ls_sim_call *call)
{
    int64_t lag = ls_sim_chain_lag(call->ledger, call->endpoint);
    if (lag > UNHEALTHY_SLOTS) {
        char data[64];
        (void)snprintf(data, sizeof data, "{\"numSlotsBehind\":%" PRId64 "}", lag);
        (void)ls_sim_call_fail(call, LS_SIM_RPC_UNHEALTHY, data,
                               "Node is behind by %" PRId64 " slots", lag);
        return;
    }
    ls_buf_add_text(call->out, "\"ok\"");
}

void ls_sim_get_version(struct ls_sim_call *call)
{
    ls_buf_add_text(call->out,
                    "{\"feature-set\":2142755730,\"solana-core\":\"" LS_SIM_API_VERSION "\"}");
}

void ls_sim_get_genesis_hash(struct ls_sim_call *call)
{
    struct ls_hash genesis = call->ledger->genesis;
    if (ls_sim_call_is_foreign(call)) genesis.bytes[0] ^= 1;
    ls_sim_text_hash(call->out, &genesis);
}

void ls_sim_get_first_block(struct ls_sim_call *call)
{
    ls_buf_printf(call->out, "%" PRId64, ls_sim_call_slot(call, ls_sim_call_oldest(call)));
}

void ls_sim_get_rent(struct ls_sim_call *call)
{
    enum { SPACE_MAX = 10 * 1024 * 1024 };
    int64_t space = 0;
    if (!ls_sim_call_integer(call, 0, &space)) return;
    if (space > SPACE_MAX) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                               "Invalid params: an account has at most %d bytes", SPACE_MAX);
        return;
    }
    ls_buf_printf(call->out, "%" PRIu64, ls_sim_rent_lamports((uint64_t)space));
}

/* What it took to get into each of the newest blocks. Which accounts are named does not
 * matter here: others want all of them. */
void ls_sim_get_priority_fees(struct ls_sim_call *call)
{
    enum { SLOTS = 150, ACCOUNTS_MAX = 128 };
    const json_t *accounts = ls_sim_call_param(call, 0);
    if (accounts != NULL && !json_is_array(accounts)) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                               "Invalid params: expected a list of addresses.");
        return;
    }
    if (json_array_size(accounts) > ACCOUNTS_MAX) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                               "Too many inputs provided; max %d", ACCOUNTS_MAX);
        return;
    }
    const int32_t tip = ls_sim_call_height(call, LS_PROCESSED);
    const int32_t first = tip < SLOTS ? 0 : tip - SLOTS + 1;
    ls_buf_add_char(call->out, '[');
    for (int32_t height = first; height <= tip; height++) {
        const struct ls_sim_block *block = &call->ledger->blocks[height];
        ls_buf_printf(call->out, "%s{\"slot\":%" PRId64 ",\"prioritizationFee\":%" PRIu64 "}",
                      height == first ? "" : ",", block->slot, block->fee_floor);
    }
    ls_buf_add_char(call->out, ']');
}
