/* A command of the command line, and what every command is given. */
#ifndef LOCKSTEP_APP_COMMAND_H
#define LOCKSTEP_APP_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/config/config.h"
#include "lockstep/report/complain.h"
#include "option.h"

struct command_call {
    const struct command *command;
    const struct arguments *arguments;
    const struct ls_config *config; /* defaults for commands that need none */
    const char *program;            /* argv[0] */
};

/* One row of the table of commands. */
struct command {
    const char *group;    /* first word */
    const char *name;     /* second word, "" when the group is the command */
    const char *synopsis; /* positional arguments, for help */
    const char *help;     /* one line */
    uint64_t options;     /* bits; --config and --help are always allowed */
    size_t min_count;     /* positional arguments */
    size_t max_count;
    bool needs_config;
    enum ls_exit (*run)(const struct command_call *call);
};

/* The table. */
const struct command *commands(size_t *count_out);
/* The row that the first of `words` (at least one) name, NULL if none; `*used_out`: how many
 * of them, 1 or 2. */
const struct command *command_find(const char *const *words, size_t count, size_t *used_out);

/* The commands' own functions, each in the file of its group. */
enum ls_exit command_console(const struct command_call *call);
enum ls_exit command_notify(const struct command_call *call);
enum ls_exit command_worker(const struct command_call *call);
enum ls_exit command_worker_list(const struct command_call *call);
enum ls_exit command_worker_change(const struct command_call *call);
enum ls_exit command_worker_kinds(const struct command_call *call);
enum ls_exit command_demo(const struct command_call *call);
enum ls_exit command_migrate(const struct command_call *call);
enum ls_exit command_enqueue(const struct command_call *call);
enum ls_exit command_status(const struct command_call *call);
enum ls_exit command_causes(const struct command_call *call);
enum ls_exit command_ops(const struct command_call *call);
enum ls_exit command_show(const struct command_call *call);
enum ls_exit command_log(const struct command_call *call);
enum ls_exit command_act(const struct command_call *call);
enum ls_exit command_resolve_list(const struct command_call *call);
enum ls_exit command_resolve(const struct command_call *call);
enum ls_exit command_gate_list(const struct command_call *call);
enum ls_exit command_gate_change(const struct command_call *call);
enum ls_exit command_alert_list(const struct command_call *call);
enum ls_exit command_alert_change(const struct command_call *call);
enum ls_exit command_audit_list(const struct command_call *call);
enum ls_exit command_audit_verify(const struct command_call *call);
enum ls_exit command_batch_open(const struct command_call *call);
enum ls_exit command_batch_seal(const struct command_call *call);
enum ls_exit command_batch_list(const struct command_call *call);
enum ls_exit command_batch_show(const struct command_call *call);
enum ls_exit command_batch_retry(const struct command_call *call);
enum ls_exit command_batch_pause(const struct command_call *call);
enum ls_exit command_batch_compensate(const struct command_call *call);
enum ls_exit command_bulk_start(const struct command_call *call);
enum ls_exit command_bulk_list(const struct command_call *call);
enum ls_exit command_bulk_show(const struct command_call *call);
enum ls_exit command_bulk_change(const struct command_call *call);
enum ls_exit command_endpoint_list(const struct command_call *call);
enum ls_exit command_endpoint_test(const struct command_call *call);
enum ls_exit command_hook_list(const struct command_call *call);
enum ls_exit command_hook_add(const struct command_call *call);
enum ls_exit command_hook_remove(const struct command_call *call);
enum ls_exit command_consumer_list(const struct command_call *call);
enum ls_exit command_consumer_drop(const struct command_call *call);
enum ls_exit command_nonce_list(const struct command_call *call);
enum ls_exit command_nonce_create(const struct command_call *call);
enum ls_exit command_nonce_change(const struct command_call *call);
enum ls_exit command_key_new(const struct command_call *call);
enum ls_exit command_key_mac(const struct command_call *call);
enum ls_exit command_key_show(const struct command_call *call);
enum ls_exit command_theme_list(const struct command_call *call);
enum ls_exit command_theme_show(const struct command_call *call);
enum ls_exit command_theme_check(const struct command_call *call);
enum ls_exit command_man(const struct command_call *call);
enum ls_exit command_completion(const struct command_call *call);
enum ls_exit command_completion_words(const struct command_call *call);
enum ls_exit command_keys_list(const struct command_call *call);
enum ls_exit command_keys_check(const struct command_call *call);
enum ls_exit command_sim_listen(const struct command_call *call);
enum ls_exit command_sim_run(const struct command_call *call);
enum ls_exit command_sim_compare(const struct command_call *call);
enum ls_exit command_sim_faults(const struct command_call *call);
enum ls_exit command_reconcile(const struct command_call *call);
enum ls_exit command_note_add(const struct command_call *call);
enum ls_exit command_note_list(const struct command_call *call);
enum ls_exit command_claim_change(const struct command_call *call);
enum ls_exit command_claim_list(const struct command_call *call);
enum ls_exit command_alert_silence(const struct command_call *call);
enum ls_exit command_alert_silences(const struct command_call *call);
enum ls_exit command_edit(const struct command_call *call);
enum ls_exit command_undo(const struct command_call *call);
enum ls_exit command_look(const struct command_call *call);
enum ls_exit command_verify(const struct command_call *call);
enum ls_exit command_doctor(const struct command_call *call);

#endif
