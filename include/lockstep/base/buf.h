/* A byte buffer that grows up to a declared maximum and never beyond.
 *
 * Appends after a failure are ignored and the buffer stays failed, so that a long
 * build checks once, at its end. The content is always NUL-terminated beyond `length`. */
#ifndef LOCKSTEP_BASE_BUF_H
#define LOCKSTEP_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"

struct ls_buf {
    char *data;    /* NULL until the first append; owned by the buffer */
    size_t length; /* bytes in use, without the terminator */
    size_t capacity;
    size_t max;        /* `length` never exceeds this */
    enum ls_code code; /* LS_CODE_OK, LS_CODE_FULL or LS_CODE_NO_MEMORY: sticky */
};

/* Make an empty buffer in caller's memory that holds at most `max` bytes (>= 1). */
void ls_buf_init(struct ls_buf *buf, size_t max);
/* Free the content; the buffer is then empty and usable again. */
void ls_buf_done(struct ls_buf *buf);
/* Empty it and clear a failure, keeping the memory for reuse. */
void ls_buf_reset(struct ls_buf *buf);

void ls_buf_add(struct ls_buf *buf, const void *bytes, size_t bytes_count);
void ls_buf_add_text(struct ls_buf *buf, const char *text);
void ls_buf_add_char(struct ls_buf *buf, char character);
void ls_buf_printf(struct ls_buf *buf, const char *format, ...) LS_PRINTF(2, 3);
/* Append `text` as a JSON string with its quotes (RFC 8259 escapes; bytes that are not
 * valid UTF-8 become U+FFFD). What a terminal would obey or a reader not see is escaped too,
 * so that the text can be shown as it is. */
void ls_buf_add_json(struct ls_buf *buf, const char *text, size_t text_bytes);

/* LS_OK, or the sticky failure under the name `what` (static storage). */
LS_MUST_CHECK ls_err ls_buf_check(const struct ls_buf *buf, const char *what);
/* The content as a C string; "" when empty. Valid until the next change. */
const char *ls_buf_text(const struct ls_buf *buf);

#endif
