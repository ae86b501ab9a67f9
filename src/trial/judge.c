/* The judge: invariants S1..S5 after each step, L1 and L2 at the end, from the ledger's
 * truth and the store's rows, never from what the worker believes. */
#include <inttypes.h>
#include <string.h>

#include <sodium.h>

#include "lockstep/base/base58.h"
#include "trial_private.h"

enum { ATTEMPTS_MAX = LS_STORE_ATTEMPTS_MAX * 4 };

struct watched *judge_watched(ls_trial *trial, ls_op_id op)
{
    for (size_t i = 0; i < trial->op_count; i++)
        if (trial->ops[i].op.value == op.value) return &trial->ops[i];
    return NULL;
}

/* The stored attempt with this signature, and its operation; false when there is none. */
static bool find_attempt(const ls_trial *trial,
                         const struct ls_signature *signature,
                         ls_op_id *op_out,
                         struct ls_stored_attempt *attempt_out)
{
    struct ls_stored_attempt attempts[ATTEMPTS_MAX];
    for (int64_t id = 1; id <= ls_memory_store_last_id(trial->store); id++) {
        size_t count =
            ls_memory_store_attempts(trial->store, (ls_op_id){id}, attempts, ATTEMPTS_MAX);
        for (size_t i = 0; i < count; i++) {
            if (!ls_signature_equal(&attempts[i].signature, signature)) continue;
            *op_out = (ls_op_id){id};
            *attempt_out = attempts[i];
            return true;
        }
    }
    return false;
}

/* S2: what is about to be sent is durable, byte for byte. */
static void judge_tx(ls_trial *trial, const char *text, size_t length)
{
    uint8_t tx[LS_TX_BYTES_MAX];
    size_t bytes = 0;
    struct ls_signature signature;
    struct ls_stored_attempt attempt;
    ls_op_id op;
    int failed = sodium_base642bin(tx, sizeof tx, text, length, NULL, &bytes, NULL,
                                   sodium_base64_VARIANT_ORIGINAL);
    if (failed != 0 || bytes < 1 + sizeof signature) {
        trial_violate(trial, "S2", "a transaction of %zu characters is not base64", length);
        return;
    }
    memcpy(signature.bytes, tx + 1, sizeof signature);
    if (!find_attempt(trial, &signature, &op, &attempt)) {
        trial_violate(trial, "S2", "a transaction is sent that is not durable");
    } else if (attempt.tx_bytes != bytes || memcmp(attempt.tx, tx, bytes) != 0) {
        trial_violate(trial, "S2", "op %" PRId64 ": other bytes are sent than are durable",
                      op.value);
    }
}

/* Where `text` first stands in [at, end); NULL. */
static const char *find_text(const char *at, const char *end, const char *text)
{
    const size_t length = strlen(text);
    for (; (size_t)(end - at) >= length; at++) {
        at = memchr(at, text[0], (size_t)(end - at) - length + 1);
        if (at == NULL || memcmp(at, text, length) == 0) return at;
    }
    return NULL;
}

void judge_body(ls_trial *trial, const char *body, size_t body_bytes)
{
    const char *at = body;
    const char *end = body + body_bytes;
    while ((at = find_text(at, end, "\"sendTransaction\"")) != NULL) {
        const char *open = find_text(at, end, "[\"");
        if (open == NULL) break;
        const char *close = memchr(open + 2, '"', (size_t)(end - open - 2));
        if (close == NULL) break;
        judge_tx(trial, open + 2, (size_t)(close - open - 2));
        at = close;
    }
}

static struct watched *by_memo(ls_trial *trial, const char *memo)
{
    if (strncmp(memo, "ls1:", 4) != 0) return NULL;
    for (size_t i = 0; i < trial->op_count; i++) {
        size_t length = strlen(trial->ops[i].tag.text);
        const char *rest = memo + 4 + length;
        if (strncmp(memo + 4, trial->ops[i].tag.text, length) != 0) continue;
        if (*rest == '\0' || *rest == ' ') return &trial->ops[i];
    }
    return NULL;
}

/* The stored attempt of `op` with this signature; false when it has none. */
static bool attempt_of(const ls_trial *trial,
                       ls_op_id op,
                       const struct ls_signature *signature,
                       struct ls_stored_attempt *attempt_out)
{
    struct ls_stored_attempt attempts[ATTEMPTS_MAX];
    size_t count = ls_memory_store_attempts(trial->store, op, attempts, ATTEMPTS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!ls_signature_equal(&attempts[i].signature, signature)) continue;
        *attempt_out = attempts[i];
        return true;
    }
    return false;
}

/* One memo of a landed transaction: the operation that it names has landed. */
static void take_effect(ls_trial *trial, const struct ls_sim_landing *landing, const char *memo)
{
    struct ls_stored_attempt attempt;
    struct watched *watched = by_memo(trial, memo);
    if (watched == NULL) return; /* a compensation: its key is the store's */
    if (!attempt_of(trial, watched->op, &landing->signature, &attempt)) {
        trial_violate(trial, "S2",
                      "op %" PRId64 " landed with a transaction that is not its own",
                      watched->op.value);
    }
    judge_whole(trial, landing, watched->batch);
    if (landing->has_error) watched->errored++;
    if (!landing->has_error && ++watched->landed > 1) {
        trial_violate(trial, "S1", "op %" PRId64 " landed %" PRId32 " times", watched->op.value,
                      watched->landed);
    }
}

bool judge_has_memo_of(ls_trial *trial,
                       const struct ls_sim_landing *landing,
                       const struct watched *watched)
{
    const char *memo = landing->memos;
    for (size_t i = 0; i < landing->memo_count; i++, memo += strlen(memo) + 1)
        if (by_memo(trial, memo) == watched) return true;
    return false;
}

/* An operation whose attempt this landing is. */
static void take_attempt(ls_trial *trial,
                         const struct ls_sim_landing *landing,
                         ls_op_id op,
                         const struct ls_stored_attempt *attempt)
{
    if (attempt->state == LS_ATTEMPT_DEAD) {
        trial_violate(trial, "S3",
                      "op %" PRId64 " attempt %" PRId32 " landed after it was called dead",
                      op.value, attempt->attempt);
    }
    trial_trace(trial, "op %-4" PRId64 " attempt %" PRId32 " is final in slot %" PRId64 "%s",
                op.value, attempt->attempt, landing->slot, landing->has_error ? ": error" : "");
    const struct watched *watched = judge_watched(trial, op);
    if (watched != NULL && !judge_has_memo_of(trial, landing, watched)) {
        trial_violate(trial, "S6", "op %" PRId64 " landed without its memo, with '%s'",
                      op.value, landing->memos);
    }
}

/* S1, S2, S3 and S6 of what has landed, by its memos and by the attempts that it is. */
static void take_landing(void *self, const struct ls_sim_landing *landing)
{
    ls_trial *trial = self;
    struct ls_stored_attempt attempt;
    size_t members = 0;
    if (trial->landings_at++ < trial->landings_seen) return;
    trial->landings_seen++;
    for (int64_t id = 1; id <= ls_memory_store_last_id(trial->store); id++) {
        if (!attempt_of(trial, (ls_op_id){id}, &landing->signature, &attempt)) continue;
        members++;
        take_attempt(trial, landing, (ls_op_id){id}, &attempt);
    }
    if (members != landing->memo_count) {
        trial_violate(trial, "S2",
                      "a transaction of %zu operations landed in slot %" PRId64
                      ", durable for %zu of them: %s",
                      landing->memo_count, landing->slot, members, landing->memos);
    }
    if (members > 1) trial->packed++;
    const char *memo = landing->memos;
    for (size_t i = 0; i < landing->memo_count; i++, memo += strlen(memo) + 1)
        take_effect(trial, landing, memo);
}

/* S3 and S4 of one operation that changed. */
static void judge_op(ls_trial *trial, const struct ls_op_row *row)
{
    struct ls_stored_attempt attempts[ATTEMPTS_MAX];
    size_t count = ls_memory_store_attempts(trial->store, row->op, attempts, ATTEMPTS_MAX);
    int32_t live = 0;
    int32_t landed = 0;
    for (size_t i = 0; i < count; i++) {
        bool has_error = false;
        bool is_final =
            ls_sim_ledger_is_finalized(trial->ledger, &attempts[i].signature, &has_error);
        if (attempts[i].state == LS_ATTEMPT_LIVE) live++;
        if (is_final && !has_error) landed++;
        if (is_final && attempts[i].state == LS_ATTEMPT_DEAD) {
            trial_violate(trial, "S3",
                          "op %" PRId64 " attempt %" PRId32 " is called dead and is final",
                          row->op.value, attempts[i].attempt);
        }
        if (attempts[i].state == LS_ATTEMPT_ERRORED && !(is_final && has_error)) {
            trial_violate(trial, "S4",
                          "op %" PRId64 " attempt %" PRId32 " is called errored and is not",
                          row->op.value, attempts[i].attempt);
        }
        if (attempts[i].state == LS_ATTEMPT_LANDED && (!is_final || has_error)) {
            trial_violate(trial, "S4",
                          "op %" PRId64 " attempt %" PRId32 " is called landed and is not",
                          row->op.value, attempts[i].attempt);
        }
    }
    if (live > 1) {
        trial_violate(trial, "S3", "op %" PRId64 " has %" PRId32 " live attempts",
                      row->op.value, live);
    }
    if (row->state == LS_STATE_DONE && landed == 0)
        trial_violate(trial, "S4", "op %" PRId64 " is done and never landed", row->op.value);
    if (row->state == LS_STATE_FAILED && (live > 0 || landed > 0)) {
        trial_violate(trial, "S4",
                      "op %" PRId64 " failed with %" PRId32 " live, %" PRId32
                      " landed attempts",
                      row->op.value, live, landed);
    }
    if (row->state == LS_STATE_CANCELLED && (live > 0 || landed > 0)) {
        trial_violate(trial, "S4",
                      "op %" PRId64 " was cancelled with %" PRId32 " live, %" PRId32
                      " landed attempts",
                      row->op.value, live, landed);
    }
}

void judge_step(ls_trial *trial)
{
    trial->landings_at = 0;
    ls_sim_ledger_landings(trial->ledger, take_landing, trial);
    for (size_t i = 0; i < trial->op_count; i++) {
        struct watched *op = &trial->ops[i];
        struct ls_op_row row;
        if (!ls_memory_store_op(trial->store, op->op, &row)) continue;
        int64_t token = ls_memory_store_token(trial->store, op->op);
        if (token < op->token || row.version < op->version) {
            trial_violate(trial, "S5", "op %" PRId64 ": token or version went back",
                          op->op.value);
        }
        op->token = token;
        if (row.version == op->version) continue;
        op->version = row.version;
        judge_op(trial, &row);
    }
}

static bool is_open(enum ls_state state)
{
    return state == LS_STATE_READY || state == LS_STATE_LEASED || state == LS_STATE_SUBMITTED;
}

/* Nothing is under way, and what is blocked waits for a person. */
bool judge_is_settled(ls_trial *trial)
{
    bool has_stopper = false;
    bool has_blocked = false;
    for (int64_t id = 1; id <= ls_memory_store_last_id(trial->store); id++) {
        struct ls_op_row row;
        if (!ls_memory_store_op(trial->store, (ls_op_id){id}, &row)) return false;
        if (is_open(row.state)) return false;
        if (row.state == LS_STATE_HELD && row.sub == LS_SUB_AMBIGUOUS) return false;
        if (row.state == LS_STATE_BLOCKED) has_blocked = true;
        if (row.state == LS_STATE_FAILED || row.state == LS_STATE_HELD) has_stopper = true;
    }
    for (size_t i = 0; i < trial->op_count; i++)
        if (trial->ops[i].op.value == 0) return false;
    return !has_blocked || has_stopper;
}

/* L2 and S7: the ledger and the store tell the same story. */
static void judge_story(ls_trial *trial, const struct watched *op)
{
    struct ls_op_row row;
    if (!ls_memory_store_op(trial->store, op->op, &row)) return;
    bool is_done = row.state == LS_STATE_DONE || row.state == LS_STATE_COMPENSATED;
    if (is_done != (op->landed == 1)) {
        trial_violate(trial, "L2", "op %" PRId64 " is %s and landed %" PRId32 " times",
                      op->op.value, ls_state_name(row.state), op->landed);
    }
    if (op->shape == SHAPE_HOPELESS && is_done)
        trial_violate(trial, "S4", "op %" PRId64 " can not have landed", op->op.value);
    if (op->shape != SHAPE_TRANSFER) return;
    uint64_t balance = ls_sim_ledger_balance(trial->ledger, &op->to);
    uint64_t due = is_done ? op->amount : 0;
    if (balance != due) {
        trial_violate(trial, "S7",
                      "op %" PRId64 " is %s and moved %" PRIu64 " of %" PRIu64 " lamports",
                      op->op.value, ls_state_name(row.state), balance, op->amount);
    }
}

void judge_end(ls_trial *trial)
{
    for (int64_t id = 1; id <= ls_memory_store_last_id(trial->store); id++) {
        struct ls_op_row row;
        if (!ls_memory_store_op(trial->store, (ls_op_id){id}, &row)) continue;
        trial_trace(trial, "op %-4" PRId64 " ends %s %s, %" PRId32 " attempts %s", id,
                    ls_state_name(row.state), ls_sub_name(row.sub), row.attempts_made,
                    row.cause);
    }
    for (size_t i = 0; i < trial->op_count; i++) judge_story(trial, &trial->ops[i]);
    judge_batches(trial);
    if (judge_is_settled(trial)) return;
    for (int64_t id = 1; id <= ls_memory_store_last_id(trial->store); id++) {
        struct ls_op_row row;
        if (!ls_memory_store_op(trial->store, (ls_op_id){id}, &row)) continue;
        if (is_open(row.state) || row.state == LS_STATE_BLOCKED || row.state == LS_STATE_HELD) {
            trial_violate(trial, "L1", "op %" PRId64 " is still %s %s", id,
                          ls_state_name(row.state), ls_sub_name(row.sub));
        }
    }
    trial_violate(trial, "L1", "an operation was never enqueued");
}
