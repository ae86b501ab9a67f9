#include "command.h"

#include <string.h>

#define ON(screen_) (1u << (unsigned)(screen_))
#define LISTS       (ON(SCREEN_FAILED) | ON(SCREEN_STUCK) | ON(SCREEN_QUEUE))
#define OPS         (LISTS | ON(SCREEN_DETAIL))
#define ANY         (ON(SCREEN_COUNT) - 1u)

/* In the order of the help. */
static const struct command table[] = {
    {"open", "Enter",
     LISTS | ON(SCREEN_DASH) | ON(SCREEN_BATCHES) | ON(SCREEN_BULK) | ON(SCREEN_ALERTS), false,
     "open", "open what the cursor is on", do_open_row, can_open},
    {"up", "k Up", ANY, false, NULL, "up", do_move_up, NULL},
    {"down", "j Down", ANY, false, NULL, "down", do_move_down, NULL},
    {"page-up", "PgUp Ctrl-B", ANY, false, NULL, "page up; at the top the previous page",
     do_page_up, NULL},
    {"page-down", "PgDn Ctrl-F", ANY, false, NULL, "page down; at the end the next page",
     do_page_down, NULL},
    {"first", "g Home", ANY, false, NULL, "to the first", do_to_first, NULL},
    {"last", "G End", ANY, false, NULL, "to the last (the one harmless capital)", do_to_last,
     NULL},
    {"mark", "Space", LISTS, false, "mark", "mark or unmark", do_mark_one, can_mark},
    {"mark-cause", "*", LISTS, false, "same cause", "mark all of this cause on this page",
     do_mark_cause, can_mark},
    {"mark-all", "a", LISTS, false, "all", "mark all on this page; again: all that match",
     do_mark_page, can_mark},
    {"mark-none", "u", LISTS, false, "none", "unmark all", do_mark_none, can_unmark},
    {"filter", "/", LISTS | ON(SCREEN_BATCHES), false, "filter",
     "filter the listing: state:failed kind:token.* age>10m", do_open_filter, NULL},
    {"sort", "s", LISTS, false, "sort", "next order: id, age, last change", do_sort_next, NULL},
    {"next", "] n", OPS, false, "next", "the next match; at the end of the page the next page",
     do_next_row, NULL},
    {"previous", "[ p", OPS, false, "previous",
     "the previous match; at the top the previous page", do_previous_row, NULL},
    {"minute-back", "[", ON(SCREEN_DASH) | ON(SCREEN_HEALTH), false, "a minute back",
     "a minute back: the dashboard as it was recorded", do_minute_back, NULL},
    {"minute-on", "]", ON(SCREEN_DASH) | ON(SCREEN_HEALTH), false, "a minute on",
     "a minute on; at its end back to the present", do_minute_on, NULL},
    {"evidence", "e", ON(SCREEN_DETAIL), false, "evidence",
     "the evidence of each attempt, or not", do_toggle_evidence, NULL},
    {"verify", "v", OPS, false, "verify",
     "look the marked or this up on chain: a worker adds evidence, changes nothing else",
     act_verify, can_verify},
    {"verify-cause", "v", ON(SCREEN_DASH), false, "verify",
     "look this cause up on the ledger: a worker is asked about each operation",
     act_verify_cause, can_verify_cause},
    {"error-json", "e", LISTS, false, NULL, "copy the error as JSON", copy_error, NULL},
    {"retry", "R", OPS, true, "retry", "retry the marked, or this one: a new round of attempts",
     act_retry, can_retry},
    {"retry-batch", "R", ON(SCREEN_BATCHES), true, "retry", "retry what failed of this batch",
     act_retry_batch, can_retry_batch},
    {"compensate-batch", "C", ON(SCREEN_BATCHES), true, "compensate",
     "undo what landed of this batch: on chain, the last first", act_compensate_batch,
     can_compensate_batch},
    {"pause-batch", "P", ON(SCREEN_BATCHES), true, "pause", "pause this batch, or let it go on",
     act_pause_batch, can_pause_batch},
    {"pause-job", "P", ON(SCREEN_BULK), true, "pause", "pause this job, or let it go on",
     act_pause_job, can_change_job},
    {"abort-job", "X", ON(SCREEN_BULK), true, "abort",
     "end this job; what it has not acted on stays as it is", act_abort_job, can_change_job},
    {"retry-cause", "R", ON(SCREEN_DASH), true, "retry", "retry what failed of this cause",
     act_retry_cause, can_retry_cause},
    {"release-cause", "H", ON(SCREEN_DASH), true, "release",
     "release what is held of this cause", act_release_cause, can_release_cause},
    {"edit", "E", ON(SCREEN_DETAIL), true, "edit",
     "edit its payload and send it again: of a failed or held operation", act_edit, can_edit},
    {"compensate", "C", OPS, true, "compensate", "undo on chain what landed (compensate)",
     act_compensate, can_compensate},
    {"hold", "H", OPS, true, "hold", "hold, or release what is held", act_hold, can_hold},
    {"cancel", "X", OPS, true, "cancel", "cancel what did not land", act_cancel, can_cancel},
    {"resolve", "V", OPS, true, "resolve", "resolve an unknown outcome: it landed, or never",
     act_resolve, can_resolve},
    {"claim", "A", OPS | ON(SCREEN_DASH), true, "ack",
     "acknowledge: it is yours for a while and asks for nobody; again gives it up", act_claim,
     can_claim},
    {"acknowledge", "A", ON(SCREEN_ALERTS), true, "ack",
     "acknowledge this alert: with a reason, and for how long", act_acknowledge,
     can_acknowledge},
    {"silence", "M", ON(SCREEN_ALERTS), true, "silence",
     "silence its rule, or hear it again; it keeps measuring", act_silence, can_silence},
    {"note", "N", OPS | ON(SCREEN_ALERTS) | ON(SCREEN_BATCHES), true, "note",
     "leave a note that everybody sees", act_note, can_note},
    {"hold-work", "W", OPS | ON(SCREEN_DASH) | ON(SCREEN_HEALTH), true, NULL,
     "hold new work, or let it go on: of a kind, an entity or everything", act_hold_work, NULL},
    {"undo", "Z", ANY, true, NULL, "undo my last ack, silence or note; a claim, too", act_undo,
     can_undo},
    {"pause", "P", ON(SCREEN_HEALTH), true, "pause",
     "pause a worker, or lift a gate; again resumes it", act_pause, can_pause},
    {"drain", "D", ON(SCREEN_HEALTH), true, "drain",
     "drain a worker: it hands back what it has and ends", act_drain, can_drain},
    {"kinds", "K", ON(SCREEN_HEALTH), true, "kinds", "say which kinds a worker may begin",
     act_kinds, can_kinds},
    {"copy", "y", ANY, false, "copy",
     "copy what the cursor is on: id, key, signature, link ...", copy_begin, NULL},
    {"link", "o", OPS, false, NULL, "copy the explorer's link", copy_link, NULL},
    {"log", "l", OPS, false, NULL, "what the log says of this operation", do_log, NULL},
    {"results", "r", ANY, false, NULL, "what became of my last action", results_open,
     can_open_results},
    {"export", "x",
     LISTS | ON(SCREEN_BATCHES) | ON(SCREEN_ALERTS) | ON(SCREEN_AUDIT) | ON(SCREEN_BULK), false,
     "export", "export all that matches: CSV or JSON lines", export_open, NULL},
    {"time", "t", ANY, false, "time", "ages, UTC or local time", do_next_time, NULL},
    {"pause-view", "=", ANY, false, NULL, "pause the view, or let it go on", do_pause_or_resume,
     NULL},
    {"faster", "+", ANY, false, NULL, "read listings more often", do_faster, NULL},
    {"slower", "-", ANY, false, NULL, "read listings less often", do_slower, NULL},
    {"refresh", "F5 Ctrl-R", ANY, false, NULL, "read everything now", do_refresh_now, NULL},
    {"plain", "Ctrl-O", ANY, false, NULL, "the screen as plain text, to copy", do_plain, NULL},
    {"redraw", "Ctrl-L", ANY, false, NULL, "draw the screen anew", do_redraw, NULL},
    {"go-dash", "1", ANY, false, NULL, "the dashboard", do_go_dash, NULL},
    {"go-failed", "2", ANY, false, NULL, "failed operations", do_go_failed, NULL},
    {"go-stuck", "3", ANY, false, NULL, "held and stuck operations", do_go_stuck, NULL},
    {"go-queue", "4", ANY, false, NULL, "all operations, live and finished", do_go_queue, NULL},
    {"go-batches", "5", ANY, false, NULL, "batches", do_go_batches, NULL},
    {"go-alerts", "6", ANY, false, NULL, "alerts", do_go_alerts, NULL},
    {"go-audit", "7", ANY, false, NULL, "the audit log", do_go_audit, NULL},
    {"go-health", "8", ANY, false, NULL, "workers, endpoints, gates, database", do_go_health,
     NULL},
    {"go-bulk", "9", ANY, false, NULL, "bulk jobs", do_go_bulk, NULL},
    {"next-screen", "Tab", ANY, false, NULL, "next screen", do_next_tab, NULL},
    {"previous-screen", "BackTab", ANY, false, NULL, "previous screen", do_previous_tab, NULL},
    {"command-line", ":", ANY, false, "command",
     "command line: screens, themes, gates, any command", do_open_line, NULL},
    {"help", "? F1", ANY, false, "help", "this help", help_open, NULL},
    {"back", "Esc", ANY, false, NULL, "back", do_go_back, NULL},
    {"close", "q", ANY, false, "back", "back, then quit", do_back_or_quit, NULL},
    {"quit", "Ctrl-C", ANY, false, NULL, "quit", act_quit, NULL},
    {"suspend", "Ctrl-Z", ANY, false, NULL, "suspend, where no worker is embedded", do_suspend,
     NULL},
};

const struct command *key_commands(size_t *count_out)
{
    *count_out = sizeof table / sizeof table[0];
    return table;
}

bool command_is_on(const struct command *command, enum screen screen)
{
    return (command->screens & ON(screen)) != 0;
}

const struct command *command_named(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].name, name) == 0) return &table[i];
    return NULL;
}

bool command_can_run(const struct ls_ui *ui, const struct command *command, struct ls_why *why)
{
    if (command->acts && !ui_may_act(ui, why)) return false;
    return command->can == NULL || command->can(ui, why);
}

void key_command_run(struct ls_ui *ui, const struct command *command)
{
    struct ls_why why = {0};
    for (size_t i = 0; i < LIST_COUNT; i++) ui->lists[i].then = NULL; /* another wish came */
    if (command_can_run(ui, command, &why)) {
        command->run(ui);
        return;
    }
    char key[LS_KEY_NAME_BYTES];
    command_first_key(ui, command, key);
    ui_toast(ui, true, "%s: %s", key, why.text);
}
