#include "lockstep/cells/format.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/number.h"

enum { SECOND_MS = 1000, MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

void ls_format_count(int64_t value, char out[LS_FORMAT_BYTES])
{
    _Static_assert((int)LS_FORMAT_BYTES >= (int)LS_NUMBER_BYTES, "a number fits");
    ls_number_grouped(value, out);
}

void ls_format_short_count(int64_t value, char out[LS_FORMAT_BYTES])
{
    static const struct {
        int64_t unit;
        char name;
    } units[] = {{1000, 'k'}, {1000000, 'M'}, {1000000000, 'G'}, {1000000000000, 'T'}};

    if (value < 10000) {
        ls_format_count(value < 0 ? 0 : value, out);
        return;
    }
    size_t at = 0;
    while (at + 1 < sizeof units / sizeof units[0] && value >= units[at + 1].unit) at++;
    int64_t whole = value / units[at].unit;
    int64_t tenth = value % units[at].unit / (units[at].unit / 10);
    if (whole < 100) {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 ".%" PRId64 "%c", whole, tenth,
                       units[at].name);
    } else {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 "%c", whole, units[at].name);
    }
}

void ls_format_duration(int64_t ms, bool fine, char out[LS_FORMAT_BYTES])
{
    if (ms < 0) ms = 0;
    int64_t seconds = ms / SECOND_MS;
    if (fine && ms < SECOND_MS) {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 "ms", ms);
    } else if (fine && ms < INT64_C(10) * SECOND_MS) {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 ".%" PRId64 "s", seconds,
                       ms % SECOND_MS / 100);
    } else if (seconds < MINUTE_S) {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 "s", seconds);
    } else if (seconds < HOUR_S) {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 "m%02" PRId64 "s", seconds / MINUTE_S,
                       seconds % MINUTE_S);
    } else if (seconds < DAY_S) {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 "h%02" PRId64 "m", seconds / HOUR_S,
                       seconds % HOUR_S / MINUTE_S);
    } else {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 "d%02" PRId64 "h", seconds / DAY_S,
                       seconds % DAY_S / HOUR_S);
    }
}

void ls_format_age(int64_t ms, char out[LS_FORMAT_BYTES])
{
    int64_t seconds = ms < 0 ? 0 : ms / SECOND_MS;
    if (seconds < MINUTE_S) {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 "s", seconds);
    } else if (seconds < HOUR_S) {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 "m", seconds / MINUTE_S);
    } else if (seconds < INT64_C(2) * DAY_S) {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 "h", seconds / HOUR_S);
    } else {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 "d", seconds / DAY_S);
    }
}

void ls_format_sol(uint64_t lamports, char out[LS_FORMAT_BYTES])
{
    const uint64_t per_sol = 1000000000;
    char whole[LS_NUMBER_BYTES];
    ls_number_grouped((int64_t)(lamports / per_sol), whole); /* at most 18 446 744 073 */
    int length = snprintf(out, LS_FORMAT_BYTES, "%s.%09" PRIu64, whole, lamports % per_sol);
    size_t end = (size_t)length;
    size_t least = end - 6; /* three digits stay after the point */
    while (end > least && out[end - 1] == '0') end--;
    (void)snprintf(out + end, LS_FORMAT_BYTES - end, " SOL");
}

/* Days to a date of the proleptic Gregorian calendar, by whole 400-year eras. */
struct ls_civil ls_civil_of(int64_t wall_ms, int32_t offset_s)
{
    int64_t ms = wall_ms + (int64_t)offset_s * SECOND_MS;
    const int64_t day_ms = (int64_t)DAY_S * SECOND_MS;
    int64_t days = ms / day_ms;
    int64_t rest = ms % day_ms;
    if (rest < 0) {
        rest += day_ms;
        days -= 1;
    }
    int64_t shifted = days + 719468; /* days since 0000-03-01 */
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t march_month = (5 * of_year + 2) / 153;
    int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    return (struct ls_civil){
        .year = (int32_t)(year + era * 400 + (month <= 2 ? 1 : 0)),
        .month = (int32_t)month,
        .day = (int32_t)(of_year - (153 * march_month + 2) / 5 + 1),
        .hour = (int32_t)(rest / SECOND_MS / HOUR_S),
        .minute = (int32_t)(rest / SECOND_MS / MINUTE_S % 60),
        .second = (int32_t)(rest / SECOND_MS % 60),
        .millisecond = (int32_t)(rest % SECOND_MS),
    };
}

void ls_format_clock(int64_t wall_ms, int32_t offset_s, char out[LS_FORMAT_BYTES])
{
    struct ls_civil at = ls_civil_of(wall_ms, offset_s);
    (void)snprintf(out, LS_FORMAT_BYTES, "%02d:%02d:%02d", at.hour, at.minute, at.second);
}

void ls_format_date(int64_t wall_ms, int32_t offset_s, char out[LS_FORMAT_BYTES])
{
    struct ls_civil at = ls_civil_of(wall_ms, offset_s);
    (void)snprintf(out, LS_FORMAT_BYTES, "%04d-%02d-%02d %02d:%02d:%02d", at.year, at.month,
                   at.day, at.hour, at.minute, at.second);
}
