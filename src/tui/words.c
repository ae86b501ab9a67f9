#include <stdio.h>

#include "lockstep/core/fate.h"

#include "ui_model.h"

static const char *const state_words_table[LS_STATE_COUNT] = {
    "READY",  "BLOCKED", "LEASED",    "SUBMITTED",   "HELD",
    "FAILED", "DONE",    "CANCELLED", "COMPENSATED",
};

void state_words(enum ls_state state, enum ls_sub sub, char *out, size_t out_bytes)
{
    const char *word = (unsigned)state < LS_STATE_COUNT ? state_words_table[state] : "UNKNOWN";
    const char *sub_word = ls_sub_name(sub);
    (void)snprintf(out, out_bytes, "%s%s%s", word, sub_word[0] == '\0' ? "" : " ", sub_word);
}

const char *chain_words(const struct ls_op_row *row)
{
    if (ls_retry_of(row) == LS_RETRY_FOUND) return "on chain";
    if (ls_retry_of(row) == LS_RETRY_ABSENT) return "not found";
    if (ls_retry_of(row) == LS_RETRY_UNKNOWN) return "UNKNOWN";
    switch (row->state) {
    case LS_STATE_READY:
    case LS_STATE_BLOCKED:
    case LS_STATE_LEASED: return row->attempts_made == 0 ? "nothing sent" : "not landed";
    case LS_STATE_SUBMITTED: return row->sub == LS_SUB_CONFIRMED ? "confirmed" : "in flight";
    case LS_STATE_HELD: return row->attempts_made == 0 ? "nothing sent" : "not landed";
    case LS_STATE_FAILED: return row->slot > 0 ? "chain error" : "never landed";
    case LS_STATE_DONE: return "landed";
    case LS_STATE_CANCELLED: return row->attempts_made == 0 ? "nothing sent" : "never landed";
    case LS_STATE_COMPENSATED: return "undone";
    }
    return "UNKNOWN";
}

enum ls_role chain_role(const struct ls_op_row *row)
{
    const enum ls_retry_is retry = ls_retry_of(row);
    if (retry == LS_RETRY_UNKNOWN) return LS_ROLE_SEV_CRITICAL;
    if (retry == LS_RETRY_FOUND || retry == LS_RETRY_ABSENT) return LS_ROLE_SEV_WARNING;
    return row->state == LS_STATE_DONE ? LS_ROLE_STATE_DONE : LS_ROLE_MUTED;
}

const char *screen_name(enum screen screen)
{
    static const char *const names[SCREEN_COUNT] = {"Dash",    "Failed",   "Stuck", "Queue",
                                                    "Batches", "Alerts",   "Audit", "Health",
                                                    "Bulk",    "Operation"};
    return (unsigned)screen < SCREEN_COUNT ? names[screen] : "";
}
