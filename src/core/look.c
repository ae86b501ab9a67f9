#include "lockstep/core/look.h"

static const char *const words[] = {
    "nothing sent",   "not found", "landed",    "landed with an error",
    "may still land", "no answer", "not asked",
};

const char *ls_look_word(enum ls_look look)
{
    if ((unsigned)look > LS_LOOK_NEVER_ASKED) return "unknown";
    return words[look];
}

/* What one attempt says: landed, errored, may land, not found, no answer. */
static enum ls_look judge_one(const struct ls_look_attempt *attempt)
{
    if (attempt->is_found && attempt->is_cancel) return LS_LOOK_NOT_FOUND;
    if (attempt->is_found) return attempt->has_error ? LS_LOOK_ERRORED : LS_LOOK_LANDED;
    if (!attempt->is_answered) return LS_LOOK_NO_ANSWER;
    bool is_over = attempt->can_expire && attempt->height > attempt->last_valid_height;
    return is_over || attempt->is_proved ? LS_LOOK_NOT_FOUND : LS_LOOK_MAY_LAND;
}

enum ls_look ls_look_judge(const struct ls_look_attempt *attempts, size_t count)
{
    /* Rising: what weighs more. */
    static const enum ls_look order[] = {LS_LOOK_NOTHING_SENT, LS_LOOK_NOT_FOUND,
                                         LS_LOOK_ERRORED,      LS_LOOK_NO_ANSWER,
                                         LS_LOOK_MAY_LAND,     LS_LOOK_LANDED};
    size_t worst = 0;
    for (size_t i = 0; i < count; i++) {
        enum ls_look look = judge_one(&attempts[i]);
        for (size_t at = worst + 1; at < sizeof order / sizeof order[0]; at++) {
            if (order[at] == look) worst = at;
        }
    }
    return order[worst];
}

enum ls_look ls_preflight_found(const struct ls_preflight_op *op)
{
    return op->is_open || op->is_silent ? LS_LOOK_NO_ANSWER : op->look;
}

static enum ls_doubt doubt_of_retry(const struct ls_preflight_op *op)
{
    if (op->is_unknown) return LS_DOUBT_UNPROVED;
    if (op->has_landed || op->state == LS_STATE_DONE) return LS_DOUBT_LANDED;
    if (op->look == LS_LOOK_LANDED) return LS_DOUBT_ON_LEDGER;
    if (op->look == LS_LOOK_MAY_LAND) return LS_DOUBT_MAY_LAND;
    return op->state == LS_STATE_FAILED ? LS_DOUBT_NONE : LS_DOUBT_NOT_FAILED;
}

enum ls_doubt
ls_preflight_doubt(const struct ls_preflight_op *op, bool for_retry, int64_t version)
{
    const enum ls_doubt doubt = for_retry ? doubt_of_retry(op) : LS_DOUBT_NONE;
    if (doubt != LS_DOUBT_NONE) return doubt;
    if (version != 0 && op->version != version) return LS_DOUBT_CHANGED;
    bool is_missing = op->look == LS_LOOK_NOT_FOUND || op->look == LS_LOOK_MAY_LAND;
    return !for_retry && is_missing ? LS_DOUBT_NOT_THERE : LS_DOUBT_NONE;
}

const char *ls_doubt_words(enum ls_doubt doubt)
{
    switch (doubt) {
    case LS_DOUBT_NONE: return NULL;
    case LS_DOUBT_UNPROVED: return "UNKNOWN, not proved by the database: verify first (v)";
    case LS_DOUBT_LANDED: return "it landed already";
    case LS_DOUBT_ON_LEDGER:
        return "it is on the ledger: lockstep reconcile --repair adopts it";
    case LS_DOUBT_MAY_LAND: return "UNKNOWN, it may still land: verify again (v)";
    case LS_DOUBT_NOT_FAILED: return "it is not failed any more";
    case LS_DOUBT_NOT_THERE: return "the ledger has not got it: lockstep reconcile first";
    case LS_DOUBT_CHANGED: return "it changed meanwhile: look again";
    }
    return "it is not known";
}

bool ls_preflight_may_retry(const struct ls_preflight_op *op, const char **why_out)
{
    const enum ls_doubt doubt = ls_preflight_doubt(op, true, 0);
    *why_out = ls_doubt_words(doubt);
    return doubt == LS_DOUBT_NONE;
}

void ls_look_count(struct ls_look_counts *counts, const struct ls_preflight_op *op)
{
    if (op->has_landed || op->look == LS_LOOK_LANDED) {
        counts->landed++;
    } else if (op->is_unknown || op->look == LS_LOOK_MAY_LAND) {
        counts->unknown++;
    } else {
        counts->never_landed++;
    }
}
