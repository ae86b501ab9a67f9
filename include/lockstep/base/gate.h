/* The text gate: everything that came from a database, a ledger, a file or a person
 * passes here before it reaches a terminal, a log line or a notification.
 *
 * What may be shown is an own table of scalars with their width in cells. All else is
 * made visible instead of being obeyed: control characters, DEL, C1, bidirectional
 * controls, zero-width and tag characters, variation selectors, private-use and
 * unassigned scalars, and scalars that terminals join with their neighbours (regional
 * indicators, skin tones, conjoining jamo) become `<U+202E>`; bytes that are not
 * well-formed UTF-8 become `<xFF>`. A base keeps at most two combining characters; a
 * combining character without a base is made visible too.
 *
 * It does not translate, fold or normalise. Pure. */
#ifndef LOCKSTEP_BASE_GATE_H
#define LOCKSTEP_BASE_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LS_GATE_COMBINERS_MAX = 2, LS_GATE_PIECE_BYTES = 16 };

/* Cells that `scalar` takes: 1 or 2; 0 for a combining character; -1 for one that is
 * never shown as itself. The same on every machine, whatever the locale. */
int ls_gate_scalar_width(uint32_t scalar);

/* One thing to show: a base with its combining characters, or a placeholder. */
struct ls_gate_piece {
    char text[LS_GATE_PIECE_BYTES]; /* terminated */
    size_t text_bytes;
    int32_t width;       /* cells: 1 or 2, or the placeholder's length */
    bool is_placeholder; /* then `text` is ASCII and the next two fields are zero */
    uint32_t base;
    uint32_t combiners[LS_GATE_COMBINERS_MAX]; /* 0: none */
};

/* Read the next piece of `text` into `piece_out`; returns the bytes used, >= 1, or 0
 * when `text_bytes` is 0. With `ascii_only` everything beyond ASCII is a placeholder. */
size_t ls_gate_next(const char *text,
                    size_t text_bytes,
                    bool ascii_only,
                    struct ls_gate_piece *piece_out);

/* Write the gated form of `text` to `out` (`out_bytes` >= 1, terminated), cut between
 * two pieces when it does not fit. Returns the bytes written without the terminator. */
size_t ls_gate_text(const char *text, size_t text_bytes, char *out, size_t out_bytes);

/* Cells that the gated form of `text` takes. */
size_t ls_gate_width(const char *text, size_t text_bytes);

/* As ls_gate_text, but at most `cells` wide: a longer text ends in `ellipsis` (one cell
 * wide, e.g. "…" or "~"). With 0 cells nothing is written. Returns the cells used. */
size_t ls_gate_cut(const char *text,
                   size_t text_bytes,
                   size_t cells,
                   const char *ellipsis,
                   char *out,
                   size_t out_bytes);

#endif
