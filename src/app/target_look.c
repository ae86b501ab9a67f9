#include "target_look.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "database.h"
#include "lockstep/host/clock.h"
#include "lockstep/report/out.h"
#include "lockstep/service/act.h"
#include "lockstep/service/preflight.h"

enum {
    ASKED_MAX = 1000,    /* operations that one request may name */
    PATIENCE_MS = 12000, /* without any answer; an endpoint that hangs is given up sooner */
    PROGRESS_OPS = 20,   /* fewer are looked up before one could read how far it is */
};

bool target_look_needed(enum ls_verb verb)
{
    return verb == LS_VERB_RETRY || verb == LS_VERB_COMPENSATE || verb == LS_VERB_BATCH_RETRY;
}

bool target_may_go(const struct target *target)
{
    return target->doubt == LS_DOUBT_NONE && !target->is_silent;
}

void target_found_words(const struct target *target, char out[TARGET_WORDS_BYTES])
{
    const char *word = target->is_silent ? "no answer" : ls_look_word(target->look);
    if (target->look_slot > 0 && !target->is_silent) {
        (void)snprintf(out, TARGET_WORDS_BYTES, "%s in slot %" PRId64, word, target->look_slot);
    } else {
        (void)snprintf(out, TARGET_WORDS_BYTES, "%s", word);
    }
}

void target_why_words(const struct target *target, char out[TARGET_WORDS_BYTES])
{
    const char *words = ls_doubt_words(target->doubt);
    const int64_t op = target->op.value;
    switch (target->doubt) {
    case LS_DOUBT_UNPROVED:
        (void)snprintf(
            out, TARGET_WORDS_BYTES,
            "UNKNOWN, an attempt is not proved dead: lockstep verify --chain %" PRId64
            " looks again",
            op);
        return;
    case LS_DOUBT_MAY_LAND:
        (void)snprintf(
            out, TARGET_WORDS_BYTES,
            "UNKNOWN, it may still land: lockstep verify --chain %" PRId64 " looks again", op);
        return;
    case LS_DOUBT_ON_LEDGER:
        (void)snprintf(out, TARGET_WORDS_BYTES,
                       "it is on the ledger in slot %" PRId64
                       ": lockstep reconcile --repair adopts it",
                       target->look_slot);
        return;
    case LS_DOUBT_NONE:
    case LS_DOUBT_LANDED:
    case LS_DOUBT_NOT_FAILED:
    case LS_DOUBT_NOT_THERE:
    case LS_DOUBT_CHANGED: break;
    }
    out[0] = '\0';
    if (words != NULL) {
        (void)snprintf(out, TARGET_WORDS_BYTES, "%s", words);
    } else if (target->is_silent) {
        (void)snprintf(out, TARGET_WORDS_BYTES,
                       "UNKNOWN, the ledger did not answer: lockstep verify --chain %" PRId64
                       " looks again",
                       op);
    }
}

void target_json(struct ls_buf *out, const struct target *target)
{
    char why[TARGET_WORDS_BYTES];
    target_why_words(target, why);
    ls_out_json_field(out, "found",
                      target->is_silent ? "no answer" : ls_look_word(target->look));
    ls_out_json_number(out, "slot", target->is_silent ? 0 : target->look_slot);
    ls_out_json_flag(out, "goes", target_may_go(target));
    ls_out_json_field(out, "why_not", why);
}

struct looking {
    ls_session *session;
    struct targets *targets;
    struct target_looks *looks;
    bool shows_progress;
    size_t asked; /* targets before the end of what is waited for */
    bool is_late; /* nothing was answered for too long */
    struct ls_preflight facts;
    ls_op_id ops[ASKED_MAX];
};

static void show_progress(const struct looking *run, size_t done)
{
    if (!run->shows_progress) return;
    (void)fprintf(stderr, "\rlooking at the ledger: %zu of %zu ...", done, run->targets->count);
    (void)fflush(stderr); /* that it is not shown is no failure */
}

static void tell_open(void *self, size_t open)
{
    const struct looking *run = self;
    show_progress(run, run->asked - open);
}

static void end_progress(const struct looking *run)
{
    if (run->shows_progress) (void)fprintf(stderr, "\r\033[K");
}

static ls_err ask(const struct command_call *call,
                  struct looking *run,
                  size_t first,
                  size_t count,
                  struct ls_why *why)
{
    struct ls_action action = {.verb = LS_VERB_VERIFY};
    const struct ls_entropy entropy = ls_system_entropy();
    const char *reason = arguments_value(call->arguments, OPTION_REASON);
    entropy.fill(entropy.self, action.request_id, sizeof action.request_id);
    ls_act_claims(&action);
    (void)snprintf(action.reason, sizeof action.reason, "before %s%s%s: %.450s",
                   call->command->group, call->command->name[0] == '\0' ? "" : " ",
                   call->command->name, reason == NULL ? "dry run" : reason);
    for (size_t i = 0; i < count; i++) run->ops[i] = run->targets->items[first + i].op;
    ls_preflight_ask(run->session, &action, run->ops, count, &run->facts);
    if (run->facts.has_look) return LS_OK;
    return ls_refuse(why, LS_CODE_REFUSED, "look", "%s", run->facts.no_look_why);
}

static void judge(struct looking *run, struct target *target, bool for_retry)
{
    struct target_looks *looks = run->looks;
    const struct ls_preflight_op *op = NULL;
    for (size_t i = 0; i < run->facts.count && op == NULL; i++) {
        if (run->facts.ops[i].op.value == target->op.value) op = &run->facts.ops[i];
    }
    if (op == NULL) { /* retention took it meanwhile */
        target->doubt = LS_DOUBT_CHANGED;
    } else {
        target->doubt = ls_preflight_doubt(op, for_retry, target->version);
        target->look = op->look;
        target->look_slot = op->look_slot;
        target->is_silent = op->is_silent;
        ls_look_count(&looks->counts, op);
        if (op->is_silent) looks->silent++;
    }
    if (!target_may_go(target)) looks->left_out++;
    looks->at_ms = run->facts.now_ms;
}

/* The targets from `first`, as many as one request may name. */
static ls_err look_group(const struct command_call *call,
                         struct looking *run,
                         size_t first,
                         struct ls_why *why)
{
    const size_t left = run->targets->count - first;
    const size_t count = left < ASKED_MAX ? left : ASKED_MAX;
    const struct ls_preflight_wait wait = {
        .patience_ms = PATIENCE_MS, .tell = tell_open, .self = run};
    LS_TRY(ask(call, run, first, count, why));
    for (size_t at = 0; at < count; at += LS_PREFLIGHT_OPS_MAX) {
        const size_t rest = count - at;
        const size_t part = rest < LS_PREFLIGHT_OPS_MAX ? rest : LS_PREFLIGHT_OPS_MAX;
        run->asked = first + at + part;
        LS_TRY(ls_preflight_await(run->session, run->ops + at, part, &wait, &run->facts, why));
        run->is_late = run->facts.open > 0;
        if (run->is_late) return LS_OK;
        for (size_t i = 0; i < part; i++)
            judge(run, &run->targets->items[first + at + i],
                  run->targets->verb != LS_VERB_COMPENSATE);
    }
    return LS_OK;
}

static enum ls_exit look(const struct command_call *call, struct looking *run)
{
    struct ls_why why = {0};
    ls_err err = LS_OK;
    for (size_t at = 0; at < run->targets->count && !ls_failed(err) && !run->is_late;
         at += ASKED_MAX) {
        show_progress(run, at);
        err = look_group(call, run, at, &why);
    }
    end_progress(run);
    if (ls_failed(err)) return ls_complain_err(call->command->group, err, &why);
    if (!run->is_late) return LS_EXIT_DONE;
    ls_complain(call->command->group,
                "no worker answered within %d s what the ledger has, so nothing was changed; "
                "lockstep worker list shows which live",
                PATIENCE_MS / 1000);
    return LS_EXIT_NO_LEDGER;
}

enum ls_exit targets_look(const struct command_call *call,
                          ls_session *session,
                          struct targets *targets,
                          struct target_looks *looks_out)
{
    struct looking *run = calloc(1, sizeof *run);
    if (run == NULL) return ls_complain_memory(call->command->group);
    *looks_out = (struct target_looks){.is_made = true};
    run->session = session;
    run->targets = targets;
    run->looks = looks_out;
    run->shows_progress = targets->count >= PROGRESS_OPS && isatty(STDERR_FILENO) == 1;
    const enum ls_exit status = look(call, run);
    free(run);
    return status;
}

enum ls_exit targets_complain(const struct command_call *call, const struct targets *targets)
{
    enum ls_exit status = LS_EXIT_DONE;
    for (size_t i = 0; i < targets->count; i++) {
        const struct target *target = &targets->items[i];
        char why[TARGET_WORDS_BYTES];
        if (target_may_go(target)) continue;
        target_why_words(target, why);
        ls_complain(call->command->group, "op %" PRId64 " is left out: %s", target->op.value,
                    why);
        if (status == LS_EXIT_DONE)
            status = target->doubt == LS_DOUBT_NONE ? LS_EXIT_NO_LEDGER : LS_EXIT_REFUSED;
    }
    return status;
}

void target_looks_line(struct ls_buf *out, const struct target_looks *looks)
{
    char when[LS_OUT_TIME_BYTES];
    if (!looks->is_made) return;
    ls_out_time(looks->at_ms, when);
    ls_buf_printf(out, "looked at %s: %zu never landed, %zu unknown, %zu already landed", when,
                  looks->counts.never_landed, looks->counts.unknown, looks->counts.landed);
    if (looks->silent > 0) ls_buf_printf(out, "; no answer for %zu", looks->silent);
    ls_buf_add_char(out, '\n');
}

void target_looks_json(struct ls_buf *out, const struct target_looks *looks)
{
    if (!looks->is_made) return;
    ls_buf_add_text(out, ",\"looks\":{");
    ls_out_json_number(out, "at_ms", looks->at_ms);
    ls_out_json_number(out, "never_landed", (int64_t)looks->counts.never_landed);
    ls_out_json_number(out, "unknown", (int64_t)looks->counts.unknown);
    ls_out_json_number(out, "already_landed", (int64_t)looks->counts.landed);
    ls_out_json_number(out, "no_answer", (int64_t)looks->silent);
    ls_out_json_number(out, "left_out", (int64_t)looks->left_out);
    ls_buf_add_char(out, '}');
}
