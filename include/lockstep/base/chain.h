/* The three fixed-size values that name things on a Solana ledger, as raw bytes.
 *
 * They stand in base because the engine, the stores and the screens carry them
 * without knowing what they mean; text forms (base58) are the solana layer's. */
#ifndef LOCKSTEP_BASE_CHAIN_H
#define LOCKSTEP_BASE_CHAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { LS_ADDRESS_BYTES = 32, LS_HASH_BYTES = 32, LS_SIGNATURE_BYTES = 64 };
/* Longest base58 text of each, with the terminator. */
enum { LS_ADDRESS_TEXT_BYTES = 45, LS_HASH_TEXT_BYTES = 45, LS_SIGNATURE_TEXT_BYTES = 89 };
/* A transaction never exceeds one packet: 1280 (IPv6 minimum MTU) - 48 bytes. */
enum { LS_TX_BYTES_MAX = 1232 };

struct ls_address { /* an account's address: an Ed25519 public key or a derived one */
    uint8_t bytes[LS_ADDRESS_BYTES];
};
struct ls_hash { /* a blockhash or a genesis hash */
    uint8_t bytes[LS_HASH_BYTES];
};
struct ls_signature { /* a transaction's first signature, which is its id */
    uint8_t bytes[LS_SIGNATURE_BYTES];
};

static inline bool ls_address_equal(const struct ls_address *a, const struct ls_address *b)
{
    return memcmp(a->bytes, b->bytes, LS_ADDRESS_BYTES) == 0;
}
static inline bool ls_signature_equal(const struct ls_signature *a,
                                      const struct ls_signature *b)
{
    return memcmp(a->bytes, b->bytes, LS_SIGNATURE_BYTES) == 0;
}

#endif
