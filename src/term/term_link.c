#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/buf.h"
#include "term_private.h"

enum { SEQUENCE_BYTES_MAX = 4096 };

void ls_term_set_links(ls_term *term, bool on)
{
    term->shows_links = on;
    ls_term_redraw(term);
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0';
}

static bool begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

bool ls_term_knows_links(void)
{
    static const char *const types[] = {"xterm-kitty", "foot",          "alacritty", "wezterm",
                                        "vte",         "xterm-ghostty", "contour"};
    const char *type = getenv("TERM");
    const char *vte = getenv("VTE_VERSION");
    if (is_set("TMUX") || is_set("STY") || type == NULL) return false;
    if (vte != NULL && strtol(vte, NULL, 10) >= 5000) return true;
    if (is_set("KONSOLE_VERSION") || is_set("WT_SESSION")) return true;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (begins(type, types[i])) return true;
    return false;
}

static void add_color(struct ls_buf *out, enum color_mode mode, struct ls_color color, int base)
{
    if (mode == COLORS_256 && color.of_256 >= 0) {
        ls_buf_printf(out, ";%d;5;%d", base + 8, (int)color.of_256);
    } else if (mode != COLORS_256 && mode != COLORS_NONE && color.of_16 >= 0) {
        const int low = color.of_16 & 7;
        const bool is_bright = mode == COLORS_16 && color.of_16 > 7;
        ls_buf_printf(out, ";%d", (is_bright ? base + 60 : base) + low);
    }
}

/* The pen that curses wrote the cell with. */
static void add_pen(struct ls_buf *out, const ls_term *term, const struct ls_cell *cell)
{
    static const struct {
        uint8_t bit;
        const char *number;
    } attributes[] = {{LS_ATTRIBUTE_BOLD, ";1"},
                      {LS_ATTRIBUTE_DIM, ";2"},
                      {LS_ATTRIBUTE_ITALIC, ";3"},
                      {LS_ATTRIBUTE_UNDERLINE, ";4"},
                      {LS_ATTRIBUTE_REVERSE, ";7"}};
    const struct ls_style style =
        ls_theme_style(&term->theme, (enum ls_role)cell->role, (enum ls_role)cell->over);
    const uint8_t bits = term->colors == COLORS_NONE ? style.mono_attributes : style.attributes;
    ls_buf_add_text(out, "\033[0");
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
        if ((bits & attributes[i].bit) != 0) ls_buf_add_text(out, attributes[i].number);
    add_color(out, term->colors, style.foreground, 30);
    add_color(out, term->colors, style.background, 40);
    ls_buf_add_char(out, 'm');
}

/* DECSC and DECRC keep place and pen: curses notices nothing. */
static void
write_link(const ls_term *term, const ls_grid *grid, const struct ls_grid_link *link)
{
    struct ls_buf out;
    ls_buf_init(&out, SEQUENCE_BYTES_MAX);
    ls_buf_printf(&out, "\0337\033[%d;%dH", (int)link->row + 1, (int)link->column + 1);
    add_pen(&out, term, ls_grid_cell(grid, link->row, link->column));
    ls_buf_printf(&out, "\033]8;;%s\033\\%s\033]8;;\033\\\0338", link->url, link->text);
    if (out.code == LS_CODE_OK) {
        const ssize_t written = write(STDOUT_FILENO, out.data, out.length);
        (void)written; /* without it the text is there all the same */
    }
    ls_buf_done(&out);
}

void term_link_row(const ls_term *term, const ls_grid *grid, int32_t row)
{
    for (size_t i = 0; i < ls_grid_link_count(grid); i++) {
        const struct ls_grid_link *link = ls_grid_link_at(grid, i);
        if (link != NULL && link->row == row && row < term->rows &&
            link->column + (int32_t)strlen(link->text) <= term->columns)
            write_link(term, grid, link);
    }
}
