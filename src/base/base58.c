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

/* words = words * factor + add, most significant word first; false on overflow. */
static bool multiply_words(uint32_t *words, size_t count, uint32_t factor, uint32_t add)
{
    uint64_t carry = add;
    for (size_t i = count; i-- > 0;) {
        carry += (uint64_t)words[i] * factor;
        words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return carry == 0;
}

/* Add the digits of `text`, five at a time; false when one is none, when there are more
 * than DIGITS_MAX, or when the number outgrows the words. */
static bool read_digits(const char *text, uint32_t *words, size_t count, size_t *length_out)
{
    size_t at = 0;
    while (text[at] != '\0') {
        uint32_t value = 0;
        uint32_t factor = 1;
        for (size_t i = 0; i < LIMB_DIGITS && text[at] != '\0'; i++, at++) {
            const char *digit = strchr(alphabet, text[at]);
            if (digit == NULL || at >= DIGITS_MAX) return false;
            value = value * 58 + (uint32_t)(digit - alphabet);
            factor *= 58;
        }
        if (!multiply_words(words, count, factor, value)) return false;
    }
    *length_out = at;
    return true;
}

bool ls_base58_decode(const char *text, uint8_t *out, size_t bytes_count)
{
    assert(bytes_count <= LS_BASE58_BYTES_MAX);

    uint32_t words[LS_BASE58_BYTES_MAX / 4 + 1] = {0};
    const size_t count = sizeof words / sizeof words[0];
    size_t length = 0;
    if (!read_digits(text, words, count, &length) || length == 0) return false;

    uint8_t bytes[sizeof words]; /* big endian; the value is its last bytes_count bytes */
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
    const uint8_t *value = bytes + sizeof bytes - bytes_count;
    if (leading_zeros(bytes, sizeof bytes) < sizeof bytes - bytes_count) return false;
    size_t ones = 0;
    while (text[ones] == alphabet[0]) ones++;
    if (leading_zeros(value, bytes_count) != ones) return false;
    memcpy(out, value, bytes_count);
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
