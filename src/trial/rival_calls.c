#include <stddef.h>

#include "lockstep/solana/rpc.h"
#include "rival.h"

enum { TIMEOUT_MS = 3000, BODY_BYTES_MAX = 1 << 16 };

static struct rival_call *free_call(struct rival *rival)
{
    for (size_t i = 0; i < RIVAL_CALLS_MAX; i++)
        if (rival->calls[i].kind == RIVAL_CALL_FREE) return &rival->calls[i];
    return NULL;
}

/* Post `body`; false when it can not be asked now. */
static bool
post(struct rival *rival, enum rival_call_kind kind, size_t op, const struct ls_buf *body)
{
    struct rival_call *call = free_call(rival);
    const struct ls_ledger_port *ledger = &rival->ports.ledger;
    if (call == NULL || body->code != LS_CODE_OK) return false;
    const struct ls_ledger_call request = {.id = ++rival->next_id,
                                           .endpoint = LS_LEDGER_ANY_ENDPOINT,
                                           .is_send = kind == RIVAL_CALL_SEND,
                                           .body = ls_buf_text(body),
                                           .body_bytes = body->length,
                                           .timeout_ms = TIMEOUT_MS};
    if (ls_failed(ledger->begin(ledger->self, &request))) return false;
    *call = (struct rival_call){kind, request.id, op};
    return true;
}

void rival_ask_head(struct rival *rival)
{
    struct ls_buf body;
    struct ls_rpc_batch batch;
    ls_buf_init(&body, BODY_BYTES_MAX);
    ls_rpc_open(&batch, &body);
    (void)ls_rpc_get_latest_blockhash(&batch, LS_CONFIRMED); /* position 0 */
    (void)ls_rpc_get_epoch_info(&batch, LS_FINALIZED);       /* position 1 */
    ls_rpc_close(&batch);
    rival->is_head_asked = post(rival, RIVAL_CALL_HEAD, 0, &body);
    ls_buf_done(&body);
}

void rival_send(struct rival *rival, size_t op, const struct rival_row *row)
{
    struct ls_buf body;
    struct ls_rpc_batch batch;
    ls_buf_init(&body, BODY_BYTES_MAX);
    ls_rpc_open(&batch, &body);
    (void)ls_rpc_send_transaction(&batch, row->tx, row->tx_bytes, LS_CONFIRMED, false);
    ls_rpc_close(&batch);
    rival->memory[op].is_asked = post(rival, RIVAL_CALL_SEND, op, &body);
    ls_buf_done(&body);
}

void rival_look(struct rival *rival, size_t op, const struct rival_row *row)
{
    struct ls_buf body;
    struct ls_rpc_batch batch;
    ls_buf_init(&body, BODY_BYTES_MAX);
    ls_rpc_open(&batch, &body);
    (void)ls_rpc_get_statuses(&batch, &row->signature, 1, true);
    ls_rpc_close(&batch);
    rival->memory[op].is_asked = post(rival, RIVAL_CALL_LOOK, op, &body);
    ls_buf_done(&body);
}

static void take_head(struct rival *rival, const ls_rpc_reply *parsed)
{
    struct ls_rpc_blockhash head;
    struct ls_rpc_epoch epoch;
    rival->is_head_asked = false;
    if (parsed == NULL || ls_failed(ls_rpc_blockhash_at(parsed, 0, &head)) ||
        ls_failed(ls_rpc_epoch_at(parsed, 1, &epoch)))
        return;
    rival->has_head = true;
    rival->head_ms = rival->process->trial->now_ms;
    rival->blockhash = head.blockhash;
    rival->last_valid_height = head.last_valid_height;
    if (epoch.height > rival->finalized_height) rival->finalized_height = epoch.height;
}

static enum rival_sent read_sent(const ls_rpc_reply *parsed)
{
    struct ls_rpc_error error;
    if (parsed == NULL) return RIVAL_UNKNOWN;
    if (!ls_rpc_error_at(parsed, 0, &error)) return RIVAL_ACCEPTED;
    switch (error.rpc_class) {
    case LS_CLASS_LANDED: return RIVAL_ACCEPTED;
    case LS_CLASS_FUNDS: return RIVAL_UNPAID;
    case LS_CLASS_PERMANENT: return RIVAL_REFUSED;
    case LS_CLASS_TRANSIENT:
    case LS_CLASS_ELSEWHERE:
    case LS_CLASS_AMBIGUOUS: break;
    }
    return RIVAL_UNKNOWN;
}

static enum rival_seen read_seen(const ls_rpc_reply *parsed, enum ls_commitment enough)
{
    struct ls_rpc_status status;
    int64_t slot = 0;
    if (parsed == NULL || ls_failed(ls_rpc_statuses_at(parsed, 0, &status, 1, &slot)))
        return RIVAL_NO_ANSWER;
    if (!status.is_found) return RIVAL_ABSENT;
    if (status.commitment < enough) return RIVAL_PENDING;
    return status.has_error ? RIVAL_ERRORED : RIVAL_FINAL;
}

static void take_reply(struct rival *rival,
                       const struct rival_call *call,
                       const struct ls_ledger_reply *reply)
{
    ls_rpc_reply *parsed = NULL;
    const enum ls_policy policy = rival->process->trial->options.policy;
    const enum ls_commitment enough =
        policy == LS_POLICY_CONFIRMED_IS_FINAL ? LS_CONFIRMED : LS_FINALIZED;
    const size_t count = call->kind == RIVAL_CALL_HEAD ? 2 : 1;
    if (!ls_failed(reply->err) &&
        ls_failed(ls_rpc_read(reply->body, reply->body_bytes, count, &parsed)))
        parsed = NULL;
    if (call->kind == RIVAL_CALL_HEAD) {
        take_head(rival, parsed);
    } else {
        rival->memory[call->op].is_asked = false;
        if (call->kind == RIVAL_CALL_SEND) rival_on_sent(rival, call->op, read_sent(parsed));
        if (call->kind == RIVAL_CALL_LOOK)
            rival_on_look(rival, call->op, read_seen(parsed, enough));
    }
    ls_rpc_reply_free(parsed);
}

void rival_take(struct rival *rival)
{
    struct ls_ledger_reply reply;
    const struct ls_ledger_port *ledger = &rival->ports.ledger;
    while (ledger->take(ledger->self, &reply)) {
        for (size_t i = 0; i < RIVAL_CALLS_MAX; i++) {
            struct rival_call *call = &rival->calls[i];
            if (call->kind == RIVAL_CALL_FREE || call->id != reply.id) continue;
            const struct rival_call taken = *call;
            call->kind = RIVAL_CALL_FREE;
            take_reply(rival, &taken, &reply);
            break;
        }
    }
}
