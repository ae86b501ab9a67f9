#include "sim_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

enum { CAPACITY_MIN = 256 };

struct ls_sim_index_cell {
    uint32_t hash;
    uint32_t number; /* LS_SIM_NONE: free */
};

void ls_sim_index_done(struct ls_sim_index *index)
{
    free(index->cells);
    *index = (struct ls_sim_index){0};
}

uint32_t ls_sim_index_hash(const uint8_t key[LS_SIM_INDEX_KEY_BYTES],
                           const uint8_t *bytes,
                           size_t bytes_count)
{
    uint8_t digest[crypto_shorthash_BYTES];
    uint32_t hash = 0;
    (void)crypto_shorthash(digest, bytes, bytes_count, key); /* cannot fail */
    memcpy(&hash, digest, sizeof hash);
    return hash;
}

uint32_t ls_sim_index_find(const struct ls_sim_index *index,
                           uint32_t hash,
                           ls_sim_index_match match,
                           const void *self,
                           const void *key)
{
    if (index->capacity == 0) return LS_SIM_NONE;
    size_t mask = index->capacity - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        const struct ls_sim_index_cell *cell = &index->cells[at];
        if (cell->number == LS_SIM_NONE) return LS_SIM_NONE;
        if (cell->hash == hash && match(self, cell->number, key)) return cell->number;
    }
}

static void place(struct ls_sim_index *index, uint32_t hash, uint32_t number)
{
    size_t mask = index->capacity - 1;
    size_t at = hash & mask;
    while (index->cells[at].number != LS_SIM_NONE) at = (at + 1) & mask;
    index->cells[at] = (struct ls_sim_index_cell){.hash = hash, .number = number};
}

static bool grow(struct ls_sim_index *index)
{
    struct ls_sim_index bigger = {.count = index->count};
    bigger.capacity = index->capacity == 0 ? CAPACITY_MIN : index->capacity * 2;
    bigger.cells = malloc(bigger.capacity * sizeof *bigger.cells);
    if (bigger.cells == NULL) return false;
    memset(bigger.cells, 0xff, bigger.capacity * sizeof *bigger.cells);
    for (size_t i = 0; i < index->capacity; i++) {
        const struct ls_sim_index_cell *cell = &index->cells[i];
        if (cell->number != LS_SIM_NONE) place(&bigger, cell->hash, cell->number);
    }
    free(index->cells);
    *index = bigger;
    return true;
}

bool ls_sim_index_add(struct ls_sim_index *index, uint32_t hash, uint32_t number)
{
    assert(number != LS_SIM_NONE);
    if (index->count >= index->capacity / 2 && !grow(index)) return false;
    place(index, hash, number);
    index->count++;
    return true;
}

/* Close the gap: move back each later cell of the run whose home lies at or before it. */
static void close_gap(struct ls_sim_index *index, size_t gap)
{
    size_t mask = index->capacity - 1;
    for (size_t at = (gap + 1) & mask; index->cells[at].number != LS_SIM_NONE;
         at = (at + 1) & mask) {
        size_t home = index->cells[at].hash & mask;
        if (((at - home) & mask) < ((at - gap) & mask)) continue;
        index->cells[gap] = index->cells[at];
        gap = at;
    }
    index->cells[gap].number = LS_SIM_NONE;
}

void ls_sim_index_remove(struct ls_sim_index *index, uint32_t hash, uint32_t number)
{
    assert(index->count > 0);
    size_t mask = index->capacity - 1;
    size_t at = hash & mask;
    while (index->cells[at].number != number) {
        assert(index->cells[at].number != LS_SIM_NONE);
        at = (at + 1) & mask;
    }
    close_gap(index, at);
    index->count--;
}
