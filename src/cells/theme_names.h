/* The words of theme files. Private to the theme. */
#ifndef LOCKSTEP_CELLS_THEME_NAMES_H
#define LOCKSTEP_CELLS_THEME_NAMES_H

#include "lockstep/cells/theme.h"

/* The number of a name; -1 when there is none. */
int find_role(const char *name);
int find_glyph(const char *name);
/* LS_ATTRIBUTE_…; 0 when there is none of that name. */
uint8_t find_attribute(const char *name);

#endif
