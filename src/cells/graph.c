#include <assert.h>
#include <string.h>

#include "lockstep/cells/format.h"

enum { STEPS = 8 };
static const char *const blocks[STEPS + 1] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const ascii_blocks[STEPS + 1] = {" ", "_", ".", ":", "-",
                                                    "=", "+", "*", "#"};

int64_t ls_series_top(struct ls_series series)
{
    int64_t top = series.top > 1 ? series.top : 1;
    for (size_t i = 0; i < series.count; i++) {
        if (series.values[i] > top) top = series.values[i];
    }
    return top;
}

/* `value` of `top` in steps, rounded up so that something is never shown as nothing. */
static int64_t steps_of(int64_t value, int64_t top, int64_t steps)
{
    if (value <= 0) return 0;
    if (value >= top) return steps;
    if (top > INT64_MAX / 4096) {
        value /= 4096;
        top /= 4096;
    }
    int64_t step = (value * steps + top - 1) / top;
    return step < 1 ? 1 : step;
}

void ls_format_spark(
    struct ls_series series, size_t cells, bool is_ascii, char *out, size_t out_bytes)
{
    assert(out_bytes >= 3 * cells + 1);

    const size_t shown = series.count < cells ? series.count : cells;
    const struct ls_series last = {series.values + (series.count - shown), shown, series.top};
    const int64_t top = ls_series_top(last);
    size_t used = 0;
    for (size_t i = 0; i < cells; i++) {
        int64_t value = i < cells - shown ? 0 : last.values[i - (cells - shown)];
        int64_t step = steps_of(value, top, STEPS);
        const char *glyph = (is_ascii ? ascii_blocks : blocks)[step == 0 ? 1 : step];
        size_t length = strlen(glyph);
        memcpy(out + used, glyph, length);
        used += length;
    }
    out[used] = '\0';
}

const char *
ls_format_chart_cell(int64_t value, int64_t top, int32_t levels, int32_t row, bool is_ascii)
{
    assert(levels >= 1);
    int64_t filled = steps_of(value, top, (int64_t)levels * STEPS) - (int64_t)row * STEPS;
    if (filled < 0) filled = 0;
    if (filled > STEPS) filled = STEPS;
    return (is_ascii ? ascii_blocks : blocks)[filled];
}
