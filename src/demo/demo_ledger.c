#include "demo_private.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lockstep/host/clock.h"
#include "lockstep/ledger/http_ledger.h"
#include "lockstep/solana/rpc.h"

#define WHAT "demo"

enum {
    START_MS = 15000,
    CALL_MS = 5000,
    FUND_TRIES = 600,
    FUND_PAUSE_MS = 100,
    GIFT_COUNT = 5,
    REPLY_BYTES_MAX = 1 << 20,
};
static const uint64_t gift_lamports =
    UINT64_C(100000000000); /* 100 SOL, a faucet's usual most */

/* The URL is the first line of its standard output. */
static ls_err read_url(struct demo *demo, int output, struct ls_why *why)
{
    struct pollfd waiting = {.fd = output, .events = POLLIN};
    size_t length = 0;
    while (length + 1 < sizeof demo->ledger_url && poll(&waiting, 1, START_MS) > 0) {
        const ssize_t got = read(output, &demo->ledger_url[length], 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        if (demo->ledger_url[length] == '\n') {
            demo->ledger_url[length] = '\0';
            return LS_OK;
        }
        length++;
    }
    demo->ledger_url[0] = '\0';
    return ls_refuse(why, LS_CODE_UNAVAILABLE, WHAT,
                     "the simulated ledger did not start; see %.80s/ledger.log", demo->dir);
}

ls_err demo_ledger_start(struct demo *demo, struct ls_why *why)
{
    char log_path[DEMO_TEXT_BYTES];
    char slot[24];
    char seed[24];
    int output = -1;
    demo_path(demo, "ledger.log", log_path);
    (void)snprintf(slot, sizeof slot, "%" PRId64, demo->options.slot_ms);
    (void)snprintf(seed, sizeof seed, "%" PRId64, demo->options.seed);
    const char *faults = demo->options.faults == NULL ? "none" : demo->options.faults;
    const char *const argv[] = {demo->program, "sim",       "listen", "--port",
                                "0",           "--slot-ms", slot,     "--seed",
                                seed,          "--faults",  faults,   NULL};
    const struct ls_child_options options = {
        .argv = argv,
        .folder = demo->dir,
        .log_path = log_path,
        .stdout_out = &output,
        .death_signal = SIGTERM,
    };
    LS_TRY(ls_child_start(&options, &demo->ledger, why));
    const ls_err err = read_url(demo, output, why);
    (void)close(output); /* it prints nothing more */
    return err;
}

static ls_err
call(ls_http_ledger *ledger, const struct ls_buf *body, size_t count, ls_rpc_reply **reply_out)
{
    struct ls_buf answer;
    ls_buf_init(&answer, REPLY_BYTES_MAX);
    ls_err err = ls_http_ledger_post(ledger, 0, body->data, body->length, CALL_MS, &answer);
    if (!ls_failed(err))
        err = ls_rpc_read(ls_buf_text(&answer), answer.length, count, reply_out);
    ls_buf_done(&answer);
    return err;
}

static ls_err ask_gifts(ls_http_ledger *ledger, const struct ls_address *payer)
{
    struct ls_buf body;
    struct ls_rpc_batch batch;
    ls_rpc_reply *reply = NULL;
    ls_buf_init(&body, REPLY_BYTES_MAX);
    ls_rpc_open(&batch, &body);
    for (int i = 0; i < GIFT_COUNT; i++) {
        (void)ls_rpc_request_airdrop(&batch, payer, gift_lamports); /* answers by position */
    }
    ls_rpc_close(&batch);
    ls_err err = ls_buf_check(&body, WHAT);
    if (!ls_failed(err)) err = call(ledger, &body, GIFT_COUNT, &reply);
    struct ls_signature signature;
    if (!ls_failed(err)) err = ls_rpc_signature_at(reply, 0, &signature);
    ls_rpc_reply_free(reply);
    ls_buf_done(&body);
    return err;
}

static ls_err
read_balance(ls_http_ledger *ledger, const struct ls_address *payer, uint64_t *lamports_out)
{
    struct ls_buf body;
    struct ls_rpc_batch batch;
    ls_rpc_reply *reply = NULL;
    ls_buf_init(&body, REPLY_BYTES_MAX);
    ls_rpc_open(&batch, &body);
    const size_t position = ls_rpc_get_balance(&batch, payer, LS_FINALIZED);
    ls_rpc_close(&batch);
    ls_err err = ls_buf_check(&body, WHAT);
    if (!ls_failed(err)) err = call(ledger, &body, 1, &reply);
    if (!ls_failed(err)) err = ls_rpc_lamports_at(reply, position, lamports_out);
    ls_rpc_reply_free(reply);
    ls_buf_done(&body);
    return err;
}

/* Asked again until the balance shows, since a faulty day loses calls too. */
static ls_err fund(ls_http_ledger *ledger, const struct ls_address *payer)
{
    const struct timespec pause = {.tv_nsec = FUND_PAUSE_MS * 1000000L};
    bool is_asked = false;
    ls_err err = LS_OK;
    for (int i = 0; i < FUND_TRIES; i++) {
        uint64_t lamports = 0;
        if (!is_asked || i % 200 == 199) {
            err = ask_gifts(ledger, payer);
            is_asked = !ls_failed(err);
        }
        if (is_asked) err = read_balance(ledger, payer, &lamports);
        if (!ls_failed(err) && lamports > 0) return LS_OK;
        (void)nanosleep(&pause, NULL); /* shorter is fine */
    }
    return ls_failed(err) ? err : LS_FAIL(LS_CODE_UNAVAILABLE, 0, WHAT);
}

ls_err demo_ledger_fund(struct demo *demo, const struct ls_address *payer, struct ls_why *why)
{
    const struct ls_http_ledger_options options = {
        .endpoint_count = 1,
        .endpoints = {demo->ledger_url},
        .user_agent = "lockstep-demo",
    };
    const struct ls_clock clock = ls_system_clock();
    ls_http_ledger *ledger = NULL;
    LS_TRY(ls_http_ledger_new(&options, &clock, &ledger, why));
    const ls_err err = fund(ledger, payer);
    ls_http_ledger_free(ledger);
    if (!ls_failed(err)) return LS_OK;
    return ls_refuse(
        why, err.code, WHAT,
        "the payer got no lamports from the simulated ledger; see %.80s/ledger.log", demo->dir);
}
