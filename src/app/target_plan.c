#include "target_plan.h"

#include <inttypes.h>
#include <stdio.h>

#include "confirm.h"
#include "lockstep/report/out.h"

static const char *word_of(enum ls_verb verb)
{
    return verb == LS_VERB_BATCH_RETRY ? "retry" : ls_verb_name(verb);
}

void targets_left_out_line(struct ls_buf *out, const struct targets *targets)
{
    if (targets->left_out == 0) return;
    ls_buf_printf(out, "left out: %zu, because ", targets->left_out);
    ls_out_gated(out, targets->left_out_why.text);
    ls_buf_add_char(out, '\n');
}

size_t targets_going(const struct targets *targets, const struct target_looks *looks)
{
    return targets->count - looks->left_out;
}

static void add_plan_line(struct ls_buf *out,
                          enum ls_verb verb,
                          const struct target *target,
                          const struct target_looks *looks)
{
    char found[TARGET_WORDS_BYTES], why[TARGET_WORDS_BYTES];
    ls_buf_printf(out, "would %s%s op %" PRId64 " (%s, %s) ",
                  target_may_go(target) ? "" : "not ", word_of(verb), target->op.value,
                  ls_kind_name(target->kind), ls_state_name(target->state));
    ls_out_gated(out, target->key);
    target_found_words(target, found);
    target_why_words(target, why);
    if (looks->is_made) ls_buf_printf(out, ": %s", why[0] == '\0' ? found : why);
    ls_buf_add_char(out, '\n');
}

static void add_plan_json(struct ls_buf *out,
                          const struct targets *targets,
                          const struct target_looks *looks)
{
    ls_buf_add_text(out, "{\"dry_run\":true,\"ops\":[");
    for (size_t i = 0; i < targets->count; i++) {
        if (!target_may_go(&targets->items[i])) continue;
        ls_out_json_comma(out);
        ls_buf_printf(out, "%" PRId64, targets->items[i].op.value);
    }
    ls_buf_printf(out, "],\"left_out\":%zu", targets->left_out);
    target_looks_json(out, looks);
    if (looks->is_made) ls_buf_add_text(out, ",\"looked\":[");
    for (size_t i = 0; looks->is_made && i < targets->count; i++) {
        const struct target *target = &targets->items[i];
        ls_out_json_comma(out);
        ls_buf_add_char(out, '{');
        ls_out_json_number(out, "id", target->op.value);
        target_json(out, target);
        ls_buf_add_char(out, '}');
    }
    ls_buf_add_text(out, looks->is_made ? "]}\n" : "}\n");
}

enum ls_exit targets_print_plan(const struct command_call *call,
                                const struct targets *targets,
                                const struct target_looks *looks)
{
    struct ls_buf out;
    ls_buf_init(&out, LS_OUT_BYTES_MAX);
    if (arguments_has(call->arguments, OPTION_JSON)) {
        add_plan_json(&out, targets, looks);
        return ls_out_print(&out);
    }
    for (size_t i = 0; i < targets->count; i++)
        add_plan_line(&out, targets->verb, &targets->items[i], looks);
    target_looks_line(&out, looks);
    if (looks->left_out > 0)
        ls_buf_printf(&out, "%zu of them would be left out\n", looks->left_out);
    ls_buf_printf(&out, "%zu operation%s; nothing was changed\n", targets->count,
                  targets->count == 1 ? "" : "s");
    targets_left_out_line(&out, targets);
    return ls_out_print(&out);
}

ls_err targets_check(const struct command_call *call,
                     const struct targets *targets,
                     struct ls_why *why)
{
    static const int64_t range[2] = {0, TARGETS_MAX};
    int64_t expected = (int64_t)targets->count;
    LS_TRY(arguments_number(call->arguments, OPTION_EXPECT, range, &expected, why));
    if (expected != (int64_t)targets->count) {
        return ls_refuse(why, LS_CODE_REFUSED, "expect",
                         "%zu operations match, not %" PRId64
                         "; nothing was changed, look again with --dry-run",
                         targets->count, expected);
    }
    if (targets->count > 0) return LS_OK;
    return ls_refuse(why, LS_CODE_REFUSED, "state", "%s", targets->left_out_why.text);
}

ls_err targets_ask(const struct command_call *call,
                   enum ls_verb verb,
                   size_t count,
                   struct ls_why *why)
{
    char question[96];
    if (count == 1 || arguments_has(call->arguments, OPTION_YES)) return LS_OK;
    (void)snprintf(question, sizeof question, "%s %zu operations", word_of(verb), count);
    return confirm(question, why);
}
