/* A table from keys, by their 64-bit hash, to numbers. It keeps no keys: whoever asks
 * looks whether the number fits. */
#ifndef LOCKSTEP_TRIAL_INDEX_H
#define LOCKSTEP_TRIAL_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index {
    struct index_cell *cells; /* owned */
    size_t capacity;          /* a power of two, or 0 */
    size_t count;
};

uint64_t index_hash(const void *bytes, size_t bytes_count);
/* Set; false without memory. */
bool index_set(struct index *index, uint64_t hash, int64_t number);
/* -1 when there is none. */
int64_t index_get(const struct index *index, uint64_t hash);
void index_clear(struct index *index);
void index_done(struct index *index);

#endif
