#include "config_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/config/config.h"
#include "lockstep/core/filter.h"

#define WHAT "configuration"

ls_err config_value_text(
    const char *key, const char *value, char *out, size_t out_bytes, struct ls_why *why)
{
    const size_t bytes = strlen(value);
    if (bytes == 0) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%s is empty; give it a value or remove the line", key);
    }
    if (bytes >= out_bytes) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT, "%s is longer than %zu bytes; shorten it",
                         key, out_bytes - 1);
    }
    memcpy(out, value, bytes + 1);
    return LS_OK;
}

/* Digits only; false beyond int64. */
static bool read_number(const char *text, int64_t *out)
{
    int64_t number = 0;
    if (text[0] == '\0') return false;
    for (; *text != '\0'; text++) {
        const int digit = *text - '0';
        if (digit < 0 || digit > 9 || number > (INT64_MAX - digit) / 10) return false;
        number = number * 10 + digit;
    }
    *out = number;
    return true;
}

ls_err config_value_number(const char *key,
                           const char *value,
                           const int64_t range[2],
                           int64_t *out,
                           struct ls_why *why)
{
    int64_t number = 0;
    if (!read_number(value, &number) || number < range[0] || number > range[1]) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%s = %s is not a whole number from %" PRId64 " to %" PRId64, key,
                         value, range[0], range[1]);
    }
    *out = number;
    return LS_OK;
}

ls_err config_value_duration(const char *key,
                             const char *value,
                             const int64_t range[2],
                             int64_t *out,
                             struct ls_why *why)
{
    int64_t ms = 0;
    if (ls_failed(ls_duration_parse(value, &ms))) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%s = %s is no duration; use 500ms, 30s, 5m, 2h or 3d", key, value);
    }
    if (ms < range[0] || ms > range[1]) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "%s = %s is out of range; use %" PRId64 "ms to %" PRId64 "s", key,
                         value, range[0], range[1] / 1000);
    }
    *out = ms;
    return LS_OK;
}

ls_err config_value_word(const char *key,
                         const char *value,
                         const struct config_word *words,
                         int *out,
                         struct ls_why *why)
{
    char allowed[128] = "";
    size_t length = 0;
    for (; words->word != NULL; words++) {
        if (strcmp(words->word, value) == 0) {
            *out = words->value;
            return LS_OK;
        }
        const int more = snprintf(allowed + length, sizeof allowed - length, "%s%s",
                                  length == 0 ? "" : ", ", words->word);
        if (more > 0 && (size_t)more < sizeof allowed - length) length += (size_t)more;
    }
    return ls_refuse(why, LS_CODE_INVALID, WHAT, "%s = %s is not one of: %s", key, value,
                     allowed);
}

/* The digits after the point as lamports: ".5" is 500000000. */
static bool read_fraction(const char *digits, size_t count, int64_t *out)
{
    int64_t lamports = 0;
    if (count == 0 || count > 9) return false;
    for (size_t i = 0; i < 9; i++) {
        const int digit = i < count ? digits[i] - '0' : 0;
        if (digit < 0 || digit > 9) return false;
        lamports = lamports * 10 + digit;
    }
    *out = lamports;
    return true;
}

bool ls_lamports_parse(const char *text, int64_t *lamports_out)
{
    enum { LAMPORTS_PER_SOL = 1000000000 };
    const size_t bytes = strlen(text);
    if (bytes < 4 || strcmp(text + bytes - 3, "sol") != 0)
        return read_number(text, lamports_out);

    const char *end = text + bytes - 3;
    const char *point = memchr(text, '.', (size_t)(end - text));
    const char *whole_end = point == NULL ? end : point;
    char whole[20];
    int64_t sol = 0;
    int64_t fraction = 0;
    if (whole_end == text || (size_t)(whole_end - text) >= sizeof whole) return false;
    memcpy(whole, text, (size_t)(whole_end - text));
    whole[whole_end - text] = '\0';
    if (!read_number(whole, &sol) || sol >= INT64_MAX / LAMPORTS_PER_SOL) return false;
    if (point != NULL && !read_fraction(point + 1, (size_t)(end - point - 1), &fraction)) {
        return false;
    }
    *lamports_out = sol * LAMPORTS_PER_SOL + fraction;
    return true;
}

ls_err config_value_price(const char *key,
                          const char *value,
                          const int64_t range[2],
                          int64_t *out,
                          struct ls_why *why)
{
    if (strcmp(value, "off") == 0) {
        *out = 0;
        return LS_OK;
    }
    if (strcmp(value, "auto") == 0) {
        *out = -1;
        return LS_OK;
    }
    return config_value_number(key, value, range, out, why);
}
