#include "lockstep/base/base58.h"

#include <assert.h>
#include <string.h>

/* Digits are kept in limbs of base 58^5, the largest power that leaves room to multiply
 * by 2^32 in 64 bits; 18 limbs hold 90 digits, and 64 bytes need 88. */
enum { LIMBS_MAX = 18, LIMB_DIGITS = 5, LIMB_BASE = 656356768, DIGITS_MAX = 90 };

static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

static size_t leading_zeros(const uint8_t *bytes, size_t count)
{
    size_t zeros = 0;
    while (zeros < count && bytes[zeros] == 0) zeros++;
    return zeros;
}

/* limbs = limbs * 2^bits + add; returns the limbs in use. */
static size_t multiply_add(uint32_t *limbs, size_t used, unsigned bits, uint32_t add)
{
    uint64_t carry = add;
    for (size_t i = 0; i < used; i++) {
        carry += (uint64_t)limbs[i] << bits;
        limbs[i] = (uint32_t)(carry % LIMB_BASE);
        carry /= LIMB_BASE;
    }
    while (carry > 0) {
        assert(used < LIMBS_MAX);
        limbs[used++] = (uint32_t)(carry % LIMB_BASE);
        carry /= LIMB_BASE;
    }
    return used;
}

size_t ls_base58_encode(const uint8_t *bytes, size_t bytes_count, char *out, size_t out_bytes)
{
    assert(bytes_count <= LS_BASE58_BYTES_MAX);

    uint32_t limbs[LIMBS_MAX] = {0};
    size_t used = 0;
    size_t at = 0;
    for (; at + 4 <= bytes_count; at += 4) {
        uint32_t word = (uint32_t)bytes[at] << 24 | (uint32_t)bytes[at + 1] << 16 |
                        (uint32_t)bytes[at + 2] << 8 | bytes[at + 3];
        used = multiply_add(limbs, used, 32, word);
    }
    for (; at < bytes_count; at++) used = multiply_add(limbs, used, 8, bytes[at]);

    char digits[DIGITS_MAX]; /* least significant first */
    size_t count = 0;
    for (size_t i = 0; i < used; i++) {
        uint32_t limb = limbs[i];
        for (size_t j = 0; j < LIMB_DIGITS; j++) {
            digits[count++] = alphabet[limb % 58];
            limb /= 58;
        }
    }
    while (count > 0 && digits[count - 1] == alphabet[0]) count--;

    size_t zeros = leading_zeros(bytes, bytes_count);
    assert(zeros + count < out_bytes);
    memset(out, alphabet[0], zeros);
    for (size_t i = 0; i < count; i++) out[zeros + i] = digits[count - 1 - i];
    out[zeros + count] = '\0';
    return zeros + count;
}

/* bytes = bytes * 58 + digit, big endian; false on overflow. */
static bool append_digit(uint8_t *bytes, size_t count, unsigned digit)
{
    unsigned carry = digit;
    for (size_t i = count; i-- > 0;) {
        carry += (unsigned)bytes[i] * 58u;
        bytes[i] = (uint8_t)(carry & 0xff);
        carry >>= 8;
    }
    return carry == 0;
}

bool ls_base58_decode(const char *text, uint8_t *out, size_t bytes_count)
{
    assert(bytes_count <= LS_BASE58_BYTES_MAX);

    uint8_t bytes[LS_BASE58_BYTES_MAX] = {0};
    size_t ones = 0;
    size_t length = 0;
    for (; text[length] != '\0'; length++) {
        const char *digit = strchr(alphabet, text[length]);
        if (digit == NULL || length >= DIGITS_MAX) return false;
        if (ones == length && *digit == alphabet[0]) ones++;
        if (!append_digit(bytes, bytes_count, (unsigned)(digit - alphabet))) return false;
    }
    if (length == 0 || leading_zeros(bytes, bytes_count) != ones) return false;
    memcpy(out, bytes, bytes_count);
    return true;
}

void ls_address_text(const struct ls_address *address, char out[LS_ADDRESS_TEXT_BYTES])
{
    (void)ls_base58_encode(address->bytes, LS_ADDRESS_BYTES, out, LS_ADDRESS_TEXT_BYTES);
}

void ls_hash_text(const struct ls_hash *hash, char out[LS_HASH_TEXT_BYTES])
{
    (void)ls_base58_encode(hash->bytes, LS_HASH_BYTES, out, LS_HASH_TEXT_BYTES);
}

void ls_signature_text(const struct ls_signature *signature, char out[LS_SIGNATURE_TEXT_BYTES])
{
    (void)ls_base58_encode(signature->bytes, LS_SIGNATURE_BYTES, out, LS_SIGNATURE_TEXT_BYTES);
}

bool ls_address_parse(const char *text, struct ls_address *address_out)
{
    return ls_base58_decode(text, address_out->bytes, LS_ADDRESS_BYTES);
}

bool ls_hash_parse(const char *text, struct ls_hash *hash_out)
{
    return ls_base58_decode(text, hash_out->bytes, LS_HASH_BYTES);
}

bool ls_signature_parse(const char *text, struct ls_signature *signature_out)
{
    return ls_base58_decode(text, signature_out->bytes, LS_SIGNATURE_BYTES);
}
