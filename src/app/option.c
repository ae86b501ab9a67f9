#include "option.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "lockstep/base/nearest.h"
#include "lockstep/core/filter.h"
#include "lockstep/core/kinds.h"

#define WHAT "usage"

static const struct option_row {
    const char *name;
    const char *value; /* "" for a switch */
    const char *help;
} rows[OPTION_COUNT] = {
    [OPTION_CONFIG] = {"--config", "FILE", "read this configuration instead of the usual one"},
    [OPTION_HELP] = {"--help", "", "say how the command is used"},
    [OPTION_JSON] = {"--json", "", "print one JSON document"},
    [OPTION_JSONL] = {"--jsonl", "", "print one JSON object a line"},
    [OPTION_CSV] = {"--csv", "", "print comma-separated values for a spreadsheet (RFC 4180)"},
    [OPTION_WIDE] = {"--wide", "", "do not cut the table to the terminal"},
    [OPTION_PLAIN] = {"--plain", "", "print words and numbers alone, one fact a line"},
    [OPTION_WATCH] = {"--watch", "", "print again every second until interrupted"},
    [OPTION_LIMIT] = {"--limit", "N", "print at most N rows, or all"},
    [OPTION_SORT] = {"--sort", "ORDER", "newest, oldest, age or updated"},
    [OPTION_REASON] = {"--reason", "TEXT", "why, for the audit log (required)"},
    [OPTION_DRY_RUN] = {"--dry-run", "", "show what would be done and change nothing"},
    [OPTION_YES] = {"--yes", "", "do not ask"},
    [OPTION_EXPECT] = {"--expect", "N", "refuse unless exactly N operations match"},
    [OPTION_TO] = {"--to", "N", "stop at this version of the schema"},
    [OPTION_KEY] = {"--key", "KEY", "the operation's idempotency key (required)"},
    [OPTION_ENTITY] = {"--entity", "NAME", "operations of one entity run in order"},
    [OPTION_LANE] = {"--lane", "N", "0 urgent to 3 bulk; 1 if not given"},
    [OPTION_FENCE] = {"--fence", "NAME", "what stops a second landing; default: the kind's"},
    [OPTION_BATCH] = {"--batch", "ID", "part of this open batch"},
    [OPTION_RUN_AT] = {"--run-at", "DURATION", "not before so long from now, e.g. 10m"},
    [OPTION_LANDED] = {"--landed", "SIGNATURE", "it landed as this transaction"},
    [OPTION_NEVER_LANDED] = {"--never-landed", "", "you vouch that it never landed"},
    [OPTION_FOR] = {"--for", "DURATION", "how long, e.g. 2h; 1h if not given"},
    [OPTION_ALL] = {"--all", "", "resolved ones too"},
    [OPTION_PORT] = {"--port", "N", "listen there on 127.0.0.1; 0 takes any free port"},
    [OPTION_SEED] = {"--seed", "N", "seed of the simulated ledger's chance"},
    [OPTION_SLOT_MS] = {"--slot-ms", "N", "length of a slot in milliseconds"},
    [OPTION_FAULTS] =
        {"--faults", "NAME",
         "none, slow, lossy, forks, congested or storm; sim run: all, none, names"},
    [OPTION_RATE] = {"--rate", "N", "operations a second"},
    [OPTION_CANARY] = {"--canary", "N",
                       "act on N first and go on only if they succeed; 0: none"},
    [OPTION_ABORT_ABOVE] = {"--abort-above", "PERCENT",
                            "abort when more fail again with the same cause; 100: never"},
    [OPTION_UNIT] = {"--unit", "UNIT", "from the journal, of this unit: lockstep-worker@prod"},
    [OPTION_DIR] = {"--dir", "DIR", "keep the demo's files there"},
    [OPTION_KEEP] = {"--keep", "", "leave the demo's files when it ends"},
    [OPTION_HEADLESS] = {"--headless", "SECONDS", "no screen; audit at the end, print JSON"},
    [OPTION_KILL_WORKER_AT] = {"--kill-worker-at", "SECONDS", "kill -9 the worker then"},
    [OPTION_THEME] = {"--theme", "NAME", "colours of the console"},
    [OPTION_ASCII] = {"--ascii", "", "draw with ASCII characters alone"},
    [OPTION_NO_WORKER] = {"--no-worker", "", "do not start the embedded worker"},
    [OPTION_ALERT] = {"--alert", "ID", "begin at this alert; 0: at the list of alerts"},
    [OPTION_READ_ONLY] = {"--read-only", "", "refuse every action"},
    [OPTION_SEEDS] = {"--seeds", "A..B", "one trial for each of these seeds, or for one"},
    [OPTION_OPS] = {"--ops", "N", "operations of one trial; 20 if not given"},
    [OPTION_TRACE] = {"--trace", "", "print each step of each trial"},
    [OPTION_ONCE] = {"--once", "", "do not run each seed again to see that it replays"},
    [OPTION_KILLS] = {"--kills", "", "no other faults: a kill before and behind every effect"},
    [OPTION_KILL_BEFORE] = {"--kill-before", "N", "a worker dies instead of its Nth effect"},
    [OPTION_KILL_BEHIND] = {"--kill-behind", "N", "a worker dies behind its Nth effect"},
    [OPTION_CHAOS_MS] = {"--chaos-ms", "N", "the faults stop after so much simulated time"},
    [OPTION_AT] = {"--at", "TIME",
                   "as it was then, from the record: 02:31, -2h, 2026-11-24T02:31Z"},
    [OPTION_SINCE] = {"--since", "SLOT", "read back to this slot, whatever was read before"},
    [OPTION_REPAIR] = {"--repair", "", "adopt what the ledger has, audited"},
    [OPTION_POLICY] = {"--policy", "NAME",
                       "sim run: another system's rule in the worker's place; batch open: "
                       "best_effort, ordered, saga or atomic"},
    [OPTION_SET] = {"--set", "PATH=VALUE", "change this value of the payload"},
    [OPTION_FILE] = {"--file", "FILE", "the whole new payload"},
    [OPTION_EXPECT_VERSION] = {"--expect-version", "N", "refuse when it changed since"},
    [OPTION_ENTRY] = {"--entry", "N", "only if the last is this entry of the audit log"},
    [OPTION_CHAIN] = {"--chain", "", "let a worker look every attempt up on the ledger"},
    [OPTION_KINDS] = {"--kinds", "LIST",
                      "kinds that the worker may begin: memo,event or token.* or !memo"},
    [OPTION_ONLY] = {"--only", "N,N...", "no other operations than these of each trial"},
};

const char *option_name(enum option option)
{
    return rows[option].name;
}

const char *option_value_name(enum option option)
{
    return rows[option].value;
}

const char *option_help(enum option option)
{
    return rows[option].help;
}

bool arguments_has(const struct arguments *arguments, enum option option)
{
    return (arguments->given & OPTION_BIT(option)) != 0;
}

const char *arguments_value(const struct arguments *arguments, enum option option)
{
    return arguments->values[option];
}

/* Digits only; false beyond int64. */
static bool read_number(const char *text, int64_t *out)
{
    int64_t number = 0;
    if (text[0] == '\0') return false;
    for (; *text != '\0'; text++) {
        const int digit = *text - '0';
        if (digit < 0 || digit > 9 || number > (INT64_MAX - digit) / 10) return false;
        number = number * 10 + digit;
    }
    *out = number;
    return true;
}

ls_err arguments_number(const struct arguments *arguments,
                        enum option option,
                        const int64_t range[2],
                        int64_t *number_out,
                        struct ls_why *why)
{
    const char *text = arguments_value(arguments, option);
    int64_t number = 0;
    if (text == NULL) return LS_OK;
    if (!read_number(text, &number) || number < range[0] || number > range[1]) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%s %s is not a whole number from %" PRId64 " to %" PRId64,
                         rows[option].name, text, range[0], range[1]);
    }
    *number_out = number;
    return LS_OK;
}

ls_err arguments_duration(const struct arguments *arguments,
                          enum option option,
                          int64_t *ms_out,
                          struct ls_why *why)
{
    const char *text = arguments_value(arguments, option);
    if (text == NULL) return LS_OK;
    if (!ls_failed(ls_duration_parse(text, ms_out))) return LS_OK;
    return ls_refuse(why, LS_CODE_INVALID, WHAT, "%s %s is no duration; use 30s, 10m, 2h or 3d",
                     rows[option].name, text);
}

ls_err arguments_kinds(const struct arguments *arguments,
                       enum option option,
                       uint32_t *kinds_out,
                       struct ls_why *why)
{
    const char *text = arguments_value(arguments, option);
    return text == NULL ? LS_OK : ls_kinds_parse(text, kinds_out, why);
}

/* The option that `text` names up to its `=`, OPTION_COUNT if none. */
static enum option find(const char *text, size_t name_bytes)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const char *name = rows[i].name;
        if (strlen(name) == name_bytes && memcmp(name, text, name_bytes) == 0) {
            return (enum option)i;
        }
    }
    return OPTION_COUNT;
}

static ls_err refuse_unknown(const char *text, uint64_t allowed, struct ls_why *why)
{
    struct ls_nearest nearest;
    char name[LS_NEAREST_BYTES_MAX + 1];
    size_t bytes = strcspn(text, "=");
    if (bytes > LS_NEAREST_BYTES_MAX) bytes = LS_NEAREST_BYTES_MAX;
    memcpy(name, text, bytes);
    name[bytes] = '\0';

    ls_nearest_init(&nearest, name);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if ((allowed & OPTION_BIT(i)) != 0) ls_nearest_offer(&nearest, rows[i].name);
    }
    if (nearest.best == NULL) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%s is no option of this command; --help lists them", name);
    }
    return ls_refuse(why, LS_CODE_INVALID, WHAT,
                     "%s is no option of this command; did you mean %s?", name, nearest.best);
}

/* Take the option at argv[*at]; `*at` moves on to its value where that stands apart. */
static ls_err take_option(
    int argc, const char *const *argv, int *at, struct arguments *out, struct ls_why *why)
{
    const char *text = argv[*at];
    const char *equals = strchr(text, '=');
    const enum option option =
        find(text, equals == NULL ? strlen(text) : (size_t)(equals - text));
    const struct option_row *row = &rows[option];
    if (arguments_has(out, option)) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "%s is given twice; give it once",
                         row->name);
    }
    const char *value = NULL;
    if (row->value[0] == '\0' && equals != NULL) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "%s takes no value; write it alone",
                         row->name);
    }
    if (row->value[0] != '\0') {
        value = equals != NULL ? equals + 1 : (*at + 1 < argc ? argv[++*at] : NULL);
        if (value == NULL || value[0] == '\0') {
            return ls_refuse(why, LS_CODE_INVALID, WHAT, "%s has no value; write %s %s",
                             row->name, row->name, row->value);
        }
    }
    out->given |= OPTION_BIT(option);
    out->values[option] = value;
    return LS_OK;
}

ls_err arguments_read(int argc,
                      const char *const *argv,
                      uint64_t allowed,
                      struct arguments *out,
                      struct ls_why *why)
{
    assert(OPTION_COUNT <= 64);
    bool only_positional = false;
    for (int i = 0; i < argc; i++) {
        const char *text = argv[i];
        if (!only_positional && strcmp(text, "--") == 0) {
            only_positional = true;
        } else if (!only_positional && text[0] == '-' && text[1] != '\0') {
            const char *full = strcmp(text, "-h") == 0 ? "--help" : text;
            const enum option option = find(full, strcspn(full, "="));
            if (option == OPTION_COUNT || (allowed & OPTION_BIT(option)) == 0) {
                return refuse_unknown(text, allowed, why);
            }
            if (full != text) {
                out->given |= OPTION_BIT(OPTION_HELP);
                continue;
            }
            LS_TRY(take_option(argc, argv, &i, out, why));
        } else if (out->count == POSITIONAL_MAX) {
            return ls_refuse(why, LS_CODE_INVALID, WHAT, "more than %d arguments; use a filter",
                             POSITIONAL_MAX);
        } else {
            out->positional[out->count++] = text;
        }
    }
    return LS_OK;
}
