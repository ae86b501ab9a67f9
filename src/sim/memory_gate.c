#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "memory_rows.h"

enum { BATCH_DIGITS_MAX = 18 };

static const char *after(const char *selector, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(selector, prefix, length) == 0 ? selector + length : NULL;
}

/* The number after "batch:"; 0 when it is none. */
static int64_t batch_of(const char *digits)
{
    int64_t number = 0;
    if (digits[0] < '1' || digits[0] > '9' || strlen(digits) > BATCH_DIGITS_MAX) return 0;
    for (; *digits != '\0'; digits++) {
        if (*digits < '0' || *digits > '9') return 0;
        number = number * 10 + (*digits - '0');
    }
    return number;
}

static bool matches(const char *selector, const struct memory_op *op, const char *payer)
{
    if (strcmp(selector, "all") == 0) return true;
    const char *name = after(selector, "kind:");
    if (name != NULL) return strcmp(name, ls_kind_name(op->row.kind)) == 0;
    name = after(selector, "entity:");
    if (name != NULL) return strcmp(name, op->row.entity) == 0;
    name = after(selector, "fence:");
    if (name != NULL) return strcmp(name, ls_fence_name(op->fence)) == 0;
    name = after(selector, "lane:");
    if (name != NULL) return name[0] - '0' == op->row.lane;
    name = after(selector, "batch:");
    if (name != NULL) return op->batch != 0 && op->batch == batch_of(name);
    name = after(selector, "payer:");
    return name != NULL && payer != NULL && strcmp(name, payer) == 0;
}

bool memory_is_gated(const struct ls_memory_store *store,
                     const struct memory_op *op,
                     const char *payer)
{
    if (op->fence == LS_FENCE_NONCE && !memory_nonce_usable(store, payer)) return true;
    for (size_t i = 0; i < store->gate_count; i++)
        if (matches(store->gates[i].selector, op, payer)) return true;
    return false;
}

static bool is_selector(const char *selector)
{
    enum ls_kind kind;
    struct ls_address address;
    if (strlen(selector) >= sizeof((struct memory_gate *)NULL)->selector) return false;
    if (strcmp(selector, "all") == 0) return true;
    const char *name = after(selector, "kind:");
    if (name != NULL) return ls_kind_parse(name, &kind);
    name = after(selector, "entity:");
    if (name != NULL) return name[0] != '\0';
    if (strcmp(selector, "fence:nonce") == 0) return true;
    name = after(selector, "lane:");
    if (name != NULL) return name[0] >= '0' && name[0] < '0' + LS_LANE_COUNT && name[1] == '\0';
    name = after(selector, "batch:");
    if (name != NULL) return batch_of(name) != 0;
    name = after(selector, "payer:");
    return name != NULL && ls_address_parse(name, &address);
}

static ls_err
put_on(struct ls_memory_store *store, const char *selector, bool by_worker, struct ls_why *why)
{
    if (store->gate_count == LS_STORE_GATES_MAX) {
        return ls_refuse(why, LS_CODE_REFUSED, "gate",
                         "there are %d gates on already; take one off first",
                         LS_STORE_GATES_MAX);
    }
    struct memory_gate *gate = &store->gates[store->gate_count++];
    *gate = (struct memory_gate){.by_worker = by_worker};
    memory_cut(gate->selector, sizeof gate->selector, selector);
    return LS_OK;
}

/* Only a batch that may still send something can be stopped. */
static ls_err check_batch(const struct ls_memory_store *store, int64_t id, struct ls_why *why)
{
    const struct memory_batch *batch = memory_batch(store, id);
    if (batch == NULL)
        return ls_refuse(why, LS_CODE_NOT_FOUND, "gate", "there is no batch %" PRId64, id);
    if (batch->state != LS_BATCH_FINISHED && batch->state != LS_BATCH_COMPENSATED) return LS_OK;
    return ls_refuse(why, LS_CODE_REFUSED, "gate",
                     "batch %" PRId64 " is %s: nothing of it is sent any more", id,
                     ls_batch_state_name(batch->state));
}

ls_err memory_set_gate(struct ls_memory_store *store,
                       const char *selector,
                       bool on,
                       bool by_worker,
                       struct ls_why *why)
{
    if (!is_selector(selector)) {
        return ls_refuse(
            why, LS_CODE_REFUSED, "gate",
            "'%s' is no selector: use kind:K, lane:N, entity:E, batch:ID, payer:ADDRESS, "
            "fence:nonce or all",
            selector);
    }
    const char *batch = after(selector, "batch:");
    if (on && batch != NULL) LS_TRY(check_batch(store, batch_of(batch), why));
    for (size_t i = 0; i < store->gate_count; i++) {
        struct memory_gate *gate = &store->gates[i];
        if (strcmp(gate->selector, selector) != 0) continue;
        if (by_worker && !gate->by_worker) {
            return ls_refuse(why, LS_CODE_REFUSED, "gate",
                             "a person put the gate %s on: a worker leaves it", selector);
        }
        if (on) {
            gate->by_worker = by_worker;
        } else {
            *gate = store->gates[--store->gate_count];
        }
        return LS_OK;
    }
    return on ? put_on(store, selector, by_worker, why) : LS_OK;
}
