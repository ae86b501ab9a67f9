/* The known name nearest to a mistyped one, for error messages. */
#ifndef LOCKSTEP_APP_NEAREST_H
#define LOCKSTEP_APP_NEAREST_H

#include <stddef.h>

enum { NEAREST_BYTES_MAX = 63 };

struct nearest {
    const char *wanted;
    const char *best; /* NULL while nothing is near */
    size_t distance;
};

void nearest_init(struct nearest *nearest, const char *wanted);
/* Offer a known name (it must outlive `nearest`); it is kept when it is nearer than those
 * before and at most a third of the wanted name's letters (two at least) differ. */
void nearest_offer(struct nearest *nearest, const char *known);
/* Letters to insert, delete or change to make `a` of `b`; names longer than
 * NEAREST_BYTES_MAX count as wholly different. */
size_t nearest_distance(const char *a, const char *b);

#endif
