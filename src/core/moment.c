#include "lockstep/core/moment.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "lockstep/core/filter.h"

#define WHAT "time"

static const int64_t second_ms = 1000;
static const int64_t minute_ms = 60000;
static const int64_t hour_ms = 3600000;
static const int64_t day_ms = 86400000;

/* Exactly `digits` digits at `*at`, which moves behind them. */
static bool take_digits(const char **at, int digits, int32_t *number_out)
{
    int32_t number = 0;
    for (int i = 0; i < digits; i++) {
        char digit = (*at)[i];
        if (digit < '0' || digit > '9') return false;
        number = number * 10 + (digit - '0');
    }
    *at += digits;
    *number_out = number;
    return true;
}

static bool take_char(const char **at, char wanted)
{
    if (**at != wanted) return false;
    (*at)++;
    return true;
}

/* HH:MM or HH:MM:SS as ms of the day. */
static bool take_clock(const char **at, int64_t *ms_out)
{
    int32_t hour = 0, minute = 0, second = 0;
    if (!take_digits(at, 2, &hour) || !take_char(at, ':') || !take_digits(at, 2, &minute))
        return false;
    if (take_char(at, ':') && !take_digits(at, 2, &second)) return false;
    if (hour > 23 || minute > 59 || second > 59) return false;
    *ms_out = hour * hour_ms + minute * minute_ms + second * second_ms;
    return true;
}

static int32_t days_of_month(int32_t year, int32_t month)
{
    static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/* YYYY-MM-DD as ms since 1970. */
static bool take_date(const char **at, int64_t *ms_out)
{
    int32_t year = 0, month = 0, day = 0;
    if (!take_digits(at, 4, &year) || !take_char(at, '-') || !take_digits(at, 2, &month) ||
        !take_char(at, '-') || !take_digits(at, 2, &day))
        return false;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
        return false;
    int64_t days = day - 1;
    for (int32_t y = 1970; y < year; y++) days += days_of_month(y, 2) == 29 ? 366 : 365;
    for (int32_t m = 1; m < month; m++) days += days_of_month(year, m);
    *ms_out = days * day_ms;
    return true;
}

/* The date and clock, or the clock alone as the last time that it said so. */
static bool take_moment(const char *text, int64_t now_ms, int64_t offset_ms, int64_t *ms_out)
{
    int64_t date = 0;
    int64_t clock = 0;
    bool has_date = strchr(text, '-') != NULL;
    if (has_date &&
        (!take_date(&text, &date) || (!take_char(&text, 'T') && !take_char(&text, ' '))))
        return false;
    if (!take_clock(&text, &clock)) return false;
    if (take_char(&text, 'Z')) offset_ms = 0;
    if (*text != '\0') return false;
    if (!has_date) date = (now_ms + offset_ms) / day_ms * day_ms;
    int64_t moment = date + clock - offset_ms;
    *ms_out = !has_date && moment > now_ms ? moment - day_ms : moment;
    return true;
}

ls_err ls_moment_parse(
    const char *text, int64_t now_ms, int32_t offset_s, int64_t *ms_out, struct ls_why *why)
{
    assert(text != NULL && ms_out != NULL && now_ms >= 0);
    int64_t ms = now_ms;
    int64_t ago_ms = 0;
    bool is_read = strcmp(text, "now") == 0;
    if (!is_read && text[0] == '-' && !ls_failed(ls_duration_parse(text + 1, &ago_ms)) &&
        ago_ms <= now_ms) {
        ms = now_ms - ago_ms;
        is_read = true;
    }
    if (!is_read) is_read = take_moment(text, now_ms, offset_s * second_ms, &ms);
    if (!is_read) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%.60s is no time; use 02:31, -2h, 2026-11-24T02:31Z or now", text);
    }
    if (ms > now_ms)
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "%.60s is still to come", text);
    *ms_out = ms;
    return LS_OK;
}
