#include "sim_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

enum { BLOCKS_MIN = 1024, FIRST_SLOTS_MORE = 8, CONFIRMED_SLOTS = 1 };

int32_t ls_sim_chain_tip(const ls_sim_ledger *ledger)
{
    assert(ledger->block_count > 0);
    return (int32_t)ledger->block_count - 1;
}

int32_t ls_sim_chain_height_at(const ls_sim_ledger *ledger, int64_t slot)
{
    size_t low = 0;
    size_t high = ledger->block_count; /* blocks[low].slot <= slot < blocks[high].slot */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (ledger->blocks[middle].slot <= slot) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return (int32_t)low;
}

int64_t ls_sim_chain_lag(const ls_sim_ledger *ledger, int32_t endpoint)
{
    int64_t lag = ledger->faults.lag_slots * endpoint;
    if (lag < 0) return 0;
    return lag < LS_SIM_LAG_SLOTS_MAX ? lag : LS_SIM_LAG_SLOTS_MAX;
}

int32_t ls_sim_chain_height(const ls_sim_ledger *ledger,
                            int32_t endpoint,
                            enum ls_commitment commitment)
{
    int64_t slot = ledger->slot - ls_sim_chain_lag(ledger, endpoint);
    if (commitment == LS_CONFIRMED) slot -= CONFIRMED_SLOTS;
    if (commitment == LS_FINALIZED) slot -= ledger->options.finality_slots;
    int32_t height = ls_sim_chain_height_at(ledger, slot);
    return height < ledger->oldest_height ? ledger->oldest_height : height;
}

/* A block's hash begins with its height, masked, so that a look-up needs no table. */
static uint32_t height_mask(const ls_sim_ledger *ledger)
{
    return ls_sim_read_u32(ledger->genesis.bytes);
}

int32_t ls_sim_chain_find(const ls_sim_ledger *ledger, const struct ls_hash *hash)
{
    uint32_t height = ls_sim_read_u32(hash->bytes) ^ height_mask(ledger);
    if (height >= ledger->block_count) return -1;
    if (memcmp(ledger->blocks[height].hash.bytes, hash->bytes, LS_HASH_BYTES) != 0) return -1;
    return (int32_t)height;
}

struct ls_signature ls_sim_chain_vote(const ls_sim_ledger *ledger, int32_t height, int at)
{
    const struct ls_hash *hash = &ledger->blocks[height].hash;
    struct ls_signature signature;
    memcpy(signature.bytes, hash->bytes, LS_HASH_BYTES);
    for (size_t i = 0; i < LS_HASH_BYTES; i++)
        signature.bytes[LS_HASH_BYTES + i] = (uint8_t)(~hash->bytes[i] ^ at);
    return signature;
}

int32_t ls_sim_chain_find_vote(const ls_sim_ledger *ledger,
                               const struct ls_signature *signature)
{
    struct ls_hash hash;
    memcpy(hash.bytes, signature->bytes, LS_HASH_BYTES);
    const int32_t height = ls_sim_chain_find(ledger, &hash);
    for (int at = 0; height >= 0 && at < LS_SIM_VOTES; at++) {
        const struct ls_signature vote = ls_sim_chain_vote(ledger, height, at);
        if (ls_signature_equal(&vote, signature)) return height;
    }
    return -1;
}

static struct ls_hash make_hash(const ls_sim_ledger *ledger, int32_t height)
{
    struct ls_hash hash;
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, ledger->genesis.bytes, LS_HASH_BYTES);
    if (height > 0) {
        (void)crypto_hash_sha256_update(&state, ledger->blocks[height - 1].hash.bytes,
                                        LS_HASH_BYTES);
    }
    uint8_t slot[8];
    for (unsigned i = 0; i < 8; i++) slot[i] = (uint8_t)((uint64_t)ledger->slot >> (8 * i));
    (void)crypto_hash_sha256_update(&state, slot, sizeof slot);
    (void)crypto_hash_sha256_final(&state, hash.bytes);
    uint32_t masked = (uint32_t)height ^ height_mask(ledger);
    for (unsigned i = 0; i < 4; i++) hash.bytes[i] = (uint8_t)(masked >> (8 * i));
    return hash;
}

static bool reserve(ls_sim_ledger *ledger)
{
    if (ledger->block_count < ledger->block_capacity) return true;
    if (ledger->block_count >= LS_SIM_BLOCKS_MAX) return false;
    size_t capacity = ledger->block_capacity == 0 ? BLOCKS_MIN : ledger->block_capacity * 2;
    struct ls_sim_block *blocks = realloc(ledger->blocks, capacity * sizeof *blocks);
    if (blocks == NULL) return false;
    ledger->blocks = blocks;
    ledger->block_capacity = capacity;
    return true;
}

static bool add_block(ls_sim_ledger *ledger)
{
    if (!reserve(ledger)) return false;
    int32_t height = (int32_t)ledger->block_count;
    ledger->blocks[height] =
        (struct ls_sim_block){.slot = ledger->slot,
                              .first_landing = (uint32_t)ledger->landed_count,
                              .hash = make_hash(ledger, height)};
    ledger->block_count++;
    ls_sim_land(ledger, height);
    return true;
}

/* The oldest bank that the most lagging endpoint shows as finalized. */
static void move_oldest(ls_sim_ledger *ledger)
{
    int32_t nodes = ledger->options.endpoint_count;
    if (nodes < LS_SIM_POOL_NODES) nodes = LS_SIM_POOL_NODES;
    int64_t lag = ls_sim_chain_lag(ledger, nodes - 1);
    int32_t oldest =
        ls_sim_chain_height_at(ledger, ledger->slot - ledger->options.finality_slots - lag);
    if (oldest > ledger->oldest_height) ledger->oldest_height = oldest;
}

static void fork_chain(ls_sim_ledger *ledger)
{
    uint64_t depth = 1 + ls_sim_random_below(&ledger->fault_random, LS_SIM_FORK_BLOCKS_MAX);
    int32_t root =
        ls_sim_chain_height_at(ledger, ledger->slot - 1 - ledger->options.finality_slots);
    for (; depth > 0 && ls_sim_chain_tip(ledger) > root; depth--) {
        ls_sim_unland(ledger, ls_sim_chain_tip(ledger));
        ledger->block_count--;
    }
}

void ls_sim_chain_end_slot(ls_sim_ledger *ledger)
{
    ledger->slot++;
    const struct ls_sim_faults *faults = &ledger->faults;
    if (ls_sim_fault_happens(ledger, LS_SIM_FAULT_FORK, faults->fork_ppm)) fork_chain(ledger);
    if (ls_sim_random_chance(&ledger->chain_random, LS_SIM_SKIP_PPM)) return;
    if (ls_sim_fault_happens(ledger, LS_SIM_FAULT_SKIP, faults->skip_ppm)) return;
    if (ledger->slot < ledger->halted_until) return;
    if (ls_sim_fault_happens(ledger, LS_SIM_FAULT_HALT, faults->halt_ppm)) {
        ledger->halted_until = ledger->slot + 1 +
                               (int64_t)ls_sim_random_below(&ledger->fault_random,
                                                            (uint64_t)faults->halt_slots_max);
    }
    (void)add_block(ledger); /* without memory the slot is skipped as well */
    move_oldest(ledger);
}

bool ls_sim_chain_begin(ls_sim_ledger *ledger)
{
    if (!add_block(ledger)) return false;
    int64_t slots = ledger->options.finality_slots + FIRST_SLOTS_MORE;
    for (int64_t i = 0; i < slots; i++) ls_sim_chain_end_slot(ledger);
    return true;
}
