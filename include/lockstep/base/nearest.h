/* The known name nearest to a mistyped one, for error messages. */
#ifndef LOCKSTEP_BASE_NEAREST_H
#define LOCKSTEP_BASE_NEAREST_H

#include <stddef.h>

enum { LS_NEAREST_BYTES_MAX = 63 };

struct ls_nearest {
    const char *wanted;
    const char *best; /* NULL while nothing is near */
    size_t distance;
};

void ls_nearest_init(struct ls_nearest *nearest, const char *wanted);
/* Offer a known name (it must outlive `nearest`); it is kept when it is nearer than those
 * before and at most a third of the wanted name's letters (two at least) differ. */
void ls_nearest_offer(struct ls_nearest *nearest, const char *known);
/* Letters to insert, delete or change to make `a` of `b`; names longer than
 * LS_NEAREST_BYTES_MAX count as wholly different. */
size_t ls_nearest_distance(const char *a, const char *b);

#endif
