/* Nonces: reading the value that an operation is signed with, and the looks at the attempts
 * that share one. In a look the nonce is read first: if it moved by then, what moved it was
 * final before the statuses were asked for. */
#include <string.h>

#include "lockstep/solana/nonce.h"

#include "worker_private.h"

static struct ledger_call *gather(ls_worker *worker, enum call_kind kind, size_t max)
{
    struct queue *queue = kind == CALL_NONCE ? &worker->nonces : &worker->families;
    if (queue->count == 0 || worker->flying[kind] >= LOOK_FLIGHT_MAX) return NULL;
    struct ledger_call *call = ls_worker_call_open(worker, kind);
    if (call == NULL) return NULL;
    struct ls_effect effect;
    for (size_t waiting = queue->count; waiting > 0 && call->count < max; waiting--) {
        (void)ls_worker_queue_take(queue, &effect); /* `waiting` counts them */
        if (ls_worker_kept_of(worker, effect.slot) == NULL) continue;
        if (kind == CALL_FAMILY && call->count > 0 && effect.as.is_deep != call->is_deep) {
            ls_worker_queue_add(worker, queue, &effect); /* the next call's */
            continue;
        }
        call->is_deep = kind == CALL_FAMILY && effect.as.is_deep;
        call->slots[call->count++] = effect.slot;
    }
    if (call->count > 0) return call;
    ls_worker_call_close(worker, call);
    return NULL;
}

static void
nonces_of(ls_worker *worker, const struct ledger_call *call, struct ls_address *addresses_out)
{
    for (size_t i = 0; i < call->count; i++) {
        const struct kept *kept = ls_worker_kept_of(worker, call->slots[i]);
        addresses_out[i] = kept == NULL ? LS_PROGRAM_SYSTEM : kept->nonce;
    }
}

void ls_worker_flush_nonces(ls_worker *worker)
{
    struct ledger_call *call = NULL;
    while ((call = gather(worker, CALL_NONCE, LS_RPC_ACCOUNTS_MAX)) != NULL) {
        struct ls_address addresses[LS_RPC_ACCOUNTS_MAX];
        struct ls_rpc_batch batch;
        nonces_of(worker, call, addresses);
        ls_worker_body_open(worker, &batch);
        (void)ls_rpc_get_accounts(&batch, addresses, call->count, LS_FINALIZED);
        ls_rpc_close(&batch); /* position 0 */
        if (!ls_worker_call_begin(worker, call, LS_LEDGER_ANY_ENDPOINT)) return;
    }
}

/* Those of a slot that was forgotten meanwhile have no members. */
static size_t members_of(ls_worker *worker,
                         struct ledger_call *call,
                         struct ls_signature signatures_out[LS_RPC_STATUSES_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < call->count; i++) {
        struct ls_member members[LS_FAMILY_MAX];
        int32_t found = ls_core_family(worker->core, call->slots[i], members);
        call->members[i] = (uint8_t)found;
        for (int32_t m = 0; m < found; m++) signatures_out[count++] = members[m].signature;
    }
    return count;
}

void ls_worker_flush_families(ls_worker *worker)
{
    struct ledger_call *call = NULL;
    while ((call = gather(worker, CALL_FAMILY, FAMILY_SLOTS_MAX)) != NULL) {
        struct ls_address addresses[FAMILY_SLOTS_MAX];
        struct ls_signature signatures[LS_RPC_STATUSES_MAX];
        struct ls_rpc_batch batch;
        nonces_of(worker, call, addresses);
        const size_t count = members_of(worker, call, signatures);
        if (count == 0) {
            ls_worker_call_close(worker, call);
            continue;
        }
        ls_worker_body_open(worker, &batch);
        (void)ls_rpc_get_identity(&batch);
        (void)ls_rpc_get_accounts(&batch, addresses, call->count, LS_FINALIZED);
        (void)ls_rpc_get_statuses(&batch, signatures, count, call->is_deep);
        (void)ls_rpc_get_identity(&batch);
        ls_rpc_close(&batch);
        if (!ls_worker_call_begin(worker, call, LS_LEDGER_ANY_ENDPOINT)) return;
    }
}

static bool read_account(const struct ls_rpc_account *account, struct ls_nonce *nonce_out)
{
    return account->is_found && ls_address_equal(&account->owner, &LS_PROGRAM_SYSTEM) &&
           account->data_bytes == LS_NONCE_ACCOUNT_BYTES &&
           !ls_failed(ls_nonce_read(account->data, account->data_bytes, nonce_out));
}

static enum ls_nonce_read take_value(const ls_worker *worker,
                                     struct kept *kept,
                                     const struct ls_rpc_account *account,
                                     int64_t context_slot)
{
    struct ls_nonce nonce;
    if (context_slot < kept->nonce_slot) return LS_NONCE_UNREAD; /* the node is behind */
    if (!read_account(account, &nonce) || !ls_address_equal(&nonce.authority, &worker->payer))
        return LS_NONCE_STRANGE;
    kept->blockhash = nonce.value;
    return LS_NONCE_READ;
}

void ls_worker_read_nonces(ls_worker *worker,
                           const struct ledger_call *call,
                           const ls_rpc_reply *parsed)
{
    struct ls_rpc_account accounts[LS_RPC_ACCOUNTS_MAX];
    int64_t context_slot = 0;
    if (ls_failed(ls_rpc_accounts_at(parsed, 0, accounts, call->count, &context_slot))) {
        ls_worker_answer_nothing(worker, call, "nonce accounts were refused");
        return;
    }
    for (size_t i = 0; i < call->count; i++) {
        struct kept *kept = ls_worker_kept_of(worker, call->slots[i]);
        if (kept == NULL || kept->tx != NULL) continue; /* it has its value */
        struct ls_event event = {.kind = LS_EVENT_NONCE, .slot = call->slots[i]};
        event.as.nonce = take_value(worker, kept, &accounts[i], context_slot);
        ls_worker_step(worker, &event);
        ls_worker_settle_effects(worker);
    }
}

struct family_look {
    struct ls_address before, after;
    struct ls_rpc_account accounts[FAMILY_SLOTS_MAX];
    struct ls_rpc_status statuses[LS_RPC_STATUSES_MAX];
    int64_t nonce_slot;
};

static ls_err
read_look(const ls_rpc_reply *parsed, const struct ledger_call *call, struct family_look *look)
{
    size_t count = 0;
    int64_t status_slot = 0;
    for (size_t i = 0; i < call->count; i++) count += call->members[i];
    LS_TRY(ls_rpc_identity_at(parsed, 0, &look->before));
    LS_TRY(ls_rpc_accounts_at(parsed, 1, look->accounts, call->count, &look->nonce_slot));
    LS_TRY(ls_rpc_statuses_at(parsed, 2, look->statuses, count, &status_slot));
    return ls_rpc_identity_at(parsed, 3, &look->after);
}

static bool
has_moved(const struct kept *kept, const struct ls_rpc_account *account, int64_t context_slot)
{
    struct ls_nonce nonce;
    if (context_slot < kept->nonce_slot) return false; /* the node is behind: it knows not */
    return !read_account(account, &nonce) ||
           memcmp(nonce.value.bytes, kept->blockhash.bytes, LS_HASH_BYTES) != 0;
}

void ls_worker_read_families(ls_worker *worker,
                             const struct ledger_call *call,
                             const ls_rpc_reply *parsed)
{
    struct family_look look;
    if (ls_failed(read_look(parsed, call, &look))) {
        ls_worker_answer_nothing(worker, call, "the look at a nonce's attempts failed");
        return;
    }
    size_t at = 0;
    for (size_t i = 0; i < call->count; i++) {
        const struct kept *kept = ls_worker_kept_of(worker, call->slots[i]);
        struct ls_seen seen[LS_FAMILY_MAX];
        for (size_t m = 0; m < call->members[i]; m++)
            seen[m] = ls_worker_seen_of(worker, call->slots[i], &look.statuses[at++]);
        if (kept == NULL) continue;
        struct ls_event event = {.kind = LS_EVENT_FAMILY, .slot = call->slots[i]};
        event.as.family.same_identity = ls_address_equal(&look.before, &look.after);
        event.as.family.is_deep = call->is_deep;
        event.as.family.has_moved = has_moved(kept, &look.accounts[i], look.nonce_slot);
        event.as.family.count = call->members[i];
        event.as.family.seen = seen;
        ls_worker_step(worker, &event);
        ls_worker_settle_effects(worker);
    }
}
