/* One structured log record, and the sink that takes it.
 *
 * Lower layers return errors; only worker and app write records. A record never
 * carries key material. Values pass the text gate when a sink writes them. */
#ifndef LOCKSTEP_BASE_LOG_H
#define LOCKSTEP_BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/buf.h"
#include "lockstep/base/err.h"

enum ls_level { LS_LEVEL_DEBUG, LS_LEVEL_INFO, LS_LEVEL_WARNING, LS_LEVEL_ERROR };

enum { LS_LOG_FIELDS_MAX = 12 };

struct ls_log_field {
    const char *name; /* static storage, snake_case */
    const char *text; /* NULL: `number` counts */
    int64_t number;
};

struct ls_log_record {
    int64_t wall_ms;
    enum ls_level level;
    const char *event; /* static storage, e.g. "attempt.sent" */
    size_t field_count;
    struct ls_log_field fields[LS_LOG_FIELDS_MAX];
};

struct ls_log_sink {
    void *self;
    void (*write)(void *self, const struct ls_log_record *record);
};

const char *ls_level_name(enum ls_level level);
/* Append `record` to `out` as one JSON object on one line, with its newline. Text is
 * escaped, invalid UTF-8 replaced, control characters never raw. */
void ls_log_format(const struct ls_log_record *record, struct ls_buf *out);

#endif
