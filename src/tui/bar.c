#include "bar.h"

#include <assert.h>
#include <string.h>

enum { BAR_CELLS_MAX = 120 };
static const int64_t count_most = INT64_MAX / BAR_CELLS_MAX / BAR_PARTS_MAX;

static int64_t count_of(const struct bar_part *part)
{
    if (part->count < 0) return 0;
    return part->count < count_most ? part->count : count_most;
}

void bar_share(const struct bar_part *parts, size_t count, int32_t cells, int32_t *cells_out)
{
    int64_t total = 0;
    int32_t used = 0;
    assert(count <= BAR_PARTS_MAX);
    assert(cells > 0 && cells <= BAR_CELLS_MAX);
    for (size_t i = 0; i < count; i++) total += count_of(&parts[i]);
    for (size_t i = 0; i < count; i++) {
        cells_out[i] = 0;
        if (count_of(&parts[i]) > 0) {
            const int64_t share = count_of(&parts[i]) * cells / total;
            cells_out[i] = share < 1 ? 1 : (int32_t)share;
        }
        used += cells_out[i];
    }
    /* The largest takes or gives what is left. */
    for (int32_t step = 0; total > 0 && used != cells && step < 2 * BAR_PARTS_MAX; step++) {
        size_t most = 0;
        for (size_t i = 1; i < count; i++)
            if (cells_out[i] > cells_out[most]) most = i;
        if (cells_out[most] + cells - used < 1) {
            used -= cells_out[most] - 1;
            cells_out[most] = 1;
            continue;
        }
        cells_out[most] += cells - used;
        used = cells;
    }
}

void cells_bar(struct cells *cells, int32_t width, const struct bar_part *parts, size_t count)
{
    int32_t shares[BAR_PARTS_MAX];
    char text[BAR_CELLS_MAX + 1];
    if (width <= 0) return;
    if (width > BAR_CELLS_MAX) width = BAR_CELLS_MAX;
    bar_share(parts, count, width, shares);
    int32_t column = cells->column;
    for (size_t i = 0; i < count; i++) {
        const int32_t room = cells->end > column ? cells->end - column : 0;
        const int32_t wanted = shares[i] < room ? shares[i] : room;
        if (wanted <= 0) continue;
        memset(text, parts[i].letter, (size_t)wanted);
        text[wanted] = '\0';
        (void)ls_grid_text(cells->grid, ls_span_of(cells->row, column, column + wanted),
                           parts[i].role, text);
        column += wanted;
    }
    cells->column += width + 1;
}
