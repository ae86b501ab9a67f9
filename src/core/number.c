#include "lockstep/core/number.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

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
