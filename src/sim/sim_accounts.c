#include "sim_accounts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SLAB_VERSIONS = 256, ACCOUNTS_MIN = 64, POSTINGS_MIN = 4 };

struct ls_sim_slab {
    struct ls_sim_slab *next;
    struct ls_sim_version versions[SLAB_VERSIONS];
};

void ls_sim_accounts_done(struct ls_sim_accounts *accounts)
{
    for (size_t i = 0; i < accounts->count; i++) free(accounts->items[i].postings);
    free(accounts->items);
    ls_sim_index_done(&accounts->index);
    struct ls_sim_slab *slab = accounts->slabs;
    while (slab != NULL) {
        struct ls_sim_slab *next = slab->next;
        free(slab);
        slab = next;
    }
    *accounts = (struct ls_sim_accounts){0};
}

static bool matches(const void *self, uint32_t number, const void *key)
{
    const struct ls_sim_accounts *accounts = self;
    return ls_address_equal(&accounts->items[number].address, key);
}

static uint32_t hash_of(const struct ls_sim_accounts *accounts,
                        const struct ls_address *address)
{
    return ls_sim_index_hash(accounts->key, address->bytes, LS_ADDRESS_BYTES);
}

uint32_t ls_sim_accounts_find(const struct ls_sim_accounts *accounts,
                              const struct ls_address *address)
{
    return ls_sim_index_find(&accounts->index, hash_of(accounts, address), matches, accounts,
                             address);
}

static bool grow(struct ls_sim_accounts *accounts)
{
    size_t capacity = accounts->capacity == 0 ? ACCOUNTS_MIN : accounts->capacity * 2;
    struct ls_sim_account *items = realloc(accounts->items, capacity * sizeof *items);
    if (items == NULL) return false;
    accounts->items = items;
    accounts->capacity = capacity;
    return true;
}

uint32_t ls_sim_accounts_intern(struct ls_sim_accounts *accounts,
                                const struct ls_address *address)
{
    uint32_t number = ls_sim_accounts_find(accounts, address);
    if (number != LS_SIM_NONE) return number;
    if (accounts->count >= LS_SIM_NONE) return LS_SIM_NONE;
    if (accounts->count == accounts->capacity && !grow(accounts)) return LS_SIM_NONE;
    number = (uint32_t)accounts->count;
    if (!ls_sim_index_add(&accounts->index, hash_of(accounts, address), number))
        return LS_SIM_NONE;
    accounts->items[accounts->count++] = (struct ls_sim_account){.address = *address};
    return number;
}

const struct ls_sim_content *
ls_sim_accounts_read(const struct ls_sim_accounts *accounts, uint32_t number, int32_t height)
{
    if (number == LS_SIM_NONE) return NULL;
    const struct ls_sim_version *version = accounts->items[number].newest;
    while (version != NULL && version->height > height) version = version->older;
    if (version == NULL || version->content.lamports == 0) return NULL;
    return &version->content;
}

static bool add_slab(struct ls_sim_accounts *accounts)
{
    struct ls_sim_slab *slab = malloc(sizeof *slab);
    if (slab == NULL) return false;
    slab->next = accounts->slabs;
    accounts->slabs = slab;
    for (size_t i = 0; i < SLAB_VERSIONS; i++) {
        slab->versions[i].older = accounts->free_versions;
        accounts->free_versions = &slab->versions[i];
    }
    accounts->free_count += SLAB_VERSIONS;
    return true;
}

static bool reserve_posting(struct ls_sim_account *account)
{
    if (account->posting_count < account->posting_capacity) return true;
    size_t capacity =
        account->posting_capacity == 0 ? POSTINGS_MIN : account->posting_capacity * 2;
    uint32_t *postings = realloc(account->postings, capacity * sizeof *postings);
    if (postings == NULL) return false;
    account->postings = postings;
    account->posting_capacity = capacity;
    return true;
}

bool ls_sim_accounts_reserve(struct ls_sim_accounts *accounts,
                             const uint32_t *numbers,
                             size_t count)
{
    assert(count < SLAB_VERSIONS);
    if (accounts->free_count < count && !add_slab(accounts)) return false;
    for (size_t i = 0; i < count; i++)
        if (!reserve_posting(&accounts->items[numbers[i]])) return false;
    return true;
}

static struct ls_sim_version *take_version(struct ls_sim_accounts *accounts)
{
    struct ls_sim_version *version = accounts->free_versions;
    assert(version != NULL);
    accounts->free_versions = version->older;
    accounts->free_count--;
    return version;
}

static void give_version(struct ls_sim_accounts *accounts, struct ls_sim_version *version)
{
    version->older = accounts->free_versions;
    accounts->free_versions = version;
    accounts->free_count++;
}

/* Keep the newest version at or below `oldest_height` as the base; free what is older. */
static void
prune(struct ls_sim_accounts *accounts, struct ls_sim_version *newest, int32_t oldest_height)
{
    struct ls_sim_version *base = newest;
    while (base != NULL && base->height > oldest_height) base = base->older;
    if (base == NULL) return;
    struct ls_sim_version *version = base->older;
    base->older = NULL;
    while (version != NULL) {
        struct ls_sim_version *older = version->older;
        give_version(accounts, version);
        version = older;
    }
}

void ls_sim_accounts_write(struct ls_sim_accounts *accounts,
                           uint32_t number,
                           int32_t height,
                           int32_t oldest_height,
                           const struct ls_sim_content *content)
{
    struct ls_sim_account *account = &accounts->items[number];
    assert(account->newest == NULL || account->newest->height <= height);
    if (account->newest == NULL || account->newest->height < height) {
        struct ls_sim_version *version = take_version(accounts);
        version->older = account->newest;
        version->height = height;
        account->newest = version;
        prune(accounts, version, oldest_height);
    }
    account->newest->content = *content;
}

void ls_sim_accounts_revert(struct ls_sim_accounts *accounts, uint32_t number, int32_t height)
{
    struct ls_sim_account *account = &accounts->items[number];
    struct ls_sim_version *version = account->newest;
    if (version == NULL || version->height != height) return;
    account->newest = version->older;
    give_version(accounts, version);
}

void ls_sim_accounts_fund(struct ls_sim_accounts *accounts,
                          uint32_t number,
                          int32_t oldest_height,
                          uint64_t lamports)
{
    struct ls_sim_account *account = &accounts->items[number];
    struct ls_sim_version **link = &account->newest;
    int32_t oldest = INT32_MAX;
    while (*link != NULL) {
        uint64_t room = UINT64_MAX - (*link)->content.lamports;
        (*link)->content.lamports += lamports < room ? lamports : room;
        oldest = (*link)->height;
        link = &(*link)->older;
    }
    if (oldest <= oldest_height) return;
    struct ls_sim_version *base = take_version(accounts);
    *base = (struct ls_sim_version){.content = {.lamports = lamports}};
    *link = base;
}

void ls_sim_accounts_post(struct ls_sim_accounts *accounts, uint32_t number, uint32_t landing)
{
    struct ls_sim_account *account = &accounts->items[number];
    assert(account->posting_count < account->posting_capacity);
    account->postings[account->posting_count++] = landing;
}

void ls_sim_accounts_unpost(struct ls_sim_accounts *accounts, uint32_t number, uint32_t landing)
{
    struct ls_sim_account *account = &accounts->items[number];
    assert(account->posting_count > 0);
    assert(account->postings[account->posting_count - 1] == landing);
    account->posting_count--;
    (void)landing;
}
