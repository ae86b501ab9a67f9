/* The judge: S1 to S7 after each step, from the ledger's truth and the store's rows, never
 * from what the worker believes. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "lockstep/base/base58.h"
#include "trial_private.h"

enum { ATTEMPTS_MAX = LS_STORE_ATTEMPTS_MAX * 4, RECORDS_MIN = 64 };

struct watched *judge_watched(ls_trial *trial, ls_op_id op)
{
    const int64_t place = index_get(&trial->by_id, index_hash(&op.value, sizeof op.value));
    if (place < 0 || trial->ops[place].op.value != op.value) return NULL;
    return &trial->ops[place];
}

static struct record *record_of(ls_trial *trial, ls_op_id op)
{
    const size_t place = (size_t)op.value;
    if (place >= trial->record_capacity) {
        size_t capacity = trial->record_capacity == 0 ? RECORDS_MIN : trial->record_capacity;
        while (capacity <= place) capacity *= 2;
        struct record *records = realloc(trial->records, capacity * sizeof *records);
        if (records == NULL) {
            trial->err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "trial");
            return NULL;
        }
        memset(records + trial->record_capacity, 0,
               (capacity - trial->record_capacity) * sizeof *records);
        trial->records = records;
        trial->record_capacity = capacity;
    }
    return &trial->records[place];
}

void judge_forget(ls_trial *trial)
{
    if (trial->records != NULL)
        memset(trial->records, 0, trial->record_capacity * sizeof *trial->records);
    trial->open_count = trial->ambiguous_count = 0;
    trial->blocked_count = trial->stopper_count = 0;
    memset(trial->ready, 0, sizeof trial->ready);
}

/* ---- attempts by signature */

static uint64_t hash_of(const struct ls_signature *signature)
{
    return index_hash(signature->bytes, sizeof signature->bytes);
}

static bool is_member(const ls_trial *trial, int64_t first, ls_op_id op)
{
    for (int64_t at = first; at >= 0; at = trial->members[at].next)
        if (trial->members[at].op.value == op.value) return true;
    return false;
}

static bool add_member(ls_trial *trial, uint64_t hash, ls_op_id op)
{
    const int64_t first = index_get(&trial->by_signature, hash);
    if (is_member(trial, first, op)) return true;
    if (trial->member_count == trial->member_capacity) {
        const size_t capacity =
            trial->member_capacity == 0 ? RECORDS_MIN : trial->member_capacity * 2;
        struct member *members = realloc(trial->members, capacity * sizeof *members);
        if (members == NULL) return false;
        trial->members = members;
        trial->member_capacity = capacity;
    }
    const size_t place = trial->member_count++;
    trial->members[place] = (struct member){op, judge_undo(trial, op), first};
    return index_set(&trial->by_signature, hash, (int64_t)place);
}

void judge_intent(ls_trial *trial, const struct ls_store_request *request)
{
    if (request->verb != LS_STORE_INTENT) return;
    for (size_t i = 0; i < request->intent_count; i++) {
        const struct ls_intent_row *row = &request->intents[i];
        if (!add_member(trial, hash_of(&row->signature), row->op))
            trial->err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "trial");
    }
}

static bool has_attempt(const ls_trial *trial,
                        ls_op_id op,
                        const struct ls_signature *signature,
                        struct ls_stored_attempt *attempt_out)
{
    struct ls_stored_attempt attempts[ATTEMPTS_MAX];
    const size_t count = ls_memory_store_attempts(trial->store, op, attempts, ATTEMPTS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!ls_signature_equal(&attempts[i].signature, signature)) continue;
        *attempt_out = attempts[i];
        return true;
    }
    return false;
}

/* The next member from `*at` on that has the attempt, moving behind it; false at the end. */
static bool next_attempt(const ls_trial *trial,
                         int64_t *at,
                         const struct ls_signature *signature,
                         ls_op_id *op_out,
                         struct ls_stored_attempt *attempt_out)
{
    while (*at >= 0) {
        const struct member *member = &trial->members[*at];
        *at = member->next;
        *op_out = member->op;
        if (has_attempt(trial, member->op, signature, attempt_out)) return true;
    }
    return false;
}

/* ---- S2: what is about to be sent is durable, byte for byte */

static int64_t digest_of(const uint8_t *bytes, size_t count)
{
    return (int64_t)(index_hash(bytes, count) >> 1);
}

/* What a failover loses was durable where it was written, and its worker need not know of the
 * failover yet: no check before a send could close that gap. It is harmless because it can
 * not land later than its blockhash allows, and who signs on the new timeline waits for that
 * (rule F). So it may be sent, in the bytes that were durable. */
static void keep_durable(ls_trial *trial, const struct ls_stored_attempt *attempt)
{
    const int64_t digest = digest_of(attempt->tx, attempt->tx_bytes);
    if (attempt->tx_bytes == 0) return; /* not kept of what has ended */
    if (!index_set(&trial->durable, hash_of(&attempt->signature), digest))
        trial->err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "trial");
}

static bool was_durable(const ls_trial *trial,
                        const struct ls_signature *signature,
                        const uint8_t *tx,
                        size_t bytes)
{
    return ls_memory_store_timeline(trial->store) > 0 &&
           index_get(&trial->durable, hash_of(signature)) == digest_of(tx, bytes);
}

static void judge_tx(ls_trial *trial, const char *text, size_t length)
{
    uint8_t tx[LS_TX_BYTES_MAX];
    size_t bytes = 0;
    struct ls_signature signature;
    struct ls_stored_attempt attempt;
    ls_op_id op = {0};
    const int failed = sodium_base642bin(tx, sizeof tx, text, length, NULL, &bytes, NULL,
                                         sodium_base64_VARIANT_ORIGINAL);
    if (failed != 0 || bytes < 1 + sizeof signature) {
        trial_violate(trial, "S2", "a transaction of %zu characters is not base64", length);
        return;
    }
    memcpy(signature.bytes, tx + 1, sizeof signature);
    int64_t at = index_get(&trial->by_signature, hash_of(&signature));
    if (!next_attempt(trial, &at, &signature, &op, &attempt)) {
        if (!was_durable(trial, &signature, tx, bytes))
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

/* ---- landings: S1, S6, and that what lands was durable and not given up */

struct watched *judge_by_memo(ls_trial *trial, const char *memo)
{
    if (strncmp(memo, "ls1:", 4) != 0) return NULL;
    const char *tag = memo + 4;
    const int64_t place = index_get(&trial->by_tag, index_hash(tag, strcspn(tag, " ")));
    return place < 0 ? NULL : &trial->ops[place];
}

static void count_landing(ls_trial *trial,
                          const struct ls_sim_landing *landing,
                          ls_op_id op,
                          int32_t *landed)
{
    if (landing->has_error) return;
    if (++*landed > 1)
        trial_violate(trial, "S1", "op %" PRId64 " landed %" PRId32 " times", op.value,
                      *landed);
}

bool judge_has_memo_of(ls_trial *trial,
                       const struct ls_sim_landing *landing,
                       const struct watched *watched)
{
    const char *memo = landing->memos;
    for (size_t i = 0; i < landing->memo_count; i++, memo += strlen(memo) + 1)
        if (judge_by_memo(trial, memo) == watched) return true;
    return false;
}

/* Dead by its sibling's marker, an attempt may still land without effect. */
static bool may_abort(const struct watched *watched, bool has_error)
{
    return has_error && watched != NULL && watched->has_marker;
}

/* An operation whose attempt this landing is. */
static void take_attempt(ls_trial *trial,
                         const struct ls_sim_landing *landing,
                         ls_op_id op,
                         const struct ls_stored_attempt *attempt)
{
    const struct watched *watched = judge_watched(trial, op);
    if (attempt->state == LS_ATTEMPT_DEAD && !attempt->is_cancel &&
        !may_abort(watched, landing->has_error)) {
        trial_violate(trial, "S3",
                      "op %" PRId64 " attempt %" PRId32 " landed after it was called dead",
                      op.value, attempt->attempt);
    }
    trial_trace(trial, "op %-4" PRId64 " attempt %" PRId32 " is final in slot %" PRId64 "%s",
                op.value, attempt->attempt, landing->slot, landing->has_error ? ": error" : "");
    if (attempt->is_cancel) { /* it is not the operation */
        if (landing->memo_count > 0)
            trial_violate(trial, "S6", "op %" PRId64 " was cancelled with a memo", op.value);
        return;
    }
    struct record *record = watched == NULL ? record_of(trial, op) : NULL;
    if (record != NULL) count_landing(trial, landing, op, &record->landed);
    if (watched != NULL && !judge_has_memo_of(trial, landing, watched)) {
        trial_violate(trial, "S6", "op %" PRId64 " landed without its memo, with '%s'",
                      op.value, landing->memos);
    }
}

/* One memo of a landed transaction: the operation that it names has landed. */
static void take_effect(ls_trial *trial, const struct ls_sim_landing *landing, const char *memo)
{
    struct ls_stored_attempt attempt;
    struct watched *watched = judge_by_memo(trial, memo);
    if (watched == NULL) return; /* a compensation: its key is the store's */
    if (ls_memory_store_timeline(trial->store) == 0 &&
        !has_attempt(trial, watched->op, &landing->signature, &attempt)) {
        trial_violate(trial, "S2",
                      "op %" PRId64 " landed with a transaction that is not its own",
                      watched->op.value);
    }
    judge_whole(trial, landing, watched->batch);
    if (landing->has_error) watched->errored++;
    if (!landing->has_error) judge_supply(trial, watched);
    count_landing(trial, landing, watched->op, &watched->landed);
}

/* Whether what landed was durable for each of its operations. */
static void judge_members(ls_trial *trial, const struct ls_sim_landing *landing, size_t members)
{
    if (members == landing->memo_count) return;
    const bool was_kept = index_get(&trial->durable, hash_of(&landing->signature)) >= 0;
    if (was_kept && ls_memory_store_timeline(trial->store) > 0) {
        trial_trace(trial, "a lost attempt is final in slot %" PRId64 "%s", landing->slot,
                    landing->has_error ? ": error" : "");
        return;
    }
    trial_violate(trial, "S2",
                  "a transaction of %zu operations landed in slot %" PRId64
                  ", durable for %zu of them: %s",
                  landing->memo_count, landing->slot, members, landing->memos);
}

/* S1, S2, S3 and S6 of what has landed, by its memos and by the attempts that it is. */
static void take_landing(void *self, const struct ls_sim_landing *landing)
{
    ls_trial *trial = self;
    struct ls_stored_attempt attempt;
    ls_op_id op;
    size_t members = 0;
    int64_t at = index_get(&trial->by_signature, hash_of(&landing->signature));
    trial->landings_seen++;
    while (next_attempt(trial, &at, &landing->signature, &op, &attempt)) {
        if (!attempt.is_cancel) members++; /* what cancels carries no operation */
        take_attempt(trial, landing, op, &attempt);
    }
    judge_members(trial, landing, members);
    if (members > 1) trial->packed++;
    if (!landing->has_error) judge_undone(trial, landing);
    judge_row(trial, landing);
    const char *memo = landing->memos;
    for (size_t i = 0; i < landing->memo_count; i++, memo += strlen(memo) + 1)
        take_effect(trial, landing, memo);
}

/* ---- S3, S4 and S5 of one operation that changed */

struct tally {
    int32_t live;
    int32_t landed;
    struct ls_hash value; /* of the live ones */
    bool is_mixed;        /* they have not all the same */
};

/* Those that share a nonce's value exclude each other. */
static void tally_live(const struct ls_stored_attempt *attempt, struct tally *tally)
{
    if (tally->live++ > 0 &&
        memcmp(tally->value.bytes, attempt->blockhash.bytes, LS_HASH_BYTES) != 0)
        tally->is_mixed = true;
    tally->value = attempt->blockhash;
}

static void judge_attempt(ls_trial *trial,
                          ls_op_id op,
                          const struct ls_stored_attempt *attempt,
                          struct tally *tally)
{
    bool has_error = false;
    const bool is_final =
        ls_sim_ledger_is_finalized(trial->ledger, &attempt->signature, &has_error);
    const char *wrong = NULL;
    keep_durable(trial, attempt);
    if (attempt->state == LS_ATTEMPT_LIVE) tally_live(attempt, tally);
    if (is_final && !has_error && !attempt->is_cancel) tally->landed++;
    if (attempt->state == LS_ATTEMPT_ADVANCED && !(is_final && attempt->is_cancel))
        wrong = "advanced";
    if (attempt->state == LS_ATTEMPT_ERRORED && !(is_final && has_error)) wrong = "errored";
    if (attempt->state == LS_ATTEMPT_LANDED && (!is_final || has_error)) wrong = "landed";
    const struct watched *watched = judge_watched(trial, op);
    /* What only moved a nonce on has no effect that could be missed. */
    if (is_final && attempt->state == LS_ATTEMPT_DEAD && !attempt->is_cancel &&
        !may_abort(watched, has_error)) {
        trial_violate(trial, "S3",
                      "op %" PRId64 " attempt %" PRId32 " is called dead and is final",
                      op.value, attempt->attempt);
    }
    if (wrong != NULL) {
        trial_violate(trial, "S4", "op %" PRId64 " attempt %" PRId32 " is called %s and is not",
                      op.value, attempt->attempt, wrong);
    }
}

static void judge_op(ls_trial *trial, const struct ls_op_row *row)
{
    struct ls_stored_attempt attempts[ATTEMPTS_MAX];
    struct tally tally = {0};
    const size_t count =
        ls_memory_store_attempts(trial->store, row->op, attempts, ATTEMPTS_MAX);
    for (size_t i = 0; i < count; i++) judge_attempt(trial, row->op, &attempts[i], &tally);
    const struct watched *watched = judge_watched(trial, row->op);
    const bool has_nonce = watched != NULL && watched->has_nonce;
    const bool has_marker = watched != NULL && watched->has_marker;
    if (!has_marker && (has_nonce ? tally.is_mixed : tally.live > 1)) {
        trial_violate(trial, "S3", "op %" PRId64 " has %" PRId32 " live attempts",
                      row->op.value, tally.live);
    }
    const bool has_landed = tally.landed > 0 || (has_marker && watched->landed > 0);
    if (row->state == LS_STATE_DONE && !has_landed)
        trial_violate(trial, "S4", "op %" PRId64 " is done and never landed", row->op.value);
    const bool is_over = row->state == LS_STATE_FAILED || row->state == LS_STATE_CANCELLED;
    const bool is_told = tally.landed > 0 && judge_is_told(trial, row, tally.landed);
    if (is_over && (tally.live > 0 || (tally.landed > 0 && !is_told))) {
        trial_violate(trial, "S4",
                      "op %" PRId64 " is %s with %" PRId32 " live, %" PRId32 " landed attempts",
                      row->op.value, ls_state_name(row->state), tally.live, tally.landed);
    }
}

static bool is_open(enum ls_state state)
{
    return state == LS_STATE_READY || state == LS_STATE_LEASED || state == LS_STATE_SUBMITTED;
}

/* Keep count of what is under way, blocked, or waits for a person. */
static void count_state(ls_trial *trial, const struct record *record, int64_t by)
{
    const enum ls_state state = record->state;
    if (is_open(state)) trial->open_count += by;
    if (state == LS_STATE_READY) trial->ready[record->entity_at] += by;
    if (record->is_ambiguous) trial->ambiguous_count += by;
    if (state == LS_STATE_BLOCKED) trial->blocked_count += by;
    if (state == LS_STATE_FAILED || state == LS_STATE_HELD) trial->stopper_count += by;
}

static void take_change(void *self, ls_op_id op)
{
    ls_trial *trial = self;
    struct ls_op_row row;
    if (!ls_memory_store_op(trial->store, op, &row)) return;
    struct record *record = record_of(trial, op);
    if (record == NULL) return;
    const int64_t token = ls_memory_store_token(trial->store, op);
    if (token < record->token || row.version < record->version)
        trial_violate(trial, "S5", "op %" PRId64 ": token or version went back", op.value);
    const bool is_changed = row.version != record->version;
    if (record->version != 0) count_state(trial, record, -1);
    const bool is_stopped = row.state == LS_STATE_FAILED || row.state == LS_STATE_HELD;
    if (is_stopped && record->version != 0 && record->state != row.state)
        trial->has_decided = true;
    if (row.state == LS_STATE_LEASED && record->state != row.state) person_aim(trial, op);
    struct watched *watched = judge_watched(trial, op);
    const bool goes_again = record->state == LS_STATE_FAILED && row.state != LS_STATE_FAILED &&
                            !ls_state_is_terminal(row.state);
    if (watched != NULL && goes_again) judge_again(trial, watched);
    const bool is_done = row.state == LS_STATE_DONE && record->state != LS_STATE_DONE;
    if (watched != NULL && is_done) person_mind(trial, watched);
    record->token = token;
    record->version = row.version;
    record->state = row.state;
    record->entity_at = watched == NULL ? 0 : watched->entity_at;
    record->is_ambiguous = row.state == LS_STATE_HELD && row.sub == LS_SUB_AMBIGUOUS;
    count_state(trial, record, 1);
    if (watched != NULL && row.attempts_made > record->attempts_made) {
        judge_order(trial, watched, &row);
        judge_line(trial, watched);
        stranger_look(trial, watched);
    }
    record->attempts_made = row.attempts_made;
    if (is_changed) judge_op(trial, &row);
}

/* Of another policy's worker the landings alone are counted. */
static void count_only(void *self, const struct ls_sim_landing *landing)
{
    ls_trial *trial = self;
    const char *memo = landing->memos;
    trial->landings_seen++;
    for (size_t i = 0; i < landing->memo_count; i++, memo += strlen(memo) + 1) {
        struct watched *watched = judge_by_memo(trial, memo);
        if (watched == NULL || landing->has_error) continue;
        trial_trace(trial, "op %-4" PRId64 " is final in slot %" PRId64, watched->op.value,
                    landing->slot);
        if (++watched->landed > 1) trial_mark(trial, "S1");
    }
}

/* S8: nothing failed or was held without an entry in the audit trail. */
static void judge_decisions(ls_trial *trial)
{
    const int64_t decisions = ls_memory_store_decision_count(trial->store);
    const int64_t actions = ls_memory_store_audit_count(trial->store);
    if (trial->has_decided && decisions == trial->decisions_seen &&
        actions == trial->actions_seen)
        trial_violate(trial, "S8", "an operation failed or was held without an entry");
    trial->has_decided = false;
    trial->decisions_seen = decisions;
    trial->actions_seen = actions;
}

void judge_step(ls_trial *trial)
{
    if (!trial_is_ours(trial)) {
        ls_sim_ledger_landings(trial->ledger, trial->landings_seen, count_only, trial);
        return;
    }
    ls_sim_ledger_landings(trial->ledger, trial->landings_seen, take_landing, trial);
    ls_memory_store_changes(trial->store, take_change, trial);
    judge_ready(trial);
    judge_decisions(trial);
}

/* Nothing is under way, and what is blocked waits for a person. */
bool judge_is_settled(const ls_trial *trial)
{
    return trial->open_count == 0 && trial->ambiguous_count == 0 && plan_is_done(trial) &&
           (trial->blocked_count == 0 || trial->stopper_count > 0 ||
            trial->blocked_count == (int64_t)plan_count_unsealed(trial));
}
