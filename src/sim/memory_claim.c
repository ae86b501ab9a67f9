/* Who may work on what: CLAIM and ADOPT, and the tokens that they give. */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/core/kinds.h"
#include "memory_rows.h"

static int by_claim_order(const void *a, const void *b)
{
    const struct ls_op_row *left = &(*(struct memory_op *const *)a)->row;
    const struct ls_op_row *right = &(*(struct memory_op *const *)b)->row;
    if (left->lane != right->lane) return left->lane < right->lane ? -1 : 1;
    if (left->run_at_ms != right->run_at_ms) return left->run_at_ms < right->run_at_ms ? -1 : 1;
    if (left->op.value == right->op.value) return 0;
    return left->op.value < right->op.value ? -1 : 1;
}

static void give(const struct memory_call *call, struct memory_op *op)
{
    op->token = ++call->store->last_token;
    op->owner = *call->worker_id;
    memory_mark(call->store, op);
}

/* The digits of a payload's "lamports" or "amount"; of "all" the ledger says how much it is, so
 * it counts as more than any limit. */
static bool amount_of(const char *payload, uint64_t *amount_out)
{
    static const char *const names[] = {"\"lamports\"", "\"amount\""};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *at = strstr(payload, names[i]);
        if (at == NULL) continue;
        at += strlen(names[i]);
        at += strspn(at, " :\"");
        *amount_out = strncmp(at, "all", 3) == 0 ? UINT64_MAX : strtoull(at, NULL, 10);
        return true;
    }
    return false;
}

bool memory_is_strict(const struct ls_memory_store *store, const struct memory_op *op)
{
    const struct ls_memory_kind *kind = &store->kinds[op->row.kind];
    uint64_t amount = 0;
    return kind->has_value_limit && amount_of(op->payload, &amount) &&
           amount > kind->value_limit;
}

static struct ls_stored_op hand_out(const struct memory_call *call, const struct memory_op *op)
{
    const struct memory_nonce *nonce = memory_nonce_of(call->store, op);
    const struct memory_op *needs = op->needs;
    struct ls_stored_op out = {
        .op = op->row.op,
        .token = op->token,
        .kind = op->row.kind,
        .state = op->row.state,
        .sub = op->row.sub,
        .request = op->row.request,
        .lane = op->row.lane,
        .attempts_made = op->row.attempts_made,
        .attempts_round = op->attempts_round,
        .attempts_max = op->row.attempts_max,
        .age_ms = memory_now(call->store) - op->row.created_ms,
        .key = op->row.key,
        .payload = op->payload,
        .payload_bytes = op->payload_bytes,
        .has_mint = needs != NULL && needs->has_mint,
        .original_signature = op->undoes == NULL ? NULL : op->undoes->row.signature,
        .fence = op->fence,
        .is_strict = memory_is_strict(call->store, op),
        .is_pinned = memory_is_pinned(op),
        .signer = op->signer,
        .has_nonce = op->has_nonce,
        .nonce = op->nonce,
        .has_marker = op->has_marker,
        .marker = op->marker,
    };
    if (nonce != NULL) {
        out.has_nonce = true;
        out.nonce = nonce->address;
        out.nonce_slot = nonce->slot;
    }
    if (out.has_mint) {
        out.mint = needs->mint;
        out.mint_is_2022 = needs->mint_is_2022;
    }
    if (memory_is_atomic(call->store, op)) {
        out.batch = op->batch;
        out.batch_size = memory_batch(call->store, op->batch)->total;
    }
    return out;
}

/* Every operation that this worker may lease now, in no order. */
static size_t find_due(const struct memory_call *call, struct memory_op **due)
{
    const struct memory_worker *worker = memory_worker(call->store, *call->worker_id);
    int64_t now = memory_now(call->store);
    const uint32_t lanes = call->request->lanes;
    size_t count = 0;
    if (worker == NULL || worker->is_lost || worker->is_gone) return 0;
    for (size_t i = 0; i < call->store->op_count; i++) {
        struct memory_op *op = call->store->ops[i];
        if (op->is_open || op->row.state != LS_STATE_READY || op->row.run_at_ms > now) continue;
        if (lanes != 0 && (lanes >> (unsigned)op->row.lane & 1u) == 0) continue;
        if (!ls_kinds_has(worker->row.works_on, op->row.kind)) continue;
        if (memory_is_gated(call->store, op, worker->row.payer)) continue;
        if (memory_is_landed(call->store, op)) continue;
        due[count++] = op;
    }
    return count;
}

/* The newest LS_STORE_ATTEMPTS_MAX attempts, oldest first; NULL out of memory. */
static const struct ls_stored_attempt *
copy_attempts(ls_arena *arena, const struct memory_op *op, size_t *count_out)
{
    size_t all = 0;
    for (const struct memory_attempt *it = op->attempts; it != NULL; it = it->next) all++;
    size_t count = all < LS_STORE_ATTEMPTS_MAX ? all : LS_STORE_ATTEMPTS_MAX;
    struct ls_stored_attempt *copies = ls_arena_take(arena, count * sizeof *copies);
    if (copies == NULL) return NULL;
    size_t at = 0;
    for (const struct memory_attempt *it = op->attempts; it != NULL; it = it->next) {
        if (at + count >= all) copies[at + count - all] = it->stored;
        at++;
    }
    *count_out = count;
    return copies;
}

/* Put a due operation among the chosen; the first of an atomic batch with all of it, where
 * there is room, none of it is gated and the worker may begin all of it. */
static size_t choose(const struct memory_call *call,
                     struct memory_op *op,
                     struct memory_op **chosen,
                     size_t count)
{
    const struct memory_worker *worker = memory_worker(call->store, *call->worker_id);
    size_t limit = (size_t)call->request->limit;
    size_t before = count;
    if (!memory_is_atomic(call->store, op)) {
        if (count == limit) return count;
        if (op->fence == LS_FENCE_NONCE &&
            !memory_nonce_bind(call->store, op, worker->row.payer))
            return count; /* it waits for one to become free */
        chosen[count++] = op;
        return count;
    }
    for (size_t i = 0; i < call->store->op_count; i++) {
        struct memory_op *member = call->store->ops[i];
        if (member->batch != op->batch) continue;
        if (!ls_kinds_has(worker->row.works_on, member->row.kind)) return before;
        if (member != op && member->row.state != LS_STATE_BLOCKED) {
            bool moved =
                memory_move(call->store, op, LS_STATE_BLOCKED, LS_SUB_BATCH, LS_MOVER_STORE);
            assert(moved);
            return before;
        }
        if (count == limit || memory_is_gated(call->store, member, worker->row.payer))
            return before;
        chosen[count++] = member;
    }
    return count;
}

/* Whether it may be of a chain, its place in the entity aside. */
static bool may_chain(const struct memory_call *call, const struct memory_op *op)
{
    const bool is_packed = (call->request->pack_kinds >> (unsigned)op->row.kind & 1u) != 0;
    return is_packed && memory_part_bytes(op) > 0 && op->fence == LS_FENCE_EXPIRY &&
           op->batch == 0 && op->undoes == NULL && op->row.attempts_made == 0;
}

static bool may_follow(const struct memory_call *call, struct memory_op *op)
{
    const struct memory_worker *worker = memory_worker(call->store, *call->worker_id);
    const bool waits = op->row.state == LS_STATE_BLOCKED && op->row.sub == LS_SUB_ENTITY &&
                       op->row.run_at_ms <= memory_now(call->store) &&
                       (op->needs == NULL || op->needs->row.state == LS_STATE_DONE);
    return waits && may_chain(call, op) && ls_kinds_has(worker->row.works_on, op->row.kind) &&
           !memory_is_gated(call->store, op, worker->row.payer) &&
           !memory_is_landed(call->store, op);
}

/* Whether a lower one of its entity, committed late, waits for it: that one is next. */
static bool has_lower(const struct memory_op *head)
{
    for (const struct memory_op *op = head->entity->first; op != head; op = op->entity_next)
        if (!op->is_open && !ls_state_is_terminal(op->row.state)) return true;
    return false;
}

/* With the operation that was handed out at `at` those right behind it in its entity, as far
 * as they may share its transaction. */
static size_t
lease_chain(const struct memory_call *call, struct ls_stored_op *ops, size_t at, size_t count)
{
    enum { MEMBERS = 32 };
    const struct memory_op *head = memory_find(call->store, ops[at].op);
    ls_op_id before = ops[at].op;
    if (head->entity == NULL || !may_chain(call, head) || has_lower(head)) return count;
    size_t bytes = memory_part_bytes(head);
    enum ls_kind highest = head->row.kind;
    size_t members = 1;
    for (struct memory_op *op = head->entity_next; op != NULL; op = op->entity_next) {
        if (op->is_open || ls_state_is_terminal(op->row.state)) continue;
        if (!may_follow(call, op)) break;
        bytes += memory_part_bytes(op);
        if (op->row.kind > highest) highest = op->row.kind;
        if (bytes + memory_rest_bytes(highest) > LS_TX_BYTES_MAX) break;
        if (++members > MEMBERS || count == (size_t)call->request->limit) break;
        bool moved =
            memory_move(call->store, op, LS_STATE_LEASED, LS_SUB_NONE, LS_MOVER_WORKER);
        assert(moved);
        give(call, op);
        ops[count] = hand_out(call, op);
        ops[count].chain = ops[at].chain = head->row.op.value;
        ops[count++].after = before;
        before = op->row.op;
    }
    return count;
}

void memory_claim(const struct memory_call *call)
{
    size_t limit = (size_t)call->request->limit;
    struct ls_stored_op *ops = ls_arena_take(call->arena, limit * sizeof *ops);
    struct memory_op **chosen = ls_arena_take(call->arena, limit * sizeof(struct memory_op *));
    struct memory_op **due =
        ls_arena_take(call->arena, call->store->op_count * sizeof(struct memory_op *));
    if (ops == NULL || due == NULL || chosen == NULL) {
        call->reply->err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "store claim");
        return;
    }
    size_t due_count = find_due(call, due);
    size_t count = 0;
    qsort(due, due_count, sizeof(struct memory_op *), by_claim_order);
    for (size_t i = 0; i < due_count; i++) count = choose(call, due[i], chosen, count);
    for (size_t i = 0; i < count; i++) {
        bool moved =
            memory_move(call->store, chosen[i], LS_STATE_LEASED, LS_SUB_NONE, LS_MOVER_WORKER);
        assert(moved);
        give(call, chosen[i]);
        ops[i] = hand_out(call, chosen[i]);
        if (chosen[i]->attempts == NULL) continue;
        ops[i].attempts = copy_attempts(call->arena, chosen[i], &ops[i].attempt_count);
        if (ops[i].attempts == NULL) {
            call->reply->err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "store claim");
            return;
        }
    }
    for (size_t i = 0, heads = count; i < heads; i++) count = lease_chain(call, ops, i, count);
    call->reply->ops = ops;
    call->reply->op_count = count;
}

static bool is_known(const struct ls_store_request *request, ls_op_id op)
{
    for (size_t i = 0; i < request->known_count; i++)
        if (request->known[i].value == op.value) return true;
    return false;
}

static bool is_adoptable(const struct memory_call *call, const struct memory_op *op)
{
    if (op->is_open || op->row.state != LS_STATE_SUBMITTED) return false;
    if (op->owner == 0) return true;
    return op->owner == *call->worker_id && !is_known(call->request, op->row.op);
}

void memory_adopt(const struct memory_call *call)
{
    const struct memory_worker *worker = memory_worker(call->store, *call->worker_id);
    size_t limit = (size_t)call->request->limit;
    struct ls_stored_op *ops = ls_arena_take(call->arena, limit * sizeof *ops);
    size_t count = 0;
    if (ops == NULL) {
        call->reply->err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "store adopt");
        return;
    }
    bool may = worker != NULL && !worker->is_lost && !worker->is_gone;
    for (size_t i = 0; may && i < call->store->op_count && count < limit; i++) {
        struct memory_op *op = call->store->ops[i];
        if (!is_adoptable(call, op)) continue;
        size_t attempts = 0;
        const struct ls_stored_attempt *copies = copy_attempts(call->arena, op, &attempts);
        if (copies == NULL) break;
        give(call, op);
        ops[count] = hand_out(call, op);
        ops[count].attempts = copies;
        ops[count++].attempt_count = attempts;
    }
    call->reply->ops = ops;
    call->reply->op_count = count;
}
