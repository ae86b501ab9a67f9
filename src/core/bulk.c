#include "lockstep/core/bulk.h"

static const char *const state_names[LS_BULK_STATE_COUNT] = {"running", "canary", "paused",
                                                             "finished", "aborted"};
static const char *const target_names[LS_BULK_TARGET_STATE_COUNT] = {"waiting", "sent", "done",
                                                                     "failed again", "refused"};

const char *ls_bulk_state_name(enum ls_bulk_state state)
{
    return (unsigned)state < LS_BULK_STATE_COUNT ? state_names[state] : "unknown";
}

const char *ls_bulk_target_state_name(enum ls_bulk_target_state state)
{
    return (unsigned)state < LS_BULK_TARGET_STATE_COUNT ? target_names[state] : "unknown";
}

bool ls_bulk_verb(enum ls_verb verb)
{
    return verb >= LS_VERB_RETRY && verb <= LS_VERB_CANCEL;
}
