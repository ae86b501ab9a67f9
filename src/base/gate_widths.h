/* The scalars that may be shown, with their width. Private to the gate. */
#ifndef LOCKSTEP_BASE_GATE_WIDTHS_H
#define LOCKSTEP_BASE_GATE_WIDTHS_H

#include <stddef.h>
#include <stdint.h>

struct gate_width {
    uint32_t first, last;
    int8_t width;
};

/* Ascending and disjoint; static storage. */
const struct gate_width *gate_widths(size_t *count_out);

#endif
