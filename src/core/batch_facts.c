#include "lockstep/core/batch_facts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WHAT "filter"

/* "17" or "B-17"; 0 when it is neither. */
static int64_t read_number(const char *text)
{
    int64_t number = 0;
    if (strncmp(text, "B-", 2) == 0) text += 2;
    if (text[0] < '1' || text[0] > '9' || strlen(text) > 18) return 0;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') return 0;
        number = number * 10 + (*text - '0');
    }
    return number;
}

static ls_err read_state(const char *name, struct ls_batch_filter *filter, struct ls_why *why)
{
    for (int state = 0; state < LS_BATCH_STATE_COUNT; state++) {
        if (strcmp(ls_batch_state_name((enum ls_batch_state)state), name) != 0) continue;
        filter->state = (enum ls_batch_state)state;
        filter->has_state = true;
        return LS_OK;
    }
    return ls_refuse(
        why, LS_CODE_INVALID, WHAT,
        "state:%.60s is no batch's state; use open, sealed, compensating, finished, "
        "compensated or compensation_failed",
        name);
}

static ls_err read_word(const char *word, struct ls_batch_filter *filter, struct ls_why *why)
{
    if (strcmp(word, "paused") == 0) {
        filter->is_paused = true;
        return LS_OK;
    }
    if (strncmp(word, "state:", 6) == 0) return read_state(word + 6, filter, why);
    if (strncmp(word, "policy:", 7) == 0) {
        filter->has_policy = ls_batch_policy_parse(word + 7, &filter->policy);
        if (filter->has_policy) return LS_OK;
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "policy:%.60s is no policy; use best_effort, ordered, saga or atomic",
                         word + 7);
    }
    if (strncmp(word, "by:", 3) == 0) {
        (void)snprintf(filter->by, sizeof filter->by, "%.63s", word + 3);
        return LS_OK;
    }
    const int64_t number = read_number(word);
    if (number != 0) {
        filter->id = number;
        return LS_OK;
    }
    if (filter->text[0] != '\0') {
        return ls_refuse(
            why, LS_CODE_INVALID, WHAT,
            "%.60s: one word is looked for in the name; others are state:, policy:, "
            "by:, paused or a number",
            word);
    }
    (void)snprintf(filter->text, sizeof filter->text, "%s", word);
    return LS_OK;
}

ls_err
ls_batch_filter_parse(const char *text, struct ls_batch_filter *filter_out, struct ls_why *why)
{
    char words[LS_BATCH_FILTER_BYTES_MAX];
    struct ls_batch_filter filter = {0};
    assert(text != NULL && filter_out != NULL);
    if (strlen(text) >= sizeof words) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "longer than %d bytes; use fewer words",
                         LS_BATCH_FILTER_BYTES_MAX - 1);
    }
    memcpy(words, text, strlen(text) + 1);
    for (char *at = words; *at != '\0';) {
        while (*at == ' ') at++;
        const size_t length = strcspn(at, " ");
        const bool is_last = at[length] == '\0';
        at[length] = '\0';
        if (length > 0) LS_TRY(read_word(at, &filter, why));
        at += is_last ? length : length + 1;
    }
    *filter_out = filter;
    return LS_OK;
}

static int64_t settled(const struct ls_batch_row *row)
{
    return row->done + row->cancelled + row->compensated;
}

int64_t ls_batch_left_ms(const struct ls_batch_row *row, int64_t now_ms)
{
    const int64_t open = row->sent + row->queued;
    const int64_t took = now_ms - row->sealed_ms;
    if (row->state != LS_BATCH_SEALED || row->is_paused || row->sealed_ms == 0) return -1;
    if (open == 0 || row->sent == 0 || row->done == 0 || took <= 0) return -1;
    if (took > INT64_MAX / open) return -1;
    return took * open / settled(row);
}

const char *ls_batch_word(const struct ls_batch_row *row)
{
    switch (row->state) {
    case LS_BATCH_OPEN: return "open";
    case LS_BATCH_COMPENSATING: return "undoing";
    case LS_BATCH_FINISHED: return "done";
    case LS_BATCH_COMPENSATED: return "undone";
    case LS_BATCH_COMPENSATION_FAILED: return "UNDO FAILED";
    case LS_BATCH_SEALED: break;
    }
    if (row->is_paused) return "PAUSED";
    if (row->unknown > 0) return "UNKNOWN";
    const bool stands = row->sent == 0 && row->failed + row->held > 0 &&
                        (row->queued == 0 || row->policy != LS_BATCH_BEST_EFFORT);
    return stands ? "blocked" : "running";
}

static bool no(struct ls_why *why, const struct ls_batch_row *row, const char *reason)
{
    const ls_err ignored =
        ls_refuse(why, LS_CODE_REFUSED, "batch", "batch %" PRId64 " %s", row->id, reason);
    (void)ignored; /* only its text is wanted */
    return false;
}

bool ls_batch_may_retry(const struct ls_batch_row *row, struct ls_why *why)
{
    if (row->state != LS_BATCH_SEALED)
        return no(why, row, "is not running; only a sealed one can be retried");
    if (row->failed == 0) return no(why, row, "has nothing that failed");
    return true;
}

bool ls_batch_may_compensate(const struct ls_batch_row *row, struct ls_why *why)
{
    if (row->state == LS_BATCH_OPEN) return no(why, row, "is not sealed yet");
    if (row->state == LS_BATCH_COMPENSATING) return no(why, row, "is being undone already");
    if (row->state == LS_BATCH_COMPENSATED) return no(why, row, "is undone already");
    if (row->sent + row->held > 0) return no(why, row, "has operations in flight or held");
    return true;
}
