#include "lockstep/solana/own_key.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

static const char *const names[] = {[LS_OWN_UNDO] = "ls:undo", [LS_OWN_RENT] = "ls:rent"};

void ls_own_key(enum ls_own what, const char *key, char key_out[LS_OWN_KEY_BYTES_MAX + 1])
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof digest + 1];
    const size_t key_bytes = strlen(key);
    const size_t room = LS_OWN_KEY_BYTES_MAX + 1;
    assert(key_bytes >= 1 && key_bytes <= LS_OWN_KEY_BYTES_MAX);
    const bool fits = strlen(names[what]) + 1 + key_bytes <= LS_OWN_KEY_BYTES_MAX;
    (void)crypto_hash_sha256(digest, (const uint8_t *)key, key_bytes); /* cannot fail */
    (void)sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    const int length =
        snprintf(key_out, room, "%s%c%s", names[what], fits ? ':' : '#', fits ? key : hex);
    assert(length > 0 && (size_t)length < room);
}

bool ls_own_is_rent(const char *key)
{
    static const char *const prefixes[] = {"ls:rent:", "ls:rent#", "ls:reclaim:"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strncmp(key, prefixes[i], strlen(prefixes[i])) == 0) return true;
    return false;
}
