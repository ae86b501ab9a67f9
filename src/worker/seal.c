/* Seals on attempts: made when an intent is written, checked when one is taken over. */
#include "lockstep/worker/seal.h"

#include "worker_private.h"

struct ls_mac_row ls_seal_row_of(const struct ls_intent_row *row)
{
    return (struct ls_mac_row){
        .op = row->op.value,
        .attempt = row->attempt,
        .is_cancel = row->is_cancel,
        .fence = (int32_t)row->fence,
        .last_valid_height = row->last_valid_height,
        .signature = &row->signature,
        .blockhash = &row->blockhash,
        .signer = &row->signer,
        .nonce = row->has_nonce ? &row->nonce : NULL,
        .marker = row->has_marker ? &row->marker : NULL,
        .tx = row->tx,
        .tx_bytes = row->tx_bytes,
    };
}

enum ls_mac_verdict ls_seal_judge(const struct ls_mac_ring *ring,
                                  const struct ls_intent_row *row)
{
    if (ring->count == 0) return LS_MAC_UNVERIFIED;
    const struct ls_mac_row sealed = ls_seal_row_of(row);
    return ls_mac_verify(ring, &sealed, row->seal_key, row->seal);
}

static const struct ls_mac_ring *ring_of(const ls_worker *worker)
{
    const struct ls_mac_ring *ring = worker->options.macs;
    return ring != NULL && ring->count > 0 ? ring : NULL;
}

void ls_worker_seal(const ls_worker *worker, struct ls_intent_row *row)
{
    const struct ls_mac_ring *ring = ring_of(worker);
    if (ring == NULL) return;
    const struct ls_mac_row sealed = ls_seal_row_of(row);
    ls_mac_seal(ring, &sealed, row->seal);
    row->seal_key = ring->keys[0].id;
}

/* The intent that the attempt was written by. */
static struct ls_intent_row written(const struct ls_stored_op *op,
                                    const struct ls_stored_attempt *attempt)
{
    struct ls_intent_row row = {
        .op = op->op,
        .attempt = attempt->attempt,
        .signature = attempt->signature,
        .blockhash = attempt->blockhash,
        .last_valid_height = attempt->last_valid_height,
        .signer = op->signer,
        .tx = attempt->tx,
        .tx_bytes = attempt->tx_bytes,
        .fence = op->fence,
        .has_nonce = op->has_nonce,
        .nonce = op->nonce,
        .has_marker = op->has_marker,
        .marker = op->marker,
        .is_cancel = attempt->is_cancel,
        .seal_key = attempt->seal_key,
    };
    for (size_t i = 0; i < sizeof row.seal; i++) row.seal[i] = attempt->seal[i];
    return row;
}

/* Only those that may still land: what is dead or has landed is neither sent nor waited for,
 * and the operation's pins, which the seal covers, bind these alone. */
bool ls_worker_seals_fit(const ls_worker *worker, const struct ls_stored_op *op)
{
    const struct ls_mac_ring *ring = ring_of(worker);
    if (ring == NULL || op->state != LS_STATE_SUBMITTED) return true;
    for (size_t i = 0; i < op->attempt_count; i++) {
        if (op->attempts[i].state != LS_ATTEMPT_LIVE) continue;
        const struct ls_intent_row row = written(op, &op->attempts[i]);
        if (ls_seal_judge(ring, &row) != LS_MAC_VERIFIED) return false;
    }
    return true;
}
