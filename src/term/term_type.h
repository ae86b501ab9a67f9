/* Whether a type of terminals is known. A file of its own: the terminal library's header
 * defines words like columns as macros. */
#ifndef LOCKSTEP_TERM_TERM_TYPE_H
#define LOCKSTEP_TERM_TERM_TYPE_H

#include <stdbool.h>

/* Whether the description of `type` is installed. Asked before newterm(), which leaks what
 * it made when it is not. */
bool term_type_is_known(const char *type);
/* Whether it is, and says how to place the cursor: a screen needs that. */
bool term_type_places_cursor(const char *type);

#endif
