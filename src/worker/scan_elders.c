/* The elders of what landed: live attempts of an operation that is about to be adopted by
 * another attempt's landing. A failover can have lost what was known of them, so the ledger is
 * asked, with a search of the node's history, before the store is told. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker_private.h"

enum {
    LOOKS_MAX = 2,    /* one node that does not know a signature is followed by another */
    FAILURES_MAX = 4, /* looks that failed: then the scan goes on, and they stay undecided */
};

bool ls_worker_elders_init(struct scan *scan)
{
    scan->elder_seen = calloc(LS_RPC_STATUSES_MAX, sizeof *scan->elder_seen);
    scan->elder_look = calloc(LS_RPC_STATUSES_MAX, sizeof *scan->elder_look);
    return scan->elder_seen != NULL && scan->elder_look != NULL;
}

void ls_worker_elders_done(struct scan *scan)
{
    free(scan->elder_seen);
    free(scan->elder_look);
}

size_t ls_worker_elders_count(const struct scan *scan)
{
    size_t count = 0;
    for (size_t i = scan->todo_at; i < ls_worker_scan_window(scan); i++)
        count += scan->todos[i].elder_count;
    assert(count <= LS_RPC_STATUSES_MAX); /* of a window, see LS_ELDERS_MAX */
    return count;
}

void ls_worker_elders_write(const struct scan *scan, struct ls_rpc_batch *batch)
{
    struct ls_signature signatures[LS_RPC_STATUSES_MAX];
    size_t count = 0;
    for (size_t i = scan->todo_at; i < ls_worker_scan_window(scan); i++)
        for (size_t e = 0; e < scan->todos[i].elder_count; e++)
            signatures[count++] = scan->todos[i].elders[e].signature;
    if (count > 0) (void)ls_rpc_get_statuses(batch, signatures, count, true);
}

/* What any look found final is kept. True while something was not found. */
static bool merge(struct scan *scan, size_t count)
{
    bool is_open = false;
    for (size_t i = 0; i < count; i++) {
        struct ls_rpc_status *seen = &scan->elder_seen[i];
        bool is_final = seen->is_found && seen->commitment == LS_FINALIZED;
        if (!is_final) *seen = scan->elder_look[i];
        is_open = is_open || !seen->is_found;
    }
    return is_open;
}

const char *ls_worker_elders_read(ls_worker *worker,
                                  const ls_rpc_reply *parsed,
                                  size_t position,
                                  bool *again_out)
{
    struct scan *scan = &worker->scan;
    const size_t count = ls_worker_elders_count(scan);
    int64_t context_slot = 0;
    *again_out = false;
    if (count == 0) return NULL;
    if (scan->elder_looks == 0) memset(scan->elder_seen, 0, count * sizeof *scan->elder_seen);
    const ls_err err =
        ls_rpc_statuses_at(parsed, position, scan->elder_look, count, &context_slot);
    if (ls_failed(err)) {
        if (++scan->elder_failures < FAILURES_MAX) return "statuses were refused";
        return NULL;
    }
    scan->elder_looks++;
    const bool is_open = merge(scan, count);
    *again_out =
        is_open && scan->elder_looks < LOOKS_MAX && worker->options.core.endpoint_count > 1;
    return NULL;
}

static struct ls_elder_end end_of(const struct ls_landed *todo,
                                  const struct ls_hash *landed,
                                  const struct ls_elder *elder,
                                  const struct ls_rpc_status *seen)
{
    const struct ls_elder_look look = {
        .fence = todo->fence,
        .is_cancel = elder->is_cancel,
        .shares_nonce = todo->fence == LS_FENCE_NONCE &&
                        memcmp(elder->blockhash.bytes, landed->bytes, LS_HASH_BYTES) == 0,
        .is_found = seen->is_found,
        .is_finalized = seen->is_found && seen->commitment == LS_FINALIZED,
        .has_error = seen->is_found && seen->has_error,
    };
    struct ls_elder_end end = {.signature = elder->signature, .state = ls_elder_state(&look)};
    if (end.state != LS_ATTEMPT_ERRORED && end.state != LS_ATTEMPT_ADVANCED) return end;
    end.slot = seen->slot;
    if (seen->has_error) ls_rpc_error_cause(&seen->error, NULL, end.cause, sizeof end.cause);
    return end;
}

void ls_worker_elders_end(const struct scan *scan,
                          const struct ls_landed *todo,
                          size_t first,
                          struct ls_finding_row *row)
{
    const bool is_recorded =
        todo->verdict == LS_LANDED_LATE || todo->verdict == LS_LANDED_UNFOLLOWED;
    const struct ls_hash *landed = is_recorded ? &todo->blockhash : &row->blockhash;
    row->elder_count = todo->elder_count;
    for (size_t i = 0; i < todo->elder_count; i++)
        row->elders[i] = end_of(todo, landed, &todo->elders[i], &scan->elder_seen[first + i]);
}
