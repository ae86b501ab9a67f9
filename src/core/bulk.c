#include "lockstep/core/bulk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/number.h"

static const char *const state_names[LS_BULK_STATE_COUNT] = {"running", "canary", "paused",
                                                             "finished", "aborted"};
static const char *const target_names[LS_BULK_TARGET_STATE_COUNT] = {
    "waiting", "sent", "done", "failed again", "refused", "already landed", "in doubt"};

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

void ls_bulk_words(const struct ls_bulk_row *row, char out[LS_BULK_WORDS_BYTES])
{
    char landed[48] = "", doubt[48] = "", silent[64] = "";
    out[0] = '\0';
    if (row->state == LS_BULK_FINISHED) return; /* its reason says so */
    if (row->landed > 0)
        (void)snprintf(landed, sizeof landed, "%" PRId64 " already landed", row->landed);
    if (row->doubt > 0)
        (void)snprintf(doubt, sizeof doubt, "%s%" PRId64 " in doubt",
                       row->landed > 0 ? ", " : "", row->doubt);
    if (row->silent > 0)
        (void)snprintf(silent, sizeof silent, "%s%" PRId64 " wait: ledger silent",
                       row->landed + row->doubt > 0 ? ", " : "", row->silent);
    (void)snprintf(out, LS_BULK_WORDS_BYTES, "%s%s%s", landed, doubt, silent);
}

void ls_bulk_tokens(const struct ls_bulk_weight *weight, char out[LS_BULK_TOKENS_BYTES])
{
    enum { NAME_MOST = 32, NAME_ENDS = 4 };
    char amount[LS_AMOUNT_BYTES];
    char count[LS_NUMBER_BYTES];
    char name[NAME_MOST + 1];
    out[0] = '\0';
    if (weight->token_ops == 0) return;
    ls_number_grouped(weight->token_ops, count);
    const char *operations = weight->token_ops == 1 ? "operation" : "operations";
    if (weight->tokens[0] == '-') {
        (void)snprintf(out, LS_BULK_TOKENS_BYTES, "of several mints, by %s %s", count,
                       operations);
        return;
    }
    const size_t length = strlen(weight->mint);
    if (length > NAME_MOST) {
        (void)snprintf(name, sizeof name, "%.*s..%.*s", NAME_ENDS, weight->mint, NAME_ENDS,
                       weight->mint + length - NAME_ENDS);
    } else {
        (void)snprintf(name, sizeof name, "%.*s", NAME_MOST, weight->mint);
    }
    ls_number_amount(weight->tokens, weight->decimals, amount);
    (void)snprintf(out, LS_BULK_TOKENS_BYTES, "%s%s of %s, by %s %s", amount,
                   weight->decimals < 0 ? " base units" : "", name, count, operations);
}
