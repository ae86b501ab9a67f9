#include "lockstep/service/preflight.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lockstep/host/clock.h"
#include "lockstep/service/act.h"
#include "lockstep/solana/program.h"
#include "lockstep/solana/tx.h"
#include "lockstep/store/look.h"

enum {
    SIGNATURE_LAMPORTS = 5000,
    UNIT_LIMIT_TAG = 2,
    UNIT_PRICE_TAG = 3,
    UNITS_DEFAULT = 200000, /* of an instruction, where no limit is named */
    EVERY_MS = 50,          /* how often open answers are read */
};

static uint64_t little_endian(const uint8_t *bytes, size_t count)
{
    uint64_t number = 0;
    for (size_t i = count; i > 0; i--) number = number << 8 | bytes[i - 1];
    return number;
}

uint64_t ls_preflight_fee(const uint8_t *tx, size_t tx_bytes)
{
    struct ls_tx_view view;
    uint64_t price = 0;
    if (ls_failed(ls_tx_read(tx, tx_bytes, &view))) return 0;
    uint64_t units = view.instruction_count * (uint64_t)UNITS_DEFAULT;
    for (size_t i = 0; i < view.instruction_count; i++) {
        const struct ls_tx_view_instruction *one = &view.instructions[i];
        if (memcmp(&view.accounts[one->program_index], &LS_PROGRAM_COMPUTE_BUDGET,
                   sizeof LS_PROGRAM_COMPUTE_BUDGET) != 0)
            continue;
        if (one->data_bytes == 5 && one->data[0] == UNIT_LIMIT_TAG)
            units = little_endian(one->data + 1, 4);
        if (one->data_bytes == 9 && one->data[0] == UNIT_PRICE_TAG)
            price = little_endian(one->data + 1, 8);
    }
    uint64_t fee = view.signature_count * (uint64_t)SIGNATURE_LAMPORTS;
    if (units > 0 && price > (UINT64_MAX - 999999) / units) return UINT64_MAX / 1024;
    return fee + (price * units + 999999) / 1000000;
}

struct fees {
    uint64_t sum;
    size_t count;
};

static void add_fee(void *self, const uint8_t *bytes, size_t count)
{
    struct fees *fees = self;
    const uint64_t fee = ls_preflight_fee(bytes, count);
    if (fee == 0) return;
    fees->sum += fee;
    fees->count++;
}

void ls_preflight_ask(ls_session *session,
                      const struct ls_action *action,
                      const ls_op_id *ops,
                      size_t count,
                      struct ls_preflight *out)
{
    struct ls_action_result result = {0};
    ls_session_look_ask(session, action, ops, count, &result);
    *out = (struct ls_preflight){.has_look = !ls_failed(result.err)};
    memcpy(out->request_id, action->request_id, sizeof out->request_id);
    if (out->has_look) return;
    (void)snprintf(out->no_look_why, sizeof out->no_look_why, "%.159s",
                   result.why.text[0] == '\0' ? ls_code_name(result.err.code)
                                              : result.why.text); /* cut by design */
}

/* Of the operations that would go, those without an attempt cost what the others do. */
static uint64_t total_fee(const struct ls_preflight *facts, bool for_retry, struct fees fees)
{
    size_t going = 0;
    for (size_t i = 0; i < facts->count; i++) {
        const char *why = NULL;
        if (!for_retry || ls_preflight_may_retry(&facts->ops[i], &why)) going++;
    }
    const uint64_t each = fees.count > 0 ? fees.sum / fees.count : SIGNATURE_LAMPORTS;
    return going <= fees.count ? fees.sum : fees.sum + each * (going - fees.count);
}

/* What the question said of itself is kept. */
static ls_err read_now(ls_session *session,
                       const struct ls_preflight_query *query,
                       struct ls_preflight *out,
                       struct ls_why *why)
{
    const struct ls_preflight asked = *out;
    LS_TRY(ls_session_preflight(session, query, out, why));
    out->has_look = asked.has_look;
    memcpy(out->request_id, asked.request_id, sizeof out->request_id);
    memcpy(out->no_look_why, asked.no_look_why, sizeof out->no_look_why);
    return LS_OK;
}

ls_err ls_preflight_read(ls_session *session,
                         const ls_op_id *ops,
                         size_t count,
                         bool for_retry,
                         struct ls_preflight *out,
                         struct ls_why *why)
{
    struct fees fees = {0};
    const struct ls_preflight asked = *out;
    const struct ls_preflight_query query = {.ops = ops,
                                             .count = count,
                                             .request_id = asked.request_id,
                                             .for_retry = for_retry,
                                             .tx = add_fee,
                                             .self = &fees};
    LS_TRY(read_now(session, &query, out, why));
    out->fee_lamports = total_fee(out, for_retry, fees);
    return LS_OK;
}

ls_err ls_preflight_await(ls_session *session,
                          const ls_op_id *ops,
                          size_t count,
                          const struct ls_preflight_wait *wait,
                          struct ls_preflight *out,
                          struct ls_why *why)
{
    const struct ls_clock clock = ls_system_clock();
    const struct timespec pause = {.tv_nsec = EVERY_MS * 1000000L};
    const struct ls_preflight asked = *out;
    const struct ls_preflight_query query = {
        .ops = ops, .count = count, .request_id = asked.request_id};
    int64_t until_ms = 0;
    size_t open = count + 1;
    for (;;) {
        LS_TRY(read_now(session, &query, out, why));
        const int64_t now_ms = clock.monotonic_ms(clock.self);
        if (out->open < open) until_ms = now_ms + wait->patience_ms;
        open = out->open;
        if (open == 0 || now_ms >= until_ms) return LS_OK;
        if (wait->tell != NULL) wait->tell(wait->self, open);
        (void)nanosleep(&pause, NULL); /* cut short it only asks earlier */
    }
}

ls_err ls_preflight_check(ls_session *session,
                          const struct ls_ui_request *request,
                          struct ls_preflight *out,
                          struct ls_why *why)
{
    struct ls_action action = request->action;
    if (request->is_again) {
        out->has_look = true;
        memcpy(out->request_id, action.request_id, sizeof out->request_id);
    } else {
        const struct ls_entropy entropy = ls_system_entropy();
        entropy.fill(entropy.self, action.request_id, sizeof action.request_id);
        ls_act_claims(&action);
        ls_preflight_ask(session, &action, request->ops, request->op_count, out);
    }
    return ls_preflight_read(session, request->ops, request->op_count, request->for_retry, out,
                             why);
}
