#include "target.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "lockstep/report/op_list.h"

#define WHAT "action"

void targets_done(struct targets *targets)
{
    free(targets->items);
    *targets = (struct targets){0};
}

static bool grow(struct targets *targets)
{
    const size_t capacity = targets->capacity == 0 ? 64 : targets->capacity * 2;
    struct target *items = realloc(targets->items, capacity * sizeof *items);
    if (items == NULL) return false;
    targets->items = items;
    targets->capacity = capacity;
    return true;
}

static ls_err add(struct targets *targets, const struct ls_op_row *row)
{
    if (targets->count == TARGETS_MAX) return LS_FAIL(LS_CODE_FULL, 0, WHAT);
    if (targets->count == targets->capacity && !grow(targets)) {
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT);
    }
    struct target *target = &targets->items[targets->count++];
    *target = (struct target){.op = row->op,
                              .version = row->version,
                              .kind = row->kind,
                              .state = row->state,
                              .sub = row->sub};
    memcpy(target->key, row->key, sizeof target->key);
    return LS_OK;
}

static ls_err take(void *self, const struct ls_op_row *row)
{
    struct targets *targets = self;
    struct ls_why why = {0};
    if (ls_verb_allowed(targets->verb, row->op, row->kind, row->state, row->sub, &why))
        return add(targets, row);
    if (targets->left_out++ == 0) targets->left_out_why = why;
    return LS_OK;
}

/* A batch's own retry asks for failed ones alone. */
static ls_err take_failed(void *self, const struct ls_op_row *row)
{
    return row->state == LS_STATE_FAILED ? add(self, row) : LS_OK;
}

static bool all_numbers(const struct arguments *arguments)
{
    for (size_t i = 0; i < arguments->count; i++) {
        const char *text = arguments->positional[i];
        if (text[strspn(text, "0123456789")] != '\0') return false;
    }
    return true;
}

static ls_err take_numbers(ls_session *session,
                           const struct arguments *arguments,
                           struct targets *targets,
                           struct ls_why *why)
{
    struct ls_op_detail *detail = calloc(1, sizeof *detail);
    if (detail == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT);
    ls_err err = LS_OK;
    for (size_t i = 0; i < arguments->count && !ls_failed(err); i++) {
        ls_op_id op = {0};
        err = database_id(arguments->positional[i], "operation", &op.value, why);
        if (!ls_failed(err)) err = ls_session_op(session, op, NULL, detail, why);
        if (err.code == LS_CODE_NOT_FOUND) {
            err = ls_refuse(why, LS_CODE_NOT_FOUND, WHAT,
                            "there is no operation %" PRId64 "; lockstep ops lists them",
                            op.value);
        }
        if (!ls_failed(err)) err = take(targets, &detail->row);
    }
    free(detail);
    return err;
}

static ls_err take_filter(ls_session *session,
                          const struct arguments *arguments,
                          struct targets *targets,
                          struct ls_why *why)
{
    struct ls_op_list_options options = {.sort = LS_SORT_ID_ASC, .limit = TARGETS_MAX + 1};
    LS_TRY(targets_filter(arguments, &options.filter, why));
    if (options.filter.count == 0) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "an empty filter would mean everything; name operations by number or "
                         "filter");
    }
    const ls_err err = ls_op_list(session, &options, take, targets, why);
    if (err.code != LS_CODE_FULL) return err;
    return ls_refuse(why, LS_CODE_REFUSED, WHAT,
                     "more than %d operations match; narrow the filter", TARGETS_MAX);
}

ls_err targets_filter(const struct arguments *arguments,
                      struct ls_filter *filter_out,
                      struct ls_why *why)
{
    char text[LS_FILTER_BYTES_MAX + 2] = "";
    size_t length = 0;
    for (size_t i = 0; i < arguments->count; i++) {
        const size_t bytes = strlen(arguments->positional[i]);
        if (length + bytes + 1 > LS_FILTER_BYTES_MAX) {
            return ls_refuse(why, LS_CODE_INVALID, "filter",
                             "longer than %d bytes; use fewer terms", LS_FILTER_BYTES_MAX);
        }
        memcpy(text + length, arguments->positional[i], bytes);
        length += bytes;
        text[length++] = ' ';
    }
    return ls_filter_parse(text, filter_out, why);
}

ls_err targets_gather(ls_session *session,
                      const struct arguments *arguments,
                      enum ls_verb verb,
                      struct targets *targets_out,
                      struct ls_why *why)
{
    struct targets targets = {.verb = verb};
    ls_err err = all_numbers(arguments) ? take_numbers(session, arguments, &targets, why)
                                        : take_filter(session, arguments, &targets, why);
    if (!ls_failed(err) && targets.count == 0 && targets.left_out == 0) {
        err = ls_refuse(why, LS_CODE_NOT_FOUND, WHAT,
                        "no operation matches; lockstep ops shows what a filter finds");
    }
    if (ls_failed(err)) {
        targets_done(&targets);
        return err;
    }
    *targets_out = targets;
    return LS_OK;
}

ls_err targets_of_batch(ls_session *session,
                        int64_t batch,
                        struct targets *targets_out,
                        struct ls_why *why)
{
    struct targets targets = {.verb = LS_VERB_BATCH_RETRY};
    struct ls_op_list_options options = {.sort = LS_SORT_ID_ASC, .limit = TARGETS_MAX + 1};
    char text[64];
    (void)snprintf(text, sizeof text, "batch:%" PRId64 " state:failed", batch); /* fits */
    LS_TRY(ls_filter_parse(text, &options.filter, why));
    ls_err err = ls_op_list(session, &options, take_failed, &targets, why);
    if (err.code == LS_CODE_FULL) {
        err = ls_refuse(why, LS_CODE_REFUSED, WHAT,
                        "more than %d of batch %" PRId64
                        " failed; lockstep bulk start retry '%s' takes any number",
                        TARGETS_MAX, batch, text);
    }
    if (ls_failed(err)) {
        targets_done(&targets);
        return err;
    }
    *targets_out = targets;
    return LS_OK;
}
