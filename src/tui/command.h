/* The table of the console's commands: every key, hint, line of the help, row of keys.conf
 * and entry of lockstep-keys(7) comes from it. A row's screens are bits; the bodies of what
 * changes nothing stand in command_do.c, those of the capitals in command_act.c. */
#ifndef LOCKSTEP_TUI_COMMAND_H
#define LOCKSTEP_TUI_COMMAND_H

#include "ui_model.h"

struct command {
    const char *name; /* stable: small letters and '-', as keys.conf writes it */
    const char *keys; /* the default keys by name, apart by blanks */
    unsigned screens; /* bits 1u << enum screen */
    bool acts;        /* a capital: asks before it changes the world */
    const char *hint; /* a word for the bottom line; NULL: not there */
    const char *help; /* a sentence for the help */
    void (*run)(struct ls_ui *ui);
    bool (*can)(const struct ls_ui *ui, struct ls_why *why); /* NULL: always */
};

const struct command *key_commands(size_t *count_out);
bool command_is_on(const struct command *command, enum screen screen);
/* help.c: the first screen, in the order of the tabs, that has it. */
enum screen command_first_screen(const struct command *command);
/* The command of that name; NULL when there is none. */
const struct command *command_named(const char *name);
/* What `key` does on `screen` under the person's keys; NULL for nothing. */
const struct command *
key_command_of(const struct ls_keymap *keymap, enum screen screen, struct ls_key key);
void key_command_run(struct ls_ui *ui, const struct command *command);
/* Whether the command can run now; `why` says why not. */
bool command_can_run(const struct ls_ui *ui, const struct command *command, struct ls_why *why);

/* The keys of a command on a screen, by name, apart by blanks: as defaults and keys.conf
 * have them; "" for none. */
enum { COMMAND_KEYS_BYTES = 96 };
void command_keys(const struct ls_keymap *keymap,
                  const struct command *command,
                  enum screen screen,
                  char out[COMMAND_KEYS_BYTES]);
/* The first of them on the screen that is shown: for hints and messages. */
void command_first_key(const struct ls_ui *ui,
                       const struct command *command,
                       char out[LS_KEY_NAME_BYTES]);

/* The same by the command's name; "" where it is not on this screen or has no key. */
void command_key_named(const struct ls_ui *ui, const char *name, char out[LS_KEY_NAME_BYTES]);

/* Words that name commands, "{retry} retries, {help} helps", with the keys as they are now: on
 * this screen, or where the command is offered first; "{open}" becomes "Enter". A command
 * without a key is named by its name. */
void key_words(const struct ls_ui *ui, const char *words, char *out, size_t out_bytes);
/* The same as a toast, and as the reason of a refusal (NULL: none, and true). */
void key_toast(struct ls_ui *ui, bool is_bad, const char *words);
bool key_refuse(const struct ls_ui *ui, const char *words, struct ls_why *why);

/* command_do.c */
void do_move_up(struct ls_ui *ui);
void do_move_down(struct ls_ui *ui);
void do_page_up(struct ls_ui *ui);
void do_page_down(struct ls_ui *ui);
void do_to_first(struct ls_ui *ui);
void do_to_last(struct ls_ui *ui);
void do_go_dash(struct ls_ui *ui);
void do_go_failed(struct ls_ui *ui);
void do_go_stuck(struct ls_ui *ui);
void do_go_queue(struct ls_ui *ui);
void do_go_batches(struct ls_ui *ui);
void do_go_bulk(struct ls_ui *ui);
void do_go_alerts(struct ls_ui *ui);
void do_go_audit(struct ls_ui *ui);
void do_go_health(struct ls_ui *ui);
void do_open_filter(struct ls_ui *ui);
void do_open_line(struct ls_ui *ui);
void do_redraw(struct ls_ui *ui);
void do_plain(struct ls_ui *ui);
void do_log(struct ls_ui *ui);
void do_mark_one(struct ls_ui *ui);
void do_mark_none(struct ls_ui *ui);
void do_mark_page(struct ls_ui *ui);
void do_mark_cause(struct ls_ui *ui);
void do_next_tab(struct ls_ui *ui);
void do_previous_tab(struct ls_ui *ui);
void do_open_row(struct ls_ui *ui);
/* alert_open.c: from an alert to the operation or the screen that it is about. */
bool alert_can_open(const struct ls_ui *ui);
void alert_open(struct ls_ui *ui);
void do_go_back(struct ls_ui *ui);
void do_back_or_quit(struct ls_ui *ui);
void do_sort_next(struct ls_ui *ui);
void do_pause_or_resume(struct ls_ui *ui);
void do_faster(struct ls_ui *ui);
void do_slower(struct ls_ui *ui);
void do_next_time(struct ls_ui *ui);
void do_refresh_now(struct ls_ui *ui);
void do_suspend(struct ls_ui *ui);
void do_toggle_evidence(struct ls_ui *ui);
void do_next_row(struct ls_ui *ui);
void do_previous_row(struct ls_ui *ui);
void do_minute_back(struct ls_ui *ui);
void do_minute_on(struct ls_ui *ui);

bool can_open(const struct ls_ui *ui, struct ls_why *why);
bool can_mark(const struct ls_ui *ui, struct ls_why *why);
bool can_unmark(const struct ls_ui *ui, struct ls_why *why);

/* command_cause.c: what the cursor is on at the dashboard */
void do_open_cause(struct ls_ui *ui);
void act_retry_cause(struct ls_ui *ui);
void act_release_cause(struct ls_ui *ui);
void act_verify_cause(struct ls_ui *ui);
bool can_verify_cause(const struct ls_ui *ui, struct ls_why *why);
bool can_retry_cause(const struct ls_ui *ui, struct ls_why *why);
bool can_release_cause(const struct ls_ui *ui, struct ls_why *why);

/* batches.c, bulks.c */
void act_retry_batch(struct ls_ui *ui);
void act_compensate_batch(struct ls_ui *ui);
void act_pause_batch(struct ls_ui *ui);
bool can_retry_batch(const struct ls_ui *ui, struct ls_why *why);
bool can_compensate_batch(const struct ls_ui *ui, struct ls_why *why);
bool can_pause_batch(const struct ls_ui *ui, struct ls_why *why);
void act_pause_job(struct ls_ui *ui);
void act_abort_job(struct ls_ui *ui);
bool can_change_job(const struct ls_ui *ui, struct ls_why *why);

#endif
