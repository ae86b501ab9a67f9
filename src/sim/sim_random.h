/* Seeded randomness of the simulated ledger: splitmix64, one stream a purpose, so that
 * drawing a fault never moves the chain's own choices. */
#ifndef LOCKSTEP_SIM_RANDOM_H
#define LOCKSTEP_SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct ls_sim_random {
    uint64_t state;
};

struct ls_sim_random ls_sim_random_make(uint64_t seed, uint64_t stream);
uint64_t ls_sim_random_next(struct ls_sim_random *random);
/* 0 .. bound - 1; 0 when `bound` is 0. */
uint64_t ls_sim_random_below(struct ls_sim_random *random, uint64_t bound);
/* True `ppm` times in a million; draws nothing when `ppm` <= 0. */
bool ls_sim_random_chance(struct ls_sim_random *random, int32_t ppm);

#endif
