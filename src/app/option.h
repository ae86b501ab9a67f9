/* The options of all commands: one table, from which parsing and help come. */
#ifndef LOCKSTEP_APP_OPTION_H
#define LOCKSTEP_APP_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"

enum option {
    OPTION_CONFIG,
    OPTION_HELP,
    OPTION_JSON,
    OPTION_JSONL,
    OPTION_CSV,
    OPTION_WIDE,
    OPTION_PLAIN,
    OPTION_WATCH,
    OPTION_LIMIT,
    OPTION_SORT,
    OPTION_REASON,
    OPTION_DRY_RUN,
    OPTION_YES,
    OPTION_EXPECT,
    OPTION_TO,
    OPTION_KEY,
    OPTION_ENTITY,
    OPTION_LANE,
    OPTION_FENCE,
    OPTION_BATCH,
    OPTION_RUN_AT,
    OPTION_LANDED,
    OPTION_NEVER_LANDED,
    OPTION_FOR,
    OPTION_ALL,
    OPTION_PORT,
    OPTION_SEED,
    OPTION_SLOT_MS,
    OPTION_FAULTS,
    OPTION_RATE,
    OPTION_DIR,
    OPTION_KEEP,
    OPTION_HEADLESS,
    OPTION_KILL_WORKER_AT,
    OPTION_THEME,
    OPTION_ASCII,
    OPTION_NO_WORKER,
    OPTION_READ_ONLY,
    OPTION_SEEDS,
    OPTION_OPS,
    OPTION_TRACE,
    OPTION_ONCE,
    OPTION_KILLS,
    OPTION_KILL_BEFORE,
    OPTION_KILL_BEHIND,
    OPTION_CHAOS_MS,
    OPTION_ONLY,
    OPTION_SINCE,
    OPTION_REPAIR,
    OPTION_POLICY,
    OPTION_CHAIN,
    OPTION_AT,
    OPTION_ALERT,
    OPTION_ENTRY,
    OPTION_CANARY,
    OPTION_ABORT_ABOVE,
    OPTION_SET,
    OPTION_FILE,
    OPTION_EXPECT_VERSION,
    OPTION_KINDS,
    OPTION_UNIT,
    OPTION_COUNT,
};

/* A set of options: one bit each. */
#define OPTION_BIT(option_) (UINT64_C(1) << (option_))

enum { POSITIONAL_MAX = 256 };

struct arguments {
    uint64_t given; /* bits */
    const char *values[OPTION_COUNT];
    size_t count;
    const char *positional[POSITIONAL_MAX]; /* argv's memory */
};

bool arguments_has(const struct arguments *arguments, enum option option);
/* The value, or NULL when it was not given. */
const char *arguments_value(const struct arguments *arguments, enum option option);
/* A whole number within [min, max], or `fallback` when the option was not given. */
LS_MUST_CHECK ls_err arguments_number(const struct arguments *arguments,
                                      enum option option,
                                      const int64_t range[2],
                                      int64_t *number_out,
                                      struct ls_why *why);
LS_MUST_CHECK ls_err arguments_duration(const struct arguments *arguments,
                                        enum option option,
                                        int64_t *ms_out,
                                        struct ls_why *why);

/* A list of kinds as core/kinds.h reads it; untouched where the option was not given. */
LS_MUST_CHECK ls_err arguments_kinds(const struct arguments *arguments,
                                     enum option option,
                                     uint32_t *kinds_out,
                                     struct ls_why *why);

/* Read `argv[0 .. argc)` with the options in `allowed`; "--" ends options, "-" is a
 * positional, --name=value and --name value are the same. LS_CODE_INVALID names the
 * argument. */
LS_MUST_CHECK ls_err arguments_read(int argc,
                                    const char *const *argv,
                                    uint64_t allowed,
                                    struct arguments *out,
                                    struct ls_why *why);

/* "--limit" and "N" ("" for a switch), and one line of help. */
const char *option_name(enum option option);
const char *option_value_name(enum option option);
const char *option_help(enum option option);

#endif
