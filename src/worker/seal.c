/* Seals on attempts: made when an intent is written, checked when one is taken over. */
#include "worker_private.h"

static const struct ls_mac_ring *ring_of(const ls_worker *worker)
{
    const struct ls_mac_ring *ring = worker->options.macs;
    return ring != NULL && ring->count > 0 ? ring : NULL;
}

void ls_worker_seal(const ls_worker *worker, struct ls_intent_row *row)
{
    const struct ls_mac_ring *ring = ring_of(worker);
    if (ring == NULL) return;
    const struct ls_mac_row sealed = {
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
    ls_mac_seal(ring, &sealed, row->seal);
    row->seal_key = ring->keys[0].id;
}

/* Only those that may still land: what is dead or has landed is neither sent nor waited for,
 * and the operation's pins, which the seal covers, bind these alone. */
bool ls_worker_seals_fit(const ls_worker *worker, const struct ls_stored_op *op)
{
    const struct ls_mac_ring *ring = ring_of(worker);
    if (ring == NULL || op->state != LS_STATE_SUBMITTED) return true;
    for (size_t i = 0; i < op->attempt_count; i++) {
        const struct ls_stored_attempt *attempt = &op->attempts[i];
        if (attempt->state != LS_ATTEMPT_LIVE) continue;
        const struct ls_mac_row row = {
            .op = op->op.value,
            .attempt = attempt->attempt,
            .is_cancel = attempt->is_cancel,
            .fence = (int32_t)op->fence,
            .last_valid_height = attempt->last_valid_height,
            .signature = &attempt->signature,
            .blockhash = &attempt->blockhash,
            .signer = &op->signer,
            .nonce = op->has_nonce ? &op->nonce : NULL,
            .marker = op->has_marker ? &op->marker : NULL,
            .tx = attempt->tx,
            .tx_bytes = attempt->tx_bytes,
        };
        if (ls_mac_verify(ring, &row, attempt->seal_key, attempt->seal) != LS_MAC_VERIFIED)
            return false;
    }
    return true;
}
