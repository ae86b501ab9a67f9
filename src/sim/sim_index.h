/* A hash index from a 32-bit hash to numbers 0 .. 2^32 - 2, open addressing with linear
 * probing. It stores no keys: a caller says which number matches. */
#ifndef LOCKSTEP_SIM_INDEX_H
#define LOCKSTEP_SIM_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LS_SIM_INDEX_KEY_BYTES = 16 };
#define LS_SIM_NONE UINT32_MAX /* no number */

struct ls_sim_index {
    struct ls_sim_index_cell *cells; /* owned */
    size_t capacity;                 /* a power of two, or 0 */
    size_t count;
};

typedef bool (*ls_sim_index_match)(const void *self, uint32_t number, const void *key);

void ls_sim_index_done(struct ls_sim_index *index);
/* SipHash of `bytes` under the ledger's own key: no input chooses its place. */
uint32_t ls_sim_index_hash(const uint8_t key[LS_SIM_INDEX_KEY_BYTES],
                           const uint8_t *bytes,
                           size_t bytes_count);
/* The number whose hash is `hash` and that `match` accepts for `key`; LS_SIM_NONE. */
uint32_t ls_sim_index_find(const struct ls_sim_index *index,
                           uint32_t hash,
                           ls_sim_index_match match,
                           const void *self,
                           const void *key);
/* Add; false when memory is exhausted, then unchanged. */
bool ls_sim_index_add(struct ls_sim_index *index, uint32_t hash, uint32_t number);
/* Take `number` out; it must be there under `hash`. */
void ls_sim_index_remove(struct ls_sim_index *index, uint32_t hash, uint32_t number);

#endif
