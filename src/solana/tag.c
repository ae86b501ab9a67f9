#include "lockstep/solana/tag.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "lockstep/base/base58.h"

enum { TAG_BYTES = 16, SEED_BYTES = 16 };

static const char seed_label[] = "lockstep/seed/1";
static const char marker_label[] = "lockstep/marker/1";

/* SHA-256(label || K || genesis || key_digest); the tag's own label is empty. */
static void keyed_digest(const char *label,
                         const uint8_t tag_key[LS_TAG_KEY_BYTES],
                         const struct ls_hash *genesis,
                         const uint8_t key_digest[crypto_hash_sha256_BYTES],
                         uint8_t digest_out[crypto_hash_sha256_BYTES])
{
    crypto_hash_sha256_state hash;
    (void)crypto_hash_sha256_init(&hash); /* these four cannot fail */
    (void)crypto_hash_sha256_update(&hash, (const uint8_t *)label, strlen(label));
    (void)crypto_hash_sha256_update(&hash, tag_key, LS_TAG_KEY_BYTES);
    (void)crypto_hash_sha256_update(&hash, genesis->bytes, sizeof genesis->bytes);
    (void)crypto_hash_sha256_update(&hash, key_digest, crypto_hash_sha256_BYTES);
    (void)crypto_hash_sha256_final(&hash, digest_out);
    sodium_memzero(&hash, sizeof hash);
}

struct ls_tag ls_tag_make(const uint8_t tag_key[LS_TAG_KEY_BYTES],
                          const struct ls_hash *genesis,
                          const char *key,
                          size_t key_bytes)
{
    assert(tag_key != NULL);
    assert(key != NULL || key_bytes == 0);

    uint8_t key_digest[crypto_hash_sha256_BYTES];
    uint8_t digest[crypto_hash_sha256_BYTES];
    struct ls_tag tag = {0};
    (void)crypto_hash_sha256(key_digest, (const uint8_t *)key, key_bytes);

    keyed_digest("", tag_key, genesis, key_digest, digest);
    (void)ls_base58_encode(digest, TAG_BYTES, tag.text, sizeof tag.text);

    keyed_digest(seed_label, tag_key, genesis, key_digest, digest);
    (void)sodium_bin2hex(tag.seed, sizeof tag.seed, digest, SEED_BYTES);

    keyed_digest(marker_label, tag_key, genesis, key_digest, digest);
    (void)sodium_bin2hex(tag.marker, sizeof tag.marker, digest, SEED_BYTES);
    return tag;
}
