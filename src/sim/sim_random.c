#include "sim_random.h"

enum { MILLION = 1000000 };

static uint64_t mixed(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

struct ls_sim_random ls_sim_random_make(uint64_t seed, uint64_t stream)
{
    return (struct ls_sim_random){.state = mixed(seed + mixed(stream + 1))};
}

uint64_t ls_sim_random_next(struct ls_sim_random *random)
{
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    return mixed(random->state);
}

uint64_t ls_sim_random_below(struct ls_sim_random *random, uint64_t bound)
{
    return bound == 0 ? 0 : ls_sim_random_next(random) % bound;
}

bool ls_sim_random_chance(struct ls_sim_random *random, int32_t ppm)
{
    if (ppm <= 0) return false;
    return ls_sim_random_below(random, MILLION) < (uint64_t)ppm;
}
