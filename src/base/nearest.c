#include "lockstep/base/nearest.h"

#include <string.h>

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t ls_nearest_distance(const char *a, const char *b)
{
    const size_t a_bytes = strlen(a);
    const size_t b_bytes = strlen(b);
    if (a_bytes > LS_NEAREST_BYTES_MAX || b_bytes > LS_NEAREST_BYTES_MAX)
        return a_bytes + b_bytes;

    /* Levenshtein's distance, one row at a time. */
    size_t row[LS_NEAREST_BYTES_MAX + 1];
    for (size_t j = 0; j <= b_bytes; j++) row[j] = j;
    for (size_t i = 1; i <= a_bytes; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_bytes; j++) {
            const size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = smaller(change, smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_bytes];
}

void ls_nearest_init(struct ls_nearest *nearest, const char *wanted)
{
    *nearest = (struct ls_nearest){.wanted = wanted};
    const size_t third = strlen(wanted) / 3;
    nearest->distance = (third < 2 ? 2 : third) + 1;
}

void ls_nearest_offer(struct ls_nearest *nearest, const char *known)
{
    const size_t distance = ls_nearest_distance(nearest->wanted, known);
    if (distance >= nearest->distance) return;
    nearest->distance = distance;
    nearest->best = known;
}
