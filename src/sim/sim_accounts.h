/* The accounts of the simulated ledger with their versions by block height, so that a
 * bank of any commitment reads its own past and a fork takes its blocks back. Each
 * account also knows the landings that named it, oldest first. */
#ifndef LOCKSTEP_SIM_ACCOUNTS_H
#define LOCKSTEP_SIM_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"

#include "sim_index.h"

enum ls_sim_kind {
    LS_SIM_PLAIN, /* `space` zero bytes */
    LS_SIM_MINT,  /* an initialised mint */
    LS_SIM_TOKEN, /* an initialised token account */
    LS_SIM_NONCE, /* a nonce account that holds a value */
};

struct ls_sim_content {
    uint64_t lamports; /* 0: there is no such account */
    struct ls_address owner;
    uint32_t space; /* bytes of data */
    enum ls_sim_kind kind;
    bool is_executable;
    bool has_pointer;    /* mint of Token-2022, also before it is one */
    uint16_t text_bytes; /* and then its metadata's texts, whose content is not kept */
    bool has_metadata;
    bool has_authority;          /* mint */
    bool has_freeze;             /* mint */
    uint8_t decimals;            /* mint */
    struct ls_address authority; /* mint: who mints; token: its owner;
                                    nonce: who moves it on */
    struct ls_address mint;      /* token; of a mint: who freezes */
    uint64_t amount;             /* token: units; mint: supply */
    struct ls_hash value;        /* nonce */
};

struct ls_sim_version {
    struct ls_sim_version *older;
    int32_t height;
    struct ls_sim_content content;
};

struct ls_sim_account {
    struct ls_address address;
    struct ls_sim_version *newest;
    uint32_t *postings; /* numbers of landings, rising; owned */
    size_t posting_count, posting_capacity;
};

struct ls_sim_accounts {
    struct ls_sim_account *items;
    size_t count, capacity;
    struct ls_sim_index index;
    uint8_t key[LS_SIM_INDEX_KEY_BYTES];
    struct ls_sim_version *free_versions;
    size_t free_count;
    struct ls_sim_slab *slabs;
};

void ls_sim_accounts_done(struct ls_sim_accounts *accounts);
uint32_t ls_sim_accounts_find(const struct ls_sim_accounts *accounts,
                              const struct ls_address *address);
/* Find or add; LS_SIM_NONE when memory is exhausted. */
uint32_t ls_sim_accounts_intern(struct ls_sim_accounts *accounts,
                                const struct ls_address *address);
/* The account as the bank of `height` has it; NULL when it has none. `number` may be
 * LS_SIM_NONE. Valid until the next write. */
const struct ls_sim_content *
ls_sim_accounts_read(const struct ls_sim_accounts *accounts, uint32_t number, int32_t height);

/* Memory for `versions` writes and one posting to each of `numbers`, so that what
 * follows cannot fail half way. False when memory is exhausted. */
bool ls_sim_accounts_reserve(struct ls_sim_accounts *accounts,
                             const uint32_t *numbers,
                             size_t count);
/* Write at `height` >= every earlier write; versions that no bank at or above
 * `oldest_height` can see are taken back. Needs a reservation. */
void ls_sim_accounts_write(struct ls_sim_accounts *accounts,
                           uint32_t number,
                           int32_t height,
                           int32_t oldest_height,
                           const struct ls_sim_content *content);
/* Take back what was written at `height`, the newest. */
void ls_sim_accounts_revert(struct ls_sim_accounts *accounts, uint32_t number, int32_t height);
/* Add lamports to every version, so that all banks see them. Needs a reservation. */
void ls_sim_accounts_fund(struct ls_sim_accounts *accounts,
                          uint32_t number,
                          int32_t oldest_height,
                          uint64_t lamports);
void ls_sim_accounts_post(struct ls_sim_accounts *accounts, uint32_t number, uint32_t landing);
/* Take back the newest posting, which is `landing`. */
void ls_sim_accounts_unpost(struct ls_sim_accounts *accounts,
                            uint32_t number,
                            uint32_t landing);

#endif
