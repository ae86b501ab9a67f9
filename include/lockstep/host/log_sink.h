/* Where log records go: JSON lines to a file or standard error, or the journal when a
 * service manager listens there, with the operation and the environment as fields of their own
 * (LOCKSTEP_OP, LOCKSTEP_ENVIRONMENT). Never onto the console's screen. */
#ifndef LOCKSTEP_HOST_LOG_SINK_H
#define LOCKSTEP_HOST_LOG_SINK_H

#include <stdbool.h>

#include "lockstep/base/err.h"
#include "lockstep/base/log.h"

typedef struct ls_app_log ls_app_log;

struct ls_app_log_options {
    const char *file;        /* appended to, mode 0640; "": standard error or the journal */
    const char *environment; /* a field of the journal's records: whose they are; outlives it */
    enum ls_level level;
    bool is_quiet; /* without a file nothing is written: the screen is in use */
};

/* LS_CODE_INVALID with `why` when the file cannot be opened. */
LS_MUST_CHECK ls_err ls_app_log_new(const struct ls_app_log_options *options,
                                    ls_app_log **log_out,
                                    struct ls_why *why);
void ls_app_log_free(ls_app_log *log);
/* Any thread may write through it. A record that cannot be written is counted, never an
 * error of the caller. */
struct ls_log_sink ls_app_log_sink(ls_app_log *log);
int64_t ls_app_log_lost(const ls_app_log *log);

#endif
