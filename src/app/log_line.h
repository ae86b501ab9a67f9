/* A line of the log as a person reads it. */
#ifndef LOCKSTEP_APP_LOG_LINE_H
#define LOCKSTEP_APP_LOG_LINE_H

#include "lockstep/base/buf.h"

/* Append `line`, a JSON object as ls_log_format writes it, gated and without a newline: when
 * (UTC), its level unless it is info, what happened, its fields but the operation, and its
 * text. A line that is none is appended as it stands. */
void log_line_write(const char *line, struct ls_buf *out);

#endif
