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

bool ls_preflight_may_retry(const struct ls_preflight_op *op, const char **why_out)
{
    const char *why = NULL;
    if (op->is_unknown) {
        why = "UNKNOWN, not proved by the database: verify first (v)";
    } else if (op->has_landed || op->state == LS_STATE_DONE) {
        why = "it landed already";
    } else if (op->look == LS_LOOK_LANDED) {
        why = "it is on the ledger: lockstep reconcile --repair adopts it";
    } else if (op->look == LS_LOOK_MAY_LAND) {
        why = "UNKNOWN, it may still land: verify again (v)";
    } else if (op->state != LS_STATE_FAILED) {
        why = "it is not failed any more";
    }
    *why_out = why;
    return why == NULL;
}
