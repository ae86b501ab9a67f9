/* What commands print. Text from data passes the text gate on its way to a terminal; in
 * JSON everything beyond ASCII is escaped, which loses nothing and shows nothing. */
#ifndef LOCKSTEP_REPORT_OUT_H
#define LOCKSTEP_REPORT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/buf.h"
#include "lockstep/report/complain.h"

enum {
    LS_OUT_BYTES_MAX = 256 << 20,
    LS_OUT_COLUMNS_MAX = 12,
    LS_OUT_AGE_BYTES = 24,
    LS_OUT_TIME_BYTES = 32
};

/* Append `text` as a terminal may show it, on standard output. A terminal whose locale is not
 * UTF-8 gets ASCII alone: the bytes of other characters could be controls to it. */
void ls_out_gated(struct ls_buf *buf, const char *text);
/* The same for another descriptor; -1 for what no terminal shows yet. */
void ls_out_gated_for(struct ls_buf *buf, int file, const char *text);
/* Append `text` as a JSON string in ASCII. */
void ls_out_json_text(struct ls_buf *buf, const char *text);
/* Append `"name":"text"` or `"name":number`, with a comma in front unless the last byte
 * opens an object or list. */
void ls_out_json_field(struct ls_buf *buf, const char *name, const char *text);
void ls_out_json_number(struct ls_buf *buf, const char *name, int64_t number);
void ls_out_json_flag(struct ls_buf *buf, const char *name, bool flag);
/* The comma before the next member or element, where one is due. */
void ls_out_json_comma(struct ls_buf *buf);

/* Print `text` and a newline, or the whole buffer; LS_EXIT_FAILED when the build of the
 * buffer or the write failed. */
enum ls_exit ls_out_line(const char *text);
enum ls_exit ls_out_print(struct ls_buf *buf);

/* Whether standard output is a terminal that may be coloured (NO_COLOR, TERM). */
bool ls_out_is_colored(void);

/* "12s", "3m", "2h", "5d" for a span of milliseconds; "-" when negative. */
void ls_out_age(int64_t ms, char out[LS_OUT_AGE_BYTES]);
/* "2026-01-31 23:59:59 UTC" for milliseconds since 1970; "-" for 0. */
void ls_out_time(int64_t wall_ms, char out[LS_OUT_TIME_BYTES]);

/* A table: cells are added row by row; columns take the width they need, in cells of the
 * terminal. On a terminal (its size, else $COLUMNS, else 80), or where $LOCKSTEP_COLUMNS says
 * how wide it is, the flexible ones (a bit each) give way first, then the others from the
 * right: what is cut ends in an ellipsis, and no line is wider. */
struct ls_out_table {
    size_t columns;
    const char *const *titles;
    uint32_t flexible;
    bool is_wide;       /* nothing gives way */
    struct ls_buf text; /* gated cells, each with its terminator */
    size_t cells;
};
void ls_out_table_init(struct ls_out_table *table,
                       const char *const *titles,
                       size_t columns,
                       uint32_t flexible);
void ls_out_table_cell(struct ls_out_table *table, const char *text);
void ls_out_table_number(struct ls_out_table *table, int64_t number);
/* Print and free. */
enum ls_exit ls_out_table_done(struct ls_out_table *table);

#endif
