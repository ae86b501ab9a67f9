/* Wrong workers, made from the right one by bending what it writes: the judge must see
 * each of them, or its silence means nothing. */
#include "sabotage.h"

#include <stddef.h>
#include <string.h>

static const struct sabotage list[] = {
    {SABOTAGE_TOKENS, "a write under an outdated token", "S5", 1,
     LS_FAULT_BIT(LS_FAULT_STALL) | LS_FAULT_BIT(LS_FAULT_SECOND_WORKER) |
         LS_FAULT_BIT(LS_FAULT_THIRD_WORKER) | LS_FAULT_BIT(LS_FAULT_DROP_TX) |
         LS_FAULT_BIT(LS_FAULT_LATE_TX) | LS_FAULT_BIT(LS_FAULT_STORE_SLOW) |
         LS_FAULT_BIT(LS_FAULT_SLOW)},
    {SABOTAGE_BYTES, "other bytes durable than sent", "S2", 1, LS_FAULTS_ALL},
    {SABOTAGE_EARLY, "an attempt replaced without proof, its effect twice", "S1", 1,
     LS_FAULTS_ALL},
    {SABOTAGE_EARLY, "an attempt called dead that lands", "S3", 1, LS_FAULTS_ALL},
    {SABOTAGE_DONE, "done without a landing", "S4", 1, LS_FAULTS_ALL},
    {SABOTAGE_FAILED, "failed although it landed", "S4", 1, LS_FAULTS_ALL},
    {SABOTAGE_FAILED, "a landing that the store never learns", "L2", 1, LS_FAULTS_ALL},
    {SABOTAGE_STUCK, "an operation that nobody settles", "L1", 1, LS_FAULTS_ALL},
};

const struct sabotage *sabotage_list(size_t *count_out)
{
    *count_out = sizeof list / sizeof list[0];
    return list;
}

static void bend_intent(struct bent *bent,
                        const ls_memory_store *store,
                        struct ls_intent_row *row,
                        uint8_t *tx)
{
    if (bent->kind == SABOTAGE_TOKENS) row->token = ls_memory_store_token(store, row->op);
    if (bent->kind != SABOTAGE_BYTES) return;
    memcpy(tx, row->tx, row->tx_bytes);
    tx[row->tx_bytes - 1] ^= 1;
    row->tx = tx;
}

static void
bend_move(enum sabotage_kind kind, const ls_memory_store *store, struct ls_move_row *row)
{
    switch (kind) {
    case SABOTAGE_BYTES: break;
    case SABOTAGE_TOKENS: row->token = ls_memory_store_token(store, row->op); break;
    case SABOTAGE_EARLY:
        if (row->to != LS_STATE_SUBMITTED) break;
        row->to = LS_STATE_READY;
        row->attempt_state = LS_ATTEMPT_DEAD;
        break;
    case SABOTAGE_DONE:
        if (row->to == LS_STATE_FAILED) row->to = LS_STATE_DONE;
        break;
    case SABOTAGE_FAILED:
        if (row->to != LS_STATE_DONE) break;
        row->to = LS_STATE_FAILED;
        row->attempt_state = LS_ATTEMPT_DEAD;
        break;
    case SABOTAGE_STUCK:
        if (row->to == LS_STATE_DONE) row->to = LS_STATE_SUBMITTED;
        break;
    }
}

void sabotage_bend(void *self, ls_memory_store *store, struct ls_store_request *request)
{
    struct bent *bent = self;
    for (size_t i = 0; i < request->intent_count && i < LS_TRIAL_ROWS_MAX; i++) {
        bent->intents[i] = request->intents[i];
        bend_intent(bent, store, &bent->intents[i], bent->txs[i]);
    }
    for (size_t i = 0; i < request->move_count && i < LS_TRIAL_ROWS_MAX; i++) {
        bent->moves[i] = request->moves[i];
        bend_move(bent->kind, store, &bent->moves[i]);
    }
    if (request->intent_count > 0) request->intents = bent->intents;
    if (request->move_count > 0) request->moves = bent->moves;
}
