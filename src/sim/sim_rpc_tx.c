#include "sim_rpc.h"

#include <inttypes.h>
#include <string.h>

static void
balances_json(struct ls_buf *out, const char *name, const uint64_t *values, size_t count)
{
    ls_buf_printf(out, ",\"%s\":[", name);
    for (size_t i = 0; i < count; i++)
        ls_buf_printf(out, "%s%" PRIu64, i == 0 ? "" : ",", values[i]);
    ls_buf_add_char(out, ']');
}

/* A token account never changes its mint or owner here, so the newest version tells them. */
static void token_json(struct ls_sim_call *call,
                       const struct ls_address *address,
                       size_t index,
                       uint64_t amount)
{
    const struct ls_sim_accounts *accounts = &call->ledger->accounts;
    const struct ls_sim_content *account =
        ls_sim_accounts_read(accounts, ls_sim_accounts_find(accounts, address), INT32_MAX);
    if (account == NULL) return;
    const struct ls_sim_content *mint = ls_sim_accounts_read(
        accounts, ls_sim_accounts_find(accounts, &account->mint), INT32_MAX);
    ls_buf_printf(call->out, "{\"accountIndex\":%zu,\"mint\":", index);
    ls_sim_text_address(call->out, &account->mint);
    ls_buf_add_text(call->out, ",\"owner\":");
    ls_sim_text_address(call->out, &account->authority);
    ls_buf_add_text(call->out, ",\"programId\":");
    ls_sim_text_address(call->out, &account->owner);
    ls_buf_add_text(call->out, ",\"uiTokenAmount\":");
    ls_sim_text_amount(call->out, amount, mint == NULL ? 0 : mint->decimals);
    ls_buf_add_char(call->out, '}');
}

/* The token accounts before (`side` 0) or after (1) the transaction. */
static void tokens_json(struct ls_sim_call *call,
                        const struct ls_sim_tx *tx,
                        const struct ls_tx_view *view,
                        size_t side)
{
    const uint64_t *tokens = ls_sim_txs_tokens(tx);
    uint64_t mask = tokens == NULL ? 0 : tokens[side];
    bool is_first = true;
    ls_buf_printf(call->out, ",\"%sTokenBalances\":[", side == 0 ? "pre" : "post");
    for (size_t i = 0; i < view->account_count; i++) {
        if ((mask >> i & 1) == 0) continue;
        if (!is_first) ls_buf_add_char(call->out, ',');
        is_first = false;
        token_json(call, &view->accounts[i], i, tokens[2 + side * view->account_count + i]);
    }
    ls_buf_add_char(call->out, ']');
}

static void
meta_json(struct ls_sim_call *call, const struct ls_sim_tx *tx, const struct ls_tx_view *view)
{
    struct ls_buf *out = call->out;
    ls_buf_printf(out, "{\"computeUnitsConsumed\":%" PRIu32 ",\"err\":", tx->units);
    ls_sim_error_json(&tx->error, out);
    ls_buf_printf(out,
                  ",\"fee\":%" PRIu64 ",\"innerInstructions\":[],\"loadedAddresses\":"
                  "{\"readonly\":[],\"writable\":[]},\"logMessages\":",
                  LS_SIM_FEE_LAMPORTS * (uint64_t)view->required_signatures +
                      ls_sim_budget_fee(view));
    ls_sim_logs_json(view, &tx->error, out);
    balances_json(out, "postBalances", tx->balances + view->account_count, view->account_count);
    tokens_json(call, tx, view, 1);
    balances_json(out, "preBalances", tx->balances, view->account_count);
    tokens_json(call, tx, view, 0);
    ls_buf_add_text(out, ",\"rewards\":[],\"status\":{");
    ls_buf_add_text(out, tx->error.code == LS_SIM_TX_OK ? "\"Ok\":" : "\"Err\":");
    ls_sim_error_json(&tx->error, out);
    ls_buf_add_text(out, "}}");
}

static void instruction_json(struct ls_buf *out,
                             const struct ls_tx_view_instruction *instruction)
{
    ls_buf_add_text(out, "{\"accounts\":[");
    for (size_t i = 0; i < instruction->account_count; i++)
        ls_buf_printf(out, "%s%u", i == 0 ? "" : ",", instruction->account_indexes[i]);
    ls_buf_add_text(out, "],\"data\":\"");
    ls_sim_text_base58(out, instruction->data, instruction->data_bytes);
    ls_buf_printf(out, "\",\"programIdIndex\":%u,\"stackHeight\":1}",
                  instruction->program_index);
}

static void message_json(struct ls_buf *out, const struct ls_tx_view *view)
{
    ls_buf_add_text(out, "{\"message\":{\"accountKeys\":[");
    for (size_t i = 0; i < view->account_count; i++) {
        if (i > 0) ls_buf_add_char(out, ',');
        ls_sim_text_address(out, &view->accounts[i]);
    }
    ls_buf_printf(out,
                  "],\"header\":{\"numReadonlySignedAccounts\":%u,"
                  "\"numReadonlyUnsignedAccounts\":%u,\"numRequiredSignatures\":%u},"
                  "\"instructions\":[",
                  view->readonly_signed, view->readonly_unsigned, view->required_signatures);
    for (size_t i = 0; i < view->instruction_count; i++) {
        if (i > 0) ls_buf_add_char(out, ',');
        instruction_json(out, &view->instructions[i]);
    }
    ls_buf_add_text(out, "],\"recentBlockhash\":");
    ls_sim_text_hash(out, view->blockhash);
    ls_buf_add_text(out, "},\"signatures\":[");
    for (size_t i = 0; i < view->signature_count; i++) {
        if (i > 0) ls_buf_add_char(out, ',');
        ls_sim_text_signature(out, &view->signatures[i]);
    }
    ls_buf_add_text(out, "]}");
}

void ls_sim_tx_json(struct ls_sim_call *call,
                    const struct ls_sim_tx *tx,
                    const char *encoding,
                    bool has_version)
{
    struct ls_tx_view view;
    struct ls_buf *out = call->out;
    ls_sim_txs_view(tx, &view);
    ls_buf_add_text(out, "\"meta\":");
    meta_json(call, tx, &view);
    ls_buf_add_text(out, ",\"transaction\":");
    if (strcmp(encoding, "base64") == 0) {
        ls_buf_add_text(out, "[\"");
        ls_sim_text_base64(out, ls_sim_txs_bytes(tx), tx->length);
        ls_buf_add_text(out, "\",\"base64\"]");
    } else if (strcmp(encoding, "base58") == 0) {
        ls_buf_add_text(out, "[\"");
        ls_sim_text_base58(out, ls_sim_txs_bytes(tx), tx->length);
        ls_buf_add_text(out, "\",\"base58\"]");
    } else {
        message_json(out, &view);
    }
    if (has_version) ls_buf_add_text(out, ",\"version\":\"legacy\"");
}

static const char *tx_encoding(struct ls_sim_call *call, const json_t *config)
{
    static const char *const known[] = {"json", "base58", "base64"};
    const char *encoding = ls_sim_call_text(call, config, "encoding", "json");
    if (encoding == NULL) return NULL;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(encoding, known[i]) == 0) return encoding;
    (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                           "Invalid params: unknown variant `%s`, expected one of `json`, "
                           "`base58`, `base64`.",
                           encoding);
    return NULL;
}

/* These two read no state below confirmed. */
static bool confirmed_bank(struct ls_sim_call *call, const json_t *config, int32_t *height_out)
{
    if (!ls_sim_call_bank(call, config, "commitment", height_out)) return false;
    const char *commitment = ls_sim_call_text(call, config, "commitment", "finalized");
    if (strcmp(commitment, "processed") != 0) return true;
    return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                            "Method does not support commitment below `confirmed`");
}

void ls_sim_get_transaction(struct ls_sim_call *call)
{
    const json_t *config = NULL;
    struct ls_signature signature;
    int32_t height = 0;
    if (!ls_sim_call_signature(call, ls_sim_call_param(call, 0), &signature)) return;
    if (!ls_sim_call_config(call, 1, &config) || !confirmed_bank(call, config, &height)) return;
    const char *encoding = tx_encoding(call, config);
    if (encoding == NULL) return;
    const ls_sim_ledger *ledger = call->ledger;
    uint32_t number = ls_sim_txs_find(ledger, &signature);
    const struct ls_sim_tx *tx = number == LS_SIM_NONE ? NULL : &ledger->txs[number];
    if (tx == NULL || tx->state != LS_SIM_TX_LANDED || tx->height > height ||
        tx->height < ls_sim_call_oldest(call) ||
        ls_sim_fault_gap(call->ledger, call->endpoint, tx->height,
                         ls_sim_call_height(call, LS_FINALIZED))) {
        ls_buf_add_text(call->out, "null");
        return;
    }
    bool has_version = json_object_get(config, "maxSupportedTransactionVersion") != NULL;
    ls_buf_printf(call->out, "{\"blockTime\":%" PRId64 ",",
                  ls_sim_block_unix_s(ledger, tx->height));
    ls_sim_tx_json(call, tx, encoding, has_version);
    ls_buf_printf(call->out, ",\"slot\":%" PRId64 "}", ls_sim_call_slot(call, tx->height));
}

struct block_form {
    const char *details, *encoding;
    bool has_rewards, has_version;
};

static bool
read_block_form(struct ls_sim_call *call, const json_t *config, struct block_form *form)
{
    form->details = ls_sim_call_text(call, config, "transactionDetails", "full");
    if (form->details == NULL) return false;
    form->encoding = tx_encoding(call, config);
    if (form->encoding == NULL) return false;
    form->has_rewards = !json_is_false(json_object_get(config, "rewards"));
    form->has_version = json_object_get(config, "maxSupportedTransactionVersion") != NULL;
    if (strcmp(form->details, "full") == 0 || strcmp(form->details, "signatures") == 0 ||
        strcmp(form->details, "none") == 0)
        return true;
    return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                            "Invalid params: unknown variant `%s`, expected one of `full`, "
                            "`signatures`, `none`.",
                            form->details);
}

static void
block_txs_json(struct ls_sim_call *call, int32_t height, const struct block_form *form)
{
    const struct ls_sim_block *block = &call->ledger->blocks[height];
    bool is_full = strcmp(form->details, "full") == 0;
    ls_buf_add_text(call->out, is_full ? ",\"transactions\":[" : ",\"signatures\":[");
    for (uint32_t i = 0; i < block->landing_count; i++) {
        uint32_t number = call->ledger->landed[block->first_landing + i];
        const struct ls_sim_tx *tx = &call->ledger->txs[number];
        if (i > 0) ls_buf_add_char(call->out, ',');
        if (is_full) {
            ls_buf_add_char(call->out, '{');
            ls_sim_tx_json(call, tx, form->encoding, form->has_version);
            ls_buf_add_char(call->out, '}');
        } else {
            ls_sim_text_signature(call->out, ls_sim_txs_signature(tx));
        }
    }
    for (int at = 0; !is_full && at < LS_SIM_VOTES; at++) {
        const struct ls_signature vote = ls_sim_chain_vote(call->ledger, height, at);
        if (at > 0 || block->landing_count > 0) ls_buf_add_char(call->out, ',');
        ls_sim_text_signature(call->out, &vote);
    }
    ls_buf_add_char(call->out, ']');
}

static void block_json(struct ls_sim_call *call, int32_t height, const struct block_form *form)
{
    const struct ls_sim_block *block = &call->ledger->blocks[height];
    const struct ls_sim_block *parent = height == 0 ? block : block - 1;
    ls_buf_printf(call->out,
                  "{\"blockHeight\":%" PRId32 ",\"blockTime\":%" PRId64 ",\"blockhash\":",
                  height, ls_sim_block_unix_s(call->ledger, height));
    ls_sim_text_hash(call->out, &block->hash);
    ls_buf_printf(call->out,
                  ",\"parentSlot\":%" PRId64 ",\"previousBlockhash\":", parent->slot);
    ls_sim_text_hash(call->out, &parent->hash);
    if (strcmp(form->details, "none") != 0) block_txs_json(call, height, form);
    if (form->has_rewards) ls_buf_add_text(call->out, ",\"rewards\":[]");
    ls_buf_add_char(call->out, '}');
}

void ls_sim_get_block(struct ls_sim_call *call)
{
    const json_t *config = NULL;
    struct block_form form;
    int64_t slot = 0;
    int32_t newest = 0;
    if (!ls_sim_call_integer(call, 0, &slot) || !ls_sim_call_config(call, 1, &config)) return;
    if (!confirmed_bank(call, config, &newest) || !read_block_form(call, config, &form)) return;
    if (slot > ls_sim_call_slot(call, newest)) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_NO_BLOCK, NULL,
                               "Block not available for slot %" PRId64, slot);
        return;
    }
    int32_t height = ls_sim_chain_height_at(call->ledger, slot);
    if (ls_sim_call_slot(call, height) != slot) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_SKIPPED, NULL,
                               "Slot %" PRId64 " was skipped, or missing due to ledger jump to "
                               "recent snapshot",
                               slot);
        return;
    }
    if (ls_sim_fault_hides(call->ledger, height, newest) ||
        ls_sim_fault_gap(call->ledger, call->endpoint, height, newest)) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_NOT_STORED, NULL,
                               "Slot %" PRId64 " was skipped, or missing in long-term storage",
                               slot);
        return;
    }
    block_json(call, height, &form);
}

/* Of what it keeps: a hole of the history shows as slots that are not listed. */
void ls_sim_get_blocks(struct ls_sim_call *call)
{
    enum { RANGE_MAX = 500000 };
    const json_t *config = NULL;
    int64_t from = 0;
    int64_t to = 0;
    int32_t newest = 0;
    if (!ls_sim_call_integer(call, 0, &from) || !ls_sim_call_integer(call, 1, &to)) return;
    if (!ls_sim_call_config(call, 2, &config) || !confirmed_bank(call, config, &newest)) return;
    if (to > from && to - from > RANGE_MAX) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL, "Slot range too large; max %d",
                               RANGE_MAX);
        return;
    }
    int32_t height = ls_sim_chain_height_at(call->ledger, from);
    bool is_first = true;
    ls_buf_add_char(call->out, '[');
    for (; height <= newest && ls_sim_call_slot(call, height) <= to; height++) {
        if (ls_sim_call_slot(call, height) < from) continue;
        if (ls_sim_fault_hides(call->ledger, height, newest)) continue;
        if (ls_sim_fault_gap(call->ledger, call->endpoint, height, newest)) continue;
        ls_buf_printf(call->out, "%s%" PRId64, is_first ? "" : ",",
                      ls_sim_call_slot(call, height));
        is_first = false;
    }
    ls_buf_add_char(call->out, ']');
}
