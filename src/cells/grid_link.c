#include <stdio.h>
#include <string.h>

#include "grid_private.h"

/* What an address is written in; nothing that ends an escape sequence. */
static bool is_address(const char *url)
{
    static const char signs[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-._~:/?#[]@!$&()*+,;=%";
    const size_t length = strlen(url);
    return length < LS_GRID_LINK_BYTES && strncmp(url, "https://", 8) == 0 &&
           strspn(url, signs) == length;
}

static bool is_plain(const char *text)
{
    size_t at = 0;
    for (; text[at] >= ' ' && text[at] <= '~'; at++) continue;
    return at > 0 && text[at] == '\0' && at < LS_GRID_LINK_BYTES;
}

int32_t ls_grid_link(
    ls_grid *grid, struct ls_span span, enum ls_role role, const char *text, const char *url)
{
    const int32_t end = ls_grid_text(grid, span, role, text);
    if (!is_address(url) || !is_plain(text)) return end;
    if (span.column < 0 || span.column + (int32_t)strlen(text) > span.end) return end; /* cut */
    struct ls_grid_link *link = grid_next_link(grid);
    if (link == NULL) return end;
    link->row = span.row;
    link->column = span.column;
    (void)snprintf(link->text, sizeof link->text, "%.239s", text);
    (void)snprintf(link->url, sizeof link->url, "%.239s", url);
    return end;
}
