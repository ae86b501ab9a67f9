/* The pool of nonce accounts: which operation has which. */
#include <string.h>

#include "lockstep/base/base58.h"
#include "memory_rows.h"

static struct memory_nonce *find(const struct ls_memory_store *store,
                                 const struct ls_address *address)
{
    for (size_t i = 0; i < store->nonce_count; i++) {
        const struct memory_nonce *nonce = &store->nonces[i];
        if (ls_address_equal(&nonce->address, address)) return (struct memory_nonce *)nonce;
    }
    return NULL;
}

bool ls_memory_store_add_nonce(ls_memory_store *store,
                               const struct ls_address *nonce,
                               const struct ls_address *authority,
                               int64_t slot)
{
    if (store->nonce_count == LS_MEMORY_NONCES_MAX || find(store, nonce) != NULL) return false;
    struct memory_nonce *added = &store->nonces[store->nonce_count++];
    *added = (struct memory_nonce){.address = *nonce, .slot = slot};
    ls_address_text(authority, added->authority);
    return true;
}

bool ls_memory_store_nonce(const ls_memory_store *store,
                           const struct ls_address *nonce,
                           struct ls_memory_nonce *nonce_out)
{
    const struct memory_nonce *found = find(store, nonce);
    if (found == NULL) return false;
    *nonce_out = (struct ls_memory_nonce){.state = found->state, .slot = found->slot};
    if (found->op != NULL) nonce_out->op = found->op->row.op;
    return true;
}

struct memory_nonce *memory_nonce_of(struct ls_memory_store *store, const struct memory_op *op)
{
    for (size_t i = 0; i < store->nonce_count; i++)
        if (store->nonces[i].op == op) return &store->nonces[i];
    return NULL;
}

bool memory_nonce_bind(struct ls_memory_store *store, struct memory_op *op, const char *payer)
{
    if (memory_nonce_of(store, op) != NULL) return true;
    for (size_t i = 0; i < store->nonce_count; i++) {
        struct memory_nonce *nonce = &store->nonces[i];
        if (nonce->state != LS_NONCE_IDLE || strcmp(nonce->authority, payer) != 0) continue;
        nonce->state = LS_NONCE_BOUND;
        nonce->op = op;
        nonce->is_used = false;
        return true;
    }
    return false;
}

void memory_nonce_begin(struct ls_memory_store *store, const struct ls_memory_store *former)
{
    for (size_t i = 0; i < former->nonce_count; i++) {
        const struct memory_nonce *nonce = &former->nonces[i];
        struct memory_nonce *made = &store->nonces[store->nonce_count++];
        *made = (struct memory_nonce){.address = nonce->address};
        memcpy(made->authority, nonce->authority, sizeof made->authority);
    }
}

bool memory_nonce_usable(const struct ls_memory_store *store, const char *payer)
{
    for (size_t i = 0; i < store->nonce_count; i++) {
        const struct memory_nonce *nonce = &store->nonces[i];
        bool is_usable = nonce->state == LS_NONCE_IDLE || nonce->state == LS_NONCE_BOUND;
        if (is_usable && (payer == NULL || strcmp(nonce->authority, payer) == 0)) return true;
    }
    return false;
}

static bool is_live(const struct memory_op *op)
{
    for (const struct memory_attempt *it = op->attempts; it != NULL; it = it->next)
        if (it->stored.state == LS_ATTEMPT_LIVE) return true;
    return false;
}

static void unbind(struct memory_nonce *nonce, enum ls_nonce_state state)
{
    nonce->state = state;
    nonce->op = NULL;
    nonce->is_used = false;
}

void memory_nonce_settle(struct ls_memory_store *store,
                         const struct memory_op *op,
                         enum ls_nonce_fate fate,
                         int64_t slot)
{
    struct memory_nonce *nonce = memory_nonce_of(store, op);
    if (nonce == NULL || fate == LS_NONCE_KEEP || is_live(op)) return;
    if (slot > nonce->slot) nonce->slot = slot;
    unbind(nonce, fate == LS_NONCE_FREE ? LS_NONCE_IDLE : LS_NONCE_BAD);
}

void memory_nonce_give_back(struct ls_memory_store *store, const struct memory_op *op)
{
    struct memory_nonce *nonce = memory_nonce_of(store, op);
    if (nonce != NULL && !nonce->is_used) unbind(nonce, LS_NONCE_IDLE);
}

void memory_nonce_end(struct ls_memory_store *store, const struct memory_op *op)
{
    struct memory_nonce *nonce = memory_nonce_of(store, op);
    if (nonce != NULL) unbind(nonce, nonce->is_used ? LS_NONCE_BAD : LS_NONCE_IDLE);
}
