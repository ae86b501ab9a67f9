#include "look_round.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/base58.h"

_Static_assert((int)LOOK_CHUNKS_MAX *(int)LS_HTTP_ENDPOINTS_MAX <= (int)LS_LEDGER_CALLS_MAX,
               "every endpoint is asked every question of a round at once");

void look_round_begin(struct look_round *round, size_t endpoint_count)
{
    round->endpoint_count = endpoint_count;
    round->count = 0;
    round->is_overfull = false;
    round->chunk_count = 0;
    round->found_count = 0;
}

void look_round_take(void *self, const struct ls_look_row *row)
{
    struct look_round *round = self;
    if (round->count == LOOK_ROWS_MAX) {
        round->is_overfull = true; /* asked again when the lease on it is over */
        return;
    }
    round->rows[round->count++] = (struct look_row){.row = *row};
}

void look_round_cut(struct look_round *round)
{
    for (size_t i = 0; i < round->count; i++) {
        if (!round->rows[i].row.has_attempt) continue;
        bool is_full = round->chunk_count == 0 ||
                       round->chunk_rows[round->chunk_count - 1] == LS_RPC_STATUSES_MAX;
        if (is_full) round->chunk_rows[round->chunk_count++] = 0;
        const size_t chunk = round->chunk_count - 1;
        round->at[chunk][round->chunk_rows[chunk]++] = i;
    }
}

ls_err look_round_ask(const struct look_round *round, size_t chunk, struct ls_buf *body_out)
{
    struct ls_signature signatures[LS_RPC_STATUSES_MAX];
    struct ls_rpc_batch batch;
    const size_t count = round->chunk_rows[chunk];
    for (size_t i = 0; i < count; i++)
        signatures[i] = round->rows[round->at[chunk][i]].row.signature;
    ls_rpc_open(&batch, body_out);
    (void)ls_rpc_get_epoch_info(&batch, LS_FINALIZED);          /* position 0 */
    (void)ls_rpc_get_statuses(&batch, signatures, count, true); /* position 1 */
    ls_rpc_close(&batch);
    return ls_buf_check(body_out, "question");
}

static void note(struct look_row *asked, const struct ls_rpc_status *status, int64_t height)
{
    struct ls_look_attempt *attempt = &asked->row.attempt;
    attempt->is_answered = true;
    asked->answered++;
    if (!status->is_found) {
        if (height > attempt->height) attempt->height = height;
        return;
    }
    if (attempt->is_found && status->has_error) return; /* a landing outweighs it */
    attempt->is_found = true;
    attempt->has_error = status->has_error;
    asked->slot = status->slot;
}

ls_err
look_round_note(struct look_round *round, size_t chunk, const char *body, size_t body_bytes)
{
    struct ls_rpc_status statuses[LS_RPC_STATUSES_MAX];
    struct ls_rpc_epoch epoch;
    const size_t count = round->chunk_rows[chunk];
    int64_t context_slot = 0;
    ls_rpc_reply *reply = NULL;
    LS_TRY(ls_rpc_read(body, body_bytes, 2, &reply));
    ls_err err = ls_rpc_epoch_at(reply, 0, &epoch);
    if (!ls_failed(err)) err = ls_rpc_statuses_at(reply, 1, statuses, count, &context_slot);
    ls_rpc_reply_free(reply);
    if (ls_failed(err)) return err;
    for (size_t i = 0; i < count; i++)
        note(&round->rows[round->at[chunk][i]], &statuses[i], epoch.height);
    return LS_OK;
}

static bool is_same_op(const struct look_row *a, const struct look_row *b)
{
    return a->row.op.value == b->row.op.value &&
           memcmp(a->row.request_id, b->row.request_id, sizeof a->row.request_id) == 0;
}

static void describe(const struct look_round *round,
                     const struct look_row *rows,
                     size_t count,
                     struct ls_look_found *found)
{
    int64_t last_valid = 0;
    int32_t answered = count > 0 ? rows[0].answered : 0;
    for (size_t i = 0; i < count; i++) {
        const struct ls_look_attempt *attempt = &rows[i].row.attempt;
        if (rows[i].answered < answered) answered = rows[i].answered;
        if (attempt->height > found->height) found->height = attempt->height;
        if (attempt->last_valid_height > last_valid) last_valid = attempt->last_valid_height;
        if (!attempt->is_found || attempt->is_cancel || found->signature[0] != '\0') continue;
        if (attempt->has_error && found->look != LS_LOOK_ERRORED) continue;
        found->slot = rows[i].slot;
        ls_signature_text(&rows[i].row.signature, found->signature);
    }
    if (found->look == LS_LOOK_NOTHING_SENT) {
        (void)snprintf(found->detail, sizeof found->detail, "no attempt was ever signed");
    } else if (found->signature[0] != '\0') {
        (void)snprintf(found->detail, sizeof found->detail, "%s in slot %" PRId64,
                       ls_look_word(found->look), found->slot);
    } else {
        (void)snprintf(found->detail, sizeof found->detail,
                       "%zu attempt%s, %d of %zu endpoints answered; blockhashes end at height "
                       "%" PRId64 ", finalized is %" PRId64,
                       count, count == 1 ? "" : "s", (int)answered, round->endpoint_count,
                       last_valid, found->height);
    }
}

/* The rows from `first` that are of one operation, as one answer; how many they are. */
static size_t judge_op(struct look_round *round, size_t first)
{
    const struct look_row *rows = &round->rows[first];
    size_t count = 0;
    size_t attempt_count = 0;
    while (first + count < round->count && is_same_op(rows, &rows[count])) {
        if (rows[count].row.has_attempt)
            round->attempts[attempt_count++] = rows[count].row.attempt;
        count++;
    }
    struct ls_look_found *found = &round->found[round->found_count++];
    *found = (struct ls_look_found){.op = rows->row.op,
                                    .look = ls_look_judge(round->attempts, attempt_count)};
    memcpy(found->request_id, rows->row.request_id, sizeof found->request_id);
    describe(round, rows, attempt_count, found);
    return count;
}

void look_round_judge(struct look_round *round)
{
    for (size_t at = 0; at < round->count && round->found_count < LOOK_OPS_MAX;) {
        const bool is_cut =
            round->is_overfull && is_same_op(&round->rows[at], &round->rows[round->count - 1]);
        if (is_cut) return; /* not all of its attempts were taken */
        at += judge_op(round, at);
    }
}
