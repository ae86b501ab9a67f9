#include "lockstep/base/utf8.h"

#include <assert.h>

/* Length of a sequence by its first byte, 0 for bytes that can not begin one. */
static size_t sequence_bytes(unsigned char first)
{
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return 2;
    if (first >= 0xe0 && first <= 0xef) return 3;
    if (first >= 0xf0 && first <= 0xf4) return 4;
    return 0;
}

size_t ls_utf8_next(const char *text, size_t text_bytes, uint32_t *scalar_out)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    static const unsigned char mask[5] = {0, 0x7f, 0x1f, 0x0f, 0x07};

    if (text_bytes == 0) return 0;
    unsigned char first = (unsigned char)text[0];
    size_t length = sequence_bytes(first);
    if (length == 0 || length > text_bytes) return 0;

    uint32_t scalar = first & mask[length];
    for (size_t i = 1; i < length; i++) {
        unsigned char next = (unsigned char)text[i];
        if ((next & 0xc0) != 0x80) return 0;
        scalar = (scalar << 6) | (next & 0x3fu);
    }
    if (scalar < least[length] || scalar > 0x10ffff) return 0;
    if (scalar >= 0xd800 && scalar <= 0xdfff) return 0;
    *scalar_out = scalar;
    return length;
}

size_t ls_utf8_put(uint32_t scalar, char out[4])
{
    assert(scalar <= 0x10ffff);
    assert(scalar < 0xd800 || scalar > 0xdfff);

    if (scalar < 0x80) {
        out[0] = (char)scalar;
        return 1;
    }
    if (scalar < 0x800) {
        out[0] = (char)(0xc0 | (scalar >> 6));
        out[1] = (char)(0x80 | (scalar & 0x3f));
        return 2;
    }
    if (scalar < 0x10000) {
        out[0] = (char)(0xe0 | (scalar >> 12));
        out[1] = (char)(0x80 | ((scalar >> 6) & 0x3f));
        out[2] = (char)(0x80 | (scalar & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (scalar >> 18));
    out[1] = (char)(0x80 | ((scalar >> 12) & 0x3f));
    out[2] = (char)(0x80 | ((scalar >> 6) & 0x3f));
    out[3] = (char)(0x80 | (scalar & 0x3f));
    return 4;
}
