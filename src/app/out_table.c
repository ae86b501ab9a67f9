#include "out.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lockstep/base/gate.h"

enum { GAP = 2, FLEXIBLE_MIN = 8 };

void out_table_init(struct out_table *table,
                    const char *const *titles,
                    size_t columns,
                    uint32_t flexible)
{
    assert(columns > 0 && columns <= OUT_COLUMNS_MAX);
    *table = (struct out_table){.columns = columns, .titles = titles, .flexible = flexible};
    ls_buf_init(&table->text, OUT_BYTES_MAX);
    for (size_t i = 0; i < columns; i++) out_table_cell(table, titles[i]);
}

void out_table_cell(struct out_table *table, const char *text)
{
    out_gated(&table->text, text);
    ls_buf_add_char(&table->text, '\0');
    table->cells++;
}

void out_table_number(struct out_table *table, int64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, number);
    out_table_cell(table, text);
}

/* Columns of the terminal on standard output; 0 when it is none: then nothing is cut. */
static size_t terminal_columns(void)
{
    struct winsize size = {0};
    if (isatty(STDOUT_FILENO) == 0) return 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

static void measure(const struct out_table *table, size_t widths[OUT_COLUMNS_MAX])
{
    const char *at = ls_buf_text(&table->text);
    for (size_t i = 0; i < table->cells; i++) {
        const size_t bytes = strlen(at);
        const size_t width = ls_gate_width(at, bytes);
        if (width > widths[i % table->columns]) widths[i % table->columns] = width;
        at += bytes + 1;
    }
}

/* The widest flexible column gives a cell until the row fits. */
static void fit(const struct out_table *table, size_t widths[OUT_COLUMNS_MAX], size_t limit)
{
    size_t total = GAP * (table->columns - 1);
    for (size_t i = 0; i < table->columns; i++) total += widths[i];
    while (total > limit) {
        size_t widest = table->columns;
        for (size_t i = 0; i < table->columns; i++) {
            if ((table->flexible & (1U << i)) == 0 || widths[i] <= FLEXIBLE_MIN) continue;
            if (widest == table->columns || widths[i] > widths[widest]) widest = i;
        }
        if (widest == table->columns) return;
        widths[widest]--;
        total--;
    }
}

static void add_cell(struct ls_buf *out, const char *text, size_t width, bool is_last)
{
    char cut[1024];
    const size_t used = ls_gate_cut(text, strlen(text), width, "~", cut, sizeof cut);
    ls_buf_add_text(out, cut);
    for (size_t i = used; i < width + GAP && !is_last; i++) ls_buf_add_char(out, ' ');
    if (is_last) ls_buf_add_char(out, '\n');
}

enum ls_exit out_table_done(struct out_table *table)
{
    size_t widths[OUT_COLUMNS_MAX] = {0};
    struct ls_buf out;
    ls_buf_init(&out, OUT_BYTES_MAX);
    if (table->text.code == LS_CODE_OK) {
        const size_t limit = terminal_columns();
        measure(table, widths);
        if (limit > 0) fit(table, widths, limit);
        const char *at = ls_buf_text(&table->text);
        for (size_t i = 0; i < table->cells; i++) {
            const size_t column = i % table->columns;
            add_cell(&out, at, widths[column], column + 1 == table->columns);
            at += strlen(at) + 1;
        }
    }
    const bool is_whole = table->text.code == LS_CODE_OK;
    ls_buf_done(&table->text);
    const enum ls_exit status = out_print(&out);
    return is_whole ? status : LS_EXIT_FAILED;
}
