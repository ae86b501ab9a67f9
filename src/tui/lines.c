#include "lines.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_BYTES = 1400, BORDER_LINES = 2 };

static bool is_wide(const struct lines *lines)
{
    return lines->ui->columns >= LINES_WIDE;
}

/* The whole width of the next line; counts it. */
static struct ls_span take(struct lines *lines)
{
    int64_t row = lines->count++ - lines->scroll;
    if (lines->grid == NULL || row < 0 || row >= lines->area.rows)
        return (struct ls_span){-1, 0, 0};
    return ls_rect_line(lines->area, (int32_t)row, 0);
}

static void put(struct lines *lines, struct ls_span at, const char *text, const char *ascii)
{
    (void)ls_grid_text(lines->grid, ls_span_of(at.row, at.column, at.column + 1),
                       LS_ROLE_BORDER, lines->ui->options.is_ascii ? ascii : text);
}

struct ls_span lines_next(struct lines *lines)
{
    struct ls_span span = take(lines);
    if (span.row < 0) return span;
    if (lines->is_boxed) {
        put(lines, span, "│", "|");
        put(lines, ls_span_of(span.row, span.end - 1, span.end), "│", "|");
        span.column++;
        span.end--;
    }
    span.column++;
    span.end--;
    return span;
}

static void edge(struct lines *lines, const char *left, const char *right, const char *title)
{
    struct ls_span span = take(lines);
    if (span.row < 0) return;
    ls_grid_rule(lines->grid, ls_span_of(span.row, span.column + 1, span.end - 1),
                 LS_ROLE_BORDER);
    put(lines, span, left, "+");
    put(lines, ls_span_of(span.row, span.end - 1, span.end), right, "+");
    if (title[0] == '\0') return;
    (void)ls_grid_printf(lines->grid, ls_span_of(span.row, span.column + 1, span.end - 1),
                         LS_ROLE_TITLE, " %s ", title);
}

void lines_begin(struct lines *lines, const char *title)
{
    if (is_wide(lines)) {
        edge(lines, "╭", "╮", title);
        lines->is_boxed = true;
        return;
    }
    (void)take(lines);
    struct ls_span span = take(lines);
    if (span.row < 0) return;
    span.column++;
    span.end--;
    ls_grid_rule(lines->grid, span, LS_ROLE_BORDER);
    span.column += 2;
    (void)ls_grid_printf(lines->grid, span, LS_ROLE_TITLE, " %s ", title);
}

void lines_end(struct lines *lines)
{
    if (!lines->is_boxed) return;
    lines->is_boxed = false;
    edge(lines, "╰", "╯", "");
}

void lines_add(struct lines *lines, const char *label, enum ls_role role, const char *text)
{
    size_t length = strlen(text);
    size_t at = 0;
    int32_t label_cells = lines->label_cells == 0 ? LINES_LABEL_CELLS : lines->label_cells;
    int32_t cells = lines->area.columns - label_cells - (lines->is_boxed ? 5 : 3);
    do {
        struct ls_span span = lines_next(lines);
        size_t bytes = wrap_bytes(text + at, length - at, cells);
        if (span.row >= 0) {
            struct ls_span name = ls_span_of(span.row, span.column, span.column + label_cells);
            if (at == 0) (void)ls_grid_text(lines->grid, name, LS_ROLE_MUTED, label);
            span.column += label_cells + 1;
            (void)ls_grid_bytes(lines->grid, span, role, text + at, bytes);
        }
        at += wrap_skip(text + at, bytes);
    } while (at < length);
}

void lines_link(struct lines *lines, const char *label, const char *text, const char *url)
{
    int32_t room = lines->area.columns - LINES_LABEL_CELLS - (lines->is_boxed ? 5 : 3);
    if ((int32_t)strlen(text) > room) {
        lines_add(lines, label, LS_ROLE_TEXT, text); /* a part of it leads nowhere */
        return;
    }
    struct ls_span span = lines_next(lines);
    if (span.row < 0) return;
    (void)ls_grid_text(lines->grid, span, LS_ROLE_MUTED, label);
    span.column += LINES_LABEL_CELLS + 1;
    (void)ls_grid_link(lines->grid, span, LS_ROLE_TEXT, text, url);
}

void lines_printf(
    struct lines *lines, const char *label, enum ls_role role, const char *format, ...)
{
    char text[TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments); /* cut by design */
    va_end(arguments);
    lines_add(lines, label, role, text);
}

static int64_t height_of(struct lines lines, struct lines_part part)
{
    int64_t before = lines.count;
    lines.grid = NULL;
    lines.is_boxed = true;
    part.add(&lines);
    return lines.count - before;
}

static void add_padded(struct lines lines, struct lines_part part, int64_t height)
{
    lines_begin(&lines, part.title);
    int64_t end = lines.count + height;
    part.add(&lines);
    while (lines.count < end) (void)lines_next(&lines);
    lines_end(&lines);
}

void lines_columns(struct lines *lines,
                   struct lines_part left,
                   const struct lines_part *rights,
                   size_t count)
{
    assert(count >= 1 && count <= LINES_PARTS_MAX);
    if (!is_wide(lines)) {
        lines_begin(lines, left.title);
        left.add(lines);
        for (size_t i = 0; i < count; i++) {
            lines_begin(lines, rights[i].title);
            rights[i].add(lines);
        }
        return;
    }
    struct lines first = *lines;
    struct lines second = *lines;
    first.area.columns = lines->area.columns * 11 / 20;
    second.area.column += first.area.columns;
    second.area.columns -= first.area.columns;
    int64_t heights[LINES_PARTS_MAX];
    int64_t other = -BORDER_LINES;
    for (size_t i = 0; i < count; i++) {
        heights[i] = height_of(second, rights[i]);
        other += heights[i] + BORDER_LINES;
    }
    int64_t height = height_of(first, left);
    if (height > other) heights[count - 1] += height - other;
    if (other > height) height = other;
    add_padded(first, left, height);
    for (size_t i = 0; i < count; i++) {
        add_padded(second, rights[i], heights[i]);
        second.count += heights[i] + BORDER_LINES;
    }
    lines->count += height + BORDER_LINES;
}
