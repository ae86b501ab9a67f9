#include "lockstep/host/log_sink.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "lockstep/host/journal.h"

enum { LINE_BYTES_MAX = 16384 };

struct ls_app_log {
    int fd; /* -1: none */
    bool is_owned;
    bool is_journal;
    const char *environment;
    enum ls_level level;
    atomic_llong lost;
};

/* systemd names in JOURNAL_STREAM the device and inode that it connected to standard
 * error; anything else there (a pipe, a terminal) gets JSON lines. */
static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat status;
    if (stream == NULL || fstat(STDERR_FILENO, &status) != 0) return false;
    char *end = NULL;
    const unsigned long long device = strtoull(stream, &end, 10);
    if (end == stream || *end != ':') return false;
    const unsigned long long inode = strtoull(end + 1, &end, 10);
    return *end == '\0' && device == status.st_dev && inode == status.st_ino;
}

static ls_err
open_target(const struct ls_app_log_options *options, ls_app_log *log, struct ls_why *why)
{
    if (options->file[0] != '\0') {
        log->fd =
            open(options->file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
        log->is_owned = true;
        if (log->fd >= 0) return LS_OK;
        return ls_refuse(why, LS_CODE_INVALID, "log",
                         "%s: the log file cannot be opened; check [log] file and its folder",
                         options->file);
    }
    if (options->is_quiet) return LS_OK;
    log->is_journal = stderr_is_journal();
    if (!log->is_journal) log->fd = STDERR_FILENO;
    return LS_OK;
}

ls_err ls_app_log_new(const struct ls_app_log_options *options,
                      ls_app_log **log_out,
                      struct ls_why *why)
{
    assert(options != NULL && log_out != NULL);
    ls_app_log *log = calloc(1, sizeof *log);
    if (log == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "log");
    log->fd = -1;
    log->level = options->level;
    log->environment = options->environment == NULL ? "" : options->environment;
    const ls_err err = open_target(options, log, why);
    if (ls_failed(err)) {
        free(log);
        return err;
    }
    *log_out = log;
    return LS_OK;
}

void ls_app_log_free(ls_app_log *log)
{
    if (log == NULL) return;
    if (log->is_owned) (void)close(log->fd); /* every record was written at once */
    free(log);
}

static int syslog_priority(enum ls_level level)
{
    switch (level) {
    case LS_LEVEL_DEBUG: return LOG_DEBUG;
    case LS_LEVEL_INFO: return LOG_INFO;
    case LS_LEVEL_WARNING: return LOG_WARNING;
    case LS_LEVEL_ERROR: return LOG_ERR;
    }
    return LOG_INFO;
}

/* The operation that the record is about; 0: none. */
static int64_t op_of(const struct ls_log_record *record)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const struct ls_log_field *field = &record->fields[i];
        if (field->text == NULL && strcmp(field->name, "op") == 0) return field->number;
    }
    return 0;
}

static bool
send_line(const ls_app_log *log, const struct ls_log_record *record, const struct ls_buf *line)
{
    const int length = (int)line->length - 1; /* without its newline */
    const int64_t op = op_of(record);
    const int priority = syslog_priority(record->level);
    if (op == 0) {
        return sd_journal_send("MESSAGE=%.*s", length, line->data, "PRIORITY=%i", priority,
                               LS_JOURNAL_ENVIRONMENT "%s", log->environment, NULL) == 0;
    }
    return sd_journal_send("MESSAGE=%.*s", length, line->data, "PRIORITY=%i", priority,
                           LS_JOURNAL_ENVIRONMENT "%s", log->environment,
                           LS_JOURNAL_OP "%" PRId64, op, NULL) == 0;
}

/* One write a line, so that lines of several threads never mix. */
static bool
write_line(const ls_app_log *log, const struct ls_log_record *record, const struct ls_buf *line)
{
    if (log->is_journal) return send_line(log, record, line);
    ssize_t put = -1;
    do {
        put = write(log->fd, line->data, line->length);
    } while (put < 0 && errno == EINTR);
    return put == (ssize_t)line->length;
}

static void write_record(void *self, const struct ls_log_record *record)
{
    ls_app_log *log = self;
    if (record->level < log->level || (log->fd < 0 && !log->is_journal)) return;
    struct ls_buf line;
    ls_buf_init(&line, LINE_BYTES_MAX);
    ls_log_format(record, &line);
    if (line.code != LS_CODE_OK || !write_line(log, record, &line)) log->lost++;
    ls_buf_done(&line);
}

struct ls_log_sink ls_app_log_sink(ls_app_log *log)
{
    return (struct ls_log_sink){.self = log, .write = write_record};
}

int64_t ls_app_log_lost(const ls_app_log *log)
{
    return log->lost;
}
