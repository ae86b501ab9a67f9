#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/solana/canonical.h"

/* 17 significant digits always suffice to read a double back. */
enum { DIGITS_MAX = 17, DIGITS_BYTES = 24, POINT_MAX = 21, POINT_MIN = -6 };

/* number = 0.digits * 10^point */
struct decimal {
    char digits[DIGITS_BYTES];
    int count;
    int point;
};

/* Whether whole * 10^exponent reads back as `number`. No decimal point is written, so the
 * process's locale does not matter. */
static bool reads_back(int64_t whole, int exponent, double number)
{
    char text[2 * DIGITS_BYTES];
    (void)snprintf(text, sizeof text, "%" PRId64 "e%d", whole, exponent); /* fits */
    return strtod(text, NULL) == number;
}

/* The nearest decimal of `count` digits: whole * 10^exponent. */
static int64_t nearest(double number, int count, int *exponent_out)
{
    char text[2 * DIGITS_BYTES];
    (void)snprintf(text, sizeof text, "%.*e", count - 1, number); /* fits */

    int64_t whole = text[0] - '0';
    const char *at = text + 1;
    for (; *at != 'e'; at++)
        if (*at >= '0' && *at <= '9') whole = whole * 10 + (*at - '0');
    *exponent_out = (int)strtoll(at + 1, NULL, 10) - (count - 1);
    return whole;
}

/* The fewest digits that read back. The decimal above the nearest one is tried too: at a
 * power of two the doubles above lie twice as far apart as those below, so that the
 * nearest decimal may miss where the next one hits. */
static int64_t shortest(double number, int *exponent_out)
{
    int64_t whole = 0;
    for (int count = 1; count <= DIGITS_MAX; count++) {
        whole = nearest(number, count, exponent_out);
        if (reads_back(whole, *exponent_out, number)) return whole;
        if (reads_back(whole + 1, *exponent_out, number)) return whole + 1;
    }
    assert(false);
    return whole;
}

static struct decimal decimal_of(double number)
{
    struct decimal decimal = {0};
    int exponent = 0;
    int64_t whole = shortest(number, &exponent);
    while (whole % 10 == 0) {
        whole /= 10;
        exponent++;
    }
    decimal.count = snprintf(decimal.digits, sizeof decimal.digits, "%" PRId64, whole);
    decimal.point = decimal.count + exponent;
    return decimal;
}

/* The five forms of Number::toString, for digits that stand for a positive number. */
static int write_decimal(const struct decimal *decimal, char *out, size_t out_bytes)
{
    static const char zeros[] = "000000000000000000000";
    const char *digits = decimal->digits;
    const int count = decimal->count;
    const int point = decimal->point;

    if (point >= count && point <= POINT_MAX)
        return snprintf(out, out_bytes, "%s%.*s", digits, point - count, zeros);
    if (point > 0 && point <= POINT_MAX)
        return snprintf(out, out_bytes, "%.*s.%s", point, digits, digits + point);
    if (point > POINT_MIN && point <= 0)
        return snprintf(out, out_bytes, "0.%.*s%s", -point, zeros, digits);
    if (count == 1) return snprintf(out, out_bytes, "%se%+d", digits, point - 1);
    return snprintf(out, out_bytes, "%c.%se%+d", digits[0], digits + 1, point - 1);
}

size_t ls_json_number(double number, char out[LS_JSON_NUMBER_BYTES])
{
    assert(number >= -DBL_MAX && number <= DBL_MAX);

    if (number == 0) { /* -0 too */
        memcpy(out, "0", 2);
        return 1;
    }
    size_t sign = 0;
    if (number < 0) out[sign++] = '-';
    const struct decimal decimal = decimal_of(number < 0 ? -number : number);
    const int length = write_decimal(&decimal, out + sign, LS_JSON_NUMBER_BYTES - sign);
    assert(length > 0 && (size_t)length < LS_JSON_NUMBER_BYTES - sign);
    return sign + (size_t)length;
}
