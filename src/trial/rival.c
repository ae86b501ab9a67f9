/* One rule each, on an otherwise careful worker. */
#include "rival.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    POLL_MS = 400,
    LOOK_MS = 2000,
    LEASE_MS = 5000,
    HEAD_MS = 2000,
    HEAD_STALE_MS = 10000,
    RESIGN_MS = 30000,
    BUMP_MS = 5000,
    TTL_MS = 20000,
    SIGNED_MAX = 8,
    NULLS_MIN = 2,
    MARGIN_HEIGHTS = 2,
};

struct rival *rival_new(struct process *process)
{
    struct rival *rival = calloc(1, sizeof *rival);
    if (rival == NULL) return NULL;
    rival->process = process;
    rival->ports = process_ports(process);
    rival->memory = calloc(process->trial->op_count, sizeof *rival->memory);
    if (rival->memory != NULL) return rival;
    free(rival);
    return NULL;
}

void rival_free(struct rival *rival)
{
    if (rival == NULL) return;
    for (size_t i = 0; i < rival->process->trial->op_count; i++)
        free(rival->memory[i].unwritten);
    free(rival->memory);
    free(rival);
}

static enum ls_policy policy_of(const struct rival *rival)
{
    return rival->process->trial->options.policy;
}

static struct rival_row *row_of(const struct rival *rival, size_t op)
{
    return &rival->process->trial->rows[op];
}

/* Write the row down; false when it is not known to be written. */
static bool write_row(struct rival *rival, size_t op, const struct rival_row *changed)
{
    const enum process_fate fate = process_store_fate(rival->process);
    static const char *const states[] = {"new", "sent", "done", "failed"};
    const bool is_written = fate == PROCESS_HAPPENS || fate == PROCESS_HAPPENS_UNSEEN;
    struct rival_row *row = row_of(rival, op);
    if (is_written &&
        (row->state != changed->state || row->signed_count != changed->signed_count)) {
        trial_trace(rival->process->trial, "w%d op %-4" PRId64 " is %s, signed %d times",
                    (int)rival->process->number, rival->process->trial->ops[op].op.value,
                    states[changed->state], (int)changed->signed_count);
    }
    if (is_written) *row = *changed;
    return fate == PROCESS_HAPPENS;
}

static bool end(struct rival *rival, size_t op, enum rival_state state)
{
    struct rival_row changed = *row_of(rival, op);
    changed.state = state;
    return write_row(rival, op, &changed);
}

static bool has_fresh_head(const struct rival *rival)
{
    return rival->has_head && rival->process->trial->now_ms - rival->head_ms < HEAD_STALE_MS;
}

/* Sign (anew), write it down, send it. */
static void sign_and_send(struct rival *rival, size_t op)
{
    struct rival_row changed = *row_of(rival, op);
    if (!has_fresh_head(rival)) return;
    if (!rival_sign(rival, op, &changed)) {
        (void)end(rival, op, RIVAL_FAILED); /* tried again when it is not written */
        return;
    }
    changed.state = RIVAL_SENT;
    rival->memory[op].nulls = 0;
    if (write_row(rival, op, &changed)) rival_send(rival, op, &changed);
}

/* The rule of SEND_BEFORE_STORE: what was accepted is written down. */
static void send_unwritten(struct rival *rival, size_t op)
{
    struct rival_memory *memory = &rival->memory[op];
    if (!has_fresh_head(rival)) return;
    if (memory->unwritten == NULL) memory->unwritten = calloc(1, sizeof *memory->unwritten);
    if (memory->unwritten == NULL) return;
    *memory->unwritten = *row_of(rival, op);
    if (!rival_sign(rival, op, memory->unwritten)) {
        (void)end(rival, op, RIVAL_FAILED); /* tried again when it is not written */
        return;
    }
    memory->unwritten->state = RIVAL_SENT;
    rival_send(rival, op, memory->unwritten);
    memory->is_sending = memory->is_asked;
}

static void begin_op(struct rival *rival, size_t op)
{
    if (policy_of(rival) == LS_POLICY_SEND_BEFORE_STORE) {
        send_unwritten(rival, op);
    } else {
        sign_and_send(rival, op);
    }
}

/* The careful rule, that all share: nothing can land any more, as far as they know. */
static bool has_expired(const struct rival *rival, size_t op)
{
    const struct rival_row *row = row_of(rival, op);
    return rival->finalized_height > row->last_valid_height + MARGIN_HEIGHTS &&
           rival->memory[op].nulls >= NULLS_MIN;
}

/* Whether the policy's own rule says that what is not seen may be replaced. */
static bool is_given_up(const struct rival *rival, size_t op, enum rival_seen seen)
{
    const ls_trial *trial = rival->process->trial;
    const struct rival_row *row = row_of(rival, op);
    switch (policy_of(rival)) {
    case LS_POLICY_RESIGN_TIMEOUT:
        return seen == RIVAL_ABSENT && weather_wall_ms(trial) - row->sent_wall_ms >= RESIGN_MS;
    case LS_POLICY_FEE_BUMP:
        return seen == RIVAL_ABSENT && trial->now_ms - row->sent_ms >= BUMP_MS;
    case LS_POLICY_TTL_FORGET: return weather_wall_ms(trial) - row->sent_wall_ms >= TTL_MS;
    case LS_POLICY_ERROR_IS_ABSENT: return seen == RIVAL_NO_ANSWER;
    case LS_POLICY_OURS:
    case LS_POLICY_SEND_BEFORE_STORE:
    case LS_POLICY_NEW_KEYPAIR_RETRY:
    case LS_POLICY_CONFIRMED_IS_FINAL:
    case LS_POLICY_HEIGHT_PASSED:
    case LS_POLICY_COUNT: break;
    }
    return false;
}

static void replace(struct rival *rival, size_t op)
{
    const struct rival_row *row = row_of(rival, op);
    if (row->signed_count < SIGNED_MAX) {
        begin_op(rival, op);
    } else if (has_expired(rival, op)) {
        (void)end(rival, op, RIVAL_FAILED); /* tried again when it is not written */
    }
}

void rival_on_look(struct rival *rival, size_t op, enum rival_seen seen)
{
    struct rival_memory *memory = &rival->memory[op];
    const struct rival_row *row = row_of(rival, op);
    if (row->state != RIVAL_SENT) return;
    memory->nulls = seen == RIVAL_ABSENT ? memory->nulls + 1 : 0;
    if (seen == RIVAL_FINAL || seen == RIVAL_ERRORED) {
        (void)end(rival, op, seen == RIVAL_FINAL ? RIVAL_DONE : RIVAL_FAILED);
    } else if (is_given_up(rival, op, seen) || has_expired(rival, op)) {
        replace(rival, op);
    } else if (seen == RIVAL_ABSENT) {
        rival_send(rival, op, row); /* the same bytes */
    }
}

void rival_on_sent(struct rival *rival, size_t op, enum rival_sent sent)
{
    struct rival_memory *memory = &rival->memory[op];
    const enum ls_policy policy = policy_of(rival);
    memory->due_ms = rival->process->trial->now_ms + LOOK_MS;
    if (memory->is_sending) {
        memory->is_sending = false;
        if (sent == RIVAL_ACCEPTED) (void)write_row(rival, op, memory->unwritten);
        if (sent == RIVAL_REFUSED) (void)end(rival, op, RIVAL_FAILED);
        return;
    }
    const struct rival_row *row = row_of(rival, op);
    if (row->state != RIVAL_SENT) return;
    if (sent == RIVAL_REFUSED && row->signed_count == 1) (void)end(rival, op, RIVAL_FAILED);
    if (sent != RIVAL_UNKNOWN || policy != LS_POLICY_NEW_KEYPAIR_RETRY) return;
    struct rival_row changed = *row;
    if (row->signed_count >= SIGNED_MAX) return;
    changed.variant++;
    if (write_row(rival, op, &changed)) sign_and_send(rival, op);
}

/* Whether the operation that it needs is done; its failure is its own. */
static bool has_needs(struct rival *rival, size_t op)
{
    const int32_t needs = rival->process->trial->ops[op].needs;
    if (needs < 0) return true;
    const enum rival_state state = row_of(rival, (size_t)needs)->state;
    if (state == RIVAL_FAILED) (void)end(rival, op, RIVAL_FAILED);
    return state == RIVAL_DONE;
}

/* It is this process's, or nobody's any more, and then it becomes this one's. */
static bool owns(struct rival *rival, size_t op)
{
    const struct rival_row *row = row_of(rival, op);
    const int64_t now_ms = rival->process->trial->now_ms;
    const bool is_own = row->owner == rival->process->number;
    if (is_own && row->lease_until_ms - now_ms > LEASE_MS / 2) return true;
    if (!is_own && row->lease_until_ms > now_ms) return false;
    struct rival_row changed = *row;
    changed.owner = rival->process->number;
    changed.lease_until_ms = now_ms + LEASE_MS;
    return write_row(rival, op, &changed);
}

static void work_on(struct rival *rival, size_t op)
{
    const ls_trial *trial = rival->process->trial;
    struct rival_memory *memory = &rival->memory[op];
    const struct rival_row *row = row_of(rival, op);
    const struct watched *watched = &trial->ops[op];
    if (watched->op.value == 0 || watched->is_open || memory->is_asked) return;
    if (row->state == RIVAL_DONE || row->state == RIVAL_FAILED) return;
    if (trial->now_ms < memory->due_ms || !owns(rival, op) || !has_needs(rival, op)) return;
    memory->due_ms = trial->now_ms + LOOK_MS;
    if (row->state == RIVAL_NEW) {
        begin_op(rival, op);
    } else {
        rival_look(rival, op, row);
    }
}

void rival_turn(struct rival *rival)
{
    const ls_trial *trial = rival->process->trial;
    rival_take(rival);
    if (trial->now_ms >= rival->poll_ms) {
        rival->poll_ms = trial->now_ms + POLL_MS;
        if (!rival->is_head_asked && trial->now_ms - rival->head_ms >= HEAD_MS)
            rival_ask_head(rival);
        for (size_t op = 0; op < trial->op_count && !rival->process->is_dying; op++)
            work_on(rival, op);
    }
    rival->ports.wait.wait(rival->ports.wait.self, rival->poll_ms - trial->now_ms);
}
