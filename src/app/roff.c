#include <string.h>

#include "manual.h"

void roff_text(struct ls_buf *out, const char *text)
{
    if (text[0] == '.' || text[0] == '\'') ls_buf_add_text(out, "\\&");
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '\\': ls_buf_add_text(out, "\\e"); break;
        case '-': ls_buf_add_text(out, "\\-"); break;
        case '\'': ls_buf_add_text(out, "\\(aq"); break;
        case '`': ls_buf_add_text(out, "\\(ga"); break;
        case '^': ls_buf_add_text(out, "\\(ha"); break;
        case '~': ls_buf_add_text(out, "\\(ti"); break;
        default: ls_buf_add_char(out, *text); break;
        }
    }
}

void roff_title(struct ls_buf *out, const char *name, const char *section, const char *what)
{
    ls_buf_printf(out, ".TH %s %s \"" LS_VERSION_DATE "\" \"lockstep " LS_VERSION "\" \"%s\"\n",
                  name, section, what);
}

void roff_section(struct ls_buf *out, const char *title)
{
    ls_buf_printf(out, ".SH %s\n", title);
}

void roff_subsection(struct ls_buf *out, const char *title)
{
    ls_buf_add_text(out, ".SS ");
    roff_text(out, title);
    ls_buf_add_char(out, '\n');
}

void roff_line(struct ls_buf *out, const char *text)
{
    roff_text(out, text);
    ls_buf_add_char(out, '\n');
}

void roff_item(struct ls_buf *out, const char *tag, const char *more, const char *text)
{
    ls_buf_add_text(out, ".TP\n\\fB");
    roff_text(out, tag);
    ls_buf_add_text(out, "\\fR");
    roff_text(out, more);
    ls_buf_add_char(out, '\n');
    roff_text(out, text);
    ls_buf_add_char(out, '\n');
}

void roff_example(struct ls_buf *out, const char *lines)
{
    ls_buf_add_text(out, ".nf\n");
    while (*lines != '\0') {
        char line[160];
        const size_t length = strcspn(lines, "\n");
        const size_t kept = length < sizeof line ? length : sizeof line - 1;
        memcpy(line, lines, kept);
        line[kept] = '\0';
        roff_text(out, line);
        ls_buf_add_char(out, '\n');
        lines += length + (lines[length] == '\n' ? 1 : 0);
    }
    ls_buf_add_text(out, ".fi\n");
}
