#include "lockstep/audit/mac.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

static const char domain[] = "lockstep/attempt/1"; /* hashed with its terminator */

const char *ls_mac_verdict_name(enum ls_mac_verdict verdict)
{
    switch (verdict) {
    case LS_MAC_UNVERIFIED: return "unverified";
    case LS_MAC_VERIFIED: return "verified";
    case LS_MAC_ALTERED: return "ALTERED";
    }
    return "unknown";
}

static void add_number(crypto_generichash_state *hash, uint64_t number)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(number >> (8 * i));
    (void)crypto_generichash_update(hash, bytes, sizeof bytes); /* cannot fail */
}

static void add_address(crypto_generichash_state *hash, const struct ls_address *address)
{
    add_number(hash, address != NULL);
    if (address != NULL)
        (void)crypto_generichash_update(hash, address->bytes, sizeof address->bytes);
}

static void compute(const uint8_t *secret, const struct ls_mac_row *row, uint8_t *mac_out)
{
    crypto_generichash_state hash;
    /* None of these can fail with a key of this length. */
    (void)crypto_generichash_init(&hash, secret, LS_MAC_KEY_BYTES, LS_MAC_BYTES);
    (void)crypto_generichash_update(&hash, (const uint8_t *)domain, sizeof domain);
    add_number(&hash, (uint64_t)row->op);
    add_number(&hash, (uint64_t)row->attempt);
    add_number(&hash, row->is_cancel);
    add_number(&hash, (uint64_t)row->fence);
    add_number(&hash, (uint64_t)row->last_valid_height);
    (void)crypto_generichash_update(&hash, row->signature->bytes, sizeof row->signature->bytes);
    (void)crypto_generichash_update(&hash, row->blockhash->bytes, sizeof row->blockhash->bytes);
    add_address(&hash, row->signer);
    add_address(&hash, row->nonce);
    add_address(&hash, row->marker);
    add_number(&hash, row->tx_bytes);
    (void)crypto_generichash_update(&hash, row->tx, row->tx_bytes);
    (void)crypto_generichash_final(&hash, mac_out, LS_MAC_BYTES);
}

void ls_mac_seal(const struct ls_mac_ring *ring,
                 const struct ls_mac_row *row,
                 uint8_t mac_out[LS_MAC_BYTES])
{
    assert(ring->count >= 1 && ring->count <= LS_MAC_KEYS_MAX);
    compute(ring->keys[0].secret, row, mac_out);
}

enum ls_mac_verdict ls_mac_verify(const struct ls_mac_ring *ring,
                                  const struct ls_mac_row *row,
                                  const char *key_id,
                                  const uint8_t *mac)
{
    uint8_t expected[LS_MAC_BYTES];
    if (ring == NULL || ring->count == 0) return LS_MAC_UNVERIFIED;
    if (key_id == NULL || mac == NULL) return LS_MAC_ALTERED;
    for (size_t i = 0; i < ring->count; i++) {
        if (strcmp(ring->keys[i].id, key_id) != 0) continue;
        compute(ring->keys[i].secret, row, expected);
        return sodium_memcmp(expected, mac, LS_MAC_BYTES) == 0 ? LS_MAC_VERIFIED
                                                               : LS_MAC_ALTERED;
    }
    return LS_MAC_UNVERIFIED;
}
