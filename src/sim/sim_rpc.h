/* One JSON-RPC call to a simulated node: its parameters, its answer, its failure. The
 * methods write their result straight into the reply. Shapes follow Agave 2.3. */
#ifndef LOCKSTEP_SIM_RPC_H
#define LOCKSTEP_SIM_RPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "lockstep/base/buf.h"

#include "sim_state.h"
#include "sim_text.h"

#define LS_SIM_API_VERSION "2.3.7"

enum {
    LS_SIM_RPC_PARSE = -32700,
    LS_SIM_RPC_REQUEST = -32600,
    LS_SIM_RPC_METHOD = -32601,
    LS_SIM_RPC_PARAMS = -32602,
    LS_SIM_RPC_INTERNAL = -32603,
    LS_SIM_RPC_PREFLIGHT = -32002,
    LS_SIM_RPC_SIGNATURE = -32003,
    LS_SIM_RPC_NO_BLOCK = -32004,
    LS_SIM_RPC_UNHEALTHY = -32005,
    LS_SIM_RPC_SKIPPED = -32007,
    LS_SIM_RPC_NOT_STORED = -32009,
    LS_SIM_RPC_VERSION = -32015,
    LS_SIM_RPC_CONTEXT = -32016,
};

struct ls_sim_call {
    ls_sim_ledger *ledger;
    int32_t asked;        /* the endpoint by name */
    int32_t endpoint;     /* the node that answers */
    const json_t *params; /* an array, or NULL */
    const json_t *id;     /* NULL: null */
    struct ls_buf *out;
    size_t mark; /* where this answer begins in `out` */
    bool has_failed;
};

/* Replace what was written of this answer by an error. `data` is JSON or NULL. False, so
 * that a check is one statement. */
bool ls_sim_call_fail(struct ls_sim_call *call,
                      int32_t code,
                      const char *data,
                      const char *format,
                      ...) LS_PRINTF(4, 5);
/* Parameter `at`; NULL when absent or null. */
const json_t *ls_sim_call_param(const struct ls_sim_call *call, size_t at);
/* Parameter `at` as an options object: NULL in `config_out` when absent. */
bool ls_sim_call_config(struct ls_sim_call *call, size_t at, const json_t **config_out);
bool ls_sim_call_address(struct ls_sim_call *call, size_t at, struct ls_address *address_out);
bool ls_sim_call_signature(struct ls_sim_call *call,
                           const json_t *value,
                           struct ls_signature *signature_out);
bool ls_sim_call_integer(struct ls_sim_call *call, size_t at, int64_t *value_out);
/* An option that is a text; `fallback` when absent. NULL after a failure. */
const char *ls_sim_call_text(struct ls_sim_call *call,
                             const json_t *config,
                             const char *name,
                             const char *fallback);
bool ls_sim_call_flag(const json_t *config, const char *name);
/* The height of the bank that `config` asks for: commitment (default finalized), under
 * the option's name `name`, and minContextSlot. */
bool ls_sim_call_bank(struct ls_sim_call *call,
                      const json_t *config,
                      const char *name,
                      int32_t *height_out);
/* The height of this call's node at a commitment. */
int32_t ls_sim_call_height(const struct ls_sim_call *call, enum ls_commitment commitment);
int64_t ls_sim_call_slot(const struct ls_sim_call *call, int32_t height);
int64_t ls_sim_block_unix_s(const ls_sim_ledger *ledger, int32_t height);
/* Append {"context":{…},"value": — the caller closes it. */
void ls_sim_call_context(struct ls_sim_call *call, int32_t height);
/* The commitment that a landed transaction has on this call's node. */
enum ls_commitment ls_sim_call_level(const struct ls_sim_call *call, int32_t height);

/* Whether this call's node belongs to another cluster, or denies every signature. */
bool ls_sim_call_is_foreign(const struct ls_sim_call *call);
bool ls_sim_call_denies(const struct ls_sim_call *call);
/* What a foreign node's heights and slots are above ours; else 0. */
int64_t ls_sim_call_above(const struct ls_sim_call *call);

typedef void (*ls_sim_method)(struct ls_sim_call *call);
void ls_sim_get_latest_blockhash(struct ls_sim_call *call);
void ls_sim_is_blockhash_valid(struct ls_sim_call *call);
void ls_sim_get_block_height(struct ls_sim_call *call);
void ls_sim_get_slot(struct ls_sim_call *call);
void ls_sim_get_epoch_info(struct ls_sim_call *call);
void ls_sim_get_identity(struct ls_sim_call *call);
void ls_sim_get_health(struct ls_sim_call *call);
void ls_sim_get_version(struct ls_sim_call *call);
void ls_sim_get_first_block(struct ls_sim_call *call);
void ls_sim_get_genesis_hash(struct ls_sim_call *call);
void ls_sim_get_rent(struct ls_sim_call *call);
void ls_sim_get_priority_fees(struct ls_sim_call *call);
void ls_sim_get_balance(struct ls_sim_call *call);
void ls_sim_get_account_info(struct ls_sim_call *call);
void ls_sim_get_multiple_accounts(struct ls_sim_call *call);
void ls_sim_get_token_supply(struct ls_sim_call *call);
void ls_sim_get_token_balance(struct ls_sim_call *call);
void ls_sim_send_transaction(struct ls_sim_call *call);
void ls_sim_simulate_transaction(struct ls_sim_call *call);
void ls_sim_request_airdrop(struct ls_sim_call *call);
void ls_sim_get_signature_statuses(struct ls_sim_call *call);
void ls_sim_get_signatures_for_address(struct ls_sim_call *call);
void ls_sim_get_transaction(struct ls_sim_call *call);
void ls_sim_get_block(struct ls_sim_call *call);
void ls_sim_get_blocks(struct ls_sim_call *call);

/* ---- sim_logs.c: what a transaction says, told from its bytes and its error. */

/* Append the log messages as a JSON array. */
void ls_sim_logs_json(const struct ls_tx_view *tx,
                      const struct ls_sim_error *error,
                      struct ls_buf *out);
/* The lowest height that this node's history still holds. */
int32_t ls_sim_call_oldest(const struct ls_sim_call *call);
/* Append the memos as getSignaturesForAddress tells them, "[5] hello; [1] x", as a JSON
 * text, or null. */
void ls_sim_memos_json(const struct ls_tx_view *tx, struct ls_buf *out);

/* ---- sim_rpc_tx.c */

/* Append a landed transaction with its meta as getTransaction and getBlock tell it. */
void ls_sim_tx_json(struct ls_sim_call *call,
                    const struct ls_sim_tx *tx,
                    const char *encoding,
                    bool has_version);

#endif
