#include "lockstep/report/out.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lockstep/base/gate.h"
#include "lockstep/base/utf8.h"
#include "lockstep/term/term.h"

void ls_out_gated_for(struct ls_buf *buf, int file, const char *text)
{
    const bool is_ascii = file >= 0 && isatty(file) != 0 && !ls_term_takes_utf8();
    const size_t bytes = strlen(text);
    struct ls_gate_piece piece;
    for (size_t at = 0; at < bytes;) {
        at += ls_gate_next(text + at, bytes - at, is_ascii, &piece);
        ls_buf_add(buf, piece.text, piece.text_bytes);
    }
}

void ls_out_gated(struct ls_buf *buf, const char *text)
{
    ls_out_gated_for(buf, STDOUT_FILENO, text);
}

static void json_scalar(struct ls_buf *buf, uint32_t scalar)
{
    if (scalar == '"' || scalar == '\\') {
        ls_buf_printf(buf, "\\%c", (int)scalar);
    } else if (scalar >= 0x20 && scalar < 0x7f) {
        ls_buf_add_char(buf, (char)scalar);
    } else if (scalar < 0x10000) {
        ls_buf_printf(buf, "\\u%04" PRIx32, scalar);
    } else {
        const uint32_t rest = scalar - 0x10000;
        ls_buf_printf(buf, "\\u%04" PRIx32 "\\u%04" PRIx32, 0xd800 + (rest >> 10),
                      0xdc00 + (rest & 0x3ff));
    }
}

void ls_out_json_text(struct ls_buf *buf, const char *text)
{
    const size_t bytes = strlen(text);
    ls_buf_add_char(buf, '"');
    for (size_t at = 0; at < bytes;) {
        uint32_t scalar = 0;
        const size_t used = ls_utf8_next(text + at, bytes - at, &scalar);
        json_scalar(buf, used == 0 ? 0xfffd : scalar);
        at += used == 0 ? 1 : used;
    }
    ls_buf_add_char(buf, '"');
}

void ls_out_json_comma(struct ls_buf *buf)
{
    if (buf->length == 0) return;
    const char last = buf->data[buf->length - 1];
    if (last != '{' && last != '[' && last != ':' && last != '\n') ls_buf_add_char(buf, ',');
}

static void json_name(struct ls_buf *buf, const char *name)
{
    ls_out_json_comma(buf);
    ls_out_json_text(buf, name);
    ls_buf_add_char(buf, ':');
}

void ls_out_json_field(struct ls_buf *buf, const char *name, const char *text)
{
    json_name(buf, name);
    ls_out_json_text(buf, text);
}

void ls_out_json_number(struct ls_buf *buf, const char *name, int64_t number)
{
    json_name(buf, name);
    ls_buf_printf(buf, "%" PRId64, number);
}

void ls_out_json_flag(struct ls_buf *buf, const char *name, bool flag)
{
    json_name(buf, name);
    ls_buf_add_text(buf, flag ? "true" : "false");
}

enum ls_exit ls_out_line(const char *text)
{
    return printf("%s\n", text) < 0 ? LS_EXIT_FAILED : LS_EXIT_DONE;
}

enum ls_exit ls_out_print(struct ls_buf *buf)
{
    const bool is_whole = buf->code == LS_CODE_OK;
    const size_t put = buf->length == 0 ? 0 : fwrite(buf->data, 1, buf->length, stdout);
    const bool is_put = put == buf->length && fflush(stdout) == 0;
    ls_buf_done(buf);
    return is_whole && is_put ? LS_EXIT_DONE : LS_EXIT_FAILED;
}

bool ls_out_is_colored(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if (no_color != NULL && no_color[0] != '\0') return false;
    if (term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0) return false;
    return isatty(STDOUT_FILENO) != 0;
}

void ls_out_age(int64_t ms, char out[LS_OUT_AGE_BYTES])
{
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
    if (ms < 0) {
        (void)snprintf(out, LS_OUT_AGE_BYTES, "-");
        return;
    }
    size_t unit = 0;
    while (unit < 4 && ms < units[unit].ms) unit++;
    (void)snprintf(out, LS_OUT_AGE_BYTES, "%" PRId64 "%s", ms / units[unit].ms,
                   units[unit].unit);
}

void ls_out_time(int64_t wall_ms, char out[LS_OUT_TIME_BYTES])
{
    const time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;
    if (wall_ms <= 0 || gmtime_r(&seconds, &parts) == NULL ||
        strftime(out, LS_OUT_TIME_BYTES, "%Y-%m-%d %H:%M:%S UTC", &parts) == 0) {
        (void)snprintf(out, LS_OUT_TIME_BYTES, "-");
    }
}
