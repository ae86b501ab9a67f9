#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/rpc.h"

enum {
    U64_DIGITS_MAX = 20,
    PAGE_MAX = 1000,
    BASE64_BYTES = sodium_base64_ENCODED_LEN(LS_TX_BYTES_MAX, sodium_base64_VARIANT_ORIGINAL),
};

const char *ls_commitment_name(enum ls_commitment commitment)
{
    switch (commitment) {
    case LS_PROCESSED: return "processed";
    case LS_CONFIRMED: return "confirmed";
    case LS_FINALIZED: return "finalized";
    }
    return "finalized";
}

/* The text is put together by plain appends: a printf a call is what a busy worker would
 * spend most of its time in. */
static void add_u64(struct ls_buf *out, uint64_t number)
{
    char digits[U64_DIGITS_MAX];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    ls_buf_add(out, digits + at, sizeof digits - at);
}

static void add_quoted(struct ls_buf *out, const char *text)
{
    ls_buf_add_char(out, '"');
    ls_buf_add_text(out, text);
    ls_buf_add_char(out, '"');
}

static void add_address(struct ls_buf *out, const struct ls_address *address)
{
    char text[LS_ADDRESS_TEXT_BYTES];
    ls_address_text(address, text);
    add_quoted(out, text);
}

static void add_signature(struct ls_buf *out, const struct ls_signature *signature)
{
    char text[LS_SIGNATURE_TEXT_BYTES];
    ls_signature_text(signature, text);
    add_quoted(out, text);
}

static void add_commitment(struct ls_buf *out, enum ls_commitment commitment)
{
    ls_buf_add_text(out, "{\"commitment\":");
    add_quoted(out, ls_commitment_name(commitment));
    ls_buf_add_char(out, '}');
}

void ls_rpc_open(struct ls_rpc_batch *batch, struct ls_buf *out)
{
    assert(out != NULL);
    *batch = (struct ls_rpc_batch){.out = out};
    ls_buf_add_char(out, '[');
}

/* Everything up to the parameters' opening bracket; returns the position. */
static size_t begin(struct ls_rpc_batch *batch, const char *method)
{
    assert(batch->count < LS_RPC_BATCH_MAX);
    if (batch->count > 0) ls_buf_add_char(batch->out, ',');
    ls_buf_add_text(batch->out, "{\"jsonrpc\":\"2.0\",\"id\":");
    add_u64(batch->out, batch->count);
    ls_buf_add_text(batch->out, ",\"method\":");
    add_quoted(batch->out, method);
    ls_buf_add_text(batch->out, ",\"params\":[");
    return batch->count++;
}

static void end(struct ls_rpc_batch *batch)
{
    ls_buf_add_text(batch->out, "]}");
}

void ls_rpc_close(struct ls_rpc_batch *batch)
{
    ls_buf_add_char(batch->out, ']');
}

static size_t call_plain(struct ls_rpc_batch *batch, const char *method)
{
    const size_t position = begin(batch, method);
    end(batch);
    return position;
}

static size_t
call_at(struct ls_rpc_batch *batch, const char *method, enum ls_commitment commitment)
{
    const size_t position = begin(batch, method);
    add_commitment(batch->out, commitment);
    end(batch);
    return position;
}

size_t ls_rpc_get_latest_blockhash(struct ls_rpc_batch *batch, enum ls_commitment commitment)
{
    return call_at(batch, "getLatestBlockhash", commitment);
}

size_t ls_rpc_get_epoch_info(struct ls_rpc_batch *batch, enum ls_commitment commitment)
{
    return call_at(batch, "getEpochInfo", commitment);
}

size_t ls_rpc_get_identity(struct ls_rpc_batch *batch)
{
    return call_plain(batch, "getIdentity");
}

size_t ls_rpc_get_genesis_hash(struct ls_rpc_batch *batch)
{
    return call_plain(batch, "getGenesisHash");
}

size_t ls_rpc_get_health(struct ls_rpc_batch *batch)
{
    return call_plain(batch, "getHealth");
}

size_t ls_rpc_get_version(struct ls_rpc_batch *batch)
{
    return call_plain(batch, "getVersion");
}

size_t ls_rpc_get_balance(struct ls_rpc_batch *batch,
                          const struct ls_address *address,
                          enum ls_commitment commitment)
{
    const size_t position = begin(batch, "getBalance");
    add_address(batch->out, address);
    ls_buf_add_char(batch->out, ',');
    add_commitment(batch->out, commitment);
    end(batch);
    return position;
}

size_t ls_rpc_get_accounts(struct ls_rpc_batch *batch,
                           const struct ls_address *addresses,
                           size_t count,
                           enum ls_commitment commitment)
{
    assert(count > 0 && count <= LS_RPC_ACCOUNTS_MAX);
    const size_t position = begin(batch, "getMultipleAccounts");
    for (size_t i = 0; i < count; i++) {
        ls_buf_add_char(batch->out, i == 0 ? '[' : ',');
        add_address(batch->out, &addresses[i]);
    }
    ls_buf_add_text(batch->out, "],{\"encoding\":\"base64\",\"commitment\":");
    add_quoted(batch->out, ls_commitment_name(commitment));
    ls_buf_add_char(batch->out, '}');
    end(batch);
    return position;
}

size_t ls_rpc_get_rent(struct ls_rpc_batch *batch, uint64_t space)
{
    const size_t position = begin(batch, "getMinimumBalanceForRentExemption");
    add_u64(batch->out, space);
    end(batch);
    return position;
}

size_t ls_rpc_request_airdrop(struct ls_rpc_batch *batch,
                              const struct ls_address *address,
                              uint64_t lamports)
{
    const size_t position = begin(batch, "requestAirdrop");
    add_address(batch->out, address);
    ls_buf_add_char(batch->out, ',');
    add_u64(batch->out, lamports);
    end(batch);
    return position;
}

static void add_tx(struct ls_buf *out, const uint8_t *tx, size_t tx_bytes)
{
    assert(tx_bytes > 0 && tx_bytes <= LS_TX_BYTES_MAX);
    char base64[BASE64_BYTES];
    (void)sodium_bin2base64(base64, sizeof base64, tx, tx_bytes,
                            sodium_base64_VARIANT_ORIGINAL); /* room for the largest */
    add_quoted(out, base64);
}

size_t ls_rpc_simulate(struct ls_rpc_batch *batch,
                       const uint8_t *tx,
                       size_t tx_bytes,
                       enum ls_commitment commitment)
{
    const size_t position = begin(batch, "simulateTransaction");
    add_tx(batch->out, tx, tx_bytes);
    ls_buf_add_text(batch->out, ",{\"encoding\":\"base64\",\"sigVerify\":false,"
                                "\"replaceRecentBlockhash\":true,\"commitment\":");
    add_quoted(batch->out, ls_commitment_name(commitment));
    ls_buf_add_char(batch->out, '}');
    end(batch);
    return position;
}

size_t ls_rpc_get_priority_fees(struct ls_rpc_batch *batch,
                                const struct ls_address *accounts,
                                size_t count)
{
    assert(count >= 1 && count <= LS_RPC_FEE_ACCOUNTS_MAX);
    const size_t position = begin(batch, "getRecentPrioritizationFees");
    for (size_t i = 0; i < count; i++) {
        ls_buf_add_char(batch->out, i == 0 ? '[' : ',');
        add_address(batch->out, &accounts[i]);
    }
    ls_buf_add_char(batch->out, ']');
    end(batch);
    return position;
}

size_t ls_rpc_send_transaction(struct ls_rpc_batch *batch,
                               const uint8_t *tx,
                               size_t tx_bytes,
                               enum ls_commitment preflight,
                               bool skip_preflight)
{
    const size_t position = begin(batch, "sendTransaction");
    add_tx(batch->out, tx, tx_bytes);
    ls_buf_add_text(batch->out, ",{\"encoding\":\"base64\",\"maxRetries\":0,"
                                "\"preflightCommitment\":");
    add_quoted(batch->out, ls_commitment_name(preflight));
    ls_buf_add_text(batch->out,
                    skip_preflight ? ",\"skipPreflight\":true}" : ",\"skipPreflight\":false}");
    end(batch);
    return position;
}

size_t ls_rpc_get_statuses(struct ls_rpc_batch *batch,
                           const struct ls_signature *signatures,
                           size_t count,
                           bool search_history)
{
    assert(count > 0 && count <= LS_RPC_STATUSES_MAX);
    const size_t position = begin(batch, "getSignatureStatuses");
    for (size_t i = 0; i < count; i++) {
        ls_buf_add_char(batch->out, i == 0 ? '[' : ',');
        add_signature(batch->out, &signatures[i]);
    }
    ls_buf_add_text(batch->out, search_history ? "],{\"searchTransactionHistory\":true}"
                                               : "],{\"searchTransactionHistory\":false}");
    end(batch);
    return position;
}

size_t ls_rpc_get_signatures_for_address(struct ls_rpc_batch *batch,
                                         const struct ls_address *address,
                                         const struct ls_signature *before,
                                         int32_t limit,
                                         enum ls_commitment commitment)
{
    assert(limit >= 1 && limit <= PAGE_MAX);
    assert(commitment != LS_PROCESSED); /* nodes refuse it for this call */
    const size_t position = begin(batch, "getSignaturesForAddress");
    add_address(batch->out, address);
    ls_buf_add_text(batch->out, ",{\"limit\":");
    add_u64(batch->out, (uint64_t)limit);
    ls_buf_add_text(batch->out, ",\"commitment\":");
    add_quoted(batch->out, ls_commitment_name(commitment));
    if (before != NULL) {
        ls_buf_add_text(batch->out, ",\"before\":");
        add_signature(batch->out, before);
    }
    ls_buf_add_char(batch->out, '}');
    end(batch);
    return position;
}

size_t ls_rpc_get_transaction(struct ls_rpc_batch *batch, const struct ls_signature *signature)
{
    const size_t position = begin(batch, "getTransaction");
    add_signature(batch->out, signature);
    ls_buf_add_text(batch->out, ",{\"encoding\":\"base64\",\"commitment\":\"finalized\","
                                "\"maxSupportedTransactionVersion\":0}");
    end(batch);
    return position;
}

size_t ls_rpc_get_first_block(struct ls_rpc_batch *batch)
{
    return call_plain(batch, "getFirstAvailableBlock");
}
static size_t get_block(struct ls_rpc_batch *batch, int64_t slot, const char *details)
{
    assert(slot >= 0);
    const size_t position = begin(batch, "getBlock");
    add_u64(batch->out, (uint64_t)slot);
    ls_buf_printf(batch->out,
                  ",{\"encoding\":\"base64\",\"transactionDetails\":\"%s\","
                  "\"rewards\":false,\"maxSupportedTransactionVersion\":0,"
                  "\"commitment\":\"finalized\"}",
                  details);
    end(batch);
    return position;
}

size_t ls_rpc_get_block_signatures(struct ls_rpc_batch *batch, int64_t slot)
{
    return get_block(batch, slot, "signatures");
}

size_t ls_rpc_get_block_bare(struct ls_rpc_batch *batch, int64_t slot)
{
    return get_block(batch, slot, "none");
}

size_t ls_rpc_get_blocks(struct ls_rpc_batch *batch, int64_t from_slot, int64_t to_slot)
{
    assert(from_slot >= 0 && to_slot >= from_slot);
    const size_t position = begin(batch, "getBlocks");
    add_u64(batch->out, (uint64_t)from_slot);
    ls_buf_add_char(batch->out, ',');
    add_u64(batch->out, (uint64_t)to_slot);
    ls_buf_add_text(batch->out, ",{\"commitment\":\"finalized\"}");
    end(batch);
    return position;
}
