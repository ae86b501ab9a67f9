#include "lockstep/core/number.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { GROUP = 3 };

void ls_number_grouped(int64_t value, char out[LS_NUMBER_BYTES])
{
    char digits[LS_NUMBER_BYTES];
    const int length = snprintf(digits, sizeof digits, "%" PRId64, value);
    const int start = digits[0] == '-' ? 1 : 0;
    size_t used = 0;
    for (int i = 0; i < length; i++) {
        if (i > start && (length - i) % GROUP == 0) out[used++] = ',';
        out[used++] = digits[i];
    }
    out[used] = '\0';
}

void ls_number_amount(const char *digits, int decimals, char out[LS_AMOUNT_BYTES])
{
    enum { DIGITS_MAX = 39, DECIMALS_MAX = 18 };
    const int parts = decimals > 0 && decimals <= DECIMALS_MAX ? decimals : 0;
    const int length = (int)strnlen(digits, DIGITS_MAX);
    const int padded = length > parts ? length : parts + 1; /* at least one before the point */
    size_t used = 0;
    for (int i = 0; i < padded; i++) {
        const int left = padded - parts - i; /* digits up to the point */
        const int at = i - (padded - length);
        if (i > 0 && left > 0 && left % 3 == 0) out[used++] = ',';
        if (left == 0) out[used++] = '.';
        out[used++] = at < 0 ? '0' : digits[at];
    }
    out[used] = '\0';
}
