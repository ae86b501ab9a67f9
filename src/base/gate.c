#include "lockstep/base/gate.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gate_widths.h"
#include "lockstep/base/utf8.h"

int ls_gate_scalar_width(uint32_t scalar)
{
    if (scalar >= 0x20 && scalar < 0x7f) return 1;
    size_t count = 0;
    const struct gate_width *rows = gate_widths(&count);
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (scalar > rows[middle].last) {
            low = middle + 1;
        } else if (scalar < rows[middle].first) {
            high = middle;
        } else {
            return rows[middle].width;
        }
    }
    return -1;
}

static void make_placeholder(struct ls_gate_piece *piece, const char *format, uint32_t value)
{
    *piece = (struct ls_gate_piece){.is_placeholder = true};
    int length = snprintf(piece->text, sizeof piece->text, format, value);
    piece->text_bytes = (size_t)length;
    piece->width = length;
}

static void append_scalar(struct ls_gate_piece *piece, uint32_t scalar)
{
    piece->text_bytes += ls_utf8_put(scalar, piece->text + piece->text_bytes);
    piece->text[piece->text_bytes] = '\0';
}

/* Take up to two combining characters that follow; returns the bytes used. */
static size_t take_combiners(const char *text, size_t text_bytes, struct ls_gate_piece *piece)
{
    size_t at = 0;
    for (int i = 0; i < LS_GATE_COMBINERS_MAX; i++) {
        uint32_t scalar = 0;
        size_t used = ls_utf8_next(text + at, text_bytes - at, &scalar);
        if (used == 0 || ls_gate_scalar_width(scalar) != 0) break;
        piece->combiners[i] = scalar;
        append_scalar(piece, scalar);
        at += used;
    }
    return at;
}

size_t ls_gate_next(const char *text,
                    size_t text_bytes,
                    bool ascii_only,
                    struct ls_gate_piece *piece_out)
{
    assert(piece_out != NULL);
    if (text_bytes == 0) return 0;

    uint32_t scalar = 0;
    size_t used = ls_utf8_next(text, text_bytes, &scalar);
    if (used == 0) {
        make_placeholder(piece_out, "<x%02" PRIX32 ">", (unsigned char)text[0]);
        return 1;
    }
    int width = ls_gate_scalar_width(scalar);
    if (width <= 0 || (ascii_only && scalar >= 0x7f)) {
        make_placeholder(piece_out, "<U+%04" PRIX32 ">", scalar);
        return used;
    }
    *piece_out = (struct ls_gate_piece){.width = width, .base = scalar};
    append_scalar(piece_out, scalar);
    if (ascii_only) return used;
    return used + take_combiners(text + used, text_bytes - used, piece_out);
}

size_t ls_gate_text(const char *text, size_t text_bytes, char *out, size_t out_bytes)
{
    assert(out_bytes >= 1);

    size_t length = 0;
    struct ls_gate_piece piece;
    for (size_t at = 0; at < text_bytes;) {
        at += ls_gate_next(text + at, text_bytes - at, false, &piece);
        if (length + piece.text_bytes + 1 > out_bytes) break;
        memcpy(out + length, piece.text, piece.text_bytes);
        length += piece.text_bytes;
    }
    out[length] = '\0';
    return length;
}

size_t ls_gate_width(const char *text, size_t text_bytes)
{
    size_t cells = 0;
    struct ls_gate_piece piece;
    for (size_t at = 0; at < text_bytes;) {
        at += ls_gate_next(text + at, text_bytes - at, false, &piece);
        cells += (size_t)piece.width;
    }
    return cells;
}

size_t ls_gate_cut(const char *text,
                   size_t text_bytes,
                   size_t cells,
                   const char *ellipsis,
                   char *out,
                   size_t out_bytes)
{
    assert(out_bytes >= 1);
    out[0] = '\0';
    if (cells == 0) return 0;

    bool fits = ls_gate_width(text, text_bytes) <= cells;
    size_t room = fits ? cells : cells - 1;
    size_t tail_bytes = fits ? 0 : strlen(ellipsis);
    size_t length = 0;
    size_t used = 0;
    struct ls_gate_piece piece;
    for (size_t at = 0; at < text_bytes;) {
        at += ls_gate_next(text + at, text_bytes - at, false, &piece);
        if (used + (size_t)piece.width > room) break;
        if (length + piece.text_bytes + tail_bytes + 1 > out_bytes) break;
        memcpy(out + length, piece.text, piece.text_bytes);
        length += piece.text_bytes;
        used += (size_t)piece.width;
    }
    if (!fits && length + tail_bytes + 1 <= out_bytes) {
        memcpy(out + length, ellipsis, tail_bytes);
        length += tail_bytes;
        used += 1;
    }
    out[length] = '\0';
    return used;
}
