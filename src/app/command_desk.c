/* lockstep note, claim, undo, alert silence and unsilence: what people leave for each other. */
#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "lockstep/base/nearest.h"
#include "lockstep/core/alert_rules.h"
#include "lockstep/core/cause.h"
#include "lockstep/core/people.h"
#include "lockstep/host/clock.h"
#include "lockstep/report/out.h"
#include "lockstep/service/act.h"
#include "lockstep/store/people.h"

/* "op:17", "17" or "cause:NAME" as the database writes it: "op 17". */
static ls_err read_target(const char *text, struct ls_action *action, struct ls_why *why)
{
    const size_t digits = strspn(text, "0123456789");
    const char *colon = strchr(text, ':');
    int length = 0;
    if (digits > 0 && text[digits] == '\0') {
        length = snprintf(action->selector, sizeof action->selector, "op %s", text);
    } else if (colon != NULL) {
        length = snprintf(action->selector, sizeof action->selector, "%.*s %s",
                          (int)(colon - text), text, colon + 1);
    }
    if (length > 0 && (size_t)length < sizeof action->selector) return LS_OK;
    return ls_refuse(why, LS_CODE_INVALID, "usage",
                     "%.60s: write a number of an operation, or op:ID, batch:ID, alert:ID, "
                     "cause:NAME",
                     text);
}

static ls_err prepare(const struct command_call *call,
                      enum ls_verb verb,
                      struct ls_action *action,
                      struct ls_why *why)
{
    LS_TRY(database_action(call, verb, action, why));
    return arguments_duration(call->arguments, OPTION_FOR, &action->duration_ms, why);
}

static enum ls_exit perform(const struct command_call *call,
                            ls_err err,
                            const struct ls_action *action,
                            const struct ls_why *why)
{
    if (ls_failed(err)) return ls_complain_err(call->command->group, err, why);
    return database_act_alone(call, action);
}

/* The note is the positional text; it is its own reason. */
enum ls_exit command_note_add(const struct command_call *call)
{
    struct ls_action action = {.verb = LS_VERB_NOTE};
    struct ls_why why = {0};
    const char *text = call->arguments->positional[1];
    const struct ls_entropy entropy = ls_system_entropy();
    entropy.fill(entropy.self, action.request_id, sizeof action.request_id);
    ls_act_claims(&action);
    ls_err err = read_target(call->arguments->positional[0], &action, &why);
    if (!ls_failed(err) && strlen(text) > LS_REASON_BYTES_MAX) {
        err = ls_refuse(&why, LS_CODE_INVALID, "usage",
                        "the note is longer than %d bytes; shorten it", LS_REASON_BYTES_MAX);
    }
    if (!ls_failed(err)) memcpy(action.reason, text, strlen(text) + 1);
    return perform(call, err, &action, &why);
}

struct listed {
    struct ls_out_table table;
    struct ls_buf out;
    enum listing listing;
    int64_t now_ms;
};

static void begin_list(struct listed *list,
                       const struct command_call *call,
                       const char *const *titles,
                       size_t count)
{
    const struct ls_clock clock = ls_system_clock();
    list->listing = database_listing(call);
    list->now_ms = clock.wall_ms(clock.self);
    if (list->listing == LISTING_TABLE)
        ls_out_table_init(&list->table, titles, count, 1U << (count - 1));
    ls_buf_init(&list->out, LS_OUT_BYTES_MAX);
    if (list->listing == LISTING_JSON) ls_buf_add_char(&list->out, '[');
}

static enum ls_exit end_list(struct listed *list)
{
    if (list->listing == LISTING_TABLE) {
        ls_buf_done(&list->out);
        return ls_out_table_done(&list->table);
    }
    if (list->listing == LISTING_JSON) ls_buf_add_text(&list->out, "]\n");
    return ls_out_print(&list->out);
}

static void begin_object(struct listed *list)
{
    if (list->listing == LISTING_JSON) ls_out_json_comma(&list->out);
    ls_buf_add_char(&list->out, '{');
}

static void end_object(struct listed *list)
{
    ls_buf_add_text(&list->out, list->listing == LISTING_JSONL ? "}\n" : "}");
}

static void take_note(void *self, const struct ls_note *note)
{
    struct listed *list = self;
    if (list->listing == LISTING_TABLE) {
        char age[LS_OUT_AGE_BYTES];
        ls_out_age(list->now_ms - note->at_ms, age);
        ls_out_table_number(&list->table, note->id);
        ls_out_table_cell(&list->table, note->target);
        ls_out_table_cell(&list->table, age);
        ls_out_table_cell(&list->table, note->login);
        ls_out_table_cell(&list->table, note->body);
        return;
    }
    begin_object(list);
    ls_out_json_number(&list->out, "id", note->id);
    ls_out_json_field(&list->out, "target", note->target);
    ls_out_json_number(&list->out, "at_ms", note->at_ms);
    ls_out_json_field(&list->out, "login", note->login);
    ls_out_json_field(&list->out, "note", note->body);
    end_object(list);
}

enum ls_exit command_note_list(const struct command_call *call)
{
    static const char *const titles[] = {"ID", "ON", "AGE", "BY", "NOTE"};
    struct ls_action named = {0};
    struct ls_why why = {0};
    ls_session *session = NULL;
    int64_t limit = 0;
    const bool is_named = call->arguments->count > 0;
    ls_err err = database_limit(call, &limit, &why);
    if (!ls_failed(err) && is_named)
        err = read_target(call->arguments->positional[0], &named, &why);
    if (ls_failed(err)) return ls_complain_err("note", err, &why);
    const enum ls_exit opened = database_open(call, &session);
    if (opened != LS_EXIT_DONE) return opened;
    struct listed list;
    begin_list(&list, call, titles, 5);
    err = ls_session_notes(session, is_named ? named.selector : NULL,
                           limit > 1000 ? 1000 : (int32_t)limit, take_note, &list, &why);
    ls_session_free(session);
    const enum ls_exit ended = end_list(&list);
    return ls_failed(err) ? ls_complain_err("note", err, &why) : ended;
}

/* A claim on a group of failures that does not exist is a slip of the fingers that everybody
 * would see. LS_CODE_NOT_FOUND. */
static ls_err
check_cause(ls_session *session, const struct ls_action *action, struct ls_why *why)
{
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    if (facts == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "claim");
    ls_err err = ls_session_dashboard(session, facts, why);
    bool is_known = facts->cause_count == LS_FACTS_CAUSES_MAX; /* there may be more */
    for (size_t i = 0; i < facts->cause_count; i++) {
        char target[LS_CAUSE_TARGET_BYTES];
        ls_cause_target(&facts->causes[i], target);
        is_known = is_known || strcmp(target, action->selector) == 0;
    }
    if (!ls_failed(err) && !is_known) {
        err = ls_refuse(why, LS_CODE_NOT_FOUND, "claim",
                        "nothing fails with the %.200s now; lockstep causes lists what does",
                        action->selector);
    }
    free(facts);
    return err;
}

static enum ls_exit claim_cause(const struct command_call *call, const struct ls_action *action)
{
    struct ls_why why = {0};
    ls_session *session = NULL;
    const enum ls_exit opened = database_open(call, &session);
    if (opened != LS_EXIT_DONE) return opened;
    const ls_err err = check_cause(session, action, &why);
    ls_session_free(session);
    if (ls_failed(err)) return ls_complain_err(call->command->group, err, &why);
    return database_act_alone(call, action);
}

enum ls_exit command_claim_change(const struct command_call *call)
{
    const bool takes = strcmp(call->command->name, "take") == 0;
    struct ls_action action = {0};
    struct ls_why why = {0};
    ls_err err = prepare(call, takes ? LS_VERB_CLAIM : LS_VERB_CLAIM_RELEASE, &action, &why);
    if (!ls_failed(err)) err = read_target(call->arguments->positional[0], &action, &why);
    if (!ls_failed(err) && takes && strncmp(action.selector, "cause ", 6) == 0)
        return claim_cause(call, &action);
    return perform(call, err, &action, &why);
}

static void add_claim(struct listed *list, const struct ls_claim *claim)
{
    char until[LS_OUT_AGE_BYTES];
    if (list->listing == LISTING_TABLE) {
        ls_out_age(claim->until_ms - list->now_ms, until);
        ls_out_table_cell(&list->table, claim->target);
        ls_out_table_cell(&list->table, claim->login);
        ls_out_table_cell(&list->table, until);
        ls_out_table_cell(&list->table, claim->reason);
        return;
    }
    begin_object(list);
    ls_out_json_field(&list->out, "target", claim->target);
    ls_out_json_field(&list->out, "login", claim->login);
    ls_out_json_number(&list->out, "since_ms", claim->since_ms);
    ls_out_json_number(&list->out, "until_ms", claim->until_ms);
    ls_out_json_field(&list->out, "reason", claim->reason);
    end_object(list);
}

/* What is claimed, or which rules are silenced. */
static enum ls_exit list_claims(const struct command_call *call, bool silences)
{
    static const char *const titles[] = {"WHAT", "BY", "LEFT", "REASON"};
    struct ls_why why = {0};
    ls_session *session = NULL;
    const enum ls_exit opened = database_open(call, &session);
    if (opened != LS_EXIT_DONE) return opened;
    struct ls_people *desk = calloc(1, sizeof *desk);
    enum ls_exit status = LS_EXIT_DONE;
    ls_err err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "desk");
    if (desk != NULL) err = ls_session_people(session, desk, &why);
    if (ls_failed(err)) {
        status = ls_complain_err(call->command->group, err, &why);
    } else {
        struct listed list;
        begin_list(&list, call, titles, 4);
        const size_t count = silences ? desk->silence_count : desk->claim_count;
        for (size_t i = 0; i < count; i++)
            add_claim(&list, silences ? &desk->silences[i] : &desk->claims[i]);
        status = end_list(&list);
    }
    free(desk);
    ls_session_free(session);
    return status;
}

enum ls_exit command_claim_list(const struct command_call *call)
{
    return list_claims(call, false);
}

enum ls_exit command_alert_silences(const struct command_call *call)
{
    return list_claims(call, true);
}

enum ls_exit command_alert_silence(const struct command_call *call)
{
    const bool silences = strcmp(call->command->name, "silence") == 0;
    const char *rule = call->arguments->positional[0];
    struct ls_action action = {0};
    struct ls_why why = {0};
    struct ls_nearest nearest;
    char names[192] = "rollback, chores";
    ls_err err = prepare(call, silences ? LS_VERB_SILENCE : LS_VERB_UNSILENCE, &action, &why);
    ls_nearest_init(&nearest, rule);
    bool is_known = strcmp(rule, "rollback") == 0 || strcmp(rule, "chores") == 0;
    for (int i = 0; i < LS_RULE_COUNT; i++) {
        const char *name = ls_alert_rule_name((enum ls_alert_rule)i);
        is_known = is_known || strcmp(rule, name) == 0;
        ls_nearest_offer(&nearest, name);
        const size_t used = strlen(names);
        (void)snprintf(names + used, sizeof names - used, ", %s", name);
    }
    if (!ls_failed(err) && !is_known && silences) {
        err = ls_refuse(&why, LS_CODE_INVALID, "usage", "%.60s is no alert rule%s%s", rule,
                        nearest.best == NULL ? "; the rules are " : "; did you mean ",
                        nearest.best == NULL ? names : nearest.best);
    }
    if (!ls_failed(err))
        (void)snprintf(action.selector, sizeof action.selector, "%.200s", rule);
    return perform(call, err, &action, &why);
}

enum ls_exit command_undo(const struct command_call *call)
{
    static const int64_t range[2] = {1, INT64_MAX};
    struct ls_action action = {0};
    struct ls_why why = {0};
    ls_err err = database_action(call, LS_VERB_UNDO, &action, &why);
    if (!ls_failed(err))
        err = arguments_number(call->arguments, OPTION_ENTRY, range, &action.expected_version,
                               &why);
    return perform(call, err, &action, &why);
}
