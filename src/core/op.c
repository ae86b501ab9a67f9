#include "lockstep/core/op.h"

#include <assert.h>
#include <string.h>

enum {
    W = LS_MOVER_WORKER,
    O = LS_MOVER_OPERATOR,
    S = LS_MOVER_STORE,
};

static const struct ls_transition table[] = {
    {LS_STATE_READY, LS_STATE_LEASED, W, "claim"},
    {LS_STATE_READY, LS_STATE_HELD, O | S, "hold"},
    {LS_STATE_READY, LS_STATE_BLOCKED, S, "wait for its batch"},
    {LS_STATE_READY, LS_STATE_CANCELLED, O | S, "cancel"},
    {LS_STATE_BLOCKED, LS_STATE_READY, S, "promote"},
    {LS_STATE_BLOCKED, LS_STATE_LEASED, W, "claim with its batch or entity"},
    {LS_STATE_BLOCKED, LS_STATE_FAILED, S, "what it needs failed"},
    {LS_STATE_BLOCKED, LS_STATE_HELD, O | S, "hold"},
    {LS_STATE_BLOCKED, LS_STATE_CANCELLED, O | S, "cancel"},
    {LS_STATE_LEASED, LS_STATE_READY, W | S, "release"},
    {LS_STATE_LEASED, LS_STATE_BLOCKED, W | S, "wait for its batch or entity"},
    {LS_STATE_LEASED, LS_STATE_SUBMITTED, W, "intent durable"},
    {LS_STATE_LEASED, LS_STATE_FAILED, W, "refused before signing"},
    {LS_STATE_LEASED, LS_STATE_HELD, W | S, "hold"},
    {LS_STATE_LEASED, LS_STATE_CANCELLED, W, "cancel"},
    {LS_STATE_SUBMITTED, LS_STATE_SUBMITTED, W, "follow"},
    {LS_STATE_SUBMITTED, LS_STATE_DONE, W, "finalized"},
    {LS_STATE_SUBMITTED, LS_STATE_FAILED, W, "failed for good"},
    {LS_STATE_SUBMITTED, LS_STATE_READY, W, "certificate: again"},
    {LS_STATE_SUBMITTED, LS_STATE_BLOCKED, W, "certificate: wait for its batch or entity"},
    {LS_STATE_SUBMITTED, LS_STATE_HELD, W, "hold"},
    {LS_STATE_SUBMITTED, LS_STATE_CANCELLED, W, "cancel after certificate"},
    {LS_STATE_HELD, LS_STATE_READY, O, "release"},
    {LS_STATE_HELD, LS_STATE_BLOCKED, O, "release behind its entity"},
    {LS_STATE_HELD, LS_STATE_SUBMITTED, O, "resolve: landed"},
    {LS_STATE_HELD, LS_STATE_FAILED, O, "resolve: never landed"},
    {LS_STATE_HELD, LS_STATE_CANCELLED, O | S, "cancel"},
    {LS_STATE_FAILED, LS_STATE_READY, O, "retry"},
    {LS_STATE_FAILED, LS_STATE_BLOCKED, O, "retry behind its entity"},
    {LS_STATE_FAILED, LS_STATE_HELD, O, "hold"},
    {LS_STATE_FAILED, LS_STATE_CANCELLED, O, "cancel"},
    {LS_STATE_READY, LS_STATE_DONE, S, "found on chain"},
    {LS_STATE_BLOCKED, LS_STATE_DONE, S, "found on chain"},
    {LS_STATE_LEASED, LS_STATE_DONE, S, "found on chain"},
    {LS_STATE_HELD, LS_STATE_DONE, S, "found on chain"},
    {LS_STATE_FAILED, LS_STATE_DONE, S, "found on chain"},
    {LS_STATE_DONE, LS_STATE_DONE, O | S, "compensation"},
    {LS_STATE_DONE, LS_STATE_COMPENSATED, S, "compensated"},
};

const struct ls_transition *ls_transitions(size_t *count_out)
{
    assert(count_out != NULL);
    *count_out = sizeof table / sizeof table[0];
    return table;
}

bool ls_transition_allowed(enum ls_state from, enum ls_state to, enum ls_mover mover)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct ls_transition *row = &table[i];
        if (row->from == from && row->to == to) return (row->movers & (unsigned)mover) != 0;
    }
    return false;
}

bool ls_state_is_terminal(enum ls_state state)
{
    return state == LS_STATE_DONE || state == LS_STATE_CANCELLED ||
           state == LS_STATE_COMPENSATED;
}

static const char *const state_names[LS_STATE_COUNT] = {
    "ready",  "blocked", "leased",    "submitted",   "held",
    "failed", "done",    "cancelled", "compensated",
};

static const struct sub_name {
    enum ls_sub sub;
    const char *name;
} sub_names[] = {
    {LS_SUB_NONE, ""},
    {LS_SUB_DUE, "due"},
    {LS_SUB_SCHEDULED, "scheduled"},
    {LS_SUB_BACKOFF, "backoff"},
    {LS_SUB_GATED, "gated"},
    {LS_SUB_ENTITY, "entity"},
    {LS_SUB_DEPENDENCY, "dependency"},
    {LS_SUB_BATCH, "batch"},
    {LS_SUB_SENT, "sent"},
    {LS_SUB_CONFIRMED, "confirmed"},
    {LS_SUB_REJECTED, "rejected"},
    {LS_SUB_CERTIFYING, "certifying"},
    {LS_SUB_OPERATOR, "operator"},
    {LS_SUB_AMBIGUOUS, "ambiguous"},
    {LS_SUB_POLICY, "policy"},
    {LS_SUB_COMPENSATING, "compensating"},
    {LS_SUB_COMPENSATION_FAILED, "compensation_failed"},
    {LS_SUB_HOOK_FAILED, "hook_failed"},
};

static const char *const kind_names[LS_KIND_MAX + 1] = {
    "unknown",           "memo",           "event",      "sol.transfer",
    "token.create_mint", "token.mint_to",  "token.burn", "token.transfer",
    "account.create",    "program.invoke", "nonce",
};

static const char *const attempt_names[LS_ATTEMPT_STATE_COUNT] = {
    "live", "dead", "landed", "errored", "advanced", "undecided"};

static const char *const fence_names[LS_FENCE_COUNT] = {"expiry", "nonce", "marker"};

static const char *const nonce_names[LS_NONCE_STATE_COUNT] = {"free", "bound", "broken",
                                                              "closing"};

const char *ls_state_name(enum ls_state state)
{
    if ((unsigned)state >= LS_STATE_COUNT) return "unknown";
    return state_names[state];
}

const char *ls_sub_name(enum ls_sub sub)
{
    for (size_t i = 0; i < sizeof sub_names / sizeof sub_names[0]; i++) {
        if (sub_names[i].sub == sub) return sub_names[i].name;
    }
    return "unknown";
}

const char *ls_kind_name(enum ls_kind kind)
{
    if ((unsigned)kind > LS_KIND_MAX) return "unknown";
    return kind_names[kind];
}

const char *ls_attempt_state_name(enum ls_attempt_state state)
{
    if ((unsigned)state >= LS_ATTEMPT_STATE_COUNT) return "unknown";
    return attempt_names[state];
}

bool ls_state_parse(const char *name, enum ls_state *state_out)
{
    for (size_t i = 0; i < LS_STATE_COUNT; i++) {
        if (strcmp(state_names[i], name) == 0) {
            *state_out = (enum ls_state)i;
            return true;
        }
    }
    return false;
}

bool ls_sub_parse(const char *name, enum ls_sub *sub_out)
{
    for (size_t i = 1; i < sizeof sub_names / sizeof sub_names[0]; i++) {
        if (strcmp(sub_names[i].name, name) == 0) {
            *sub_out = sub_names[i].sub;
            return true;
        }
    }
    return false;
}

bool ls_kind_parse(const char *name, enum ls_kind *kind_out)
{
    for (size_t i = 1; i <= LS_KIND_MAX; i++) {
        if (strcmp(kind_names[i], name) == 0) {
            *kind_out = (enum ls_kind)i;
            return true;
        }
    }
    return false;
}

const char *ls_nonce_state_name(enum ls_nonce_state state)
{
    if ((unsigned)state >= LS_NONCE_STATE_COUNT) return "unknown";
    return nonce_names[state];
}

const char *ls_fence_name(enum ls_fence fence)
{
    if ((unsigned)fence >= LS_FENCE_COUNT) return "unknown";
    return fence_names[fence];
}

bool ls_fence_parse(const char *name, enum ls_fence *fence_out)
{
    for (size_t i = 0; i < LS_FENCE_COUNT; i++) {
        if (strcmp(fence_names[i], name) == 0) {
            *fence_out = (enum ls_fence)i;
            return true;
        }
    }
    return false;
}

const char *ls_kind_makes(enum ls_kind kind)
{
    return kind == LS_KIND_ACCOUNT_CREATE || kind == LS_KIND_NONCE ? "account" : "mint";
}
