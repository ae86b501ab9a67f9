#include "memory_rows.h"

/* SplitMix64, by its published constants. */
static uint64_t draw(struct ls_memory_store *store)
{
    store->random += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = store->random;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

enum memory_fate memory_draw_fate(struct ls_memory_store *store)
{
    const struct ls_memory_faults *faults = &store->faults;
    if (faults->is_down) return MEMORY_REFUSED;
    const struct {
        int32_t ppm;
        enum memory_fate fate;
        enum ls_memory_fault fault;
    } fates[] = {{faults->refuse_ppm, MEMORY_REFUSED, LS_MEMORY_FAULT_REFUSE},
                 {faults->lose_reply_ppm, MEMORY_REPLY_LOST, LS_MEMORY_FAULT_LOSE_REPLY},
                 {faults->lose_request_ppm, MEMORY_REQUEST_LOST, LS_MEMORY_FAULT_LOSE_REQUEST}};
    int64_t chance = (int64_t)(draw(store) % 1000000);
    for (size_t i = 0; i < sizeof fates / sizeof fates[0]; i++) {
        if (chance < fates[i].ppm) {
            store->fired[fates[i].fault]++;
            return fates[i].fate;
        }
        chance -= fates[i].ppm;
    }
    return MEMORY_HAPPENS;
}

int64_t ls_memory_store_fired(const ls_memory_store *store, enum ls_memory_fault fault)
{
    return store->fired[fault];
}

int64_t memory_draw_delay(struct ls_memory_store *store)
{
    if (store->faults.delay_ms_max <= 0) return 0;
    store->fired[LS_MEMORY_FAULT_SLOW]++;
    return (int64_t)(draw(store) % ((uint64_t)store->faults.delay_ms_max + 1));
}

bool memory_draw_coin(struct ls_memory_store *store)
{
    return (draw(store) & 1) != 0;
}

void ls_memory_store_set_faults(ls_memory_store *store, const struct ls_memory_faults *faults)
{
    store->faults = *faults;
}
