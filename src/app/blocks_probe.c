#include "blocks_probe.h"

#include <stdio.h>

#include "lockstep/core/step.h"
#include "lockstep/solana/rpc.h"

enum {
    CALL_MS = 5000,
    REPLY_BYTES_MAX = 1 << 20,
    SLOTS = 8, /* of which some are skipped */
};

/* A call's reply, to be freed, or why there is none. */
static ls_err post(ls_http_ledger *ledger,
                   int32_t endpoint,
                   const struct ls_buf *body,
                   size_t calls,
                   ls_rpc_reply **reply_out)
{
    struct ls_buf answer;
    LS_TRY(ls_buf_check(body, "blocks"));
    ls_buf_init(&answer, REPLY_BYTES_MAX);
    ls_err err = ls_http_ledger_post(ledger, endpoint, ls_buf_text(body), body->length, CALL_MS,
                                     &answer);
    if (!ls_failed(err))
        err = ls_rpc_read(ls_buf_text(&answer), answer.length, calls, reply_out);
    ls_buf_done(&answer);
    return err;
}

static int64_t finalized_slot(ls_http_ledger *ledger, int32_t endpoint)
{
    struct ls_buf body;
    struct ls_rpc_batch batch;
    struct ls_rpc_epoch epoch = {0};
    ls_rpc_reply *reply = NULL;
    ls_buf_init(&body, LS_LEDGER_BODY_BYTES_MAX);
    ls_rpc_open(&batch, &body);
    (void)ls_rpc_get_epoch_info(&batch, LS_FINALIZED); /* position 0 */
    ls_rpc_close(&batch);
    const bool is_read = !ls_failed(post(ledger, endpoint, &body, 1, &reply)) &&
                         !ls_failed(ls_rpc_epoch_at(reply, 0, &epoch));
    ls_rpc_reply_free(reply);
    ls_buf_done(&body);
    return is_read ? epoch.slot : -1;
}

/* The node has the method, and not this block; or it has no time now. */
static bool is_passing(int64_t code)
{
    static const int64_t codes[] = {-32001, /* cleaned up */
                                    -32004, /* not available for this slot */
                                    -32005, /* behind */
                                    -32007, /* skipped */
                                    -32009, /* missing in long-term storage */
                                    -32014, /* status not yet known */
                                    -32016, /* minimum context slot */
                                    -32429, -32603, 429, 0};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i] == code) return true;
    return false;
}

/* HTTP statuses that say no, whatever is asked again. */
static enum method_answer without_reply(ls_err err)
{
    const bool is_no = err.native == 401 || err.native == 403 || err.native == 404 ||
                       err.native == 405 || err.native == 410;
    return is_no ? METHOD_REFUSED : METHOD_UNKNOWN;
}

/* What `calls` answers of one method say together. */
static enum method_answer judge(const ls_rpc_reply *reply, size_t calls)
{
    size_t refused = 0;
    for (size_t i = 0; i < calls; i++) {
        struct ls_rpc_error error;
        if (!ls_rpc_error_at(reply, i, &error)) return METHOD_ANSWERED;
        if (!is_passing(error.code)) refused++;
    }
    return refused == calls ? METHOD_REFUSED : METHOD_UNKNOWN;
}

static enum method_answer
ask(ls_http_ledger *ledger, int32_t endpoint, int64_t slot, bool is_list)
{
    struct ls_buf body;
    struct ls_rpc_batch batch;
    ls_rpc_reply *reply = NULL;
    const int64_t first = slot > SLOTS ? slot - SLOTS : 0;
    ls_buf_init(&body, LS_LEDGER_BODY_BYTES_MAX);
    ls_rpc_open(&batch, &body);
    if (is_list) (void)ls_rpc_get_blocks(&batch, first, slot);
    for (int64_t at = first; !is_list && at < slot; at++)
        (void)ls_rpc_get_block_bare(&batch, at);
    ls_rpc_close(&batch);
    const ls_err err = post(ledger, endpoint, &body, batch.count, &reply);
    const enum method_answer answer =
        ls_failed(err) ? without_reply(err) : judge(reply, batch.count);
    ls_rpc_reply_free(reply);
    ls_buf_done(&body);
    return answer;
}

struct blocks_probe blocks_probe_ask(ls_http_ledger *ledger, int32_t endpoint)
{
    struct blocks_probe probe = {METHOD_UNKNOWN, METHOD_UNKNOWN};
    const int64_t slot = finalized_slot(ledger, endpoint);
    if (slot <= 0) return probe;
    probe.blocks = ask(ledger, endpoint, slot, true);
    probe.block = ask(ledger, endpoint, slot, false);
    return probe;
}

const char *blocks_probe_name(const struct blocks_probe *probe)
{
    if (probe->block == METHOD_REFUSED || probe->blocks == METHOD_REFUSED) return "no";
    return probe->block == METHOD_ANSWERED && probe->blocks == METHOD_ANSWERED ? "yes"
                                                                               : "unknown";
}

void blocks_probe_words(const struct blocks_probe *probe, char out[BLOCKS_WORDS_BYTES])
{
    const bool is_block = probe->block == METHOD_REFUSED;
    const bool is_list = probe->blocks == METHOD_REFUSED;
    out[0] = '\0';
    if (!is_block && !is_list) return;
    (void)snprintf(
        out, BLOCKS_WORDS_BYTES,
        "refuses %s: after lost commits no catch-up ends with it alone, and what is unseen %d "
        "blocks past its expiry is held; use another endpoint",
        is_block && is_list ? "getBlock and getBlocks"
        : is_block          ? "getBlock"
                            : "getBlocks",
        LS_CERTIFICATE_WINDOW); /* fits */
}
