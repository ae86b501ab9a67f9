#include "nonce_ledger.h"

#include "lockstep/host/clock.h"
#include "lockstep/ledger/http_ledger.h"

enum { CALL_MS = 5000, REPLY_BYTES_MAX = 1 << 20 };

static ls_err
read_reply(const struct ls_buf *answer, struct ls_rpc_account *accounts_out, size_t count)
{
    ls_rpc_reply *reply = NULL;
    int64_t slot = 0;
    LS_TRY(ls_rpc_read(answer->data, answer->length, 1, &reply));
    const ls_err err = ls_rpc_accounts_at(reply, 0, accounts_out, count, &slot);
    ls_rpc_reply_free(reply);
    return err;
}

/* At most LS_RPC_ACCOUNTS_MAX of them, from one endpoint. */
static ls_err ask(ls_http_ledger *ledger,
                  int32_t endpoint,
                  const struct ls_address *addresses,
                  size_t count,
                  struct ls_rpc_account *accounts_out)
{
    struct ls_rpc_batch batch;
    struct ls_buf body;
    struct ls_buf answer;
    ls_buf_init(&body, REPLY_BYTES_MAX);
    ls_buf_init(&answer, REPLY_BYTES_MAX);
    ls_rpc_open(&batch, &body);
    (void)ls_rpc_get_accounts(&batch, addresses, count, LS_FINALIZED); /* position 0 */
    ls_rpc_close(&batch);
    ls_err err = ls_buf_check(&body, "nonce accounts");
    if (!ls_failed(err))
        err = ls_http_ledger_post(ledger, endpoint, body.data, body.length, CALL_MS, &answer);
    if (!ls_failed(err)) err = ls_buf_check(&answer, "nonce accounts");
    if (!ls_failed(err)) err = read_reply(&answer, accounts_out, count);
    ls_buf_done(&body);
    ls_buf_done(&answer);
    return err;
}

static ls_err ask_all(ls_http_ledger *ledger,
                      int32_t endpoint,
                      const struct ls_address *addresses,
                      size_t count,
                      struct ls_rpc_account *accounts_out)
{
    for (size_t at = 0; at < count; at += LS_RPC_ACCOUNTS_MAX) {
        const size_t left = count - at;
        LS_TRY(ask(ledger, endpoint, addresses + at,
                   left < LS_RPC_ACCOUNTS_MAX ? left : LS_RPC_ACCOUNTS_MAX, accounts_out + at));
    }
    return LS_OK;
}

ls_err nonce_ledger_read(const struct ls_config *config,
                         const struct ls_address *addresses,
                         size_t count,
                         struct ls_rpc_account *accounts_out,
                         struct ls_why *why)
{
    const struct ls_clock clock = ls_system_clock();
    for (size_t i = 0; i < config->endpoint_count; i++) {
        const struct ls_http_ledger_options options = {.endpoint_count = 1,
                                                       .endpoints = {config->endpoints[i]},
                                                       .user_agent = "lockstep-nonce"};
        ls_http_ledger *ledger = NULL;
        ls_err err = ls_http_ledger_new(&options, &clock, &ledger, why);
        if (!ls_failed(err)) err = ask_all(ledger, 0, addresses, count, accounts_out);
        ls_http_ledger_free(ledger);
        if (!ls_failed(err)) return err;
    }
    return ls_refuse(why, LS_CODE_UNAVAILABLE, "ledger",
                     config->endpoint_count == 0
                         ? "no endpoint is configured: add endpoint = URL to [ledger]"
                         : "no endpoint tells of nonce accounts; look with lockstep doctor");
}
