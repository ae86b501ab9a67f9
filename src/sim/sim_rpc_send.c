#include "sim_rpc.h"

#include <inttypes.h>
#include <string.h>

#include <sodium.h>

enum { DATA_BYTES_MAX = 64 * 1024 };
#define AIRDROP_LAMPORTS_MAX ((int64_t)1 << 58)
#define TX_TYPE              "solana_transaction::versioned::VersionedTransaction"

struct wire {
    uint8_t bytes[LS_TX_BYTES_MAX];
    size_t length;
    struct ls_tx_view view;
};

static bool
decode_text(struct ls_sim_call *call, const char *text, const char *encoding, struct wire *wire)
{
    bool is_base64 = strcmp(encoding, "base64") == 0;
    if (!is_base64 && strcmp(encoding, "base58") != 0) {
        return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                                "unsupported encoding: %s. Supported encodings: base58, base64",
                                encoding);
    }
    size_t most = is_base64 ? LS_SIM_BASE64_TEXT_MAX : LS_SIM_BASE58_TEXT_MAX;
    size_t bytes = strlen(text);
    if (bytes > most) {
        return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                                "%s encoded " TX_TYPE
                                " too large: %zu bytes (max: encoded/raw %zu/%d)",
                                encoding, bytes, most, LS_TX_BYTES_MAX);
    }
    bool is_read = is_base64 ? ls_sim_text_from_base64(text, wire->bytes, &wire->length)
                             : ls_sim_text_from_base58(text, wire->bytes, &wire->length);
    if (is_read) return true;
    return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL, "invalid %s encoding", encoding);
}

/* The transaction of parameter 0, in the encoding that `config` names. */
static bool read_wire(struct ls_sim_call *call, const json_t *config, struct wire *wire)
{
    const json_t *text = ls_sim_call_param(call, 0);
    if (!json_is_string(text)) {
        return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                                "Invalid params: expected an encoded transaction.");
    }
    const char *encoding = ls_sim_call_text(call, config, "encoding", "base58");
    if (encoding == NULL || !decode_text(call, json_string_value(text), encoding, wire))
        return false;
    ls_err err = ls_tx_read(wire->bytes, wire->length, &wire->view);
    if (!ls_failed(err)) return true;
    return ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                            err.code == LS_CODE_REFUSED
                                ? "invalid transaction: the simulated ledger reads legacy "
                                  "transactions alone"
                                : "failed to deserialize " TX_TYPE);
}

/* What the bank of `height` says before it runs anything. */
static enum ls_sim_tx_code
check_age(const struct ls_sim_call *call, const struct ls_tx_view *view, int32_t height)
{
    const ls_sim_ledger *ledger = call->ledger;
    int32_t born = ls_sim_chain_find(ledger, view->blockhash);
    int32_t most = LS_SIM_BLOCKHASH_AGE_MAX - LS_SIM_FORWARDING_HEIGHTS;
    bool is_fresh = born >= 0 && born <= height && height - born <= most;
    if (!is_fresh &&
        !ls_sim_run_is_durable(&ledger->accounts, height, &ledger->blocks[height].hash, view))
        return LS_SIM_TX_BLOCKHASH;
    uint32_t known = ls_sim_txs_find(ledger, view->signatures);
    if (known == LS_SIM_NONE || ledger->txs[known].state != LS_SIM_TX_LANDED)
        return LS_SIM_TX_OK;
    return ledger->txs[known].height <= height ? LS_SIM_TX_ALREADY_PROCESSED : LS_SIM_TX_OK;
}

static void simulate(const struct ls_sim_call *call,
                     const struct ls_tx_view *view,
                     int32_t height,
                     bool is_aged,
                     struct ls_sim_run *run)
{
    enum ls_sim_tx_code code = is_aged ? check_age(call, view, height) : LS_SIM_TX_OK;
    if (code == LS_SIM_TX_OK) {
        ls_sim_run_tx(run, &call->ledger->accounts, height, &call->ledger->blocks[height].hash,
                      view);
        return;
    }
    run->units = 0;
    run->error = (struct ls_sim_error){.code = code};
}

/* The fields of a simulation's result, without braces around `replacement`. */
static void simulation_json(const struct ls_sim_run *run,
                            const struct ls_tx_view *view,
                            const char *replacement,
                            struct ls_buf *out)
{
    ls_buf_add_text(out, "{\"accounts\":null,\"err\":");
    ls_sim_error_json(&run->error, out);
    ls_buf_add_text(out, ",\"innerInstructions\":null,\"loadedAccountsDataSize\":0,\"logs\":");
    ls_sim_logs_json(view, &run->error, out);
    ls_buf_printf(
        out, ",\"replacementBlockhash\":%s,\"returnData\":null,\"unitsConsumed\":%" PRIu32 "}",
        replacement, run->units);
}

static bool
fail_preflight(struct ls_sim_call *call, const struct ls_sim_run *run, const struct wire *wire)
{
    struct ls_buf data;
    struct ls_buf text;
    ls_buf_init(&data, DATA_BYTES_MAX);
    ls_buf_init(&text, DATA_BYTES_MAX);
    simulation_json(run, &wire->view, "null", &data);
    ls_sim_error_text(&run->error, &text);
    (void)ls_sim_call_fail(call, LS_SIM_RPC_PREFLIGHT, ls_buf_text(&data),
                           "Transaction simulation failed: %s", ls_buf_text(&text));
    ls_buf_done(&data);
    ls_buf_done(&text);
    return false;
}

static bool is_signed(const struct ls_sim_call *call, const struct wire *wire)
{
    return !call->ledger->options.verify_signatures || ls_tx_verify(&wire->view);
}

static bool preflight(struct ls_sim_call *call, const json_t *config, const struct wire *wire)
{
    int32_t height = 0;
    if (!ls_sim_call_bank(call, config, "preflightCommitment", &height)) return false;
    if (!is_signed(call, wire)) {
        return ls_sim_call_fail(call, LS_SIM_RPC_SIGNATURE, NULL,
                                "Transaction signature verification failure");
    }
    struct ls_sim_run run;
    simulate(call, &wire->view, height, true, &run);
    if (run.error.code == LS_SIM_TX_OK) return true;
    return fail_preflight(call, &run, wire);
}

static void accept(struct ls_sim_call *call, const struct wire *wire)
{
    if (ls_sim_call_is_foreign(call)) {
        ls_sim_text_signature(call->out, wire->view.signatures);
        return;
    }
    if (!ls_sim_land_accept(call->ledger, wire->bytes, wire->length, &wire->view)) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_INTERNAL, NULL,
                               "Internal error: the simulated ledger holds %d transactions and "
                               "takes no more; start it anew",
                               call->ledger->options.history_max);
        return;
    }
    ls_sim_text_signature(call->out, wire->view.signatures);
}

void ls_sim_send_transaction(struct ls_sim_call *call)
{
    const json_t *config = NULL;
    struct wire wire = {.length = 0};
    if (!ls_sim_call_config(call, 1, &config) || !read_wire(call, config, &wire)) return;
    if (!ls_sim_call_flag(config, "skipPreflight")) {
        if (preflight(call, config, &wire)) accept(call, &wire);
    } else if (is_signed(call, &wire)) {
        accept(call, &wire);
    } else { /* without preflight nobody looks: it just never lands */
        ls_sim_text_signature(call->out, wire.view.signatures);
    }
}

static void replacement_json(const struct ls_sim_call *call, int32_t height, struct ls_buf *out)
{
    ls_buf_add_text(out, "{\"blockhash\":");
    ls_sim_text_hash(out, &call->ledger->blocks[height].hash);
    ls_buf_printf(out, ",\"lastValidBlockHeight\":%" PRId32 "}",
                  height + LS_SIM_BLOCKHASH_AGE_MAX);
}

void ls_sim_simulate_transaction(struct ls_sim_call *call)
{
    const json_t *config = NULL;
    struct wire wire = {.length = 0};
    int32_t height = 0;
    if (!ls_sim_call_config(call, 1, &config) || !read_wire(call, config, &wire)) return;
    if (!ls_sim_call_bank(call, config, "commitment", &height)) return;
    bool is_replaced = ls_sim_call_flag(config, "replaceRecentBlockhash");
    bool is_verified = ls_sim_call_flag(config, "sigVerify");
    if (is_replaced && is_verified) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                               "sigVerify may not be used with replaceRecentBlockhash");
        return;
    }
    if (is_verified && !is_signed(call, &wire)) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_SIGNATURE, NULL,
                               "Transaction signature verification failure");
        return;
    }
    struct ls_sim_run run;
    struct ls_buf replacement;
    ls_buf_init(&replacement, DATA_BYTES_MAX);
    if (is_replaced) replacement_json(call, height, &replacement);
    simulate(call, &wire.view, height, !is_replaced, &run);
    ls_sim_call_context(call, height);
    simulation_json(&run, &wire.view, is_replaced ? ls_buf_text(&replacement) : "null",
                    call->out);
    ls_buf_add_char(call->out, '}');
    ls_buf_done(&replacement);
}

/* Each airdrop comes from a key of its own, so that equal ones have other signatures. */
static void make_faucet(ls_sim_ledger *ledger,
                        uint8_t secret[crypto_sign_SECRETKEYBYTES],
                        struct ls_address *faucet_out)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    uint64_t number = ledger->airdrops++;
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, (const uint8_t *)"lockstep faucet", 15, sizeof seed);
    (void)crypto_generichash_update(&state, ledger->genesis.bytes, LS_HASH_BYTES);
    (void)crypto_generichash_update(&state, (const uint8_t *)&number, sizeof number);
    (void)crypto_generichash_final(&state, seed, sizeof seed);
    (void)crypto_sign_seed_keypair(faucet_out->bytes, secret, seed);
}

static bool make_airdrop(ls_sim_ledger *ledger,
                         const struct ls_address *to,
                         uint64_t lamports,
                         struct ls_tx *tx_out)
{
    struct ls_address faucet;
    struct ls_instruction transfer;
    struct ls_message message;
    struct ls_signature signature;
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    make_faucet(ledger, secret, &faucet);
    ls_sim_ledger_fund(ledger, &faucet, lamports + LS_SIM_FEE_LAMPORTS);
    int32_t height = ls_sim_chain_height(ledger, 0, LS_FINALIZED);
    ls_system_transfer(&transfer, &faucet, to, lamports);
    if (ls_failed(
            ls_message_compile(&faucet, &ledger->blocks[height].hash, &transfer, 1, &message)))
        return false;
    (void)crypto_sign_detached(signature.bytes, NULL, message.bytes, message.length, secret);
    return !ls_failed(ls_tx_assemble(&message, &signature, tx_out));
}

void ls_sim_request_airdrop(struct ls_sim_call *call)
{
    struct ls_address to;
    int64_t lamports = 0;
    struct ls_tx tx;
    struct wire wire = {.length = 0};
    if (!ls_sim_call_address(call, 0, &to) || !ls_sim_call_integer(call, 1, &lamports)) return;
    if (lamports > AIRDROP_LAMPORTS_MAX) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_PARAMS, NULL,
                               "Invalid params: an airdrop is at most %" PRId64 " lamports",
                               AIRDROP_LAMPORTS_MAX);
        return;
    }
    if (!make_airdrop(call->ledger, &to, (uint64_t)lamports, &tx) ||
        ls_failed(ls_tx_read(tx.bytes, tx.length, &wire.view))) {
        (void)ls_sim_call_fail(call, LS_SIM_RPC_INTERNAL, NULL, "Internal error");
        return;
    }
    memcpy(wire.bytes, tx.bytes, tx.length);
    wire.length = tx.length;
    accept(call, &wire);
}
