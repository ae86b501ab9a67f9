#include "lockstep/report/out.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lockstep/base/gate.h"
#include "lockstep/term/term.h"

enum { GAP = 2, FLEXIBLE_MIN = 8 };

void ls_out_table_init(struct ls_out_table *table,
                       const char *const *titles,
                       size_t columns,
                       uint32_t flexible)
{
    assert(columns > 0 && columns <= LS_OUT_COLUMNS_MAX);
    *table = (struct ls_out_table){.columns = columns, .titles = titles, .flexible = flexible};
    ls_buf_init(&table->text, LS_OUT_BYTES_MAX);
    for (size_t i = 0; i < columns; i++) ls_out_table_cell(table, titles[i]);
}

void ls_out_table_cell(struct ls_out_table *table, const char *text)
{
    ls_out_gated(&table->text, text);
    ls_buf_add_char(&table->text, '\0');
    table->cells++;
}

void ls_out_table_number(struct ls_out_table *table, int64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, number);
    ls_out_table_cell(table, text);
}

/* A number of columns from the environment; 0 when it says none. */
static size_t columns_of(const char *name)
{
    const char *text = getenv(name);
    const long number = text == NULL ? 0 : strtol(text, NULL, 10);
    return number > 0 && number <= 10000 ? (size_t)number : 0;
}

/* Columns to fit into; 0 where nothing is cut: the output is no terminal. */
static size_t terminal_columns(void)
{
    struct winsize size = {0};
    const size_t given = columns_of("LOCKSTEP_COLUMNS");
    if (given > 0) return given;
    if (isatty(STDOUT_FILENO) == 0) return 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    const size_t columns = columns_of("COLUMNS");
    return columns > 0 ? columns : 80;
}

static void measure(const struct ls_out_table *table, size_t widths[LS_OUT_COLUMNS_MAX])
{
    const char *at = ls_buf_text(&table->text);
    for (size_t i = 0; i < table->cells; i++) {
        const size_t bytes = strlen(at);
        const size_t width = ls_gate_width(at, bytes);
        if (width > widths[i % table->columns]) widths[i % table->columns] = width;
        at += bytes + 1;
    }
}

static size_t total_of(const struct ls_out_table *table,
                       const size_t widths[LS_OUT_COLUMNS_MAX])
{
    size_t total = 0;
    for (size_t i = 0; i < table->columns; i++)
        if (widths[i] > 0) total += widths[i] + (i == 0 ? 0 : GAP);
    return total;
}

/* The widest flexible column gives a cell, down to what still says something, until the row
 * fits. */
static void
narrow(const struct ls_out_table *table, size_t widths[LS_OUT_COLUMNS_MAX], size_t limit)
{
    while (total_of(table, widths) > limit) {
        size_t widest = table->columns;
        for (size_t i = 0; i < table->columns; i++) {
            if ((table->flexible & (1U << i)) == 0 || widths[i] <= FLEXIBLE_MIN) continue;
            if (widest == table->columns || widths[i] > widths[widest]) widest = i;
        }
        if (widest == table->columns) return;
        widths[widest]--;
    }
}

/* Whether no row has anything but nothing, zero or a dash there. */
static bool is_idle(const struct ls_out_table *table, size_t column)
{
    const char *at = ls_buf_text(&table->text);
    for (size_t i = 0; i < table->cells; i++, at += strlen(at) + 1) {
        if (i < table->columns || i % table->columns != column) continue;
        if (at[0] != '\0' && strcmp(at, "0") != 0 && strcmp(at, "-") != 0) return false;
    }
    return true;
}

/* The column that is missed least: the last idle one, else the last. 0: the first is left. */
static size_t least_of(const struct ls_out_table *table,
                       const size_t widths[LS_OUT_COLUMNS_MAX])
{
    size_t last = 0;
    for (size_t i = table->columns; i-- > 1;) {
        if (widths[i] == 0) continue;
        if (is_idle(table, i)) return i;
        if (last == 0) last = i;
    }
    return last;
}

/* Flexible columns give cells; where that is not enough whole columns are left out, since a
 * number or a state that is cut says nothing. Whether any was. */
static bool
fit(const struct ls_out_table *table, size_t widths[LS_OUT_COLUMNS_MAX], size_t limit)
{
    size_t kept[LS_OUT_COLUMNS_MAX];
    bool is_less = false;
    memcpy(kept, widths, sizeof kept);
    for (;;) {
        const size_t mark = is_less && limit > GAP ? GAP : 0; /* for the ellipsis */
        memcpy(widths, kept, sizeof kept);
        narrow(table, widths, limit - mark);
        if (total_of(table, widths) + mark <= limit) return is_less;
        const size_t least = least_of(table, kept);
        if (least == 0) break;
        kept[least] = 0;
        is_less = true;
    }
    if (widths[0] > limit) widths[0] = limit;
    return false;
}

/* Whether the terminal can show an ellipsis. */
static const char *ellipsis(void)
{
    return ls_term_takes_utf8() ? "\u2026" : "~";
}

/* `*blanks` stand before the next cell that shows something: none ends a line. */
static void add_cell(struct ls_buf *out, const char *text, size_t width, size_t *blanks)
{
    char cut[1024];
    if (width == 0) return;
    const size_t used = ls_gate_cut(text, strlen(text), width, ellipsis(), cut, sizeof cut);
    for (; used > 0 && *blanks > 0; (*blanks)--) ls_buf_add_char(out, ' ');
    ls_buf_add_text(out, cut);
    *blanks += width - used + GAP;
}

enum ls_exit ls_out_table_done(struct ls_out_table *table)
{
    size_t widths[LS_OUT_COLUMNS_MAX] = {0};
    size_t blanks = 0;
    struct ls_buf out;
    ls_buf_init(&out, LS_OUT_BYTES_MAX);
    if (table->text.code == LS_CODE_OK) {
        const size_t limit = table->is_wide ? 0 : terminal_columns();
        measure(table, widths);
        const bool is_less = limit > 0 && fit(table, widths, limit);
        const char *at = ls_buf_text(&table->text);
        for (size_t i = 0; i < table->cells; i++) {
            const size_t column = i % table->columns;
            add_cell(&out, at, widths[column], &blanks);
            at += strlen(at) + 1;
            if (column + 1 < table->columns) continue;
            if (is_less && i + 1 == table->columns) add_cell(&out, ellipsis(), 1, &blanks);
            ls_buf_add_char(&out, '\n');
            blanks = 0;
        }
    }
    const bool is_whole = table->text.code == LS_CODE_OK;
    ls_buf_done(&table->text);
    const enum ls_exit status = ls_out_print(&out);
    return is_whole ? status : LS_EXIT_FAILED;
}
