#include "index.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 64 };

struct index_cell {
    uint64_t hash; /* 0: free */
    int64_t number;
};

/* FNV-1a, by its published constants. */
uint64_t index_hash(const void *bytes, size_t bytes_count)
{
    const uint8_t *at = bytes;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < bytes_count; i++) hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash == 0 ? 1 : hash;
}

static struct index_cell *cell_of(const struct index *index, uint64_t hash)
{
    size_t at = (size_t)(hash ^ hash >> 32) & (index->capacity - 1);
    while (index->cells[at].hash != 0 && index->cells[at].hash != hash)
        at = (at + 1) & (index->capacity - 1);
    return &index->cells[at];
}

static bool grow(struct index *index)
{
    struct index old = *index;
    index->capacity = old.capacity == 0 ? CAPACITY_MIN : old.capacity * 2;
    index->cells = calloc(index->capacity, sizeof *index->cells);
    if (index->cells == NULL) {
        *index = old;
        return false;
    }
    for (size_t i = 0; i < old.capacity; i++)
        if (old.cells[i].hash != 0) *cell_of(index, old.cells[i].hash) = old.cells[i];
    free(old.cells);
    return true;
}

bool index_set(struct index *index, uint64_t hash, int64_t number)
{
    if ((index->count + 1) * 2 > index->capacity && !grow(index)) return false;
    struct index_cell *cell = cell_of(index, hash);
    if (cell->hash == 0) index->count++;
    *cell = (struct index_cell){hash, number};
    return true;
}

int64_t index_get(const struct index *index, uint64_t hash)
{
    if (index->capacity == 0) return -1;
    const struct index_cell *cell = cell_of(index, hash);
    return cell->hash == 0 ? -1 : cell->number;
}

void index_clear(struct index *index)
{
    if (index->capacity > 0) memset(index->cells, 0, index->capacity * sizeof *index->cells);
    index->count = 0;
}

void index_done(struct index *index)
{
    free(index->cells);
    *index = (struct index){0};
}
