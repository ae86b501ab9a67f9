#include "lockstep/app/cli.h"

#include <assert.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "help.h"
#include "lockstep/base/nearest.h"
#include "lockstep/host/clock.h"
#include "lockstep/host/key_file.h"
#include "lockstep/report/out.h"

#define LISTING                                                                    \
    (OPTION_BIT(OPTION_JSON) | OPTION_BIT(OPTION_JSONL) | OPTION_BIT(OPTION_CSV) | \
     OPTION_BIT(OPTION_LIMIT) | OPTION_BIT(OPTION_WIDE))
#define ACTION                                                                         \
    (OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_DRY_RUN) | OPTION_BIT(OPTION_YES) | \
     OPTION_BIT(OPTION_EXPECT) | OPTION_BIT(OPTION_JSON))
#define DEMO                                                                                  \
    (OPTION_BIT(OPTION_RATE) | OPTION_BIT(OPTION_DIR) | OPTION_BIT(OPTION_KEEP) |             \
     OPTION_BIT(OPTION_FAULTS) | OPTION_BIT(OPTION_SLOT_MS) | OPTION_BIT(OPTION_HEADLESS) |   \
     OPTION_BIT(OPTION_KILL_WORKER_AT) | OPTION_BIT(OPTION_SEED) | OPTION_BIT(OPTION_THEME) | \
     OPTION_BIT(OPTION_ASCII))
#define CONSOLE                                                                           \
    (OPTION_BIT(OPTION_THEME) | OPTION_BIT(OPTION_ASCII) | OPTION_BIT(OPTION_NO_WORKER) | \
     OPTION_BIT(OPTION_READ_ONLY) | OPTION_BIT(OPTION_ALERT) | OPTION_BIT(OPTION_KINDS))

static const struct command table[] = {
    {"console", "", "", "the dashboard, with its embedded worker", CONSOLE, 0, 0, true,
     command_console},
    {"notify", "", "", "alerts on this workstation's desktop, with buttons", 0, 0, 0, true,
     command_notify},
    {"worker", "", "", "the same worker without a screen", OPTION_BIT(OPTION_KINDS), 0, 0, true,
     command_worker},
    {"worker", "list", "", "workers that the database knows", LISTING, 0, 0, true,
     command_worker_list},
    {"worker", "pause", "ID|all", "let a worker finish and claim nothing more",
     OPTION_BIT(OPTION_REASON), 1, 1, true, command_worker_change},
    {"worker", "resume", "ID|all", "let a paused worker claim again", OPTION_BIT(OPTION_REASON),
     1, 1, true, command_worker_change},
    {"worker", "drain", "ID|all", "let a worker hand back what it has and end",
     OPTION_BIT(OPTION_REASON), 1, 1, true, command_worker_change},
    {"worker", "kinds", "ID|all LIST|all", "say what a worker may begin",
     OPTION_BIT(OPTION_REASON), 2, POSITIONAL_MAX, true, command_worker_kinds},
    {"demo", "", "", "private PostgreSQL, simulated ledger, sample traffic and console", DEMO,
     0, 0, false, command_demo},
    {"migrate", "", "", "install or upgrade the schema",
     OPTION_BIT(OPTION_DRY_RUN) | OPTION_BIT(OPTION_TO), 0, 0, true, command_migrate},
    {"enqueue", "", "KIND JSON|@FILE|-", "enqueue one operation, or one a line with -",
     OPTION_BIT(OPTION_KEY) | OPTION_BIT(OPTION_ENTITY) | OPTION_BIT(OPTION_LANE) |
         OPTION_BIT(OPTION_FENCE) | OPTION_BIT(OPTION_BATCH) | OPTION_BIT(OPTION_RUN_AT) |
         OPTION_BIT(OPTION_JSON),
     2, 2, true, command_enqueue},
    {"status", "", "", "one screen of numbers and the verdict",
     OPTION_BIT(OPTION_JSON) | OPTION_BIT(OPTION_PLAIN) | OPTION_BIT(OPTION_WATCH) |
         OPTION_BIT(OPTION_AT),
     0, 0, true, command_status},
    {"causes", "", "", "failures grouped by cause: outcome on chain, what to do", LISTING, 0, 0,
     true, command_causes},
    {"ops", "", "[FILTER]", "list operations", LISTING | OPTION_BIT(OPTION_SORT), 0,
     POSITIONAL_MAX, true, command_ops},
    {"show", "", "ID|KEY", "everything about one operation", OPTION_BIT(OPTION_JSON), 1, 1,
     true, command_show},
    {"log", "", "ID", "what the worker's log says of one operation, else its attempts",
     OPTION_BIT(OPTION_UNIT) | OPTION_BIT(OPTION_JSONL), 1, 1, true, command_log},
    {"retry", "", "FILTER|ID...", "send failed operations again", ACTION, 1, POSITIONAL_MAX,
     true, command_act},
    {"cancel", "", "FILTER|ID...", "give operations up that were not sent", ACTION, 1,
     POSITIONAL_MAX, true, command_act},
    {"compensate", "", "FILTER|ID...", "undo done operations by new ones", ACTION, 1,
     POSITIONAL_MAX, true, command_act},
    {"hold", "", "FILTER|ID...", "keep operations until a person releases them", ACTION, 1,
     POSITIONAL_MAX, true, command_act},
    {"release", "", "FILTER|ID...", "let held operations go on", ACTION, 1, POSITIONAL_MAX,
     true, command_act},
    {"resolve", "", "ID", "say what became of an operation whose landing is unknown",
     OPTION_BIT(OPTION_LANDED) | OPTION_BIT(OPTION_NEVER_LANDED) | OPTION_BIT(OPTION_REASON) |
         OPTION_BIT(OPTION_YES) | OPTION_BIT(OPTION_JSON),
     1, 1, true, command_resolve},
    {"resolve", "list", "", "what one person said and a second must confirm", LISTING, 0, 0,
     true, command_resolve_list},
    {"edit", "", "ID [PATH=VALUE...]",
     "give a failed operation another payload and send it again",
     OPTION_BIT(OPTION_SET) | OPTION_BIT(OPTION_FILE) | OPTION_BIT(OPTION_EXPECT_VERSION) |
         OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_YES) | OPTION_BIT(OPTION_DRY_RUN),
     1, POSITIONAL_MAX, true, command_edit},
    {"batch", "open", "NAME", "begin operations that belong together, or find them again",
     OPTION_BIT(OPTION_POLICY) | OPTION_BIT(OPTION_JSON), 1, 1, true, command_batch_open},
    {"batch", "seal", "ID", "let its operations run; none can be added any more",
     OPTION_BIT(OPTION_JSON), 1, 1, true, command_batch_seal},
    {"batch", "list", "", "batches, newest first", LISTING, 0, 0, true, command_batch_list},
    {"batch", "show", "ID", "a batch and its operations", OPTION_BIT(OPTION_JSON), 1, 1, true,
     command_batch_show},
    {"batch", "retry", "ID", "try everything of it again that failed",
     OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_DRY_RUN) | OPTION_BIT(OPTION_EXPECT) |
         OPTION_BIT(OPTION_JSON),
     1, 1, true, command_batch_retry},
    {"batch", "compensate", "ID", "undo what landed of it, last first",
     OPTION_BIT(OPTION_REASON), 1, 1, true, command_batch_compensate},
    {"batch", "pause", "ID", "sign nothing more of it until it is resumed",
     OPTION_BIT(OPTION_REASON), 1, 1, true, command_batch_pause},
    {"batch", "resume", "ID", "let it go on", OPTION_BIT(OPTION_REASON), 1, 1, true,
     command_batch_pause},
    {"bulk", "start", "ACTION FILTER",
     "retry, cancel, hold, release or compensate all that match",
     OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_DRY_RUN) | OPTION_BIT(OPTION_YES) |
         OPTION_BIT(OPTION_EXPECT) | OPTION_BIT(OPTION_RATE) | OPTION_BIT(OPTION_CANARY) |
         OPTION_BIT(OPTION_ABORT_ABOVE) | OPTION_BIT(OPTION_JSON),
     2, POSITIONAL_MAX, true, command_bulk_start},
    {"bulk", "list", "", "bulk jobs, newest first", LISTING, 0, 0, true, command_bulk_list},
    {"bulk", "show", "ID", "a bulk job and what became of each target", OPTION_BIT(OPTION_JSON),
     1, 1, true, command_bulk_show},
    {"bulk", "pause", "ID", "act on nothing more of it until it is resumed",
     OPTION_BIT(OPTION_REASON), 1, 1, true, command_bulk_change},
    {"bulk", "resume", "ID", "let it go on, also past a canary that failed",
     OPTION_BIT(OPTION_REASON), 1, 1, true, command_bulk_change},
    {"bulk", "abort", "ID", "end it; what it has not acted on stays as it is",
     OPTION_BIT(OPTION_REASON), 1, 1, true, command_bulk_change},
    {"gate", "list", "", "gates that are on", LISTING, 0, 0, true, command_gate_list},
    {"gate", "on", "kind:K|lane:N|entity:E|batch:ID|payer:A|fence:nonce|all",
     "pause what matches", OPTION_BIT(OPTION_REASON), 1, 1, true, command_gate_change},
    {"gate", "off", "kind:K|lane:N|entity:E|batch:ID|payer:A|fence:nonce|all", "let it go on",
     OPTION_BIT(OPTION_REASON), 1, 1, true, command_gate_change},
    {"endpoint", "list", "", "endpoints as the workers see them", LISTING, 0, 0, true,
     command_endpoint_list},
    {"endpoint", "test", "", "ask each configured endpoint what it is worth",
     OPTION_BIT(OPTION_JSON), 0, 0, true, command_endpoint_test},
    {"alert", "list", "", "alerts that fire or are acknowledged",
     LISTING | OPTION_BIT(OPTION_ALL), 0, 0, true, command_alert_list},
    {"alert", "ack", "ID", "take an alert", OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_FOR),
     1, 1, true, command_alert_change},
    {"alert", "resolve", "ID", "close an alert", OPTION_BIT(OPTION_REASON), 1, 1, true,
     command_alert_change},
    {"alert", "silence", "RULE", "take what a rule fires, unheard, for a while",
     OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_FOR), 1, 1, true, command_alert_silence},
    {"alert", "unsilence", "RULE", "hear it again", OPTION_BIT(OPTION_REASON), 1, 1, true,
     command_alert_silence},
    {"alert", "silences", "", "rules that are silenced, until when",
     OPTION_BIT(OPTION_JSON) | OPTION_BIT(OPTION_JSONL), 0, 0, true, command_alert_silences},
    {"note", "add", "op:ID|batch:ID|alert:ID TEXT", "leave a note that everybody sees", 0, 2, 2,
     true, command_note_add},
    {"note", "list", "[op:ID|batch:ID|alert:ID]", "notes, the newest first or of one thing",
     LISTING, 0, 1, true, command_note_list},
    {"claim", "take", "op:ID|cause:NAME",
     "say that it is yours for a while: it asks for nobody",
     OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_FOR), 1, 1, true, command_claim_change},
    {"claim", "release", "op:ID|cause:NAME", "give it up before the time is over",
     OPTION_BIT(OPTION_REASON), 1, 1, true, command_claim_change},
    {"claim", "list", "", "who has what, and how long still",
     OPTION_BIT(OPTION_JSON) | OPTION_BIT(OPTION_JSONL), 0, 0, true, command_claim_list},
    {"undo", "", "", "take back your last acknowledgement, silence, claim or note",
     OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_ENTRY), 0, 0, true, command_undo},
    {"audit", "list", "", "who did what and why, newest first", LISTING, 0, 0, true,
     command_audit_list},
    {"audit", "verify", "", "check the audit log's hash chain", OPTION_BIT(OPTION_JSON), 0, 0,
     true, command_audit_verify},
    {"reconcile", "", "", "compare what landed with what the database says",
     OPTION_BIT(OPTION_SINCE) | OPTION_BIT(OPTION_REPAIR) | OPTION_BIT(OPTION_JSON), 0, 0, true,
     command_reconcile},
    {"verify", "", "KEY | --chain FILTER|ID...",
     "compare one document or message with the ledger, or look operations up there",
     OPTION_BIT(OPTION_JSON) | OPTION_BIT(OPTION_CHAIN) | OPTION_BIT(OPTION_REASON), 1,
     POSITIONAL_MAX, true, command_verify},
    {"hook", "list", "", "applications' on_settled functions", LISTING, 0, 0, true,
     command_hook_list},
    {"hook", "add", "KIND SCHEMA.FUNCTION", "call it in the transaction that settles one",
     OPTION_BIT(OPTION_REASON), 2, 2, true, command_hook_add},
    {"hook", "remove", "KIND", "call it no more", OPTION_BIT(OPTION_REASON), 1, 1, true,
     command_hook_remove},
    {"consumer", "list", "", "who reads the outcomes feed, and how far behind", LISTING, 0, 0,
     true, command_consumer_list},
    {"consumer", "drop", "NAME", "keep outcomes for it no longer", OPTION_BIT(OPTION_REASON), 1,
     1, true, command_consumer_drop},
    {"nonce", "list", "", "the pool of nonce accounts: state, operation, rent, value", LISTING,
     0, 0, true, command_nonce_list},
    {"nonce", "create", "N", "make N accounts for the pool", OPTION_BIT(OPTION_REASON), 1, 1,
     true, command_nonce_create},
    {"nonce", "advance", "ADDRESS", "move a free or broken account on, so that it is free",
     OPTION_BIT(OPTION_REASON), 1, 1, true, command_nonce_change},
    {"nonce", "close", "ADDRESS", "take a free account out and its rent back",
     OPTION_BIT(OPTION_REASON), 1, 1, true, command_nonce_change},
    {"key", "new", "FILE", "make a key file and print its address", 0, 1, 1, false,
     command_key_new},
    {"key", "mac", "FILE", "make a key that seals attempts and print its name", 0, 1, 1, false,
     command_key_mac},
    {"key", "show", "FILE", "print a key file's address", 0, 1, 1, false, command_key_show},
    {"theme", "list", "", "themes, with the contrast of their texts", LISTING, 0, 0, false,
     command_theme_list},
    {"theme", "show", "NAME", "each role of a theme, as it looks", 0, 1, 1, false,
     command_theme_show},
    {"theme", "check", "[NAME...]", "whether themes can be read, by anybody", 0, 0,
     POSITIONAL_MAX, false, command_theme_check},
    {"keys", "list", "[FILE]", "the console's commands and their keys", LISTING, 0, 1, true,
     command_keys_list},
    {"keys", "check", "[FILE]", "whether a keys.conf is right", 0, 0, 1, true,
     command_keys_check},
    {"man", "", "[lockstep|lockstep.conf|lockstep-keys]", "a manual page, as man reads it", 0,
     0, 1, false, command_man},
    {"completion", "", "bash|zsh|fish", "what a shell needs to complete commands and filters",
     0, 1, 1, false, command_completion},
    {"completion", "words", "-- [WORD...]", "what may stand in place of the last word", 0, 1,
     POSITIONAL_MAX, false, command_completion_words},
    {"sim", "listen", "", "simulated ledger over HTTP on 127.0.0.1",
     OPTION_BIT(OPTION_PORT) | OPTION_BIT(OPTION_SEED) | OPTION_BIT(OPTION_SLOT_MS) |
         OPTION_BIT(OPTION_FAULTS),
     0, 0, false, command_sim_listen},
    {"sim", "run", "", "the real worker on virtual time under seeded faults, judged",
     OPTION_BIT(OPTION_SEEDS) | OPTION_BIT(OPTION_OPS) | OPTION_BIT(OPTION_FAULTS) |
         OPTION_BIT(OPTION_TRACE) | OPTION_BIT(OPTION_ONCE) | OPTION_BIT(OPTION_KILLS) |
         OPTION_BIT(OPTION_KILL_BEFORE) | OPTION_BIT(OPTION_KILL_BEHIND) |
         OPTION_BIT(OPTION_CHAOS_MS) | OPTION_BIT(OPTION_ONLY) | OPTION_BIT(OPTION_POLICY) |
         OPTION_BIT(OPTION_JSON),
     0, 0, false, command_sim_run},
    {"sim", "compare", "", "duplicates and losses under other systems' rules, and ours",
     OPTION_BIT(OPTION_SEEDS) | OPTION_BIT(OPTION_OPS) | OPTION_BIT(OPTION_FAULTS) |
         OPTION_BIT(OPTION_CHAOS_MS) | OPTION_BIT(OPTION_JSON),
     0, 0, false, command_sim_compare},
    {"sim", "faults", "", "the kinds of faults that sim run knows", 0, 0, 0, false,
     command_sim_faults},
    {"doctor", "", "", "check configuration, database, ledger, key, terminal, desktop",
     OPTION_BIT(OPTION_JSON), 0, 0, false, command_doctor},
};
enum { COMMAND_COUNT = sizeof table / sizeof table[0] };

const struct command *commands(size_t *count_out)
{
    *count_out = COMMAND_COUNT;
    return table;
}

const struct command *command_find(const char *const *words, size_t count, size_t *used_out)
{
    const struct command *alone = NULL;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(table[i].group, words[0]) != 0) continue;
        if (table[i].name[0] == '\0') alone = &table[i];
        if (count < 2 || strcmp(table[i].name, words[1]) != 0) continue;
        *used_out = 2;
        return &table[i];
    }
    *used_out = 1;
    return alone;
}

/* "start, list or show": the second words of a group. */
static void write_words(const char *group, char *out, size_t out_bytes)
{
    size_t count = 0;
    size_t at = 0;
    size_t used = 0;
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        count += strcmp(table[i].group, group) == 0 && table[i].name[0] != '\0';
    out[0] = '\0';
    for (size_t i = 0; i < COMMAND_COUNT && used < out_bytes; i++) {
        if (strcmp(table[i].group, group) != 0 || table[i].name[0] == '\0') continue;
        const char *joint = at == 0 ? "" : at + 1 == count ? " or " : ", ";
        used += (size_t)snprintf(out + used, out_bytes - used, "%s%s", joint, table[i].name);
        at++;
    }
}

static enum ls_exit refuse_command(int argc, char **argv)
{
    char words[128];
    struct ls_nearest nearest;
    bool is_group = false;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        is_group = is_group || strcmp(table[i].group, argv[0]) == 0;
    }
    const char *wanted = is_group ? (argc > 1 ? argv[1] : "") : argv[0];
    ls_nearest_init(&nearest, wanted);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (!is_group) ls_nearest_offer(&nearest, table[i].group);
        if (is_group && strcmp(table[i].group, argv[0]) == 0) {
            ls_nearest_offer(&nearest, table[i].name);
        }
    }
    if (is_group) write_words(argv[0], words, sizeof words);
    if (is_group && wanted[0] == '\0') {
        ls_complain(argv[0], "needs another word: %s; see lockstep help %s", words, argv[0]);
    } else if (nearest.best != NULL) {
        ls_complain(wanted, "no such command; did you mean %s%s%s?", is_group ? argv[0] : "",
                    is_group ? " " : "", nearest.best);
    } else if (is_group) {
        ls_complain(argv[0], "there is no %s %s; it takes %s", argv[0], wanted, words);
    } else {
        ls_complain(wanted, "no such command; lockstep help lists them");
    }
    return LS_EXIT_USAGE;
}

static ls_err load_config(const char *option, struct ls_config *config, struct ls_why *why)
{
    char path[LS_CONFIG_PATH_BYTES];
    bool was_chosen = false;
    LS_TRY(ls_config_find(option, path, &was_chosen, why));
    const ls_err err = ls_config_read(path, config, why);
    if (err.code != LS_CODE_NOT_FOUND) return err;
    if (was_chosen) return LS_FAIL(LS_CODE_INVALID, 0, "configuration");
    why->text[0] = '\0';
    return LS_OK; /* without a file the defaults and PG* variables hold */
}

static enum ls_exit check_count(const struct command *command, size_t count)
{
    if (count >= command->min_count && count <= command->max_count) return LS_EXIT_DONE;
    ls_complain(command->group, "%s; usage: lockstep %s%s%s%s%s",
                count < command->min_count ? "something is missing" : "too many arguments",
                command->group, command->name[0] == '\0' ? "" : " ", command->name,
                command->synopsis[0] == '\0' ? "" : " ", command->synopsis);
    return LS_EXIT_USAGE;
}

/* One form at a time: a script that names two would get one of them, and not know which. */
static enum ls_exit check_forms(const struct command *command,
                                const struct arguments *arguments)
{
    const int forms = arguments_has(arguments, OPTION_JSON) +
                      arguments_has(arguments, OPTION_JSONL) +
                      arguments_has(arguments, OPTION_CSV);
    if (forms <= 1) return LS_EXIT_DONE;
    ls_complain(command->group, "--json, --jsonl and --csv exclude each other; give one");
    return LS_EXIT_USAGE;
}

static enum ls_exit
run_command(const struct command *command, int argc, char **argv, const char *program)
{
    assert(command != NULL);
    struct arguments arguments = {0};
    struct ls_config config;
    struct ls_why why = {0};
    const uint64_t always = OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_HELP);
    ls_err err = arguments_read(argc, (const char *const *)argv, command->options | always,
                                &arguments, &why);
    if (ls_failed(err)) return ls_complain_err(command->group, err, &why);
    if (arguments_has(&arguments, OPTION_HELP)) return help_command(command);

    const enum ls_exit count = check_count(command, arguments.count);
    if (count != LS_EXIT_DONE) return count;
    const enum ls_exit forms = check_forms(command, &arguments);
    if (forms != LS_EXIT_DONE) return forms;
    ls_config_init(&config);
    if (command->needs_config) {
        err = load_config(arguments_value(&arguments, OPTION_CONFIG), &config, &why);
        if (ls_failed(err)) return ls_complain_err("configuration", err, &why);
    }
    const struct command_call call = {command, &arguments, &config, program};
    return command->run(&call);
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static enum ls_exit dispatch(int argc, char **argv)
{
    static const char *const alone[] = {"console"};
    const char *program = argv[0];
    size_t used = 0;
    argc--;
    argv++;
    if (argc > 0 && (strcmp(argv[0], "help") == 0 || is_help(argv[0]))) {
        return help_all(argc > 1 ? argv[1] : NULL);
    }
    if (argc > 0 && strcmp(argv[0], "--version") == 0) {
        return ls_out_line("lockstep " LS_VERSION);
    }
    if (argc == 0 || argv[0][0] == '-') {
        return run_command(command_find(alone, 1, &used), argc, argv, program);
    }
    const struct command *command =
        command_find((const char *const *)argv, (size_t)argc, &used);
    if (command == NULL && argc == 2 && is_help(argv[1])) return help_all(argv[0]);
    if (command == NULL) return refuse_command(argc, argv);
    return run_command(command, argc - (int)used, argv + used, program);
}

/* Whether nobody reads standard output any more: `| head` has what it wanted. */
static bool reader_left(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

int ls_cli_main(int argc, char **argv)
{
    ls_process_harden();
    (void)signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write, not our end */
    const ls_err err = ls_library_start();
    if (ls_failed(err)) return (int)ls_complain_err("start", err, NULL);
    enum ls_exit status = dispatch(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        if (!reader_left())
            ls_complain("output",
                        "cannot be written; what is shown is not all: is the disk full?");
        if (status == LS_EXIT_DONE) status = LS_EXIT_FAILED;
    }
    return (int)status;
}
