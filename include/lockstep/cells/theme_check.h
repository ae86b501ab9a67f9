/* Whether a theme can be read: the contrast of every text on everything that it is drawn on,
 * of lines and graphs, and how far apart good, warning and bad are to people who see colours
 * differently. Only colours whose look is known are judged: 16..255 of the 256. */
#ifndef LOCKSTEP_CELLS_THEME_CHECK_H
#define LOCKSTEP_CELLS_THEME_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/cells/theme.h"

enum { LS_THEME_LINE_CENTI = 300 }; /* least contrast of borders and graphs */

/* The worst of one sort. */
struct ls_theme_worst {
    int32_t centi;         /* contrast or difference; INT32_MAX: nothing was judged */
    enum ls_role role;     /* what is drawn */
    enum ls_role over;     /* on what, or what it is mistaken for */
    enum ls_vision vision; /* differences alone */
};

struct ls_theme_report {
    int32_t judged; /* pairs of known colours; 0: the theme is the terminal's own */
    struct ls_theme_worst text;
    struct ls_theme_worst line;
    struct ls_theme_worst difference; /* of state.done, state.held and state.failed */
    int32_t failures;                 /* pairs below what the theme promises */
};

/* Judge `theme` by its own promises (contrast_centi, difference_centi). */
void ls_theme_check(const struct ls_theme *theme, struct ls_theme_report *report_out);

/* Called for each pair that is below the promise: of contrast, or of difference. */
typedef void
ls_theme_complaint(void *self, const struct ls_theme_worst *pair, int32_t least_centi);
void ls_theme_complaints(const struct ls_theme *theme, ls_theme_complaint *take, void *self);

#endif
