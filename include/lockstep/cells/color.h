/* The colours of terminals: what they look like, how well one is read on another, and how far
 * apart two are to people who see colours differently. */
#ifndef LOCKSTEP_CELLS_COLOR_H
#define LOCKSTEP_CELLS_COLOR_H

#include <stdbool.h>
#include <stdint.h>

enum { LS_COLOR_NONE = -1 }; /* as role `text`; there: the terminal's own */
struct ls_color {
    int16_t of_256; /* 0..255 or LS_COLOR_NONE */
    int16_t of_16;  /* 0..15 or LS_COLOR_NONE */
};

/* Normal sight, and the three kinds of dichromacy (simulation of Machado, Oliveira and
 * Fernandes, 2009, at full severity). */
enum ls_vision {
    LS_VISION_NORMAL,
    LS_VISION_PROTAN, /* no red */
    LS_VISION_DEUTAN, /* no green */
    LS_VISION_TRITAN, /* no blue */
};
enum { LS_VISION_COUNT = LS_VISION_TRITAN + 1 };
const char *ls_vision_name(enum ls_vision vision); /* "normal", "protan" … */

/* Whether it is known what one of 256 looks like: the first sixteen are each terminal's
 * own, and so is LS_COLOR_NONE. */
bool ls_color_is_known(int16_t of_256);
/* Contrast of two known colours in hundredths, 100..2100 (WCAG 2.2, relative luminance). */
int32_t ls_color_contrast_centi(int16_t a, int16_t b);
/* Distance of two known colours in OKLab, in hundredths of hundredths: 100 is about half of
 * what is just noticed. */
int32_t ls_color_difference_centi(int16_t a, int16_t b, enum ls_vision vision);
/* The nearest of the sixteen usual colours to one of 256. */
int16_t ls_color_nearest_16(int16_t of_256);

#endif
