#include "sim_text.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include <sodium.h>

#include "lockstep/base/base58.h"

enum { BASE64_PIECE = 3 * 256 };

static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* Quadratic, and short: instruction data and whole packets alone come here. */
void ls_sim_text_base58(struct ls_buf *out, const uint8_t *bytes, size_t bytes_count)
{
    assert(bytes_count <= LS_TX_BYTES_MAX);
    uint8_t digits[LS_SIM_BASE58_TEXT_MAX + 1]; /* least significant first */
    size_t count = 0;
    size_t zeros = 0;
    while (zeros < bytes_count && bytes[zeros] == 0) zeros++;
    for (size_t i = zeros; i < bytes_count; i++) {
        unsigned carry = bytes[i];
        for (size_t j = 0; j < count || carry > 0; j++) {
            if (j == count) digits[count++] = 0;
            carry += (unsigned)digits[j] << 8;
            digits[j] = (uint8_t)(carry % 58);
            carry /= 58;
        }
    }
    for (size_t i = 0; i < zeros; i++) ls_buf_add_char(out, alphabet[0]);
    for (size_t i = count; i-- > 0;) ls_buf_add_char(out, alphabet[digits[i]]);
}

/* number = number * 58 + digit, least significant byte first; false when it grows over. */
static bool append_digit(uint8_t *number, size_t *count, unsigned digit)
{
    unsigned carry = digit;
    for (size_t i = 0; i < *count || carry > 0; i++) {
        if (i == *count && *count == LS_TX_BYTES_MAX) return false;
        if (i == *count) number[(*count)++] = 0;
        carry += (unsigned)number[i] * 58u;
        number[i] = (uint8_t)(carry & 0xff);
        carry >>= 8;
    }
    return true;
}

bool ls_sim_text_from_base58(const char *text,
                             uint8_t bytes_out[LS_TX_BYTES_MAX],
                             size_t *count_out)
{
    uint8_t number[LS_TX_BYTES_MAX];
    size_t count = 0;
    size_t ones = 0;
    while (text[ones] == alphabet[0]) ones++;
    for (size_t i = ones; text[i] != '\0'; i++) {
        const char *digit = strchr(alphabet, text[i]);
        if (digit == NULL || i >= LS_SIM_BASE58_TEXT_MAX) return false;
        if (!append_digit(number, &count, (unsigned)(digit - alphabet))) return false;
    }
    if (ones > LS_TX_BYTES_MAX - count) return false;
    memset(bytes_out, 0, ones);
    for (size_t i = 0; i < count; i++) bytes_out[ones + i] = number[count - 1 - i];
    *count_out = ones + count;
    return true;
}

void ls_sim_text_base64(struct ls_buf *out, const uint8_t *bytes, size_t bytes_count)
{
    char text[BASE64_PIECE / 3 * 4 + 1];
    for (size_t at = 0; at < bytes_count; at += BASE64_PIECE) {
        size_t piece = bytes_count - at < BASE64_PIECE ? bytes_count - at : BASE64_PIECE;
        (void)sodium_bin2base64(text, sizeof text, bytes + at, piece,
                                sodium_base64_VARIANT_ORIGINAL);
        ls_buf_add_text(out, text);
    }
}

bool ls_sim_text_from_base64(const char *text,
                             uint8_t bytes_out[LS_TX_BYTES_MAX],
                             size_t *count_out)
{
    return sodium_base642bin(bytes_out, LS_TX_BYTES_MAX, text, strlen(text), NULL, count_out,
                             NULL, sodium_base64_VARIANT_ORIGINAL) == 0;
}

static void add_quoted(struct ls_buf *out, const char *text)
{
    ls_buf_add_char(out, '"');
    ls_buf_add_text(out, text);
    ls_buf_add_char(out, '"');
}

void ls_sim_text_address(struct ls_buf *out, const struct ls_address *address)
{
    char text[LS_ADDRESS_TEXT_BYTES];
    ls_address_text(address, text);
    add_quoted(out, text);
}

void ls_sim_text_hash(struct ls_buf *out, const struct ls_hash *hash)
{
    char text[LS_HASH_TEXT_BYTES];
    ls_hash_text(hash, text);
    add_quoted(out, text);
}

void ls_sim_text_signature(struct ls_buf *out, const struct ls_signature *signature)
{
    char text[LS_SIGNATURE_TEXT_BYTES];
    ls_signature_text(signature, text);
    add_quoted(out, text);
}

/* "12.5" of 125 with one decimal; trailing zeros go. */
static void write_decimal(char *out, size_t out_bytes, uint64_t amount, unsigned decimals)
{
    char digits[300];
    int length = snprintf(digits, sizeof digits, "%0*" PRIu64, (int)decimals + 1, amount);
    assert(length > 0 && (size_t)length < sizeof digits);
    size_t whole = (size_t)length - decimals;
    size_t end = (size_t)length;
    while (end > whole && digits[end - 1] == '0') end--;
    (void)snprintf(out, out_bytes, "%.*s%s%.*s", (int)whole, digits, end > whole ? "." : "",
                   (int)(end - whole), digits + whole);
}

void ls_sim_text_amount(struct ls_buf *out, uint64_t amount, uint8_t decimals)
{
    char text[304];
    write_decimal(text, sizeof text, amount, decimals);
    ls_buf_printf(out,
                  "{\"amount\":\"%" PRIu64 "\",\"decimals\":%u,\"uiAmount\":%s%s,"
                  "\"uiAmountString\":\"%s\"}",
                  amount, decimals, text, strchr(text, '.') == NULL ? ".0" : "", text);
}
