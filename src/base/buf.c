#include "lockstep/base/buf.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/gate.h"
#include "lockstep/base/utf8.h"

void ls_buf_init(struct ls_buf *buf, size_t max)
{
    assert(buf != NULL);
    assert(max >= 1);
    *buf = (struct ls_buf){.max = max};
}

void ls_buf_done(struct ls_buf *buf)
{
    size_t max = buf->max;
    free(buf->data);
    *buf = (struct ls_buf){.max = max};
}

void ls_buf_reset(struct ls_buf *buf)
{
    buf->length = 0;
    buf->code = LS_CODE_OK;
    if (buf->data != NULL) buf->data[0] = '\0';
}

/* Room for `more` bytes and a terminator, or a sticky failure. */
static bool reserve(struct ls_buf *buf, size_t more)
{
    if (buf->code != LS_CODE_OK) return false;
    if (more > buf->max - buf->length) {
        buf->code = LS_CODE_FULL;
        return false;
    }
    size_t needed = buf->length + more + 1;
    if (needed <= buf->capacity) return true;

    size_t capacity = buf->capacity == 0 ? 256 : buf->capacity;
    while (capacity < needed) capacity *= 2;
    if (capacity > buf->max + 1) capacity = buf->max + 1;
    char *data = realloc(buf->data, capacity);
    if (data == NULL) {
        buf->code = LS_CODE_NO_MEMORY;
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

void ls_buf_add(struct ls_buf *buf, const void *bytes, size_t bytes_count)
{
    if (!reserve(buf, bytes_count)) return;
    if (bytes_count > 0) memcpy(buf->data + buf->length, bytes, bytes_count);
    buf->length += bytes_count;
    buf->data[buf->length] = '\0';
}

void ls_buf_add_text(struct ls_buf *buf, const char *text)
{
    ls_buf_add(buf, text, strlen(text));
}

void ls_buf_add_char(struct ls_buf *buf, char character)
{
    ls_buf_add(buf, &character, 1);
}

void ls_buf_printf(struct ls_buf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int needed = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (needed < 0 || !reserve(buf, (size_t)needed)) {
        if (buf->code == LS_CODE_OK) buf->code = LS_CODE_FULL;
        return;
    }

    va_start(arguments, format);
    (void)vsnprintf(buf->data + buf->length, (size_t)needed + 1, format, arguments);
    va_end(arguments);
    buf->length += (size_t)needed;
}

static void add_json_escape(struct ls_buf *buf, uint32_t scalar)
{
    if (scalar < 0x10000) {
        ls_buf_printf(buf, "\\u%04" PRIx32, scalar);
        return;
    }
    const uint32_t rest = scalar - 0x10000;
    ls_buf_printf(buf, "\\u%04" PRIx32 "\\u%04" PRIx32, 0xd800 + (rest >> 10),
                  0xdc00 + (rest & 0x3ff));
}

static void
add_json_scalar(struct ls_buf *buf, const char *bytes, size_t bytes_count, uint32_t scalar)
{
    unsigned char first = (unsigned char)bytes[0];
    if (first == '"' || first == '\\') {
        ls_buf_add_char(buf, '\\');
        ls_buf_add_char(buf, (char)first);
    } else if (first == '\n') {
        ls_buf_add_text(buf, "\\n");
    } else if (first == '\t') {
        ls_buf_add_text(buf, "\\t");
    } else if (first == '\r') {
        ls_buf_add_text(buf, "\\r");
    } else if (ls_gate_scalar_width(scalar) < 0) {
        add_json_escape(buf, scalar); /* a line of it may end on a terminal */
    } else {
        ls_buf_add(buf, bytes, bytes_count);
    }
}

void ls_buf_add_json(struct ls_buf *buf, const char *text, size_t text_bytes)
{
    ls_buf_add_char(buf, '"');
    for (size_t at = 0; at < text_bytes;) {
        uint32_t scalar = 0;
        size_t used = ls_utf8_next(text + at, text_bytes - at, &scalar);
        if (used == 0) {
            ls_buf_add_text(buf, "\xef\xbf\xbd");
            at += 1;
            continue;
        }
        add_json_scalar(buf, text + at, used, scalar);
        at += used;
    }
    ls_buf_add_char(buf, '"');
}

ls_err ls_buf_check(const struct ls_buf *buf, const char *what)
{
    return buf->code == LS_CODE_OK ? LS_OK : LS_FAIL(buf->code, 0, what);
}

const char *ls_buf_text(const struct ls_buf *buf)
{
    return buf->data == NULL ? "" : buf->data;
}
