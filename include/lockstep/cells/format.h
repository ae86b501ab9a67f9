/* Numbers, times and small graphs as an operator reads them. Pure text; every function
 * cuts at `out_bytes` and terminates. */
#ifndef LOCKSTEP_CELLS_FORMAT_H
#define LOCKSTEP_CELLS_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LS_FORMAT_BYTES = 48 };

/* 1204 -> "1,204". */
void ls_format_count(int64_t value, char out[LS_FORMAT_BYTES]);
/* At most five cells: "9,999", "12.3k", "4.1M", "2.0G". */
void ls_format_short_count(int64_t value, char out[LS_FORMAT_BYTES]);
/* A length of time, at most two units: "0s", "850ms", "4m12s", "2h05m", "3d04h". Negative
 * counts as 0. Below a second only when `fine`. */
void ls_format_duration(int64_t ms, bool fine, char out[LS_FORMAT_BYTES]);
/* An age in one unit, for columns: "12s", "4m", "3h", "9d". */
void ls_format_age(int64_t ms, char out[LS_FORMAT_BYTES]);
/* 3118000000 -> "3.118 SOL", exact to the lamport, never through floating point. */
void ls_format_sol(uint64_t lamports, char out[LS_FORMAT_BYTES]);

/* A moment in a zone that is `offset_s` east of UTC. */
struct ls_civil {
    int32_t year, month, day, hour, minute, second, millisecond;
};
struct ls_civil ls_civil_of(int64_t wall_ms, int32_t offset_s);
/* "03:12:47" and "2026-11-23 03:12:47", without the zone's name. */
void ls_format_clock(int64_t wall_ms, int32_t offset_s, char out[LS_FORMAT_BYTES]);
void ls_format_date(int64_t wall_ms, int32_t offset_s, char out[LS_FORMAT_BYTES]);

/* `cells` cells that show the last `cells` of `values` as bars of one row, scaled from 0
 * to their largest (or to `top` when that is larger). `out_bytes` >= 3 * cells + 1. */
struct ls_series {
    const int64_t *values;
    size_t count;
    int64_t top; /* 0: the largest value */
};
void ls_format_spark(
    struct ls_series series, size_t cells, bool is_ascii, char *out, size_t out_bytes);
/* One cell of a chart `levels` rows high: row 0 is the lowest. Static storage. */
const char *
ls_format_chart_cell(int64_t value, int64_t top, int32_t levels, int32_t row, bool is_ascii);
int64_t ls_series_top(struct ls_series series);

#endif
